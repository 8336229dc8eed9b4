"""The dashboard's figures, exactly."""

from datetime import UTC, datetime, timedelta

import pytest

from club.purchases.orders import PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from core.jalali import local_date
from core.tenancy.scope import club_scope
from reports.gaps import note_gaps
from reports.ranges import range_of
from reports.selectors import Figure, busy_hours, is_new_club, overview
from tests.shop import Shop

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)  # 29 Aban 1405, 15:30 in Tehran
TODAY = local_date(NOW)


def ago(days, hours=0):
    return NOW - timedelta(days=days, hours=hours)


@pytest.fixture
def shop(club):
    return Shop(club)


@pytest.fixture
def week(shop):
    """Old buyers and new ones, this week and the one before, sales to nobody, refunds in part and whole."""
    old, new, late = (shop.member(now=ago(days)) for days in (60, 3, 10))
    shop.buys(old, 1_000_000, now=ago(30))  # before both weeks: the member is an old one
    shop.buys(late, 300_000, now=ago(9))
    shop.buys(old, 500_000, now=ago(8))
    shop.buys(old, 2_000_000, now=ago(2))
    part = shop.buys(new, 1_000_000, now=ago(1))
    whole = shop.buys(late, 700_000, now=ago(1))
    shop.buy(PurchaseOrder(amount=400_000), now=ago(1))
    refund_purchase(RefundOrder(part.id, amount=250_000), actor="u", key="p", now=NOW)
    refund_purchase(RefundOrder(whole.id), actor="u", key="w", now=NOW)
    return shop


def test_sales_count_members_after_refunds(week):
    found = overview(range_of("7d", TODAY))

    assert (found.sales.value, found.sales.before) == (2_750_000, 800_000)
    assert found.sales.series == (0, 0, 0, 0, 2_000_000, 750_000, 0)
    assert found.sales.change == 244


def test_purchases_count_everybody_but_not_what_was_taken_back_whole(week):
    found = overview(range_of("7d", TODAY))

    assert (found.purchases.value, found.purchases.before) == (3, 2)
    assert found.purchases.series == (0, 0, 0, 0, 1, 2, 0)


def test_new_members_are_those_who_joined_in_the_days(week):
    found = overview(range_of("7d", TODAY))

    assert (found.new_members.value, found.new_members.before) == (1, 1)
    assert found.new_members.series == (0, 0, 0, 1, 0, 0, 0)


def test_returning_is_the_share_of_buyers_who_came_back(week):
    found = overview(range_of("7d", TODAY))

    assert found.returning.value == 5000  # of old and new
    assert found.returning.before == 5000  # of old and late
    assert found.returning.change == 0
    assert found.returning.series == (0, 0, 0, 0, 10_000, 0, 0)


def test_who_came_first_and_came_back_within_the_days_has_come_back(week):
    """Else the first year of a club says that nobody ever did, over a line that says they did."""
    assert overview(range_of("30d", TODAY)).returning.value == 3333  # old, of three: late's second was taken back

    week.buys(week.member(now=ago(5)), 100_000, now=ago(5))
    again = week.member(now=ago(5))
    week.buys(again, 100_000, now=ago(5))
    week.buys(again, 100_000, now=ago(4))

    assert overview(range_of("30d", TODAY)).returning.value == 4000  # old and again, of five


def test_the_table_stands_beside_the_days_before(week):
    days = overview(range_of("7d", TODAY)).days

    assert [(day.sales, day.before, day.purchases) for day in days if day.sales or day.before] == [
        (2_000_000, 300_000, 1),
        (750_000, 500_000, 2),
    ]
    assert sum(day.sales for day in days) == 2_750_000


def test_a_day_without_entry_is_compared_with_none_until_somebody_fills_it(week):
    note_gaps(now=NOW)

    found = overview(range_of("7d", TODAY))

    assert found.sales.value == 2_750_000
    # Of the seven pairs only (2, 9) and (1, 8) days ago have both; today, not over, stands beside an empty day.
    assert found.sales.compared == (2_750_000, 800_000)
    assert len(found.gaps) == 9
    assert TODAY not in found.gaps
    assert {TODAY - timedelta(days=days) for days in (1, 2, 8, 9)}.isdisjoint(found.gaps)

    week.buys(week.member(now=ago(60)), 900_000, now=ago(3))  # late
    assert len(overview(range_of("7d", TODAY)).gaps) == 8


def test_a_day_is_tehran_s_and_shown_by_the_hour(shop):
    member = shop.member(now=ago(5))
    shop.buys(member, 100_000, now=datetime(2026, 11, 19, 20, 29, tzinfo=UTC))  # 23:59 yesterday
    shop.buys(member, 200_000, now=datetime(2026, 11, 19, 20, 30, tzinfo=UTC))  # 00:00 today
    shop.buys(member, 400_000, now=datetime(2026, 11, 20, 20, 29, tzinfo=UTC))  # 23:59 today
    shop.buys(member, 800_000, now=datetime(2026, 11, 20, 20, 30, tzinfo=UTC))  # tomorrow

    found = overview(range_of("today", TODAY))

    assert (found.sales.value, found.sales.before) == (600_000, 100_000)
    assert found.hours[0] == (200_000, 0)
    assert found.hours[23] == (400_000, 100_000)


def test_another_club_s_sales_are_not_ours(week, other_club):
    with club_scope(other_club):
        assert is_new_club()
        assert overview(range_of("30d", TODAY)).sales == Figure(0, 0, (0,) * 30)
    assert not is_new_club()


@pytest.mark.parametrize(
    ("figure", "change"),
    [
        (Figure(112, 100, ()), 12),
        (Figure(86, 100, ()), -14),
        (Figure(5, 0, ()), None),
        (Figure(0, 5, ()), -100),
        (Figure(4600, 4300, (), is_share=True), 3),
        (Figure(4600, 0, (), is_share=True), None),
    ],
)
def test_change_is_in_percent_and_of_shares_in_points(figure, change):
    assert figure.change == change


@pytest.mark.parametrize(("choice", "queries"), [("7d", 4), ("year", 4), ("today", 5)])
def test_figures_take_the_same_queries_for_any_number_of_days_and_rows(
    week, django_assert_num_queries, choice, queries
):
    with django_assert_num_queries(queries):
        overview(range_of(choice, TODAY))


def test_busy_hours_are_counted_by_the_clubs_own_clock_and_week(shop):
    member = shop.member(now=ago(30))
    shop.buys(member, 100_000, now=ago(6))  # Saturday 15:30 in Tehran
    shop.buys(member, 100_000, now=ago(0))  # Friday 15:30
    shop.buy(PurchaseOrder(amount=100_000), now=ago(0, hours=2))  # to nobody, Friday 13:30
    gone = shop.buys(member, 100_000, now=ago(0, hours=5))
    refund_purchase(RefundOrder(gone.id), actor="u", key="w", now=NOW)

    found = busy_hours(range_of("7d", TODAY).now)

    assert found is not None
    assert list(found.hours) == [13, 14, 15]
    assert found.counts == ((0, 0, 1), *[(0, 0, 0)] * 5, (1, 0, 1))


def test_a_day_or_a_quiet_week_has_no_busy_hours(shop):
    shop.buys(shop.member(now=ago(30)), 100_000, now=ago(0))

    assert busy_hours(range_of("today", TODAY).now) is None
    with club_scope(shop.club):
        assert busy_hours(range_of("7d", TODAY - timedelta(days=90)).now) is None
