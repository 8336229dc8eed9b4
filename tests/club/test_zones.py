"""A club's day is that of its own time zone: validity, caps of a day, days since, and ranges that programs ask for."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from accounts.services import create_api_key
from club.ledger.models import Lot
from club.members.cards import CardBlocked, block_card, refuse_blocked
from club.members.models import Card
from club.members.services import update_member
from club.programme.rules import Programme
from club.programme.validity import usable_span
from club.purchases.models import Purchase
from core.errors import ValidationFailed
from core.models import Club
from core.tenancy.scope import club_scope
from tests.conftest import fresh_club
from tests.shop import Shop

TOKYO, TORONTO = "Asia/Tokyo", "America/Toronto"
# Half past eight in the evening of 22 November in Tehran: already the 23rd in Tokyo, noon of the 22nd in Toronto.
EVENING = datetime(2026, 11, 22, 17, tzinfo=UTC)


@pytest.fixture
def abroad(db: None, request: pytest.FixtureRequest) -> Iterator[Shop]:
    """A shop in the zone that the test names."""
    club: Club = fresh_club()
    club.time_zone = request.param
    club.save(update_fields=["time_zone"])
    with club_scope(club):
        yield Shop(club)


@pytest.mark.parametrize(
    ("zone", "end"),
    [
        ("Asia/Tehran", datetime(2026, 11, 23, 20, 30, tzinfo=UTC)),
        (TOKYO, datetime(2026, 11, 24, 15, tzinfo=UTC)),
        (TORONTO, datetime(2026, 11, 24, 5, tzinfo=UTC)),
    ],
)
def test_value_of_a_day_ends_with_the_next_day_of_the_zone(zone: str, end: datetime) -> None:
    assert usable_span("points", Programme().changed({"points_valid_days": 1}), EVENING, zone) == (EVENING, end)


@pytest.mark.parametrize("abroad", [TOKYO], indirect=True)
def test_what_a_purchase_earns_ends_by_the_clubs_zone(abroad: Shop) -> None:
    abroad.programme(points_valid_days=1, rial_per_point=10_000)
    member = abroad.member(now=EVENING - timedelta(days=9))

    abroad.buys(member, 1_000_000, now=EVENING)

    assert Lot.objects.get().expires_at == datetime(2026, 11, 24, 15, tzinfo=UTC)


@pytest.mark.parametrize(("abroad", "second"), [(TOKYO, 10), ("Asia/Tehran", 0)], indirect=["abroad"])
def test_the_cap_of_a_day_begins_anew_at_midnight_of_the_club(abroad: Shop, second: int) -> None:
    """14:30 and 15:30 UTC lie on one day of Tehran, and on both sides of midnight in Tokyo."""
    abroad.programme(rial_per_point=10_000, max_points_per_day=10)
    member, first = abroad.member(now=EVENING - timedelta(days=9)), datetime(2026, 11, 22, 14, 30, tzinfo=UTC)

    assert abroad.buys(member, 1_000_000, now=first).points_earned == 10
    assert abroad.buys(member, 1_000_000, now=first + timedelta(hours=1)).points_earned == second


@pytest.mark.parametrize(("abroad", "days"), [(TOKYO, 1), ("Asia/Tehran", 0)], indirect=["abroad"])
def test_days_since_the_last_purchase_are_those_of_the_club(abroad: Shop, days: int) -> None:
    member, first = abroad.member(now=EVENING - timedelta(days=9)), datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
    abroad.buys(member, 1_000_000, now=first)

    abroad.buys(member, 1_000_000, now=first + timedelta(hours=1))

    assert Purchase.objects.latest("id").facts["days_since_last_purchase"] == days


@pytest.mark.parametrize("abroad", [TOKYO], indirect=True)
def test_a_blocked_card_names_the_clubs_day(abroad: Shop) -> None:
    member = abroad.member()
    number = member.card or ""
    block_card(member.pk, actor="user:1", reason="گم شد")
    Card.objects.filter(number=number).update(blocked_at=EVENING)

    with pytest.raises(CardBlocked) as refused:
        refuse_blocked(number)

    assert refused.value.data["day"] == "۲ آذر ۱۴۰۵"


@pytest.mark.parametrize("abroad", [TOKYO], indirect=True)
def test_who_is_born_today_by_the_clubs_day_may_be_written(abroad: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: EVENING)
    member = abroad.member()

    update_member(member.pk, {"birth_date": date(2026, 11, 23)}, actor="user:1")

    with pytest.raises(ValidationFailed):
        update_member(member.pk, {"birth_date": date(2026, 11, 24)}, actor="user:1")


@pytest.mark.parametrize("abroad", [TOKYO], indirect=True)
def test_a_day_that_a_program_names_is_the_clubs(abroad: Shop) -> None:
    member, secret = abroad.member(), create_api_key(name="x", scope="manage", actor="user:1")[1]
    client = Client(headers={"host": f"{abroad.club.slug}.localhost", "authorization": f"Bearer {secret}"})

    answer = client.post(
        f"/api/v1/members/{member.pk}/adjustments",
        {"unit": "points", "delta": 5, "reason": "هدیه", "expires_at": "2036-11-23"},
        content_type="application/json",
        headers={"Idempotency-Key": "a"},
    )

    assert answer.json()["expires_at"] == "2036-11-23T15:00:00+00:00"
