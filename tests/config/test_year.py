"""A Jalali year of the demo club in fast motion: hour by hour the scheduled jobs, and what must come of them.

The year has a 30 Esfand. In the suite a few weeks of it are lived through, with `LONG` all of its days.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

import jdatetime
import pytest
from django.contrib.sessions.models import Session

from club.ledger.models import Entry, Kind, Lot
from club.members.models import Member, TierChange
from club.members.services import update_member
from club.purchases.proof import verify_value
from core.jalali import TEHRAN, day_bounds, from_jalali, local_date
from core.tenancy.scope import club_scope
from crm.occasions.messages import OF_MEMBERS
from crm.occasions.models import Occasion
from sms.models import OutboxMessage
from tests.config.year import HOUR, LEAP_YEAR, Life, Seen, settle_in

pytestmark = pytest.mark.slow
BEGIN, END = from_jalali(LEAP_YEAR, 1, 1), from_jalali(LEAP_YEAR + 1, 1, 1)
WINDOWS = ((BEGIN - timedelta(days=1), 2), (from_jalali(LEAP_YEAR, 6, 31), 2), (END - timedelta(days=2), 3))
AGAIN_ON = {BEGIN, from_jalali(LEAP_YEAR, 7, 1), END - timedelta(days=1)}
ENDING = "points_expiring"
BORN = ((1, 1), (12, 30), (12, 29), (6, 31), (7, 1))


def days() -> list[date]:
    if "LONG" in os.environ:
        return [BEGIN + timedelta(days=number) for number in range((END - BEGIN).days + 1)]
    return [first + timedelta(days=number) for first, count in WINDOWS for number in range(count)]


@pytest.fixture(scope="module")
def life(django_db_setup: None, django_db_blocker) -> Iterator[Life]:
    """Lived through once for all tests of this file."""
    with django_db_blocker.unblock():
        sessions = list(Session.objects.all())
        life = settle_in()
        with club_scope(life.club):
            members = list(Member.objects.filter(status="active", merged_into=None).order_by("pk"))
            for member, (month, day) in zip(members, BORN, strict=False):
                born = jdatetime.date(1370, month, day).togregorian()  # 1370 had a 30 Esfand, too
                update_member(member.pk, {"birth_date": born}, actor="user:1")
            life.members = dict(Member.objects.exclude(phone=None).values_list("phone", "pk"))
            life.live(days(), again_on=AGAIN_ON)
        # What ends after two weeks ended in it, for those too who look at pages after this file.
        Session.objects.bulk_create(sessions, ignore_conflicts=True)
        with club_scope(life.club):
            yield life


def birthday_in(born: date, year: int) -> date:
    """By the calendar alone: 30 Esfand is kept on 29 Esfand in common years."""
    jalali = jdatetime.date.fromgregorian(date=born)
    day = jalali.day if (jalali.month, jalali.day) != (12, 30) or jdatetime.date(year, 1, 1).isleap() else 29
    return jdatetime.date(year, jalali.month, day).togregorian()


def test_no_job_fails_and_the_ledger_is_proven(life: Life) -> None:
    assert life.failed == []
    assert verify_value() == []


def test_each_birthday_is_wished_well_once_in_the_local_morning(life: Life) -> None:
    lived = set(days())
    expected = Counter(
        (member.pk, birthday)
        for member in Member.objects.filter(status="active").exclude(birth_date=None).exclude(phone=None)
        for year in (LEAP_YEAR - 1, LEAP_YEAR, LEAP_YEAR + 1)
        if (birthday := birthday_in(member.birth_date, year)) in lived
    )
    assert len(expected) >= len(BORN)

    told = [one for one in life.of(OutboxMessage) if one.row.kind == "birthday"]
    gifts = Occasion.objects.filter(trigger="birthday")
    documents = {gift.document for gift in gifts}
    given = [one for one in life.of(Entry) if one.row.document in documents and one.row.kind == Kind.EARN]

    assert Counter((one.row.member_id, one.at.date()) for one in told) == expected
    assert Counter((one.row.wallet.member_id, one.at.date()) for one in given) == expected
    assert {one.at.hour for one in told} == {8}
    assert {one.row.delta for one in given} == {500_000}


def season(at: datetime) -> str:
    """A third of a year."""
    return f"{at.year}/{at.month // 4}"


def ends_of(expiry: Seen) -> list[datetime]:
    """When the lots were to end of which it took."""
    lots = Lot.objects.filter(allocations__entry=expiry.row)
    return [lot.expires_at for lot in lots if lot.expires_at]


def lived_before(end: datetime, lived: set[date]) -> bool:
    """Whether the day was lived through at whose end it was due, and so the job right after it."""
    return local_date(end, TEHRAN) in lived - {min(lived)}


def test_whatever_ends_ends_right_after_its_last_local_day(life: Life) -> None:
    lived = set(days())
    ended = [one for one in life.of(Entry) if one.row.kind == Kind.EXPIRE]
    late = [one for one in ended for end in ends_of(one) if not end <= one.at < end + HOUR and lived_before(end, lived)]

    assert ended
    assert late == []
    assert not Lot.objects.filter(remaining__gt=0, expires_at__lte=day_bounds(max(lived))[0]).exists()


def test_nowruz_is_wished_once_to_whoever_agreed_to_advertising(life: Life) -> None:
    told = [one for one in life.of(OutboxMessage) if one.row.kind == "named_day-nowruz"]
    agreed = Member.objects.filter(status="active", sms_consent=True, phone__isnull=False)
    lived = [day for day in (BEGIN, END) if day in days()]

    assert len(lived) == 2 and Member.objects.filter(status="active", sms_consent=False).exists()
    assert Counter((one.row.member_id, one.at.date()) for one in told) == Counter(
        (member.pk, day) for member in agreed for day in lived
    )
    assert all(9 <= one.at.hour < 12 for one in told)


def test_nobody_is_told_of_the_same_thing_twice(life: Life) -> None:
    """What comes again bears the member alone as its document: told once of an end, or without one once in a season."""
    told = Counter(
        (one.row.kind, one.row.member_id, one.row.document, one.row.context.get("expires") or season(one.at))
        for one in life.of(OutboxMessage)
    )

    assert [what for what, times in told.items() if times > 1] == []
    assert {kind for kind, *_which in told} >= {"birthday", "purchase_receipt", "tier_changed"}


def test_a_warning_of_what_ends_speaks_of_no_day_that_one_before_it_spoke_of(life: Life) -> None:
    told: dict[int, list[Seen]] = {}
    for one in life.of(OutboxMessage):
        if one.row.kind == ENDING:
            told.setdefault(one.row.member_id, []).append(one)
    days = timedelta(days=OF_MEMBERS[ENDING].days or 0)

    assert told
    for warnings in told.values():
        for before, after in pairwise(warnings):
            assert date.fromisoformat(after.row.context["expires"]) > before.at.date() + days


def test_each_change_of_a_tier_is_told_once(life: Life) -> None:
    """By a purchase in its receipt, else in a message of its own."""
    changes = [one.row for one in life.of(TierChange)]
    sent = [one.row for one in life.of(OutboxMessage)]
    told = [row for row in sent if row.kind in ("tier_up", "tier_changed") or row.context.get("tier_changed")]

    assert {"silver", "gold"} & {row.from_code for row in changes}
    assert Counter(row.member_id for row in told) == Counter(row.member_id for row in changes)
