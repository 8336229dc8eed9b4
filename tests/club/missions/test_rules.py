"""What a mission counts, in which window, and which purchases fill it: no database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from club.missions.rules import Bought, Rule, Visit, due, stretch_at, stretches

ZONE = "Asia/Tehran"
# Noon on 1 Mehr 1405 in Tehran.
MEHR = datetime(2026, 9, 23, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def rule(**said: Any) -> Rule:
    return Rule(**{"id": 1, "name": "m", "counts": "visits", "target": 2, **said})


def visit(at: datetime, number: int = 0, **said: Any) -> Visit:
    return Visit(**{"id": number, "at": at, "net": 100, "points": 10, **said})


def line(product: str = "", *groups: str, quantity: int = 1, net: int = 100) -> Bought:
    return Bought(product, groups, quantity, net)


def test_a_stamp_card_fills_again_and_again() -> None:
    card = rule(again="each")
    visits = [visit(MEHR + number * DAY, number) for number in range(5)]

    one = stretch_at(card, visits, MEHR + 5 * DAY, ZONE)

    assert (one.total, one.fills, one.progress) == (5, 2, 1)
    assert due(card, visits, ZONE) == {"": 2}


def test_what_is_filled_once_stays_full() -> None:
    one = stretch_at(rule(), [visit(MEHR), visit(MEHR), visit(MEHR)], MEHR, ZONE)

    assert (one.fills, one.progress) == (1, 2)


def test_each_jalali_month_begins_anew_at_its_own_midnight() -> None:
    """Mehr ends at 20:30 UTC on 22 October, which is midnight in Tehran."""
    monthly = rule(window="month", again="window")
    last_second = datetime(2026, 10, 22, 20, 29, 59, tzinfo=UTC)
    visits = [visit(MEHR, 1), visit(last_second, 2), visit(last_second + timedelta(seconds=1), 3)]

    found = stretches(monthly, visits, ZONE)

    assert [(one.total, one.fills) for one in found] == [(2, 1), (1, 0)]
    assert due(monthly, visits, ZONE) == {"1405-07": 1, "1405-08": 0}


@pytest.mark.parametrize(
    ("window", "at", "name"),
    [
        ("season", datetime(2026, 12, 21, 12, tzinfo=UTC), "1405-s3"),
        ("season", datetime(2026, 12, 22, 12, tzinfo=UTC), "1405-s4"),
        ("year", datetime(2025, 3, 20, 20, 29, tzinfo=UTC), "1403"),  # 30 Esfand of a leap year
        ("year", datetime(2025, 3, 20, 20, 30, tzinfo=UTC), "1404"),  # Nowruz
    ],
)
def test_seasons_and_years_end_with_their_last_jalali_day(window: str, at: datetime, name: str) -> None:
    assert rule(window=window, again="window").window_of(at, ZONE) == name


def test_days_from_the_first_purchase_end_at_midnight_and_the_next_purchase_opens_others() -> None:
    within = rule(window="days", days=3, again="window")
    visits = [visit(MEHR + days * DAY, days) for days in (0, 2, 3, 6)]

    assert [one.total for one in stretches(within, visits, ZONE)] == [2, 1, 1]
    assert due(within, visits, ZONE) == {"": 1}


def test_outside_the_missions_own_time_nothing_counts() -> None:
    short = rule(starts_at=MEHR, ends_at=MEHR + DAY)

    assert stretches(short, [visit(MEHR - DAY), visit(MEHR), visit(MEHR + DAY)], ZONE)[0].total == 1


@pytest.mark.parametrize(
    ("counts", "of", "total"),
    [
        ("visits", [], 2),
        ("visits", ["cake"], 1),
        ("spent", [], 200),
        ("spent", ["drinks"], 60),
        ("points", [], 20),
        ("units", [], 6),
        ("units", ["tea"], 3),
        ("groups", [], 2),
        ("groups", ["food"], 1),
        ("products", [], 2),
    ],
)
def test_what_can_be_counted(counts: str, of: list[str], total: int) -> None:
    first = visit(MEHR, 1, lines=(line("tea", "drinks", quantity=2, net=60), line("cake", "food", net=40)))
    second = visit(MEHR, 2, lines=(line("tea", "hot", quantity=0, net=0), line("tea", quantity=1), line(quantity=2)))
    wanted = rule(counts=counts, of=frozenset(of), target=1_000)

    assert stretch_at(wanted, [first, second], MEHR, ZONE).total == total


def test_a_silent_purchase_counts_but_its_round_is_not_rewarded() -> None:
    card = rule(again="each")
    visits = [visit(MEHR, 1), visit(MEHR, 2, silent=True), visit(MEHR, 3, silent=True), visit(MEHR, 4)]

    assert stretch_at(card, visits, MEHR, ZONE).fills == 2
    assert due(card, visits, ZONE) == {"": 1}


def test_once_is_once_over_all_windows() -> None:
    once = rule(window="month", target=1)

    assert due(once, [visit(MEHR), visit(MEHR + 40 * DAY)], ZONE) == {"": 1}
