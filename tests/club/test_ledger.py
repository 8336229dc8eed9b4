"""The ledger by hand and by the clock."""

from datetime import timedelta

import pytest

from club.ledger.models import Entry
from club.ledger.proof import seal_ledger
from club.ledger.selectors import balances, next_ending, not_yet_usable
from club.ledger.services import InsufficientCredit, InsufficientPoints, adjust, expire_due_lots
from club.programme.rules import Programme, faults
from club.programme.validity import usable_span
from core.jalali import from_jalali, local_date
from tests.shop import NOON, Shop


def test_what_ends_soonest_is_spent_first(shop: Shop) -> None:
    member = shop.member()
    for number, days in enumerate((30, 10, 20)):
        adjust(
            member.pk,
            unit="points",
            delta=100,
            reason="هدیه",
            actor="user:1",
            document=f"adjust:{number}",
            at=NOON,
            expires_at=NOON + timedelta(days=days),
        )

    adjust(member.pk, unit="points", delta=-150, reason="خطا", actor="user:1", document="adjust:9", at=NOON)

    ending = next_ending(member.pk, NOON)["points"]
    assert (ending.amount, ending.expires_at) == (50, NOON + timedelta(days=20))
    assert shop.proven()


def test_ended_value_cannot_be_spent_even_before_the_job_ran(shop: Shop) -> None:
    member = shop.member()
    adjust(
        member.pk,
        unit="credit",
        delta=100,
        reason="x",
        actor="user:1",
        document="adjust:1",
        at=NOON,
        expires_at=NOON + timedelta(days=1),
    )
    later = NOON + timedelta(days=1)

    with pytest.raises(InsufficientCredit) as refused:
        adjust(member.pk, unit="credit", delta=-1, reason="x", actor="user:1", document="adjust:2", at=later)

    assert refused.value.data == {"needed": 1, "available": 0}
    assert (balances(member.pk, later).credit, balances(member.pk, later).usable_credit) == (100, 0)
    assert (expire_due_lots(at=later), expire_due_lots(at=later)) == (1, 0)
    assert balances(member.pk, later).credit == 0
    assert shop.proven()


def test_the_job_ends_lots_of_many_members_in_batches(shop: Shop) -> None:
    shop.programme(points_valid_days=5, credit_bp=1_000, credit_valid_days=50)
    members = [shop.member() for _ in range(7)]
    for member in members:
        shop.buys(member, 1_000_000)
        shop.buys(member, 1_000_000)

    assert expire_due_lots(at=NOON + timedelta(days=6), batch=3) == 14

    assert all(balances(member.pk, NOON).points == 0 for member in members)
    assert all(balances(member.pk, NOON).credit == 200_000 for member in members)
    assert shop.proven()


def test_value_that_begins_later_is_shown_apart_and_not_spent(shop: Shop) -> None:
    shop.programme(points_usable_after_hours=48)
    member = shop.member()
    shop.buys(member, 1_000_000)

    waiting = not_yet_usable(member.pk, NOON)
    assert [(row.unit, row.amount, row.expires_at) for row in waiting] == [("points", 10, NOON + timedelta(hours=48))]
    with pytest.raises(InsufficientPoints):
        adjust(member.pk, unit="points", delta=-1, reason="x", actor="user:1", document="adjust:1", at=NOON)
    adjust(
        member.pk, unit="points", delta=-1, reason="x", actor="user:1", document="adjust:1", at=NOON + timedelta(days=2)
    )


def test_every_entry_says_the_balance_after_it_and_they_sum_to_the_header(shop: Shop) -> None:
    shop.programme(points_valid_days=30)
    member = shop.member(opening_points=50)
    shop.buys(member, 1_000_000)
    expire_due_lots(at=NOON + timedelta(days=31))

    rows = list(Entry.objects.filter(wallet__member=member, wallet__unit="points").order_by("seq"))
    assert [(row.kind, row.delta, row.balance_after) for row in rows] == [
        ("opening", 50, 50),
        ("earn", 10, 60),
        ("expire", -10, 50),
    ]
    assert sum(row.delta for row in rows) == balances(member.pk, NOON).points


@pytest.mark.parametrize(
    ("settings", "end"),
    [
        ({}, None),
        ({"points_valid_days": 1}, (1405, 9, 3)),
        ({"points_valid_to": "month"}, (1405, 10, 1)),
        ({"points_valid_to": "season"}, (1405, 10, 1)),
        ({"points_valid_to": "year"}, (1406, 1, 1)),
        ({"points_valid_days": 365, "points_valid_to": "month"}, (1405, 10, 1)),
        ({"points_usable_after_hours": 24, "points_valid_days": 1}, (1405, 9, 4)),
    ],
)
def test_the_end_is_the_first_local_day_on_which_it_is_gone(settings: dict, end: tuple[int, int, int] | None) -> None:
    _begin, ends_at = usable_span("points", Programme().changed(settings), NOON, "Asia/Tehran")

    assert (ends_at and local_date(ends_at)) == (end and from_jalali(*end))


def test_settings_out_of_range_or_unknown_are_named() -> None:
    wrong = {
        "rial_per_point": 0,
        "credit_bp": 10_001,
        "point_worth": None,
        "points_valid_to": "week",
        "nothing": 1,
        "rounding_step": True,
        "points_spendable": 1,
    }

    assert faults(wrong) == {
        "rial_per_point": "out_of_range",
        "credit_bp": "out_of_range",
        "point_worth": "not_a_number",
        "points_valid_to": "not_a_choice",
        "nothing": "unknown",
        "rounding_step": "not_a_number",
        "points_spendable": "not_a_choice",
    }
    assert faults({"credit_bp": None, "points_valid_to": None, "refund_shortfall": "debt"}) == {}


def test_a_day_is_sealed_an_hour_after_it_ended_and_the_chain_holds(shop: Shop) -> None:
    from django.utils import timezone

    shop.member(opening_points=5)
    written = timezone.now()

    assert seal_ledger(now=written) == 0
    assert seal_ledger(now=written + timedelta(days=3)) >= 2
    assert shop.proven()
