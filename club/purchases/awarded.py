"""What offers gave by a purchase, in words: for the till, the receipt, the member's own pages and the SMS."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from club.catalogue.selectors import names_of
from core.language import grouped
from core.money import format_money, unit_name
from core.tenancy.scope import current_club

CREDIT = frozenset({"credit_percent", "credit_amount"})
THINGS: dict[str, Promise] = {
    "free_delivery": gettext_lazy("ارسال رایگان"),
    "coupon": gettext_lazy("کوپن خرید بعدی"),
    "chances": gettext_lazy("شانس قرعه‌کشی"),
    "tier": gettext_lazy("سطح تازه"),
}


@dataclass(frozen=True)
class Gift:
    """What one offer gave. `item`: the goods to be handed over, empty where there are none; `coupon`: the code used."""

    name: str
    text: str
    item: str = ""
    coupon: str = ""


def gifts_of(awards: Sequence[Mapping[str, Any]]) -> list[Gift]:
    """The `awards` of a receipt in words; one query where goods are given away, else none."""
    names = _names(awards)
    return [_gift(award, names) for award in awards]


def free_goods(awards: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """The goods given away: what each is called, and how many of it."""
    items, names = [award["item"] for award in awards if "item" in award], _names(awards)
    return [(names.get(item["product"], item["product"]), item["quantity"]) for item in items]


def _names(awards: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    codes = {award["item"]["product"] for award in awards if "item" in award}
    return names_of(codes) if codes else {}


def _gift(award: Mapping[str, Any], names: Mapping[str, str]) -> Gift:
    item = _item(award["item"], names) if "item" in award else ""
    return Gift(award["name"], _text(award, item), item, award.get("coupon", ""))


def _item(item: Mapping[str, Any], names: Mapping[str, str]) -> str:
    return f"{grouped(item['quantity'])} {names.get(item['product'], item['product'])}"


def _text(award: Mapping[str, Any], item: str) -> str:
    kind = award["kind"]
    if item:
        return _("%(item)s رایگان") % {"item": item}
    if kind in THINGS:
        return str(THINGS[kind])
    if "points" in award:
        said = ngettext("%(points)s امتیاز", "%(points)s امتیاز", award["points"])
        return said % {"points": grouped(award["points"])}
    unit = current_club().currency_unit
    amount = {"amount": f"{format_money(award.get('amount', 0), unit)} {unit_name(unit)}"}
    return (_("%(amount)s اعتبار") if kind in CREDIT else _("%(amount)s تخفیف")) % amount
