"""Small pieces of the emulator's pages. What comes from outside is escaped here."""

import re
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

from core.jalali import format_date, format_time
from core.money import format_money
from core.phones import group_phone
from core.text import persian_digits
from sms.emulator import wire
from sms.emulator.book import Inbound, Message

LINK = re.compile(r"https?://[^\s<>\"]+")
CODE = re.compile(r"(?<![0-9۰-۹/#])[0-9۰-۹]{5,6}(?![0-9۰-۹])")
STATE_TAGS = {
    wire.QUEUED: ("tag", "در صف"),
    wire.SCHEDULED: ("tag", "زمان‌دار"),
    wire.HANDED_OVER: ("tag", "در راه"),
    wire.HANDED_OVER_LOOKUP: ("tag", "در راه"),
    wire.FAILED: ("tag tag-bad", "خطای خط"),
    wire.DELIVERED: ("tag tag-ok", "رسید"),
    wire.UNDELIVERED: ("tag tag-bad", "نرسید"),
    wire.CANCELLED: ("tag tag-bad", "لغو شد"),
    wire.BLOCKED: ("tag tag-saffron", "گیرنده بسته است"),
}
SEEN_ON_PHONE = frozenset({wire.DELIVERED})


def moment(seconds: float) -> datetime:
    """The time for the calendar."""
    return datetime.fromtimestamp(seconds, UTC)


def clock(seconds: float) -> str:
    """Hour and minute in Tehran."""
    return format_time(moment(seconds))


def day(seconds: float) -> str:
    """The Jalali day."""
    return format_date(moment(seconds), "weekday")


def number(value: int) -> str:
    """Persian digits, grouped."""
    return format_money(value, "rial")


def rial(value: int) -> str:
    """An amount with its unit: the provider reckons in Rial."""
    return f"{number(value)} ریال"


def ltr(text: object) -> str:
    """A number or an address, whole among Persian words."""
    return f'<bdi dir="ltr">{escape(str(text))}</bdi>'


def phone(receptor: str) -> str:
    """A phone's number in Persian digits."""
    return ltr(persian_digits(group_phone(receptor)))


def line(sender: str) -> str:
    """A line's number in Persian digits."""
    return ltr(persian_digits(sender))


def words(text: str) -> str:
    """The text of an SMS: links can be followed, a login code stands out."""
    out, end = [], 0
    for found in LINK.finditer(text):
        out += [_marked(text[end : found.start()], whole=text), _link(found[0])]
        end = found.end()
    return "".join([*out, _marked(text[end:], whole=text)])


def _marked(text: str, *, whole: str) -> str:
    safe = escape(text)
    return CODE.sub(r'<b class="sms-code">\g<0></b>', safe, count=1) if "کد" in whole else safe


def _link(address: str) -> str:
    return f'<a href="{escape(address)}" rel="noopener">{ltr(address)}</a>'


def message_bubble(message: Message) -> str:
    """One message as its phone shows it, with what the provider knows below."""
    kind, name = STATE_TAGS[message.status]
    faint = "" if message.status in SEEN_ON_PHONE else " sms-faint"
    return (
        f'<li class="sms-in{faint}" data-messageid="{message.messageid}" data-status="{message.status}" '
        f'data-kind="{escape(message.kind)}">'
        f'<p class="sms-text" dir="auto">{words(message.message)}</p>'
        f'<p class="sms-foot"><span>{clock(message.date)}</span><span>{line(message.sender)}</span>'
        f'<span class="{kind}">{name}</span><span>{number(message.parts)} بخش</span>'
        f"<span>{rial(message.cost)}</span></p></li>"
    )


def reply_bubble(inbound: Inbound) -> str:
    """What the subscriber wrote."""
    seen = "خوانده شد" if inbound.is_read else "نرسیده به باشگاه"
    return (
        f'<li class="sms-out" data-messageid="{inbound.messageid}"><p class="sms-text" dir="auto">'
        f'{escape(inbound.message)}</p><p class="sms-foot"><span>{clock(inbound.date)}</span>'
        f"<span>به {line(inbound.line)}</span><span>{seen}</span></p></li>"
    )


def day_mark(seconds: float) -> str:
    """The line between two days."""
    return f'<li class="sms-day">{day(seconds)}</li>'


def of_phone(receptor: str) -> str:
    """The address of one phone's page."""
    return f"/?receptor={quote(receptor)}"


def option(value: str, name: str) -> str:
    """A choice."""
    return f'<option value="{escape(value)}">{escape(name)}</option>'


def field(label: str, name: str, *, value: str = "", hint: str = "", latin: bool = True) -> str:
    """A labelled text field."""
    direction = ' dir="ltr"' if latin else ""
    note = f'<p class="hint">{escape(hint)}</p>' if hint else ""
    return (
        f'<div class="field"><label for="f-{name}">{escape(label)}</label>'
        f'<input class="input" id="f-{name}" name="{name}" value="{escape(value)}"{direction}>{note}</div>'
    )


def page(title: str, body: str, *, refresh: str = "") -> str:
    """A whole page: nothing inline, so that the strictest policy holds."""
    without_script = f'<noscript><meta http-equiv="refresh" content="3;url={escape(refresh)}"></noscript>'
    return f"""<!doctype html>
<html lang="fa" dir="rtl">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} · شبیه‌ساز کاوه‌نگار</title>
{without_script if refresh else ""}
<link rel="icon" href="/static/img/mark.svg">
<link rel="stylesheet" href="/static/css/app.css">
<link rel="stylesheet" href="/static/css/brand.css">
<link rel="stylesheet" href="/assets/phone.css">
<script src="/assets/phone.js" defer></script>
</head>
<body>
{body}
</body>
</html>
"""
