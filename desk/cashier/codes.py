"""What a code is, wherever at the till it was typed: a gift card's, a reward's, a coupon's; and whose it is."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from club.gift_cards.codes import card_key
from club.gift_cards.selectors import codes_of_cards
from club.members.models import Member
from club.rewards.models import Redemption
from core.errors import Text
from offers.codes import LONGEST, coupon_key
from offers.models import Coupon

KINDS: dict[str, Text] = {
    "gift_card": _("کارت هدیه"),
    "reward": _("جایزه"),
    "coupon": _("کد تخفیف"),
}
_BETWEEN = re.compile(r"[,،;؛]")
_GROUPED = re.compile(r"[,٬،]")


@dataclass(frozen=True)
class KnownCode:
    """A code of the club's as it was typed; `member`: the only one who may use it."""

    code: str
    kind: str
    member: int | None = None

    @property
    def label(self) -> str:
        """What it is, in words."""
        return str(KINDS[self.kind])


def split_codes(text: str) -> list[str]:
    """The codes of a text in which several may stand."""
    return [code.strip() for code in _BETWEEN.split(text) if code.strip()]


def known_codes(typed: Sequence[str]) -> dict[str, KnownCode]:
    """Those of the texts that are a code of the club's, by the text; nothing is asked where none was typed."""
    keys = {text: key for text in typed if 0 < len(key := coupon_key(text)) <= LONGEST and key.isprintable()}
    if not keys:
        return {}
    cards = set(codes_of_cards(list(keys)))
    coupons = Coupon.objects.filter(key__in=keys.values())
    rewards = Redemption.objects.filter(code__in=keys.values())
    of_coupons = dict(coupons.values_list("key", "member"))
    of_rewards = dict(rewards.values_list("code", "member"))
    found = {}
    for text, key in keys.items():
        if card_key(text) in cards:
            found[text] = KnownCode(text, "gift_card")
        elif key in of_rewards:
            found[text] = KnownCode(text, "reward", of_rewards[key])
        elif key in of_coupons:
            found[text] = KnownCode(text, "coupon", of_coupons[key])
    return found


def known_code(text: str) -> KnownCode | None:
    """What a text is that was typed or scanned where no code belongs; None where it is no code."""
    text = _GROUPED.sub("", text.strip())  # a field of money groups the digits that a code begins with
    return known_codes([text]).get(text)


def owners(codes: Iterable[KnownCode]) -> list[int]:
    """The members who alone may use these codes."""
    named = {code.member for code in codes if code.member is not None}
    rows = Member.objects.filter(pk__in=named).exclude(status=Member.Status.ERASED) if named else ()
    return sorted(row.pk for row in rows)


def hint_of_code(code: KnownCode) -> str:
    """Say what was typed where a member is looked for, and what Enter makes of it."""
    named = {"code": code.code, "kind": code.label}
    if code.member is not None:
        return _now("«%(code)s» %(kind)s این عضو است؛ Enter هر دو را سر جایشان می‌گذارد") % named
    return _now("«%(code)s» %(kind)s است؛ Enter آن را در جای کدها می‌گذارد") % named
