"""What operators or readers will hold against an advertising text, in plain words with what to do about it. Pure.

An `error` is a text that should not go out as it is; a `warning` will probably be stopped, by the provider or by an
operator; a `hint` is worth a look. The sources are of varying worth (forums and panels of providers, not the law), so
that words are warned of and not forbidden. The line of leaving is put below every text by the outbox itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.errors import Text
from core.language import grouped, listed
from core.text import search_key
from sms.parts import length, parts

Severity = Literal["error", "warning", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")

LONGEST = 900
"""Characters that the provider takes in one message (413 beyond them)."""
MOST_PARTS = 4
FILTERED = ("برنده", "برندگان", "برند", "24", "ساعت", "تقاطع")
"""Words for which operators were seen to keep back a text that was paid for; as they stand in a search key."""
ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:ir|com|net|org|io|app|me|link|ly|shop|site|co)\b"
)
PAYMENT = re.compile(r"zarinp|idpay|shaparak|nextpay|payping|/pay\b|\bpay\.")
PROMISE = re.compile(
    r"برنده (?:شد|می ?شو|خواه|باش|ای\b|اید)|(?:شما|تو) برنده|بدون قرعه|حتما برنده|جایزه (?:شما|ات) واریز"
)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Finding:
    """Something to put right in a text: what it is and what to do."""

    code: str
    severity: Severity
    text: str


def lint(words: Text, *, club_name: str) -> list[Finding]:
    """All that is found in the words of an advertising SMS as its reader gets them, the gravest first.

    `words` has every placeholder filled in. None of it is found in a text of another class: who was served wants to
    know, and such texts go over a line that operators do not look through.
    """
    said = str(words)
    key = search_key(said)
    found = [*_length(said), *_address(key), *_filtered(said, key), *_sender(key, club_name)]
    return sorted(found, key=lambda finding: SEVERITIES.index(finding.severity))


def stops(findings: list[Finding]) -> list[Finding]:
    """Those for which the text should not go out as it is."""
    return [one for one in findings if one.severity == "error"]


def _length(said: str) -> Iterator[Finding]:
    if not said.strip():
        yield Finding("empty", "error", _("متن خالی است."))
    elif length(said) > LONGEST:
        text = _("متن %(length)s نویسه است و سرویس‌دهنده بیش از %(most)s نویسه نمی‌پذیرد؛ کوتاهش کنید.")
        yield Finding("too_long", "error", text % {"length": grouped(length(said)), "most": grouped(LONGEST)})
    elif parts(said) > MOST_PARTS:
        text = ngettext(
            "این پیامک %(parts)s بخش است و هزینهٔ هر بخش جدا حساب می‌شود؛ کوتاه‌ترش کنید.",
            "این پیامک %(parts)s بخش است و هزینهٔ هر بخش جدا حساب می‌شود؛ کوتاه‌ترش کنید.",
            parts(said),
        )
        yield Finding("many_parts", "hint", text % {"parts": grouped(parts(said))})


def _address(key: str) -> Iterator[Finding]:
    written = ADDRESS.findall(key)
    if any(PAYMENT.search(one) for one in written):
        text = _("پیوند پرداخت در پیامک ممنوع است؛ برش دارید و عضو را به پنل یا فروشگاه بخوانید.")
        yield Finding("payment_link", "error", text)
    elif written:
        text = _(
            "پیامک تبلیغاتی با پیوند فقط با اجازهٔ سرویس‌دهنده می‌رود؛ وگرنه با خطای ۴۲۰ برمی‌گردد. "
            "اگر اجازه ندارید، پیوند را بردارید."
        )
        yield Finding("link", "warning", text)


def _filtered(said: str, key: str) -> Iterator[Finding]:
    if PROMISE.search(key):
        text = _("وعدهٔ برنده شدن پنل پیامک را می‌بندد؛ به‌جای آن بگویید عضو چگونه شرکت می‌کند.")
        yield Finding("promise", "error", text)
    # A half-space parts a word here («ساعت‌ها»), which a search key would swallow.
    tokens = set(_WORD.findall(search_key(said.replace("\u200c", " "))))
    if met := [word for word in FILTERED if word in tokens]:
        text = ngettext(
            "اپراتورها پیامک تبلیغاتی با واژهٔ %(words)s را گاهی نگه می‌دارند "
            "و هزینه‌اش را هم می‌گیرند؛ واژهٔ دیگری بنویسید.",
            "اپراتورها پیامک تبلیغاتی با واژه‌های %(words)s را گاهی نگه می‌دارند "
            "و هزینه‌اش را هم می‌گیرند؛ واژه‌های دیگری بنویسید.",
            len(met),
        )
        shown = listed("«" + (grouped(24) if word == "24" else word) + "»" for word in met)
        yield Finding("filtered_word", "warning", text % {"words": shown})


def _sender(key: str, club_name: str) -> Iterator[Finding]:
    if search_key(club_name) not in key:
        text = _("نام باشگاه در متن نیست؛ پیامک بی‌نام پذیرفته نیست و خواننده نمی‌داند از کیست. «%(name)s» را بنویسید.")
        yield Finding("club_missing", "warning", text % {"name": club_name})
