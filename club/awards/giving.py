"""Carrying out what offers give by a document, and taking it back with the whole document."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from club.awards.models import Award
from core.rows import insert_rows
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
    return take(wanted, member_id=member_id, document=document, at=at)


def record_awards(
    given: Sequence[Given], points: Sequence[int], *, member_id: int, document: str, at: datetime
) -> None:
    """Write what each offer gave; `points` are those that the programme's caps have left of it."""
    insert_rows(
        Award,
        COLUMNS,
        [
            (
                member_id,
                one.offer.id,
                one.offer.version,
                document,
                one.offer.terms.benefit.kind,
                one.worth,
                one.effect.discount,
                one.effect.credit,
                kept,
                at,
            )
            for one, kept in zip(given, points, strict=True)
        ],
    )


def hand_over_awards(source_id: int, into_id: int) -> None:
    """What one record was given, and its own codes, are another's from now on: the two are one person."""
    Award.objects.filter(member=source_id).update(member=into_id)
    CouponUse.objects.filter(member=source_id).update(member=into_id)
    Coupon.objects.filter(member=source_id).update(member=into_id)


def take_back_awards(document: str) -> None:
    """The whole document was taken back: its uses of limits, budgets and codes are there again."""
    awards = Award.objects.filter(document=document, given_back=False)
    rows = list(awards.order_by("offer_id").values_list("offer_id", "worth", "occurred_at"))
    if not rows:
        return
    awards.update(given_back=True)
    give_back([(offer, worth) for offer, worth, _at in rows], document=document, at=rows[0][2])
