"""The phones on which the messages arrive, as a page; and the doors to the panel and the style sheets."""

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from core.phones import InvalidPhone, normalise_phone
from sms.emulator import html, panel
from sms.emulator.book import Inbound, Message, line_of
from sms.emulator.wire import Answer, Refused

if TYPE_CHECKING:
    from sms.emulator.server import Emulator

ASSETS = Path(__file__).parent / "assets"
PROJECT_STATIC = Path(__file__).parents[2] / "static"
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
PHONES_SHOWN, BUBBLES_ON_SMALL, BUBBLES_ON_LARGE = 12, 6, 100

Form = dict[str, str]


def page(emulator: "Emulator", *, verb: str, path: str, query: Form, form: Form) -> Answer:
    """What a browser asked for."""
    if path.startswith("/assets/"):
        return _file(ASSETS, path.removeprefix("/assets/"))
    if path.startswith("/static/"):
        return _file(PROJECT_STATIC, path.removeprefix("/static/"))
    if path == "/panel":
        return _html(panel.page(emulator, trouble=query.get("trouble", "")))
    if verb == "POST":
        return _post(emulator, path, form)
    if path == "/":
        return _phones(emulator, query)
    return Answer(404, "text/plain; charset=utf-8", "چنین صفحه‌ای نیست.".encode())


def _post(emulator: "Emulator", path: str, form: Form) -> Answer:
    try:
        with emulator.book.lock:
            if path == "/reply":
                phone = normalise_phone(form.get("receptor", ""))
                emulator.book.receive(phone=phone, line=line_of(form.get("line", "")), text=form.get("message", ""))
                return _see(html.of_phone(phone))
        panel.act(emulator, path.removeprefix("/panel/"), form)
    except (InvalidPhone, Refused, LookupError, ValueError, TypeError) as error:
        reason = error.detail if isinstance(error, InvalidPhone) else str(error)
        return _see("/panel?" + urlencode({"trouble": reason}))
    return _see("/panel")


def _phones(emulator: "Emulator", query: Form) -> Answer:
    typed = query.get("receptor", "").strip()
    try:
        receptor = normalise_phone(typed) if typed else ""
    except InvalidPhone as wrong:
        return _html(_home(emulator, typed, f'<p class="note note-bad">{escape(wrong.detail)}</p>', refresh=""))
    with emulator.book.lock:
        emulator.book.settle()
        live = _talk(emulator, receptor, BUBBLES_ON_LARGE) if receptor else _grid(emulator)
        if "part" in query:
            return _html(live)
        body = _large(emulator, receptor, live) if receptor else f'<div id="live">{live}</div>'
        return _html(_home(emulator, typed, body, refresh=html.of_phone(receptor) if receptor else "/"))


def _home(emulator: "Emulator", typed: str, body: str, *, refresh: str) -> str:
    title = "گوشی‌های مشتریان"
    clear = '<a class="btn btn-quiet" href="/">همهٔ گوشی‌ها</a>' if typed else ""
    return html.page(
        title,
        f"""<header class="emu-head">
<div class="emu-title"><h1>{title}</h1><small>شبیه‌ساز کاوه‌نگار؛ پیامکی بیرون نمی‌رود</small></div>
<form class="emu-search" action="/" role="search">
<label class="vh" for="receptor">شمارهٔ گوشی</label>
<input class="input" id="receptor" name="receptor" type="search" inputmode="tel" dir="ltr" value="{escape(typed)}"
 placeholder="0912…">
<button class="btn">پیدا کن</button>{clear}</form>
<nav><a class="btn" href="/panel">پنل سرویس‌دهنده</a></nav>
</header>
<main class="emu-main">{body}</main>""",
        refresh=refresh,
    )


def _grid(emulator: "Emulator") -> str:
    receptors = list(dict.fromkeys(message.receptor for message in emulator.book.newest_first()))
    if not receptors:
        return (
            '<div class="phone phone-empty"><ol class="talk"><li class="sms-day">هنوز پیامکی نرسیده است.<br>'
            "در صندوق خریدی ثبت کن یا از درگاه اعضا کد ورود بخواه.</li></ol></div>"
        )
    shown = [_small(emulator, receptor) for receptor in receptors[:PHONES_SHOWN]]
    more = len(receptors) - len(shown)
    note = f'<p class="hint">و {html.number(more)} گوشی دیگر؛ با شماره پیدا کن.</p>' if more > 0 else ""
    return f'<div class="phones">{"".join(shown)}</div>{note}'


def _small(emulator: "Emulator", receptor: str) -> str:
    talk = _talk(emulator, receptor, BUBBLES_ON_SMALL)
    title = f'<a href="{html.of_phone(receptor)}">{html.phone(receptor)}</a>'
    return _phone(emulator, title, talk)


def _large(emulator: "Emulator", receptor: str, talk: str) -> str:
    last = next((m for m in emulator.book.newest_first() if m.receptor == receptor), None)
    first = last.sender if last else next(iter(emulator.book.lines), "")
    lines = [first, *(number for number in emulator.book.lines if number != first)]
    foot = f"""<form class="reply" action="/reply" method="post">
<input type="hidden" name="receptor" value="{escape(receptor)}">
<label class="vh" for="line">به خط</label>
<select class="select" id="line" name="line">{"".join(html.option(number, number) for number in lines)}</select>
<label class="vh" for="message">متن پاسخ</label>
<input class="input" id="message" name="message" autocomplete="off" placeholder="پاسخ مشتری">
<button class="btn btn-primary">بفرست</button>
<button class="btn btn-sm" name="message" value="لغو۱۱" formnovalidate>لغو۱۱</button>
<button class="btn btn-sm" name="message" value="۱۲" formnovalidate>۱۲</button>
</form>"""
    return _phone(emulator, html.phone(receptor), talk, large=True, foot=foot)


def _phone(emulator: "Emulator", title: str, talk: str, *, large: bool = False, foot: str = "") -> str:
    live = ' id="live"' if large else ""
    return (
        f'<article class="phone{" phone-large" if large else ""}"><p class="phone-top" aria-hidden="true">'
        f"<span>{html.clock(emulator.book.now())}</span><i></i><b></b></p>"
        f'<h2 class="phone-name">{title}</h2><ol class="talk"{live}>{talk}</ol>{foot}</article>'
    )


def _talk(emulator: "Emulator", receptor: str, limit: int) -> str:
    """The bubbles, the last one first: the style sheet turns them round, so that the end is what is seen."""
    book = emulator.book
    sent: list[Message | Inbound] = [message for message in book.messages.values() if message.receptor == receptor]
    sent += [inbound for inbound in book.inbound.values() if inbound.phone == receptor]
    newest = sorted(sent, key=lambda one: (one.date, one.messageid), reverse=True)[:limit]
    if not newest:
        return '<li class="sms-day">برای این شماره هنوز پیامکی نرسیده است.</li>'
    out: list[str] = []
    for one, older in zip(newest, [*newest[1:], None], strict=True):
        out.append(_bubble(one))
        if older is None or html.day(older.date) != html.day(one.date):
            out.append(html.day_mark(one.date))
    return "".join(out)


def _bubble(one: Message | Inbound) -> str:
    return html.message_bubble(one) if isinstance(one, Message) else html.reply_bubble(one)


def _html(text: str) -> Answer:
    return Answer(200, "text/html; charset=utf-8", text.encode(), {"Content-Security-Policy": POLICY})


def _see(address: str) -> Answer:
    return Answer(303, "text/plain", b"", {"Location": address})


def _file(folder: Path, name: str) -> Answer:
    file = (folder / name).resolve()
    if file.suffix not in TYPES or not file.is_relative_to(folder.resolve()) or not file.is_file():
        return Answer(404, "text/plain", b"")
    return Answer(200, TYPES[file.suffix], file.read_bytes(), {"Cache-Control": "max-age=60"})
