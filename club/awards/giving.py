"""Carrying out what offers give by a document, and taking it back with the whole document."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db.models.functions import Now

from club.awards.models import Award
from club.lotteries.models import Chance
from club.lotteries.services import ChancesOf, give_chances, take_back_chances
from club.rewards.vouchers import hand_over_vouchers, note_uses, reopen
from club.tiers.granting import Grant, note_grants, take_back_grants
from club.tiers.models import TierGrant
from core.jalali import day_bounds, local_date
from core.rows import write_rows
from core.tenancy.scope import club_zone
from offers.codes import random_code
from offers.counters import Take, give_back, take
from offers.engine import Given
from offers.models import Coupon, CouponUse

COLUMNS = (
    "member_id",
    "offer_id",
    "version",
    "document",
    "kind",
    "worth",
    "discount",
    "credit",
    "points",
    "occurred_at",
)


def reserve(
    given: Sequence[Given], coupons: Mapping[int, int], *, member_id: int, document: str, at: datetime
) -> dict[int, str]:
    """Take what is to be given from limits, budgets and codes (by offer): all, or none with the reason by offer."""
    wanted = [
        Take(one.offer.id, one.worth, one.offer.terms.limits, coupons.get(one.offer.id))
        for one in sorted(given, key=lambda one: one.offer.id)
    ]
    refused = take(wanted, member_id=member_id, document=document, at=at)
    if coupons and not refused:
        note_uses(coupons.values(), document=document, at=at)
    return refused


@dataclass(frozen=True)
class Things:
    """What offers give besides value: by offer the code of the coupon, by lottery the chances, tiers with their end."""

    coupons: Mapping[int, str] = field(default_factory=dict)
    coupon_ends: Mapping[int, datetime] = field(default_factory=dict)
    chances: Mapping[str, int] = field(default_factory=dict)
    tiers: tuple[Grant, ...] = ()


def things_of(given: Sequence[Given], at: datetime) -> Things:
    """What is to be given besides value, by the offers that apply; the coupons have no code yet."""
    chances: Counter[str] = Counter()
    tiers = []
    for one in given:
        benefit = one.offer.terms.benefit
        if one.effect.chances:
            chances[benefit.lottery or ""] += one.effect.chances
        if one.effect.tier:
            tiers.append((benefit.tier or "", _end_of(benefit.days, at)))
    return Things(chances=dict(chances), tiers=tuple(tiers))


@dataclass(frozen=True)
class Handing:
    """What offers give a member by one document; `points` are those that the programme's caps have left of each."""

    member_id: int
    document: str
    at: datetime
    given: Sequence[Given]
    points: Sequence[int]
    things: Things


def record_awards(handings: Sequence[Handing]) -> None:
    """Write what each offer gave, in one statement."""
    write_rows(Award, COLUMNS, [row for handing in handings for row in _awards(handing)])


def _awards(handing: Handing) -> Iterator[tuple[object, ...]]:
    for one, kept in zip(handing.given, handing.points, strict=True):
        yield (
            handing.member_id,
            one.offer.id,
            one.offer.version,
            handing.document,
            one.offer.terms.benefit.kind,
            one.worth,
            one.effect.discount,
            one.effect.credit,
            kept,
            handing.at,
        )


def give_things(handings: Sequence[Handing], *, actor: str) -> list[Handing]:
    """Write the chances, the tiers and a personal coupon for each offer that gives one; with the codes made.

    However many members they are for, it is a statement for each of the three, and none for what nobody gets.
    """
    with_chances = [one for one in handings if one.things.chances]
    give_chances([ChancesOf(one.things.chances, one.member_id, one.document, one.at) for one in with_chances])
    note_grants([(one.member_id, one.document, one.things.tiers) for one in handings])
    made = [_with_codes(handing) for handing in handings]
    rows = [
        (one.offer.terms.benefit.offer, code, 1, handing.member_id, ends_at, handing.document, actor)
        for handing in made
        for one in handing.given
        if (code := handing.things.coupons.get(one.offer.id))
        and (ends_at := handing.things.coupon_ends.get(one.offer.id))
    ]
    write_rows(Coupon, ("offer_id", "code", "uses", "member_id", "ends_at", "document", "actor"), rows)
    return made


def _with_codes(handing: Handing) -> Handing:
    giving = [one.offer for one in handing.given if one.effect.coupons]
    if not giving:
        return handing
    coupons = {offer.id: random_code() for offer in giving}
    ends = {offer.id: _end_of(offer.terms.benefit.valid_days, handing.at) for offer in giving}
    return replace(handing, things=replace(handing.things, coupons=coupons, coupon_ends=ends))


def _end_of(days: int | None, at: datetime) -> datetime:
    """The end of the local day so many days on."""
    zone = club_zone()
    return day_bounds(local_date(at, zone) + timedelta(days=days or 0), zone)[1]


def hand_over_awards(source_id: int, into_id: int) -> None:
    """What one record was given, and its own codes, are another's from now on: the two are one person."""
    Award.objects.filter(member=source_id).update(member=into_id)
    CouponUse.objects.filter(member=source_id).update(member=into_id)
    Coupon.objects.filter(member=source_id).update(member=into_id)
    Chance.objects.filter(member=source_id).update(member=into_id)
    TierGrant.objects.filter(member=source_id).update(member=into_id)
    hand_over_vouchers(source_id, into_id)


def take_back_awards(document: str) -> None:
    """The whole document was taken back: its uses of limits, budgets and codes are there again."""
    awards = Award.objects.filter(document=document, given_back=False)
    rows = list(awards.order_by("offer_id").values_list("offer_id", "worth", "occurred_at"))
    if not rows:
        return
    awards.update(given_back=True)
    Coupon.objects.filter(document=document).update(void=True, updated_at=Now())
    take_back_chances(document)
    take_back_grants(document)
    if give_back([(offer, worth) for offer, worth, _at in rows], document=document, at=rows[0][2]):
        reopen(document)
