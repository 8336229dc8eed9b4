"""Days without any entry: found once they are over, forgotten when filled, explained by a manager."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from club.awards.enrolment import enrol_member
from club.gift_cards.services import CardSale, sell_card
from club.ledger.adjustments import Adjustment, adjust_value
from club.purchases.orders import PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from core.errors import NotFound
from core.jalali import local_date
from core.models import AuditEntry
from core.tenancy.scope import club_scope
from crm.occasions.activities import Activity, add_type, record_activity
from reports.gaps import gaps_within, mark_gap, note_gaps
from reports.models import DataGap
from reports.ranges import Span

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)  # 29 Aban 1405, 15:30 in Tehran
TODAY = date(2026, 11, 20)
ALL = Span(date(2020, 1, 1), TODAY)


def ago(days, hours=0):
    return NOW - timedelta(days=days, hours=hours)


def days():
    return [(TODAY - gap.day).days for gap in gaps_within(ALL)]


@pytest.fixture
def sold(shop):
    """A club that sold six and three days ago, and once to nobody five days ago."""
    shop.buys(shop.member(now=ago(60)), 100_000, now=ago(6))
    shop.buy(PurchaseOrder(amount=100_000), now=ago(5))
    shop.buys(shop.member(now=ago(60)), 100_000, now=ago(3))
    return shop


def test_gaps_are_the_days_that_are_over_from_the_first_purchase_on(sold):
    assert note_gaps(now=NOW) == "3 days noted, 0 filled since"
    assert days() == [4, 2, 1]
    assert note_gaps(now=NOW) == "0 days noted, 0 filled since"


def test_a_club_that_never_sold_has_none(shop):
    assert note_gaps(now=NOW) == "0 days noted, 0 filled since"


def test_a_day_is_that_of_the_clubs_zone(sold):
    sold.buy(PurchaseOrder(amount=1), now=datetime(2026, 11, 17, 20, 29, tzinfo=UTC))  # 23:59 three days ago
    sold.buy(PurchaseOrder(amount=1), now=datetime(2026, 11, 17, 20, 30, tzinfo=UTC))  # 00:00 two days ago

    note_gaps(now=NOW)

    assert days() == [4, 1]


def test_a_refund_is_an_entry_too(sold):
    bought = sold.buys(sold.member(now=ago(60)), 100_000, now=ago(5))
    refund_purchase(RefundOrder(bought.id, occurred_at=ago(2)), actor="u", key="r", now=NOW)

    note_gaps(now=NOW)

    assert days() == [4, 1]


def given(member, actor):
    adjust_value(Adjustment(member.pk, "points", 5, "x"), actor=actor, key="a", now=timezone.now())


def carded(_member, actor):
    sell_card(CardSale(amount=100_000), actor=actor, key="c", now=timezone.now())


def did(member, actor):
    add_type(code="story", name="استوری", actor="user:1")
    record_activity(Activity(member.pk, "story"), actor=actor, key="e", now=timezone.now())


def enrolled(_member, actor):
    enrol_member(phone="09121110000", actor=actor, now=timezone.now())


@pytest.mark.parametrize(
    ("record", "actor", "is_entry"),
    [
        (given, "user:1", True),
        (carded, "api_key:1", True),
        (did, "user:1", True),
        (enrolled, "user:1", True),
        (enrolled, "member:1", False),
        (given, "system", False),
    ],
)
def test_what_operators_record_is_an_entry_and_what_jobs_and_members_do_is_none(shop, record, actor, is_entry):
    now = timezone.now()
    sara = shop.member(actor="system", now=now - timedelta(days=60))
    shop.buys(sara, 100_000, now=now - timedelta(days=2))

    record(sara, actor)
    note_gaps(now=now + timedelta(days=1))

    today = local_date(now, "Asia/Tehran")
    assert bool(gaps_within(Span(today, today))) is not is_entry


def test_a_late_entry_ends_the_gap_at_once_and_the_row_by_night(sold):
    note_gaps(now=NOW)

    sold.buy(PurchaseOrder(amount=100_000, occurred_at=ago(4)), now=NOW)

    assert days() == [2, 1]
    assert DataGap.objects.count() == 3
    assert note_gaps(now=NOW) == "0 days noted, 1 filled since"
    assert DataGap.objects.count() == 2


def test_a_manager_says_that_the_shop_was_shut_and_takes_it_back(sold):
    note_gaps(now=NOW)
    gap = DataGap.objects.get(day=TODAY - timedelta(days=4))

    mark_gap(gap.pk, is_closed=True, note="تعطیلی رسمی", actor="user:7")
    note_gaps(now=NOW)  # the job writes nothing of what a person said

    gap.refresh_from_db()
    assert (gap.is_closed, gap.note, gap.actor) == (True, "تعطیلی رسمی", "user:7")
    entry = AuditEntry.objects.get(action="gap.mark")
    assert (entry.target, entry.actor) == ("gap:2026-11-16", "user:7")
    assert entry.after == {"is_closed": True, "note": "تعطیلی رسمی"}

    assert mark_gap(gap.pk, is_closed=True, note=" عيد\x00" + "ا" * 300, actor="user:7").note == "عید" + "ا" * 197
    assert mark_gap(gap.pk, is_closed=False, note="x", actor="user:7").note == ""


def test_another_clubs_gap_is_not_found(sold, other_club):
    note_gaps(now=NOW)
    gap = DataGap.objects.first()

    with club_scope(other_club):
        assert gaps_within(ALL) == []
        with pytest.raises(NotFound):
            mark_gap(gap.pk, is_closed=True, note="", actor="user:7")
