"""What the builder's form lets people choose from: the club's tiers, goods, branches and fields, by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from club.awards.naming import known_codes
from club.catalogue.models import Branch, Group, Product
from club.members.models import CustomField, Member
from club.members.scores import RfmClass
from club.members.selectors import open_segments
from club.tiers.models import Tier
from core.errors import Text
from core.jalali import MONTHS, WEEKDAYS
from core.language import in_language
from core.named_days import NAMES as NAMED_DAYS
from crm.occasions.selectors import types
from desk.manager.offers.conditions import Said
from offers.known import Known
from offers.selectors import offers
from offers.vocabulary import CHANNELS, CUSTOM, DAYS_FROM, FACTS, SEGMENT_ENTERED, SEGMENT_LEFT, Fact, Kind, Place
from offers.words import CHANNELS as CHANNEL_NAMES
from offers.words import LABELS

Choices = list[tuple[str, str]]

MOST_SHOWN = 60
"""Goods beyond this are written by their codes."""

PLACES: dict[Place, Text] = {
    "purchase": gettext_lazy("دربارهٔ خرید"),
    "moment": gettext_lazy("دربارهٔ زمان"),
    "member": gettext_lazy("دربارهٔ عضو"),
}
TRIGGERS: dict[str, Text] = {
    "purchase": gettext_lazy("هر خرید"),
    "enrolment": gettext_lazy("عضو شدن"),
    "birthday": gettext_lazy("روز تولد"),
    "anniversary": gettext_lazy("سالگرد عضویت"),
    "lapsed": gettext_lazy("مدتی نیامدن"),
    "tier_reached": gettext_lazy("رسیدن به سطح تازه"),
    "referral_converted": gettext_lazy("نخستین خرید دوستی که معرفی کرده"),
    "lead_converted": gettext_lazy("مشتری شدن یک سرنخ"),
    "survey_answered": gettext_lazy("پاسخ به نظرسنجی"),
    "ticket_closed": gettext_lazy("بسته شدن تیکت"),
    SEGMENT_ENTERED: gettext_lazy("آمدن به یک گروه مشتریان"),
    SEGMENT_LEFT: gettext_lazy("رفتن از یک گروه مشتریان"),
    "event": gettext_lazy("فعالیت عضو"),
}
GOALS: dict[str, Text] = {
    "acquire": gettext_lazy("مشتری تازه"),
    "retain": gettext_lazy("نگه داشتن"),
    "grow": gettext_lazy("خرید بیشتر"),
    "reactivate": gettext_lazy("برگرداندن"),
    "thank": gettext_lazy("سپاس"),
}
OPS: dict[str, Text] = {
    "eq": gettext_lazy("برابر با"),
    "ne": gettext_lazy("جز"),
    "gt": gettext_lazy("بیش از"),
    "gte": gettext_lazy("دست‌کم"),
    "lt": gettext_lazy("کمتر از"),
    "lte": gettext_lazy("حداکثر"),
    "in": gettext_lazy("یکی از"),
    "not_in": gettext_lazy("هیچ‌یک از"),
    "between": gettext_lazy("از … تا"),
    "every": gettext_lazy("هر چند تا یک بار"),
    "has": gettext_lazy("دارد"),
}


@dataclass(frozen=True)
class Custom:
    """A field of the club's own."""

    kind: str
    label: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Shelf:
    """The club's codes with their names, read once for a page: eight queries."""

    tiers: Choices
    groups: Choices
    products: Choices
    has_all_products: bool
    branches: Choices
    custom: Mapping[str, Custom]
    coupons: Choices
    activities: Choices
    prices: Mapping[str, int]
    """The price in Rial of each product that is shown."""
    segments: Choices
    asks: Mapping[str, Fact] = field(default_factory=lambda: FACTS)
    """What conditions may ask about."""

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kind of each field of the club's own."""
        return {code: one.kind for code, one in self.custom.items()}

    @cached_property
    def known(self) -> Known:
        """All codes, against which an offer is held; read once, where it is asked for."""
        return replace(known_codes(), facts=self.asks)

    @property
    def goods(self) -> Choices:
        """Groups before products."""
        return [*self.groups, *self.products]

    def facts(self, *, has_basket: bool, used: str) -> list[tuple[str, Choices]]:
        """The facts that a condition may ask about, by what they are about; those of a basket where there is one.

        The one that is `used` stays: it is refused beside its field, not lost.
        """
        found: dict[Place, Choices] = {place: [] for place in PLACES}
        for name, fact in self.asks.items():
            if has_basket or not fact.needs_purchase or name == used:
                found[fact.place].append((name, str(LABELS[name])))
        for code, one in self.custom.items():
            found["member"].append((f"{CUSTOM}{code}", one.label))
            if one.kind == CustomField.Kind.DATE:
                found["member"].append((f"{DAYS_FROM}{code}", _("فاصله از %(field)s") % {"field": one.label}))
        return [(str(PLACES[place]), choices) for place, choices in found.items() if choices]

    def values(self, fact: str, kind: Kind) -> Choices | None:
        """What a value is chosen from; None where it is written."""
        match kind:
            case "weekday":
                return [(str(number), str(name)) for number, name in enumerate(WEEKDAYS)]
            case "month":
                return [(str(number), str(name)) for number, name in enumerate(MONTHS, start=1)]
            case "flag":
                return [("yes", _("بله")), ("no", _("نه"))]
            case "tier":
                return self.tiers
        named: dict[str, Choices] = {
            "branch": self.branches,
            "channel": [(code, str(CHANNEL_NAMES[code])) for code in CHANNELS],
            "named_day": [(code, str(name)) for code, name in NAMED_DAYS.items()],
            "gender": [(value, str(label)) for value, label in Member.Gender.choices if value],
            "segment": self.segments,
            "rfm_class": [(value, str(label)) for value, label in RfmClass.choices],
        }
        own = self.custom.get(fact.removeprefix(CUSTOM)) if fact.startswith(CUSTOM) else None
        return [(one, one) for one in own.choices] if own and own.choices else named.get(fact)


def shelf() -> Shelf:
    """The club's codes."""
    on_sale = Product.objects.filter(is_active=True).order_by("name", "code")
    rows = list(on_sale.values_list("code", "name", "price_rial")[: MOST_SHOWN + 1])
    products = [(code, name) for code, name, _price in rows]
    return Shelf(
        tiers=_pairs(Tier.objects.order_by("rank").values_list("code", "name")),
        groups=_pairs(Group.objects.order_by("name").values_list("code", "name")),
        products=products[:MOST_SHOWN],
        has_all_products=len(products) <= MOST_SHOWN,
        branches=_pairs(Branch.objects.order_by("name").values_list("code", "name")),
        custom={
            one.code: Custom(one.kind, one.label, tuple(one.choices or ()))
            for one in CustomField.objects.order_by("position", "pk")
        },
        coupons=[
            (str(number), name)
            for number, name in offers().filter(code_required=True).order_by("-pk").values_list("pk", "name")
        ],
        activities=[(one.code, one.name) for one in types(in_use=True)],
        prices={code: price or 0 for code, _name, price in rows[:MOST_SHOWN]},
        segments=[(one.code, one.name) for one in open_segments()],
    )


def with_own(choices: Choices, used: Iterable[str]) -> Choices:
    """The choices, and what is used already though it is not among them."""
    known = {code for code, _name in choices}
    return [*choices, *((code, in_language(code)) for code in dict.fromkeys(used) if code and code not in known)]


def _pairs(rows: Iterable[tuple[str, str]]) -> Choices:
    return [(code, str(name)) for code, name in rows]


def goods_used(said: Said) -> list[str]:
    """The codes that a benefit names."""
    of = said.get("of")
    meant = of.get("not") if isinstance(of, dict) else of
    return meant if isinstance(meant, list) else [meant] if meant else []
