"""When a condition holds, at its boundaries; and of one that does not, that what is said to be missing is enough."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.jalali import from_jalali
from offers.judging import Miss, holds, misses
from offers.parsing import parse
from offers.rules import Condition, Group
from offers.situation import Basket, Line, Person, Situation

RANKS = {"bronze": 1, "silver": 2, "gold": 3}
# Sunday 1 Azar 1405, 16:00 in Tehran.
AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
LATTE = Line("latte", ("coffee", "drinks"), 2, 900_000)
CAKE = Line("cake", (), 1, 700_000)
SARA = Person(
    id=5,
    visit_number=12,
    is_first_purchase=False,
    tier="silver",
    tags=frozenset({"همسایه", "ویژه"}),
    birth_date=from_jalali(1370, 9, 1),
    last_purchase=date(2026, 11, 12),
    enrolled=date(2026, 1, 1),
    gender="female",
    source="instagram",
    custom={"children": "2", "taste": "لاته", "wedding": "2020-05-01", "note": ""},
    spent={30: 4_000_000},
    visits={30: 3},
    mean_basket=2_000_000,
    usual_gap=10,
)
HERE = Situation(AT, "Asia/Tehran", SARA, Basket((LATTE, CAKE), payment_method="card", channel="till"), RANKS)


def group(said: Any) -> Group:
    return parse(
        {"name": "x", "trigger": "purchase", "when": said, "benefit": {"kind": "points_amount", "points": 1}}
    ).when


def is_held(said: Any, here: Situation = HERE) -> bool:
    return holds(group(said), here)


def person(**changes: Any) -> Situation:
    return replace(HERE, person=replace(SARA, **changes))


def at(*moment: int) -> Situation:
    """A moment of Tehran's year 1405, in UTC."""
    return replace(HERE, at=datetime(*moment, tzinfo=UTC))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("amount", 2_500_000),
        ("line_count", 2),
        ("distinct_products", 2),
        ("payment_method", "card"),
        ("channel", "till"),
        ("weekday", 1),
        ("date", "2026-11-22"),
        ("jalali_month", 9),
        ("jalali_day", 1),
        ("visit_number", 12),
        ("is_first_purchase", False),
        ("tier", "silver"),
        ("tag", "همسایه"),
        ("days_from_birthday", 0),
        ("days_since_last_purchase", 10),
        ("member_for_days", 325),
        ("age", 35),
        ("gender", "female"),
        ("referred", False),
        ("source", "instagram"),
        ("custom.children", 2),
        ("custom.taste", "لاته"),
        ("days_from.wedding", -161),
    ],
)
def test_each_fact_is_what_it_is(fact: str, value: Any) -> None:
    assert is_held({"fact": fact, "op": "eq", "value": value})
    assert not is_held({"fact": fact, "op": "ne", "value": value})


@pytest.mark.parametrize(
    ("fact", "of", "value"),
    [
        ("amount_of", "coffee", 1_800_000),
        ("amount_of", ["latte", "drinks"], 1_800_000),
        ("amount_of", {"not": "coffee"}, 700_000),
        ("quantity_of", "latte", 2),
        ("quantity_of", "tea", 0),
        ("spent_in_days", 30, 4_000_000),
        ("visits_in_days", 30, 3),
    ],
)
def test_a_fact_is_reckoned_of_what_stands_beside_it(fact: str, of: Any, value: int) -> None:
    assert is_held({"fact": fact, "op": "eq", "value": value, "of": of})


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        (date(2026, 12, 21), ["yalda"]),
        (date(2026, 3, 21), ["nowruz", "fitr"]),
        (date(2026, 3, 20), ["ramadan"]),
        (date(2026, 11, 22), []),
    ],
)
def test_a_day_is_all_that_it_is_called(day: date, codes: list[str]) -> None:
    here = at(day.year, day.month, day.day, 8)

    for code in ("yalda", "nowruz", "fitr", "ramadan"):
        assert is_held({"fact": "named_day", "op": "eq", "value": code}, here) is (code in codes)
        assert is_held({"fact": "named_day", "op": "not_in", "value": [code]}, here) is (code not in codes)


def test_the_clubs_calendar_stands_over_the_countrys() -> None:
    fitr = {"fact": "named_day", "op": "in", "value": ["fitr", "adha"]}
    nowruz = at(2026, 3, 21, 8)

    assert is_held(fitr, nowruz)
    assert not is_held(fitr, replace(nowruz, named_days=frozenset({"nowruz"})))


@pytest.mark.parametrize(
    ("kept", "today", "days"),
    [
        ("2021-03-20", date(2026, 3, 20), 0),  # 30 Esfand 1399; of a common year the 29th
        ("2021-03-20", date(2025, 3, 20), 0),
        ("2021-03-20", date(2026, 3, 21), 1),
        ("2020-05-01", date(2026, 5, 1), -1),
        ("soon", date(2026, 4, 30), None),
        ("", date(2026, 4, 30), None),
        (None, date(2026, 4, 30), None),
    ],
)
def test_a_day_of_the_members_own_returns_as_birthdays_do(kept: str | None, today: date, days: int | None) -> None:
    here = replace(at(today.year, today.month, today.day, 8), person=replace(SARA, custom={"wedding": kept}))

    assert here.value("days_from.wedding") == days
    assert is_held({"fact": "days_from.wedding", "op": "between", "value": [-1, 1]}, here) is (days is not None)


def test_the_quantity_of_nothing_in_particular_is_that_of_all() -> None:
    assert is_held({"fact": "quantity_of", "op": "eq", "value": 3})


@pytest.mark.parametrize(
    ("op", "below", "on", "above"),
    [
        ("gt", False, False, True),
        ("gte", False, True, True),
        ("lt", True, False, False),
        ("lte", True, True, False),
        ("eq", False, True, False),
        ("ne", True, False, True),
    ],
)
def test_a_bound_is_met_or_not_to_the_unit(op: str, below: bool, on: bool, above: bool) -> None:
    said = {"fact": "visit_number", "op": op, "value": 10}

    assert [is_held(said, person(visit_number=number)) for number in (9, 10, 11)] == [below, on, above]


def test_a_range_includes_both_its_ends() -> None:
    said = {"fact": "visit_number", "op": "between", "value": [3, 5]}

    assert [number for number in range(1, 8) if is_held(said, person(visit_number=number))] == [3, 4, 5]


def test_every_tenth_visit() -> None:
    said = {"fact": "visit_number", "op": "every", "value": 10}

    assert [number for number in range(1, 31) if is_held(said, person(visit_number=number))] == [10, 20, 30]


@pytest.mark.parametrize(
    ("moment", "held"),
    [
        ((2026, 11, 22, 12, 29, 59), False),
        ((2026, 11, 22, 12, 30, 0), True),
        ((2026, 11, 22, 16, 29, 59), True),
        ((2026, 11, 22, 16, 30, 0), False),
    ],
)
def test_an_hour_ends_before_its_last_second_is_over(moment: tuple[int, ...], held: bool) -> None:
    assert is_held({"fact": "time", "op": "between", "value": ["16:00", "20:00"]}, at(*moment)) is held


@pytest.mark.parametrize(
    ("moment", "held"),
    [
        ((18, 29, 59), False),
        ((18, 30, 0), True),
        ((22, 29, 59), True),
        ((22, 30, 0), False),
    ],  # 22:00 and 02:00 in Tehran
)
def test_a_night_runs_over_midnight(moment: tuple[int, int, int], held: bool) -> None:
    said = {"fact": "time", "op": "between", "value": ["22:00", "02:00"]}

    assert is_held(said, at(2026, 11, 22, *moment)) is held


def test_tiers_go_by_rank_and_one_without_a_tier_is_above_none() -> None:
    said = {"fact": "tier", "op": "gte", "value": "silver"}

    assert [code for code in ("", *RANKS) if is_held(said, person(tier=code))] == ["silver", "gold"]
    assert is_held({"fact": "tier", "op": "between", "value": ["bronze", "silver"]})
    assert not is_held({"fact": "tier", "op": "lt", "value": "gone"})


def test_of_many_tags_one_is_enough() -> None:
    assert is_held({"fact": "tag", "op": "has", "value": "ویژه"})
    assert is_held({"fact": "tag", "op": "in", "value": ["دور", "ویژه"]})
    assert not is_held({"fact": "tag", "op": "not_in", "value": ["دور", "ویژه"]})
    assert is_held({"fact": "segment", "op": "ne", "value": "loyal"})


def test_a_fact_without_a_value_meets_only_what_asks_for_its_absence() -> None:
    nobody = person(last_purchase=None, custom={}, mean_basket=None)

    assert not any(
        is_held({"fact": "days_since_last_purchase", "op": op, "value": 0}, nobody)
        for op in ("eq", "gt", "gte", "lt", "lte")
    )
    assert is_held({"fact": "days_since_last_purchase", "op": "ne", "value": 0}, nobody)
    assert is_held({"fact": "custom.note", "op": "not_in", "value": ["x"]})
    assert not is_held({"fact": "amount", "op": "gt", "value": {"own": "mean_basket", "percent": 1}}, nobody)


def test_a_share_of_the_own_mean_basket_differs_from_member_to_member() -> None:
    said = {"fact": "amount", "op": "gte", "value": {"own": "mean_basket", "percent": 125}}

    assert is_held(said)
    assert not is_held(said, person(mean_basket=2_000_001))


@pytest.mark.parametrize(
    ("born", "today", "days"),
    [
        ((1370, 9, 1), (1405, 9, 1), 0),
        ((1370, 9, 1), (1405, 9, 2), 1),
        ((1370, 9, 1), (1405, 8, 28), -3),
        ((1370, 12, 28), (1405, 1, 2), 3),
        ((1370, 1, 2), (1405, 12, 28), -3),
        ((1399, 12, 30), (1405, 12, 29), 0),  # a common year
        ((1399, 12, 30), (1403, 12, 29), -1),  # a leap year
        ((1399, 12, 30), (1403, 12, 30), 0),
    ],
)
def test_the_nearest_birthday_by_the_jalali_year(born: tuple[int, ...], today: tuple[int, ...], days: int) -> None:
    noon = datetime.combine(from_jalali(*today), datetime.min.time(), tzinfo=UTC).replace(hour=9)
    here = replace(person(birth_date=from_jalali(*born)), at=noon)

    assert here.value("days_from_birthday") == days


def test_groups_hold_as_their_parts_do() -> None:
    yes, no = {"fact": "line_count", "op": "eq", "value": 2}, {"fact": "line_count", "op": "eq", "value": 9}

    assert [
        is_held(said) for said in ({}, {"all": [yes, yes]}, {"all": [yes, no]}, {"any": [no, yes]}, {"not": no})
    ] == [
        True,
        True,
        False,
        True,
        True,
    ]


# --- how far off --------------------------------------------------------------------------------------------------------


def test_a_miss_says_what_was_asked_what_there_is_and_how_much_more_is_enough() -> None:
    said = {"all": [{"fact": "amount", "op": "gt", "value": 3_000_000}, {"fact": "weekday", "op": "eq", "value": 3}]}

    found = misses(group(said), HERE)

    assert found == [
        Miss(Condition("amount", "gt", 3_000_000), 3_000_000, 2_500_000, 500_001),
        Miss(Condition("weekday", "eq", 3), 3, 1, None),
    ]


def test_of_a_refusal_what_holds_within_is_the_reason() -> None:
    assert [
        miss.condition.fact for miss in misses(group({"not": {"fact": "tag", "op": "has", "value": "ویژه"}}), HERE)
    ] == ["tag"]
    assert misses(group({"any": [{"fact": "age", "op": "gt", "value": 90}, {}]}), HERE) == []


@given(
    op=st.sampled_from(["eq", "gt", "gte", "between", "in", "every"]),
    actual=st.integers(0, 60),
    low=st.integers(1, 60),
    width=st.integers(0, 9),
)
def test_exactly_what_is_missing_makes_it_hold_and_one_less_does_not(
    op: str, actual: int, low: int, width: int
) -> None:
    value = {"between": (low, low + width), "in": (low, low + width)}.get(op, low)
    condition = Condition("visit_number", op, value)

    for miss in misses(condition, person(visit_number=actual)):
        if miss.missing is None:
            assert not any(holds(condition, person(visit_number=more)) for more in range(actual, 200))
        else:
            reached = [holds(condition, person(visit_number=actual + more)) for more in range(miss.missing + 1)]
            assert reached == [False] * miss.missing + [True]
