"""The offers of the demo clubs: ready ones with the club's own goods, live for as long as the story lasts."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from club.awards.naming import known_codes
from club.catalogue.models import Group, Product
from club.members.models import Member
from club.tiers.models import Tier
from config.demo.cast import DemoClub
from core.tenancy.scope import current_club
from offers.coupons import NewCoupons, create_coupons
from offers.models import Offer
from offers.services import create_offer, move_offer
from offers.starters import BY_CODE, started
from offers.words import Names
from reports.effect.forecasting import publish_offer

LIVE_FOR = timedelta(days=150)
"""Longer than the story, so that every purchase of it was judged by them."""
THANKS = {
    "name": "سپاس از همراهی",
    "summary": "با کد NARVAN10 ده درصد خریدت تخفیف دارد، تا ۵۰ هزار تومان.",
    "goal": "thank",
    "trigger": "purchase",
    "code_required": True,
    "benefit": {"kind": "discount_percent", "percent": 10, "max": 500_000},
}


@dataclass(frozen=True)
class Planned:
    """A ready offer with its open choices, what is changed in it, and what became of it since."""

    starter: str
    answers: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    since: tuple[str, ...] = ("publish",)
    days: tuple[int, int] | None = None
    """Of one that was tried: so many days before the club was made it was published, and ended."""


TRIED = {
    "name": "عصرهای پاییز",
    "summary": "از ۱۶ تا ۲۰ هر خریدت پنج امتیاز دارد.",
    "benefit": {"kind": "points_amount", "points": 5},
    "control_percent": 10,
    "limits": {"budget": 20_000_000},
}
CAFE_OFFERS = (
    Planned("tuesday", {"when.all[2].value": "silver"}),
    Planned("welcome", more={"limits": {"per_member": 1, "budget_per_month": 20_000_000}}),
    Planned("regulars"),
    Planned("birthday"),
    Planned("stamps", {"benefit.product": "espresso"}),
    Planned("happy_hour"),
    Planned("win_back", more={"limits": {"per_member_per_month": 1}}),
    Planned("combo", {"benefit.of": "cake", "benefit.amount": 1_700_000}),
    Planned("large_basket", since=("publish", "pause")),
    Planned("third_free", {"benefit.of": "tea"}, since=()),
    Planned("happy_hour", more=TRIED, days=(70, 40)),
)
SHOP_OFFERS = (
    Planned("regulars"),
    Planned("large_basket", more={"limits": {"budget_per_month": 500_000_000}}),
    Planned("birthday"),
    Planned("tier", {"when.value": "gold"}),
    Planned("group", {"benefit.of": "leather"}),
    Planned("welcome", more={"limits": {"per_member": 1}}),
    Planned("happy_hour", more={"control_percent": 50, "limits": {"budget": 60_000_000}}, days=(85, 25)),
)
OFFERS = {"cafe": CAFE_OFFERS, "shop": SHOP_OFFERS}


def define_offers(plan: DemoClub, *, now: datetime) -> None:
    """The club's offers, most of them live since before its first purchase, and a few codes."""
    names = Names(
        unit=current_club().currency_unit,
        tiers=dict(Tier.objects.values_list("code", "name")),
        goods=dict([*Group.objects.values_list("code", "name"), *Product.objects.values_list("code", "name")]),
    )
    known = known_codes()
    for planned in OFFERS[plan.trade]:
        said = started(BY_CODE[planned.starter], planned.answers, names) | planned.more
        offer = create_offer(said, known=known, actor="system")
        if planned.days:
            first, last = (now - timedelta(days=days) for days in planned.days)
            publish_offer(offer.pk, actor="system", now=first)
            move_offer(offer.pk, "end", actor="system", now=last)
            continue
        for act in planned.since:
            move_offer(offer.pk, act, actor="system", now=now if act != "publish" else now - LIVE_FOR)
    if plan.trade == "cafe":
        _give_codes(create_offer(THANKS, known=known, actor="system"), now)


def _give_codes(offer: Offer, now: datetime) -> None:
    """A code that everybody may use once, and one of the first member's own."""
    move_offer(offer.pk, "publish", actor="system", now=now - LIVE_FOR)
    create_coupons(NewCoupons(offer=offer.pk, code="NARVAN10", per_member=1), actor="system")
    first = Member.objects.order_by("pk").first()
    if first is not None:
        own = NewCoupons(offer=offer.pk, count=1, uses=1, member=first.pk, ends_at=now + timedelta(days=30))
        create_coupons(own, actor="system")
