"""A club as a case gives it: `given`, built through the services that pages and API use.

A case counts in the smallest unit of a nameless currency. A rate of n points a unit is one point a Rial here, with a
unit of n Rial; without a rate, or with one in points for so much money, a unit is one Rial.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from club.awards.naming import known_codes
from club.catalogue.models import Group, Product
from club.catalogue.services import create
from club.ledger.adjustments import Adjustment, adjust_value
from club.ledger.models import Entry
from club.members.models import Member
from club.programme.services import change_programme
from club.purchases.receipts import Receipt
from club.rewards.models import Reward
from club.rewards.services import create_reward
from club.tiers.services import NewTier, create_tier, set_tier_floor
from core.tenancy.scope import club_zone
from crm.referrals.rules import Terms
from crm.referrals.terms import change_terms
from offers.coupons import NewCoupons, create_coupons
from offers.models import Offer
from offers.services import create_offer, move_offer
from tests.cases.offers import AUTOMATIC, BY_CODE, Rate, birth_date, coupon, offer, rates, referral_offers, spent_by
from tests.cases.offers import Terms as OfferTerms
from tests.cases.table import Case, reading
from tests.cases.words import only
from tests.shop import Shop

DAY_0 = datetime(2024, 1, 1, tzinfo=UTC)
DAYS_BEFORE = timedelta(days=30)
ACTOR = "user:1"
PERIOD = timedelta(days=365)
BY_PERIOD: dict[str, Any] = {"window_days": PERIOD.days, "downgrade": "to_fitting"}
# With every key of a case's programme absent: nothing is earned, nothing can be spent, nothing ends.
OFF: dict[str, Any] = {"rial_per_point": None, "credit_bp": None, "points_spendable": False}


@dataclass
class Stage:
    """The club of one case, and what happened in it by the case's own names."""

    shop: Shop
    begin: datetime
    unit: int = 1
    members: dict[str, Member] = field(default_factory=dict)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    entries: dict[str, int] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    told: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Each offer in the case's own words, as they are by now."""
    codes: dict[str, str] = field(default_factory=dict)
    """The referral code of a member by what the case calls it."""
    rewards: list[Reward] = field(default_factory=list)
    keys: int = 0
    entries_before: dict[int, int] = field(default_factory=dict)

    def member(self, step: dict[str, Any] | None = None) -> Member:
        """The member that the step names, or the only one there is."""
        name = step.get("member") if step else None
        if name is None:
            (name,) = self.members
        return self.members[name]

    @property
    def before(self) -> datetime:
        """Long enough before the first step for what is given."""
        return self.begin - DAYS_BEFORE

    def key(self, step: dict[str, Any] | None = None) -> str:
        """The key that the step sends, or a new one."""
        self.keys += 1
        return str(step["key"]) if step and "key" in step else f"case-{self.keys}"

    def entries_of(self, member: Member) -> int:
        """How many entries of points and credit the member has."""
        return int(Entry.objects.filter(wallet__member=member, wallet__unit__in=["points", "credit"]).count())


def build(case: Case, shop: Shop) -> Stage:
    """The club, its programme, catalogue, tiers, members and offers, as they are before the first step."""
    given = only(case["given"], "members", "products", "programme", "offers", "coupons", "settings")
    programme = only(
        given.get("programme", {}),
        "rules", "tiers", "point_value", "rewards", "expiry", "expire_days", "timezone", "referral",
    )  # fmt: skip
    rules = programme.get("rules", [])
    rate, extra = rates([{**rule, "on": "net"} for rule in rules] if reading(case).on_net else rules)
    stage = Stage(shop, _begin(case), unit=rate.unit)
    _settle(stage, given.get("settings", {}))
    _fill_catalogue(stage, given.get("products", []), rate)
    by_period = any("spent_in_period" in member for member in given.get("members", []))
    _build_tiers(stage, programme.get("tiers", []), by_period=by_period)
    # Before the case begins the programme gives nothing, so that a member who "spent 4000 before" has no points of it.
    change_programme(OFF, effective_from=stage.before - timedelta(days=1), actor=ACTOR)
    for member in given.get("members", []):
        _enrol(stage, member, programme, case)
    settings = {"rial_per_point": rate.rial_per_point, **_worth(stage, programme, case), **reading(case).settings}
    change_programme(settings, effective_from=stage.begin - timedelta(days=1), actor=ACTOR)
    for place, told in enumerate(programme.get("rewards", [])):
        stage.rewards.append(_reward(stage, told, place))
    for terms in extra:
        _publish(stage, terms)
    for terms in referral_offers(programme.get("referral", {}), stage.unit):
        _publish(stage, terms)
    change_terms(replace(Terms(), is_on=False), actor=ACTOR, now=stage.before)
    for told in given.get("offers", []):
        _offer(stage, told, code_required=AUTOMATIC)
    for told in given.get("coupons", []):
        _coupon(stage, told)
    stage.entries_before = {member.pk: stage.entries_of(member) for member in stage.members.values()}
    return stage


def _begin(case: Case) -> datetime:
    """Day 0, or the first step where one is before it."""
    return min([DAY_0, *(moment(step["at"]) for step in case["when"] if "at" in step)])


def _settle(stage: Stage, settings: dict[str, Any]) -> None:
    """The club's zone; how offers go together is said by each of them, and in the case's reading."""
    only(settings, "stacking", "timezone")
    if "timezone" in settings:
        stage.shop.club.time_zone = settings["timezone"]
        stage.shop.club.save()
        assert club_zone() == settings["timezone"]


def moment(text: str) -> datetime:
    """A moment of a case, which writes UTC."""
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _fill_catalogue(stage: Stage, products: list[dict[str, Any]], rate: Rate) -> None:
    for code in sorted({group for product in products for group in product["groups"]}):
        own_rate = 1 if code in rate.groups else None
        create(Group, {"code": code, "name": code, "rial_per_point": own_rate}, actor=ACTOR)
    for product in products:
        only(product, "sku", "price", "groups")
        price = product["price"] * stage.unit
        values = {"code": product["sku"], "name": product["sku"], "price_rial": price, "groups": product["groups"]}
        create(Product, values, actor=ACTOR)


def _build_tiers(stage: Stage, tiers: list[dict[str, Any]], *, by_period: bool) -> None:
    """`by_period`: what was spent within a year counts, and who no longer fits goes down."""
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
            **(BY_PERIOD if by_period else {}),
        )
        create_tier(new, actor=ACTOR)


def _enrol(stage: Stage, given: dict[str, Any], programme: dict[str, Any], case: Case) -> None:
    only(
        given,
        "id",
        "points",
        "credit",
        "lots",
        "spent",
        "tier",
        "manual_tier",
        "spent_in_period",
        "birthday",
        "code",
        "phone",
    )
    born = birth_date(given["birthday"], reading(case).birthday_comes_round_in) if "birthday" in given else None
    named = {"phone": given["phone"]} if "phone" in given else {}
    member = stage.shop.member(
        **named,
        birth_date=born,
        enrolled_at=stage.before,
        opening_points=given.get("points", 0),
        opening_credit=given.get("credit", 0) * stage.unit,
    )
    stage.members[given["id"]] = member
    if "code" in given:
        stage.codes[given["code"]] = member.referral_code
    if given.get("spent"):
        stage.shop.buys(member, given["spent"] * stage.unit, now=stage.before)
    if "spent_in_period" in given:
        _reach_long_ago(stage, member, given, programme["tiers"])
    for lot in given.get("lots", []):
        only(lot, "points", "earned", "expires")
        assert (programme["expiry"], programme["timezone"]) == ("end of day", "UTC")
        last_day = datetime.combine(date.fromisoformat(lot["expires"]), time(), tzinfo=UTC)
        earned, end = moment(f"{lot['earned']}T00:00:00Z"), last_day + timedelta(days=1)
        gift = Adjustment(member.pk, "points", lot["points"], "case", expires_at=end)
        adjust_value(gift, actor=ACTOR, key=stage.key(), now=earned)
    if "tier" in given:
        assert Member.objects.get(pk=member.pk).tier_code == given["tier"]


def _reach_long_ago(stage: Stage, member: Member, given: dict[str, Any], tiers: list[dict[str, Any]]) -> None:
    """The tier held was reached by what lies before the period, in which nothing was spent."""
    assert given["spent_in_period"] == 0
    needed = next(tier["min_spent"] for tier in tiers if tier["id"] == given["tier"])
    stage.shop.buys(member, needed * stage.unit, now=stage.before - PERIOD)
    set_tier_floor(member.pk, given["manual_tier"], actor=ACTOR, at=stage.before)


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


def _offer(stage: Stage, told: dict[str, Any], *, code_required: bool) -> Offer:
    """An offer that has been live since before the first step, and has spent of its budget what the case says."""
    stage.told[told["id"]] = told
    made = stage.offers[told["id"]] = _publish(stage, offer(told, stage.unit, code_required=code_required))
    if told.get("spent"):
        somebody = stage.shop.member(enrolled_at=stage.before)
        receipt = stage.shop.buys(somebody, spent_by(told) * stage.unit, now=stage.begin)
        assert receipt.discount == told["spent"] * stage.unit
    return made


def _reward(stage: Stage, told: dict[str, Any], place: int) -> Reward:
    """What its points buy, by the benefit of the offer that the case gives it."""
    only(told, "points", "offer")
    benefit = offer(told["offer"], stage.unit)["benefit"]
    values = {"code": f"reward-{place}", "name": told["offer"]["id"], "points": told["points"], "benefit": benefit}
    return create_reward(values, known=known_codes(), actor=ACTOR, now=stage.before)


def _publish(stage: Stage, terms: OfferTerms) -> Offer:
    made = create_offer(terms, known=known_codes(), actor=ACTOR)
    return move_offer(made.pk, "publish", actor=ACTOR, now=stage.before)


def _coupon(stage: Stage, told: dict[str, Any]) -> None:
    brings = _offer(stage, told["offer"], code_required=BY_CODE)
    member = stage.members[told["member"]].pk if "member" in told else None
    create_coupons(NewCoupons(offer=brings.pk, member=member, **coupon(told)), actor=ACTOR)
