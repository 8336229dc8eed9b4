"""What a document of the ledger is called, and the purchase it belongs to: for lists of entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from club.ledger.models import Lot
from club.purchases.models import Purchase, Refund
from core.language import in_language


@dataclass(frozen=True)
class Source:
    """Where an entry comes from, in words; `purchase_id` where there is an invoice to show."""

    text: str
    purchase_id: int | None = None


def sources(documents: Iterable[str]) -> dict[str, Source]:
    """The source of each document of the club in scope, in at most three queries; an unknown one keeps its name."""
    names = set(documents)
    lots = dict(Lot.objects.filter(pk__in=_ids(names, "lot")).values_list("pk", "document"))
    names_of_lots = names | set(lots.values())
    refunds = dict(
        Refund.objects.filter(pk__in=_ids(names_of_lots, "refund", "referral_refund")).values_list("pk", "purchase_id")
    )
    bought = _ids(names_of_lots, "purchase", "referral") | set(refunds.values())
    numbers = dict(Purchase.objects.filter(pk__in=bought).values_list("pk", "number"))

    def source_of(name: str) -> Source:
        kind, _colon, rest = name.partition(":")
        number = int(rest) if rest.isascii() and rest.isdigit() else 0
        if kind == "purchase" and number in numbers:
            return Source(_("خرید شمارهٔ %(number)s") % {"number": in_language(numbers[number])}, number)
        if kind == "refund" and number in refunds:
            of = refunds[number]
            return Source(_("برگشت خرید شمارهٔ %(number)s") % {"number": in_language(numbers[of])}, of)
        if kind == "referral" and number in numbers:
            return Source(_("معرفی؛ خرید شمارهٔ %(number)s دوستت") % {"number": in_language(numbers[number])})
        if kind == "referral_refund" and number in refunds:
            of = refunds[number]
            return Source(_("برگشت خرید شمارهٔ %(number)s دوستت") % {"number": in_language(numbers[of])})
        if kind == "lot" and number in lots and not lots[number].startswith("lot:"):
            return source_of(lots[number])
        return Source(KINDS[kind]() if kind in KINDS else name)

    return {name: source_of(name) for name in names}


def _ids(names: Iterable[str], *kinds: str) -> set[int]:
    found = (name.partition(":")[2] for name in names if name.partition(":")[0] in kinds)
    return {int(rest) for rest in found if rest.isascii() and rest.isdigit() and len(rest) < 19}


KINDS: dict[str, Callable[[], str]] = {
    "member": lambda: _("عضویت"),
    "lot": lambda: _("ماندهٔ پیشین"),
    "adjust": lambda: "",
    "gift_card": lambda: _("کارت هدیه"),
    "entry": lambda: _("برگرداندن تغییر دستی"),
    "erase": lambda: _("پاک شدن عضو"),
    "occasion": lambda: _("مناسبت"),
    "redemption": lambda: _("جایزه"),
    "grant": lambda: _("هدیه"),
    "mission": lambda: _("مأموریت"),
    "merge": lambda: _("یکی شدن دو عضویت"),
}
