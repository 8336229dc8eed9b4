"""A club as a case gives it: `given`, built through the services that pages and API use.

A case counts in the smallest unit of a nameless currency. A rate of n points a unit is one point a Rial here, with a
unit of n Rial; without a rate, or with one in points for so much money, a unit is one Rial.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from club.catalogue.models import Group, Product
from club.catalogue.services import create
from club.ledger.adjustments import Adjustment, adjust_value
from club.ledger.models import Entry
from club.members.models import Member
from club.programme.services import change_programme
from club.purchases.receipts import Receipt
from club.tiers.services import NewTier, create_tier
from tests.cases.table import Case, reading
from tests.shop import Shop

DAY_0 = datetime(2024, 1, 1, tzinfo=UTC)
BEFORE = DAY_0 - timedelta(days=30)
ACTOR = "user:1"
# With every key of a case's programme absent: nothing is earned, nothing can be spent, nothing ends.
OFF: dict[str, Any] = {"rial_per_point": None, "credit_bp": None, "points_spendable": False}


class NotBuilt(Exception):
    """The case asks for what the product does not have, or does not have yet; `what` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class UnknownWord(Exception):
    """The case has a word that nobody here reads: it would pass, or fail, for the wrong reason."""


@dataclass
class Stage:
    """The club of one case, and what happened in it by the case's own names."""

    shop: Shop
    unit: int = 1
    members: dict[str, Member] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    entries: dict[str, int] = field(default_factory=dict)
    keys: int = 0
    entries_before: dict[int, int] = field(default_factory=dict)

    def member(self, step: dict[str, Any] | None = None) -> Member:
        """The member that the step names, or the only one there is."""
        name = step.get("member") if step else None
        if name is None:
            (name,) = self.members
        return self.members[name]

    def key(self, step: dict[str, Any] | None = None) -> str:
        """The key that the step sends, or a new one."""
        self.keys += 1
        return str(step["key"]) if step and "key" in step else f"case-{self.keys}"

    def entries_of(self, member: Member) -> int:
        """How many entries of points and credit the member has."""
        return int(Entry.objects.filter(wallet__member=member, wallet__unit__in=["points", "credit"]).count())


def build(case: Case, shop: Shop) -> Stage:
    """The club, its programme, catalogue, tiers and members, as they are before the first step."""
    given = only(case["given"], "members", "products", "programme", "offers", "coupons")
    for word in ("offers", "coupons"):
        if given.get(word):
            raise NotBuilt(word)
    programme = only(
        given.get("programme", {}),
        "rules", "tiers", "point_value", "rewards", "expiry", "expire_days", "timezone",
    )  # fmt: skip
    if programme.get("rewards"):
        raise NotBuilt("rewards")
    rate = _rate_of(programme.get("rules", []))
    stage = Stage(shop, unit=rate.unit)
    _fill_catalogue(stage, given.get("products", []), rate)
    _build_tiers(stage, programme.get("tiers", []))
    # Before the case begins the programme gives nothing, so that a member who "spent 4000 before" has no points of it.
    change_programme(OFF, effective_from=BEFORE - timedelta(days=1), actor=ACTOR)
    for member in given.get("members", []):
        _enrol(stage, member, programme)
    settings = {"rial_per_point": rate.rial_per_point, **_worth(stage, programme, case), **reading(case).settings}
    change_programme(settings, effective_from=DAY_0 - timedelta(days=1), actor=ACTOR)
    stage.entries_before = {member.pk: stage.entries_of(member) for member in stage.members.values()}
    return stage


def only(words: dict[str, Any], *known: str) -> dict[str, Any]:
    """The words, if there is none that is not known; UnknownWord otherwise."""
    unknown = set(words) - set(known)
    if unknown:
        raise UnknownWord(", ".join(sorted(unknown)))
    return words


def moment(text: str) -> datetime:
    """A moment of a case, which writes UTC."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@dataclass(frozen=True)
class Rate:
    """What is earned: Rial for a point, everywhere or in these groups alone, and how many Rial a unit of the case is."""

    rial_per_point: int | None = None
    unit: int = 1
    groups: tuple[str, ...] = ()


def _rate_of(rules: list[dict[str, Any]]) -> Rate:
    for rule in rules:
        only(
            rule, "type", "rate", "on", "include_group", "min_amount", "final", "group", "by", "per", "points", "round"
        )
        for word, what in BEYOND.items():
            if rule.get(word):
                raise NotBuilt(what)
    if len(rules) > 1:
        raise NotBuilt("a second rate")
    if not rules:
        return Rate()
    (rule,) = rules
    if rule["type"] == "per_amount":
        assert (rule["points"], rule["round"]) == (1, "down")
        return Rate(rule["per"])
    assert rule["type"] == "per_unit"
    if "include_group" in rule:
        return Rate(None, rule["rate"], tuple(rule["include_group"]))
    return Rate(1, rule["rate"])


BEYOND = {
    "final": "a rule that ends the others",
    "min_amount": "a rate from an amount on",
    "by": "a multiplied group",
}


def _fill_catalogue(stage: Stage, products: list[dict[str, Any]], rate: Rate) -> None:
    for code in sorted({group for product in products for group in product["groups"]}):
        own_rate = 1 if code in rate.groups else None
        create(Group, {"code": code, "name": code, "rial_per_point": own_rate}, actor=ACTOR)
    for product in products:
        only(product, "sku", "price", "groups")
        price = product["price"] * stage.unit
        values = {"code": product["sku"], "name": product["sku"], "price_rial": price, "groups": product["groups"]}
        create(Product, values, actor=ACTOR)


def _build_tiers(stage: Stage, tiers: list[dict[str, Any]]) -> None:
    by_threshold = sorted(tiers, key=lambda tier: tier["min_spent"])
    ranks = {tier["id"]: rank for rank, tier in enumerate(by_threshold)}
    for tier in tiers:
        only(tier, "id", "min_spent", "multiplier")
        new = NewTier(
            tier["id"],
            tier["id"],
            ranks[tier["id"]],
            tier["min_spent"] * stage.unit,
            points_factor_bp=round(tier.get("multiplier", 1) * 10_000),
        )
        create_tier(new, actor=ACTOR)


def _enrol(stage: Stage, given: dict[str, Any], programme: dict[str, Any]) -> None:
    only(given, "id", "points", "credit", "lots", "spent", "tier", "manual_tier", "spent_in_period")
    if "manual_tier" in given or "spent_in_period" in given:
        raise NotBuilt("the review of tiers")
    member = stage.shop.member(
        enrolled_at=BEFORE,
        opening_points=given.get("points", 0),
        opening_credit=given.get("credit", 0) * stage.unit,
    )
    stage.members[given["id"]] = member
    if given.get("spent"):
        stage.shop.buys(member, given["spent"] * stage.unit, now=BEFORE)
    for lot in given.get("lots", []):
        only(lot, "points", "earned", "expires")
        assert (programme["expiry"], programme["timezone"]) == ("end of day", "UTC")
        last_day = datetime.combine(date.fromisoformat(lot["expires"]), time(), tzinfo=UTC)
        earned, end = moment(f"{lot['earned']}T00:00:00Z"), last_day + timedelta(days=1)
        gift = Adjustment(member.pk, "points", lot["points"], "case", expires_at=end)
        adjust_value(gift, actor=ACTOR, key=stage.key(), now=earned)
    if "tier" in given:
        assert Member.objects.get(pk=member.pk).tier_code == given["tier"]


def _worth(stage: Stage, programme: dict[str, Any], case: Case) -> dict[str, Any]:
    """What a point pays, and how long points live; a case that spends points without saying counts one as a unit."""
    spends = "point_value" in programme or any(step["do"] == "spend_points" for step in case["when"])
    return {
        "points_spendable": spends,
        "point_worth": programme.get("point_value", 1) * stage.unit,
        "points_valid_days": programme.get("expire_days"),
        "earn_on_part_paid_by_value": True,  # the vocabulary's default: "points_on_points true unless said"
        "rounding_step": stage.unit,
    }
