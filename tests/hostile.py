"""What somebody may type who means harm or is careless, and how a page is read for what it made of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

MARK = "7731"
# Amounts and everything that looks like one: signs, exponents, separators, foreign digits, sizes past every column.
AMOUNTS = (
    *(
        "",
        " ",
        "0",
        "00",
        "-0",
        "-1",
        "+5",
        "−5",
        "--5",
        "1-",
        "5 5",
        "1,2,3",
        "1٬۰۰۰",
        "1,000.50",
        "1.5",
        "۱٫۵",
        "1/2",
    ),
    *(
        "½",
        "Ⅳ",
        "１２",
        "१२",
        "١٢٣",
        "۱۲۳",
        "1e3",
        "1E400",
        "-1e9",
        "0x10",
        "0b1",
        "0o7",
        "1_000",
        "NaN",
        "nan",
        "Infinity",
    ),
    *(
        "-inf",
        "None",
        "null",
        "true",
        "[]",
        "{}",
        "[1]",
        "1;2",
        "1'--",
        "1 OR 1=1",
        "1\n2",
        "1\t2",
        "1\x00",
        "\u200f5\u200e",
    ),
    *(
        "2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "9" * 16,
        "9" * 30,
        "9" * 400,
    ),
    *("۹" * 25, "0.0000000001", "1." + "0" * 300, "%d", "۵٪", "5%", "5 تومان", "٫", ".", "-", "1٫2٫3", "٠٫٠"),
)
SCRIPTS = (
    f"<script>alert({MARK})</script>",
    f"<ScRiPt >alert({MARK})</sCrIpT>",
    f"</script><script>alert({MARK})</script>",
    f"</textarea><script>alert({MARK})</script>",
    f"</title><script>alert({MARK})</script>",
    f"--><script>alert({MARK})</script><!--",
    f"]]><script>alert({MARK})</script>",
    f'"><script>alert({MARK})</script>',
    f"'><script>alert({MARK})</script>",
    f"<img src=x onerror=alert({MARK})>",
    f'"><img src=x onerror=alert({MARK})>',
    f"<svg onload=alert({MARK})>",
    f"<svg/onload=alert({MARK})//",
    f"<svg><script>alert({MARK})</script></svg>",
    f"<math><mtext onclick=alert({MARK})>x",
    f"<body onload=alert({MARK})>",
    f"<iframe src=javascript:alert({MARK})>",
    f'<iframe srcdoc="<b>{MARK}</b>">',
    f"<object data=javascript:alert({MARK})>",
    f"<embed src=data:text/html,{MARK}>",
    f"<link rel=stylesheet href=//x/{MARK}>",
    f"<meta http-equiv=refresh content=0;url=//x/{MARK}>",
    f"<base href=//x/{MARK}/>",
    f"<style>*{{background:url(//x/{MARK})}}</style>",
    f"<form action=//x/{MARK}><input name=q>",
    f"<input autofocus onfocus=alert({MARK})>",
    f"<details open ontoggle=alert({MARK})>",
    f"<video><source onerror=alert({MARK})>",
    f"<marquee onstart=alert({MARK})>",
    f'" autofocus onfocus="alert({MARK})',
    f"' autofocus onfocus='alert({MARK})",
    f"x onmouseover=alert({MARK})",
    f"` onmouseover=`alert({MARK})",
    f"javascript:alert({MARK})",
    f"JaVa\tScRiPt:alert({MARK})",
    f"data:text/html,<script>alert({MARK})</script>",
    f"{{{{ {MARK}|safe }}}}{{% debug %}}",
    f"&lt;script&gt;alert({MARK})&lt;/script&gt;",
    f"\u202e<b>{MARK}</b>\u202c",
    f"<a href=javascript:alert({MARK})>x</a>",
)
RUNS = {
    "script",
    "style",
    "iframe",
    "object",
    "embed",
    "link",
    "meta",
    "base",
    "svg",
    "math",
    "video",
    "marquee",
    "img",
}
LEADS = {"href", "src", "action", "formaction", "data", "srcdoc", "poster", "xlink:href", "hx-get", "hx-post"}
TEXTUAL = {"text", "search", "tel", "email", "url", "number", "password", "date"}


@dataclass
class Field:
    name: str
    kind: str
    value: str = ""


@dataclass
class Form:
    """A form as a browser would send it: `fields` with what stands in them, those to type into among `typed`."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    typed: list[Field] = field(default_factory=list)
    button: tuple[str, str] | None = None


class PageReader(HTMLParser):
    """A page's forms, what of a hostile value became an element or attribute, and whether it names something wrong."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.dangers: list[str] = []
        self.names_fault = False
        self._inside: list[str] = []
        self._form: Form | None = None
        self._area: Field | None = None
        self._select: tuple[str, list[str], list[str]] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in pairs}
        self.dangers += [f"<{tag} {danger}>" for danger in _dangers(tag, attributes)]
        self._inside.append(tag)
        shown = "hidden" not in attributes
        faulty = {"error", "errorlist", "errornote"} & set(attributes.get("class", "").split())
        if shown and (faulty or attributes.get("aria-invalid") == "true" or attributes.get("role") == "alert"):
            self.names_fault = True
        if tag == "form":
            self._form = Form(attributes.get("action", ""), attributes.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._control(tag, attributes)

    def _control(self, tag: str, attributes: dict[str, str]) -> None:
        name, kind = attributes.get("name", ""), attributes.get("type", "text").lower()
        form = self._form
        assert form is not None
        if tag == "button" and kind in ("submit", "text") and form.button is None and name:
            form.button = (name, attributes.get("value", ""))
        if not name or "disabled" in attributes:
            return
        if tag == "input" and (kind in TEXTUAL or kind == "hidden"):
            form.fields.setdefault(name, []).append(attributes.get("value", ""))
            form.typed.append(Field(name, kind, attributes.get("value", "")))
        elif tag == "input" and kind in ("radio", "checkbox") and "checked" in attributes:
            form.fields.setdefault(name, []).append(attributes.get("value", "on"))
        elif tag == "textarea":
            self._area = Field(name, "textarea")
        elif tag == "select":
            self._select = name, [], []
        elif tag == "option" and self._select:
            self._select[2 if "selected" in attributes else 1].append(attributes.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass
        if tag == "form":
            self._form = None
        elif tag == "textarea" and self._area and self._form:
            self._form.fields.setdefault(self._area.name, []).append(self._area.value)
            self._form.typed.append(self._area)
            self._area = None
        elif tag == "select" and self._select and self._form:
            name, free, chosen = self._select
            self._form.fields.setdefault(name, []).extend(chosen or free[:1])
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._area.value += data
        if MARK in data and self._inside and self._inside[-1] in ("script", "style"):
            self.dangers.append(f"<{self._inside[-1]}> {data.strip()[:60]}")


def _dangers(tag: str, attributes: dict[str, str]) -> Iterator[str]:
    for name, value in attributes.items():
        if MARK not in value:
            continue
        plain = "".join(value.split()).lower()
        if (
            name.startswith("on")
            or name == "style"
            or (name in LEADS and plain.startswith(("javascript:", "data:", "vbscript:", "//x")))
            or (tag in RUNS and name not in ("alt", "title", "aria-label"))
        ):
            yield f"{name}={value}"
