"""Due times are instants on a grid, whoever asks."""

from datetime import UTC, datetime, timedelta

import pytest

from core.timetable import Daily, Every, Timetable


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("when", "now", "last", "following"),
    [
        (Every(10), "2026-11-22T08:30:09+00:00", "2026-11-22T08:30:00+00:00", "2026-11-22T08:30:10+00:00"),
        (Every(10), "2026-11-22T08:30:10+00:00", "2026-11-22T08:30:10+00:00", "2026-11-22T08:30:20+00:00"),
        (Every(3600), "2026-11-22T08:30:00+00:00", "2026-11-22T08:00:00+00:00", "2026-11-22T09:00:00+00:00"),
        (Daily(0, 10), "2026-11-22T00:09:59+03:30", "2026-11-21T00:10:00+03:30", "2026-11-22T00:10:00+03:30"),
        (Daily(0, 10), "2026-11-22T00:10:00+03:30", "2026-11-22T00:10:00+03:30", "2026-11-23T00:10:00+03:30"),
        # Summer time in Tehran, until 2022: midnight of 22 March 2022 did not exist, 00:10 came at 01:10.
        (Daily(0, 10), "2022-03-22T02:00:00+04:30", "2022-03-22T01:10:00+04:30", "2022-03-23T00:10:00+04:30"),
    ],
)
def test_due_times(when: Timetable, now: str, last: str, following: str) -> None:
    assert (when.last_due(at(now)), when.next_due(at(now))) == (at(last), at(following))


@pytest.mark.parametrize("when", [Every(10), Every(3600), Daily(0, 10), Daily(23, 59)])
def test_due_times_follow_one_another_without_a_gap(when: Timetable) -> None:
    now = at("2021-03-20T12:00:00+03:30")
    for _step in range(400):
        following = when.next_due(now)
        assert following > now
        assert when.last_due(following) == following
        assert when.last_due(following - timedelta(microseconds=1)) <= now
        now = following


@pytest.mark.parametrize(
    ("when", "now", "last", "worth"),
    [
        (Every(10), "2026-11-22T08:30:09+03:30", "2026-11-22T08:30:00+03:30", 10),
        (Daily(8, 30), "2026-11-22T23:30:00-08:00", "2026-11-22T08:30:00-08:00", 9 * 3600),
        (Daily(8, 30, until=22), "2026-11-22T08:30:00-08:00", "2026-11-22T08:30:00-08:00", 13 * 3600 + 1800),
        (Daily(8, 30, until=22), "2026-11-22T22:00:00-08:00", "2026-11-22T08:30:00-08:00", 0),
        (Daily(8, 30, until=22), "2026-11-23T03:00:00-08:00", "2026-11-22T08:30:00-08:00", 0),
    ],
)
def test_what_came_due_by_the_clock_of_a_zone_is_worth_doing_for_a_time(
    when: Timetable, now: str, last: str, worth: int
) -> None:
    there = when.in_zone("America/Los_Angeles")

    assert (there.last_due(at(now)), there.worth(at(now))) == (at(last), worth)


def test_a_timetable_says_itself() -> None:
    assert [str(when) for when in (Every(10), Every(60), Daily(0, 10))] == ["every 10 s", "every 1 min", "daily 00:10"]
