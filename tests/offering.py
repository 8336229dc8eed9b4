"""Offers in tests, in one line each."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from club.awards.naming import known_codes
from club.members.models import Member
from offers.engine import is_held_out
from offers.models import Offer
from offers.services import create_offer, move_offer
from tests.shop import Shop


class Half(NamedTuple):
    """An offer with the members who may have it, and those who are held out."""

    offer: Offer
    treated: list[Member]
    control: list[Member]


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def draft(name: str, benefit: dict[str, Any], **said: Any) -> Offer:
    """A draft on purchases; `when` may be one condition."""
    return create_offer(
        {"name": name, "trigger": "purchase", "benefit": benefit, **said}, known=known_codes(), actor="user:1"
    )


def publish(name: str, benefit: dict[str, Any], *, since: datetime = LONG_AGO, **said: Any) -> Offer:
    """An offer that has been live for long."""
    return move_offer(draft(name, benefit, **said).pk, "publish", actor="user:1", now=since)


def publish_to_half(shop: Shop, name: str, benefit: dict[str, Any], *, since: datetime, **said: Any) -> Half:
    """An offer that half are held out of, among 35 members or a few more on each side who joined long before."""
    offer = draft(name, benefit, control_percent=50, **said)
    treated: list[Member] = []
    control: list[Member] = []
    while min(len(treated), len(control)) < 35:
        member = shop.member(now=since - timedelta(days=60))
        (control if is_held_out(offer.pk, member.pk, 5_000) else treated).append(member)
    return Half(move_offer(offer.pk, "publish", actor="user:1", now=since), treated, control)


def five_offers() -> list[Offer]:
    """The five of the worked case (mission.md, row 95); the group is `special`, amounts are Rial."""
    return [
        publish(
            "بیش از ۱۰ مراجعه",
            {"kind": "credit_percent", "percent": 5},
            when={"fact": "visit_number", "op": "gt", "value": 10},
        ),
        publish(
            "خرید بالای ۵۰۰ هزار",
            {"kind": "discount_percent", "percent": 10},
            when={"fact": "amount", "op": "gt", "value": 5_000_000},
        ),
        publish(
            "تولد",
            {"kind": "credit_percent", "percent": 20},
            when={"fact": "days_from_birthday", "op": "eq", "value": 0},
        ),
        publish(
            "نقره‌ای", {"kind": "credit_percent", "percent": 15}, when={"fact": "tier", "op": "eq", "value": "silver"}
        ),
        publish("گروه ویژه", {"kind": "discount_percent", "percent": 7, "of": "special"}),
    ]
