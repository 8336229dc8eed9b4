"""Value that ends after so many days without a purchase: each purchase moves the day, what ended has ended."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from club.awards.redeeming import RedeemOrder, cancel_redemption, redeem
from club.ledger.models import Entry, Lot
from club.ledger.selectors import balances, next_ending
from club.ledger.services import expire_due_lots
from club.programme.services import change_programme
from club.purchases.merging import merge_members
from club.purchases.orders import PayWith, PurchaseOrder
from club.purchases.proof import verify_value
from club.purchases.refunds import RefundOrder, refund_purchase
from tests.rewarding import reward
from tests.shop import NOON

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def midnight(days):
    """The end of the Tehran day so many days after NOON's, which is 1 Azar 1405."""
    return datetime(2026, 11, 22, 20, 30, tzinfo=UTC) + days * DAY


@pytest.fixture
def club(shop):
    """A point for each 100,000 Rial and a tenth as credit; points end after ten days without a purchase."""
    shop.programme(rial_per_point=100_000, credit_bp=1_000, points_idle_days=10, point_worth=1_000)
    return shop


@pytest.fixture
def member(club):
    return club.member(enrolled_at=NOON - 400 * DAY)


def points(member, at):
    return balances(member.pk, at).usable_points


def end_of(member):
    return next_ending(member.pk, NOON)["points"].expires_at


def test_each_purchase_moves_the_end_of_all_that_is_there(club, member):
    club.buys(member, 1_000_000)
    assert end_of(member) == midnight(10)

    club.buys(member, 2_000_000, now=NOON + 6 * DAY)
    assert (end_of(member), points(member, midnight(16) - DAY)) == (midnight(16), 30)
    assert Lot.objects.filter(wallet__unit="credit", ends_at__isnull=False).count() == 0

    club.buys(member, 10_000, now=NOON + 7 * DAY)  # earns nothing and counts all the same
    assert end_of(member) == midnight(17)
    assert expire_due_lots(at=midnight(17) - timedelta(seconds=1)) == 0
    assert expire_due_lots(at=midnight(17)) == 2
    assert (balances(member.pk, midnight(17)).points, verify_value()) == (0, [])


def test_what_ended_is_not_brought_back_by_a_purchase_before_the_job_has_run(club, member):
    club.buys(member, 1_000_000)
    at = midnight(10) + timedelta(minutes=5)
    refused = PurchaseOrder(member_id=member.pk, amount=500_000, pay_with=PayWith(points="max"))
    receipt = club.buy(refused, now=at)

    assert (receipt.paid_by_points, points(member, at)) == (0, 5)
    assert expire_due_lots(at=at) == 1
    assert (balances(member.pk, at).points, verify_value()) == (5, [])


def test_the_first_of_the_two_ends_counts_and_the_idle_one_from_when_it_is_usable(club, member):
    club.programme(points_valid_days=12, points_usable_after_hours=24)
    club.buys(member, 1_000_000)
    assert end_of(member) == midnight(11)

    club.buys(member, 100_000, now=NOON + 5 * DAY)
    lot = Lot.objects.order_by("id")[0]
    assert (lot.ends_at, lot.expires_at, lot.idle_ends_at) == (midnight(13), midnight(13), midnight(15))


def test_a_late_purchase_moves_the_end_only_as_far_as_its_own_day(club, member):
    club.buys(member, 1_000_000)
    club.buy(PurchaseOrder(member_id=member.pk, amount=100_000, occurred_at=NOON + 4 * DAY), now=NOON + 9 * DAY)
    assert end_of(member) == midnight(14)

    club.buy(PurchaseOrder(member_id=member.pk, amount=100_000, occurred_at=NOON + 2 * DAY), now=NOON + 9 * DAY)
    assert set(Lot.objects.filter(wallet__unit="points").values_list("ends_at", flat=True)) == {midnight(14)}
    assert verify_value() == []


def test_a_purchase_that_is_wholly_refunded_never_counted_and_a_part_of_it_did(club, member):
    club.buys(member, 1_000_000)
    second = club.buys(member, 1_000_000, now=NOON + 5 * DAY)
    assert end_of(member) == midnight(15)

    refund_purchase(RefundOrder(second.id, amount=500_000), actor="user:1", key="a", now=NOON + 6 * DAY)
    assert end_of(member) == midnight(15)

    refund_purchase(RefundOrder(second.id), actor="user:1", key="b", now=NOON + 6 * DAY)
    assert (end_of(member), verify_value()) == (midnight(10), [])


def test_what_comes_back_to_an_empty_lot_counts_from_the_last_purchase(club, member):
    club.buys(member, 1_000_000)
    taken = redeem(RedeemOrder(member.pk, reward(points=10).code), actor="user:1", key="r", now=NOON + DAY)
    club.buys(member, 1_000_000, now=NOON + 8 * DAY)
    cancel_redemption(taken.id, actor="user:1", now=NOON + 12 * DAY)

    assert (points(member, NOON + 12 * DAY), end_of(member), verify_value()) == (20, midnight(18), [])


def test_what_had_ended_stays_ended_where_a_part_of_it_comes_back(club, member):
    club.buys(member, 1_000_000)
    taken = redeem(RedeemOrder(member.pk, reward(points=4).code), actor="user:1", key="r", now=NOON + DAY)
    assert expire_due_lots(at=midnight(10)) == 1
    club.buys(member, 1_000_000, now=NOON + 15 * DAY)
    cancel_redemption(taken.id, actor="user:1", now=NOON + 16 * DAY)

    assert (points(member, NOON + 16 * DAY), verify_value()) == (10, [])


def test_two_records_that_become_one_have_the_later_purchase_of_both(club, member):
    other = club.member(enrolled_at=NOON - 400 * DAY)
    club.buys(member, 1_000_000)
    club.buys(other, 1_000_000, now=NOON + 9 * DAY)
    merge_members(other.pk, member.pk, actor="user:1", key="m", now=NOON + 9 * DAY)

    ends = Lot.objects.filter(wallet__member=member, remaining__gt=0, wallet__unit="points")
    assert set(ends.values_list("ends_at", flat=True)) == {midnight(19)}

    third = club.member(enrolled_at=NOON - 400 * DAY)
    merge_members(member.pk, third.pk, actor="user:1", key="n", now=NOON + 12 * DAY)
    assert (end_of(third), points(third, NOON + 18 * DAY), verify_value()) == (midnight(19), 20, [])


def test_a_change_of_the_programme_holds_for_what_is_earned_after_it(club, member):
    club.buys(member, 1_000_000)
    change_programme({"points_idle_days": None}, effective_from=NOON - DAY, actor="user:1")
    club.buys(member, 1_000_000, now=NOON + DAY)

    rows = Lot.objects.filter(wallet__unit="points").order_by("id").values_list("idle_days", "ends_at")
    assert list(rows) == [(10, midnight(11)), (None, None)]


def test_history_that_comes_in_late_ends_where_it_would_have_ended_then(club, member):
    for ago in (100, 95, 60):
        order = PurchaseOrder(member_id=member.pk, amount=1_000_000, occurred_at=NOON - ago * DAY, quiet=True)
        club.buy(order)
    ends = Lot.objects.filter(wallet__unit="points").order_by("id").values_list("ends_at", flat=True)

    assert list(ends) == [midnight(-85), midnight(-85), midnight(-50)]
    assert expire_due_lots(at=NOON) == 3
    assert sorted(Entry.objects.filter(kind="expire").values_list("delta", flat=True)) == [-10, -10, -10]


def test_an_end_moved_by_hand_is_found(club, member):
    club.buys(member, 1_000_000)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_lot SET idle_ends_at = idle_ends_at + interval '5 days' WHERE idle_days > 0")

    assert any("without purchases" in str(fault) for fault in verify_value())
