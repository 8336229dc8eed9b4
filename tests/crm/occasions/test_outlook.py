"""What the page of occasions foresees: how many each would reach, and what may be set of its days."""

from datetime import date, timedelta

import pytest

from club.members.models import CustomField, Member
from club.programme.named_days import named_days
from core.errors import NotFound, ValidationFailed
from core.jalali import from_jalali, to_jalali
from core.models import AuditEntry
from crm.occasions.daily import anniversaries, birthdays
from crm.occasions.greeting import greetings
from crm.occasions.outlook import Outlook
from crm.occasions.timing import days_by_code, set_days
from sms.models import OutboxMessage
from tests.crm.occasions.acts import TODAY, day, morning, switch
from tests.offering import LONG_AGO
from tests.shop import NOON, Shop


def test_days_before_are_kept_within_their_bounds_and_audited(shop: Shop) -> None:
    set_days("points_expiring", 14, actor="user:1")
    set_days("points_expiring", 14, actor="user:1")
    for code, days, refused in (
        ("points_expiring", 0, ValidationFailed),
        ("points_expiring", 61, ValidationFailed),
        ("named_day-yalda", -1, ValidationFailed),
        ("birthday", 3, NotFound),
        ("doomsday", 3, NotFound),
    ):
        with pytest.raises(refused):
            set_days(code, days, actor="user:1")

    assert days_by_code() == {"points_expiring": 14}
    [entry] = AuditEntry.objects.filter(action="occasion_day.update")
    assert (entry.before, entry.after) == ({"days_before": 7}, {"days_before": 14})


def test_the_outlook_is_what_the_jobs_then_do(shop: Shop) -> None:
    """Tomorrow's and the month's counts, against the jobs run on each of the thirty days."""
    shop.programme(points_valid_days=20, rial_per_point=10_000)
    CustomField.objects.create(code="wedding", label="سالگرد ازدواج", kind="date")
    codes = ("anniversary", "miss_you", "named_day-yalda", "named_day-mothers_day", "own_day-wedding")
    for code in codes:
        switch(code)
    for offset in (0, 1, 2, 29, 30, 31):
        on = TODAY + timedelta(days=offset)
        year = 1400 if offset % 2 else 1403
        joined = from_jalali(year, *jalali_day(on))
        member = shop.member(birth_date=from_jalali(1370, *jalali_day(on)), enrolled_at=morning(joined))
        shop.buys(member, 1_000_000, now=NOON - timedelta(days=60 - offset))
        Member.objects.filter(pk=member.pk).update(
            sms_consent=offset != 30, custom={"wedding": from_jalali(1395, *jalali_day(on)).isoformat()}
        )
        shop.buys(shop.member(enrolled_at=LONG_AGO), 1_000_000, now=NOON - timedelta(days=13 - offset))
    shown = Outlook(NOON, named_days())
    foreseen = {code: shown.of(code, days) for code, days in DAYS.items()}
    OutboxMessage.objects.all().delete()
    greetings(now=NOON)
    OutboxMessage.objects.all().delete()

    counts = {code: [0, 0] for code in DAYS}
    for ahead in range(1, 31):
        for job in (birthdays, anniversaries, greetings):
            job(now=day(ahead))
        for code in DAYS:
            found = OutboxMessage.objects.filter(kind=code).values("member_id").distinct().count()
            counts[code] = [found if ahead == 1 else counts[code][0], found]

    assert foreseen == {code: tuple(found) for code, found in counts.items()}
    assert foreseen["birthday"] == (1, 4)
    assert shown.of("tier_up", 0) is None


DAYS = {
    "birthday": 0,
    "anniversary": 0,
    "points_expiring": 7,
    "miss_you": 60,
    "named_day-yalda": 0,
    "named_day-mothers_day": 0,
    "own_day-wedding": 0,
}


def jalali_day(on: date) -> tuple[int, int]:
    return to_jalali(on)[1:]
