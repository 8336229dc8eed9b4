"""The provider's panel: accounts and their lines, templates, trouble on demand, callbacks, blocked numbers."""

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from core.text import latin_digits
from sms.emulator import html
from sms.emulator.book import Account, Line, Template, line_of
from sms.emulator.faults import Fault

if TYPE_CHECKING:
    from sms.emulator.server import Emulator

FAULTS = [
    ("code:409", "۴۰۹ سرور پاسخ نمی‌دهد"),
    ("code:429", "۴۲۹ IP محدود شده"),
    ("code:451", "۴۵۱ فراخوانی بیش از حد"),
    ("code:418", "۴۱۸ اعتبار کافی نیست"),
    ("code:403", "۴۰۳ کلید نادرست"),
    ("timeout", "پاسخ نمی‌دهد تا مهلت بگذرد"),
    ("close", "تماس را می‌بندد"),
    ("html", "صفحهٔ HTML با کد ۵۰۲"),
    ("broken_json", "JSON شکسته"),
    ("twice", "هر سطر پاسخ دو بار"),
    ("no_return", "JSON بدون return"),
]
REASONS = {0: "وب‌سرویس", 1: "پنل", 2: "لغو۱۱", 3: "مدیر", 10: "نامعلوم"}
TOLD_SHOWN = 20


def act(emulator: "Emulator", name: str, form: dict[str, str]) -> None:
    """Do what a form of the panel asks; ValueError with the reason when it cannot be done."""
    acts: dict[str, Callable[[Emulator, dict[str, str]], None]] = {
        "account": _set_account,
        "line": _set_line,
        "template": _set_template,
        "failure": _add_failure,
        "well": lambda emulator, form: emulator.faults.clear(),
    }
    if name not in acts:
        raise ValueError("چنین کاری نیست.")
    acts[name](emulator, form)


def _set_account(emulator: "Emulator", form: dict[str, str]) -> None:
    key = form.get("key", "").strip()
    if not key:
        raise ValueError("کلید دست‌کم یک نویسه دارد.")
    with emulator.book.lock:
        account = emulator.book.accounts.get(key) or Account(key)
        account.lines = [line_of(word) for word in latin_digits(form.get("lines", "")).replace("،", ",").split(",")]
        account.credit = int(latin_digits(form.get("credit", "")).replace("٬", "").replace(",", "") or 0)
        account.enabled = "enabled" in form
        account.ip_allowed = "ip_allowed" in form
        account.advanced = "advanced" in form
        account.config["debugmode"] = "enabled" if "debugmode" in form else "disabled"
        emulator.book.add_account(account)


def _set_line(emulator: "Emulator", form: dict[str, str]) -> None:
    line = Line(line_of(form["number"]), form.get("status_url", "").strip(), form.get("inbound_url", "").strip())
    with emulator.book.lock:
        emulator.book.lines[line.number] = line
        emulator.book.changes += 1


def _set_template(emulator: "Emulator", form: dict[str, str]) -> None:
    name = form.get("name", "").strip()
    if not name.replace("-", "").isalnum() or not name.isascii():
        raise ValueError("نام الگو فقط حرف لاتین، رقم و خط تیره دارد.")
    with emulator.book.lock:
        emulator.book.templates[name.lower()] = Template(name, form.get("text", ""), "approved" in form)
        emulator.book.changes += 1


def _add_failure(emulator: "Emulator", form: dict[str, str]) -> None:
    mode, _, code = form.get("mode", "").partition(":")
    times = int(latin_digits(form.get("times", "") or "1"))
    emulator.faults.add(Fault(mode, int(code or 409), times, accept="accept" in form))


def page(emulator: "Emulator", *, trouble: str = "") -> str:
    """The whole panel."""
    with emulator.book.lock:
        emulator.book.settle()
        cards = [
            _failures(emulator),
            *(_account(account) for account in emulator.book.accounts.values()),
            _lines(emulator),
            _templates(emulator),
            _callbacks(emulator),
            _blocks(emulator),
        ]
    note = f'<p class="note note-bad" role="alert">{escape(trouble)}</p>' if trouble else ""
    return html.page(
        "پنل",
        f"""<header class="emu-head">
<div class="emu-title"><h1>پنل سرویس‌دهنده</h1><small>شبیه‌ساز کاوه‌نگار</small></div>
<nav><a class="btn" href="/">گوشی‌های مشتریان</a></nav></header>
<main class="emu-main">{note}<div class="cards">{"".join(cards)}</div></main>""",
    )


def _card(title: str, body: str) -> str:
    return f'<section class="card"><div class="card-head"><h2>{escape(title)}</h2></div>{body}</section>'


def _form(act: str, body: str, button: str) -> str:
    return (
        f'<form class="stack stack-3" action="/panel/{act}" method="post">{body}'
        f'<button class="btn btn-block">{escape(button)}</button></form>'
    )


def _tick(name: str, label: str, *, on: bool) -> str:
    return (
        f'<label class="switch"><input type="checkbox" name="{name}"{" checked" if on else ""}>'
        f"<span>{escape(label)}</span></label>"
    )


def _failures(emulator: "Emulator") -> str:
    modes = "".join(html.option(value, name) for value, name in FAULTS)
    waiting = "".join(
        f"<li>{escape(fault.mode)} {html.number(fault.code) if fault.mode == 'code' else ''}"
        f'<span class="end">{"همیشه" if fault.times < 0 else html.number(fault.times) + " بار"}</span></li>'
        for fault in emulator.faults.waiting
    )
    body = _form(
        "failure",
        f'<div class="field"><label for="f-mode">چه پیش بیاید</label>'
        f'<select class="select" id="f-mode" name="mode">{modes}</select></div>'
        + html.field("چند بار", "times", value="1", hint="۱- یعنی تا وقتی برداشته شود")
        + _tick("accept", "پیام را بپذیر ولی پاسخ درست نده", on=False),
        "خراب کن",
    )
    well = f'<ul class="lines">{waiting}</ul>{_form("well", "", "همه‌چیز درست شود")}' if waiting else ""
    return _card("خرابی به‌دلخواه", well + body)


def _account(account: Account) -> str:
    return _card(
        f"حساب {account.key}",
        _form(
            "account",
            f'<input type="hidden" name="key" value="{escape(account.key)}">'
            + html.field("اعتبار (ریال)", "credit", value=str(account.credit))
            + html.field("خط‌ها", "lines", value=",".join(account.lines))
            + _tick("enabled", "فعال (خاموش: ۴۰۱)", on=account.enabled)
            + _tick("advanced", "سرویس پیشرفته (خاموش: ۴۲۶)", on=account.advanced)
            + _tick("ip_allowed", "IP مجاز است (خاموش: ۴۰۷)", on=account.ip_allowed)
            + _tick("debugmode", "حالت آزمایش: چیزی فرستاده نشود", on=account.config["debugmode"] == "enabled"),
            "ذخیره",
        ),
    )


def _lines(emulator: "Emulator") -> str:
    forms = "".join(
        _form(
            "line",
            f'<input type="hidden" name="number" value="{escape(line.number)}">'
            + html.field(f"خط {line.number}: نشانی وضعیت", "status_url", value=line.status_url)
            + html.field("نشانی پیام رسیده", "inbound_url", value=line.inbound_url),
            "ذخیره",
        )
        for line in emulator.book.lines.values()
    )
    return _card("نشانی‌های بازخوانی خط‌ها", f'<div class="stack stack-6">{forms}</div>')


def _templates(emulator: "Emulator") -> str:
    forms = "".join(_template(template) for template in emulator.book.templates.values())
    return _card("الگوهای کد", f'<div class="stack stack-6">{forms}{_template(Template("", ""))}</div>')


def _template(template: Template) -> str:
    return _form(
        "template",
        html.field("نام", "name", value=template.name)
        + f'<div class="field"><label>متن<textarea class="input" name="text" rows="3">{escape(template.text)}'
        "</textarea></label></div>" + _tick("approved", "تأیید شده", on=template.approved),
        "ذخیرهٔ الگو" if template.name else "افزودن الگو",
    )


def _callbacks(emulator: "Emulator") -> str:
    rows: list[dict[str, Any]] = [
        {"what": "پیام رسیده" if one.kind == "inbound" else "وضعیت", "of": one.params, "tries": one.tries, "got": got}
        for one, got in [
            *((one, "در نوبت") for one in emulator.teller.waiting),
            *((one, one.answer) for one in list(emulator.teller.told)),
        ]
    ][:TOLD_SHOWN]
    body = "".join(
        f"<li><span>{row['what']} {html.ltr(row['of']['messageid'])} {html.ltr(row['of'].get('status', ''))}</span>"
        f'<span class="end">{html.ltr(row["got"])}</span></li>'
        for row in rows
    )
    return _card("بازخوانی‌ها", f'<ul class="lines">{body}</ul>' if rows else '<p class="hint">هنوز هیچ.</p>')


def _blocks(emulator: "Emulator") -> str:
    body = "".join(
        f"<li><span>{html.phone(block.phone)} از خط {html.line(block.line)}</span>"
        f'<span class="end">{REASONS.get(block.reason, "")}</span></li>'
        for block in emulator.book.blocks.values()
    )
    return _card("شماره‌های بسته", f'<ul class="lines">{body}</ul>' if body else '<p class="hint">هیچ.</p>')
