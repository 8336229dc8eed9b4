"""Working time, reckoned by hand: nights, Fridays, holidays, breaks at noon and clocks that change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jalali import TEHRAN
from tickets.calendar import WorkingCalendar

# Saturday to Wednesday from 9 to 18, Thursday until 14.
HOURS = {**{day: [(540, 1080)] for day in range(5)}, 5: [(540, 840)]}
CALENDAR = WorkingCalendar(HOURS)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in Tehran; 21 November 2026 is a Saturday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo(TEHRAN))


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        (at(21, 10), at(21, 11, 30), 90),
        (at(21, 17), at(22, 10), 120),  # a night
        (at(26, 13), at(28, 10), 120),  # Thursday to Saturday: a Friday between
        (at(27, 8), at(27, 20), 0),  # a Friday
        (at(21, 6), at(21, 23), 540),
        (at(21, 12), at(21, 12), 0),
        (at(22, 12), at(21, 12), 0),
        (at(21, 9), at(28, 9), 5 * 540 + 300),
    ],
)
def test_only_working_time_counts(start: datetime, end: datetime, minutes: int) -> None:
    assert CALENDAR.worked(start, end) == timedelta(minutes=minutes)


def test_a_holiday_and_a_break_at_noon_do_not_count() -> None:
    split = WorkingCalendar({day: [(540, 780), (1020, 1260)] for day in range(7)}, frozenset({date(2026, 11, 22)}))

    assert split.worked(at(21, 12), at(23, 10)) == timedelta(hours=1 + 4 + 1)
    assert split.after(at(21, 20), timedelta(hours=2)) == at(23, 10)


def test_a_promise_of_thursday_afternoon_is_due_on_saturday() -> None:
    assert CALENDAR.after(at(26, 13), timedelta(hours=4)) == at(28, 12)
    assert CALENDAR.after(at(27, 12), timedelta(0)) == at(28, 9)
    assert CALENDAR.after(at(21, 9), timedelta(hours=9)) == at(21, 18)


def test_a_day_to_its_end_and_a_clock_that_changes_count_as_they_are() -> None:
    night = WorkingCalendar({day: [(0, 1440)] for day in range(7)}, zone="Europe/Berlin")
    start = datetime(2026, 3, 28, 0, tzinfo=ZoneInfo("Europe/Berlin"))

    assert night.worked(start, datetime(2026, 3, 30, 0, tzinfo=ZoneInfo("Europe/Berlin"))) == timedelta(hours=47)


def test_without_any_hours_nothing_is_ever_worked() -> None:
    never = WorkingCalendar({})

    assert never.worked(at(21, 9), at(28, 9)) == timedelta() and never.after(at(21, 9), timedelta(hours=1)) == at(21, 9)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 60 * 200),
)
def test_what_is_due_after_some_work_has_just_so_much_work_before_it(start: datetime, minutes: int) -> None:
    work = timedelta(minutes=minutes)

    due = CALENDAR.after(start, work)

    assert CALENDAR.worked(start, due) == work and CALENDAR.worked(start, due - timedelta(seconds=1)) < work
