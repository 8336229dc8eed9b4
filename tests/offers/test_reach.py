"""Whether conditions can ever hold: never a false "never", and each kind of contradiction found."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.jalali import TEHRAN
from offers.judging import holds
from offers.known import Known
from offers.ranges import HIGHEST, Domains, Numbers, Words
from offers.reach import Frame, bounds, clash, implies
from offers.rules import AllOf, AnyOf, Condition, Group, Not
from offers.situation import Basket, Person, Situation
from tests.offers.stand import RANKS, offer
from tests.offers.test_compile import CODES, LINES, NUMBERS, SMALL, TIERS, WORDS, about

FRAME = Frame(Domains(RANKS))
DATES = st.dates(date(2026, 11, 20), date(2026, 11, 24)).map(str)
HOURS = st.integers(0, 23).map(lambda hour: f"{hour:02}:30")
CONDITIONS = st.one_of(
    about(["line_count", "visit_number", "amount", "age", "days_since_last_purchase", "distinct_products"], NUMBERS),
    about(["weekday"], NUMBERS.filter(lambda one: one[0] != "every")),
    about(["jalali_month", "jalali_day"], st.tuples(st.sampled_from(["eq", "lt", "gte"]), st.integers(7, 9))),
    about(["jalali_day"], st.just(("eq", 31))),
    about(
        ["days_from_birthday", "days_from.wedding"],
        st.tuples(st.sampled_from(["eq", "lte", "gt"]), st.integers(-183, 183)),
    ),
    about(["gender", "source", "payment_method", "custom.note"], WORDS),
    about(["custom.children"], NUMBERS),
    about(["tier"], TIERS),
    about(["tag"], WORDS),
    about(["named_day"], st.tuples(st.sampled_from(["eq", "ne"]), st.sampled_from(["yalda", "nowruz"]))),
    about(["is_first_purchase", "referred"], st.tuples(st.sampled_from(["eq", "ne"]), st.booleans())),
    about(["quantity_of", "amount_of"], NUMBERS, of=CODES),
    about(["spent_in_days", "visits_in_days"], NUMBERS, of=st.sampled_from([7, 30])),
    about(["date"], st.tuples(st.sampled_from(["gte", "lt", "eq", "ne"]), DATES)),
    about(["date"], st.tuples(st.just("between"), st.tuples(DATES, DATES).map(sorted))),
    about(["time"], st.tuples(st.sampled_from(["gt", "gte", "lt", "lte"]), HOURS)),
    about(["time"], st.tuples(st.just("between"), st.lists(HOURS, min_size=2, max_size=2, unique=True))),
    about(["amount"], st.just(("gte", {"own": "mean_basket", "percent": 100}))),
)
GROUPS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
).filter(lambda said: depth(said) <= 4)
ORDERED = st.tuples(st.sampled_from(["eq", "gt", "gte", "lt", "lte"]), st.integers(0, 4))
TOGETHER = (  # facts that speak of each other, so that much contradicts
    st.one_of(about(["amount", "quantity_of", "line_count"], ORDERED), about(["amount_of"], ORDERED, of=CODES)),
    about(["quantity_of", "line_count", "distinct_products"], ORDERED),
    about(["tag"], WORDS),
    about(["tier"], TIERS),
    about(["visits_in_days"], ORDERED, of=st.sampled_from([7, 30])),
    st.one_of(
        about(["is_first_purchase"], st.tuples(st.just("eq"), st.booleans())),
        about(["visit_number", "days_since_last_purchase"], NUMBERS),
    ),
    st.one_of(about(["weekday"], ORDERED), about(["date"], st.tuples(st.sampled_from(["eq", "lte", "gt"]), DATES))),
    about(["time"], st.tuples(st.sampled_from(["gt", "gte", "lt", "lte"]), HOURS)),
)
FEW = st.one_of([st.lists(conditions, min_size=2, max_size=3) for conditions in TOGETHER])
MOMENTS = st.datetimes(datetime(2026, 11, 20), datetime(2026, 11, 25)).map(lambda moment: moment.replace(tzinfo=UTC))
SITUATIONS = st.builds(
    lambda lines, person, at: Situation(at, TEHRAN, person, Basket(tuple(lines), "a"), RANKS),
    st.lists(LINES, min_size=1, max_size=4),
    st.builds(
        Person,
        visit_number=st.integers(1, 7),
        tier=st.sampled_from(["", *RANKS]),
        tags=st.frozensets(st.sampled_from(["a", "b", "c"])),
        birth_date=st.sampled_from([None, date(2021, 5, 20), date(2000, 11, 22)]),
        last_purchase=st.sampled_from([None, date(2026, 11, 19), date(2026, 11, 17)]),
        gender=st.sampled_from(["", "a", "b"]),
        source=st.sampled_from(["", "a"]),
        referred=st.booleans(),
        custom=st.fixed_dictionaries(
            {
                "children": st.sampled_from(["", "2", "x"]),
                "note": st.sampled_from(["", "a"]),
                "wedding": st.just("2021-11-20"),
            }
        ),
        spent=st.fixed_dictionaries({7: SMALL, 30: SMALL}),
        visits=SMALL.flatmap(lambda few: st.integers(few, 7).map(lambda more: {7: few, 30: more})),
        mean_basket=st.sampled_from([None, 3]),
    ).map(lambda one: replace(one, is_first_purchase=one.visit_number == 1 and one.last_purchase is None)),
    MOMENTS,
)


def depth(said: dict[str, Any]) -> int:
    inner = said.get("all") or said.get("any") or ([said["not"]] if "not" in said else [])
    return 1 + max((depth(one) for one in inner), default=0) if {"all", "any", "not"} & said.keys() else 0


def group(said: Any) -> Group:
    return offer(1, {"kind": "points_amount", "points": 1}, when=said).terms.when


@settings(max_examples=200)
@given(said=CONDITIONS, here=SITUATIONS)
def test_a_condition_holds_for_exactly_the_values_that_meet_it(said: Any, here: Situation) -> None:
    condition = group(said)
    assert isinstance(condition, Condition)
    met = Domains(RANKS).met_by(condition)
    actual = here.value(condition.fact, condition.of)
    assume(met is not None)
    assert met

    if actual is None or (condition.fact == "custom.children" and actual == "x"):
        found = met.absent
    elif isinstance(met, Words):
        found = (actual in met.some) is not met.but
    elif condition.fact == "time":
        found = int(actual * 2) + (actual % 0.5 > 0 and actual * 2 % 2 < 1) in met if actual % 1 else actual * 2 in met
    else:
        found = (actual.toordinal() if isinstance(actual, date) else int(actual)) in met

    assert found is holds(condition, here)
    others = met.others()
    assert met.both(others).is_empty
    assert others.others() == met


@settings(max_examples=90)
@given(parts=FEW, situations=st.lists(SITUATIONS, min_size=5, max_size=5))
def test_facts_that_belong_together_are_never_called_impossible_where_they_hold(
    parts: list[Any], situations: list[Situation]
) -> None:
    asked = group({"all": parts})
    assume(any(holds(asked, here) for here in situations))

    assert clash(asked, FRAME) is None


@settings(max_examples=90)
@given(said=GROUPS, situations=st.lists(SITUATIONS, min_size=5, max_size=5))
def test_what_can_never_hold_holds_for_nobody(said: Any, situations: list[Situation]) -> None:
    asked = group(said)

    if clash(asked, FRAME) is not None:
        assert not any(holds(asked, here) for here in situations)
    if clash(Not(asked), FRAME) is not None:
        assert all(holds(asked, here) for here in situations)


@settings(max_examples=80)
@given(one=GROUPS, other=GROUPS, situations=st.lists(SITUATIONS, min_size=6, max_size=6))
def test_what_is_implied_holds_wherever_the_other_does(one: Any, other: Any, situations: list[Situation]) -> None:
    first, second = group(one), group(other)
    both = AllOf((first, second))

    assert implies(both, first, FRAME) or clash(first, FRAME) is None
    if implies(first, second, FRAME):
        assert all(holds(second, here) for here in situations if holds(first, here))


@settings(max_examples=80)
@given(said=GROUPS, here=SITUATIONS)
def test_a_fact_stays_within_its_bounds(said: Any, here: Situation) -> None:
    asked = group(said)
    assume(holds(asked, here))

    for fact in ("amount", "visit_number", "line_count"):
        low, high = bounds(asked, (fact, None), FRAME)
        actual = here.value(fact)
        assert (low is None or low <= actual) and (high is None or actual <= high)


def about_fact(fact: str, op: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"fact": fact, "op": op, "value": value, **more}


@pytest.mark.parametrize(
    "parts",
    [
        [about_fact("amount", "gt", 500), about_fact("amount", "lte", 500)],
        [about_fact("weekday", "eq", 3), about_fact("weekday", "eq", 4)],
        [about_fact("tier", "gt", "gold")],
        [about_fact("tier", "eq", "platinum")],
        [about_fact("jalali_month", "gte", 7), about_fact("jalali_day", "eq", 31)],
        [about_fact("date", "eq", "2026-11-22"), about_fact("weekday", "eq", 3)],
        [about_fact("time", "gte", "20:00"), about_fact("time", "between", ["16:00", "20:00"])],
        [about_fact("gender", "eq", "a"), about_fact("gender", "in", ["b", "c"])],
        [about_fact("referred", "eq", True), about_fact("referred", "ne", True)],
        [about_fact("tag", "in", ["a", "b"]), about_fact("tag", "not_in", ["a", "b", "c"])],
        [about_fact("tag", "has", "a"), {"not": about_fact("tag", "has", "a")}],
        [about_fact("visit_number", "every", 10), about_fact("visit_number", "lt", 10)],
        [about_fact("visit_number", "every", 10), {"not": about_fact("visit_number", "every", 5)}],
        [about_fact("amount_of", "gt", 900, of="tea"), about_fact("amount", "lt", 900)],
        [about_fact("quantity_of", "gte", 3, of="tea"), about_fact("quantity_of", "lte", 2)],
        [about_fact("line_count", "gte", 3), about_fact("quantity_of", "lte", 2)],
        [about_fact("visits_in_days", "gte", 3, of=7), about_fact("visits_in_days", "lt", 3, of=30)],
        [about_fact("is_first_purchase", "eq", True), about_fact("visit_number", "gte", 2)],
        [about_fact("is_first_purchase", "eq", True), about_fact("days_since_last_purchase", "gte", 60)],
        [about_fact("visit_number", "lt", 1)],
        [about_fact("custom.note", "eq", "a"), about_fact("custom.note", "eq", "b")],
        [{"any": [about_fact("weekday", "eq", 1), about_fact("weekday", "eq", 2)]}, about_fact("weekday", "eq", 3)],
        [{"not": {}}],
    ],
)
def test_each_kind_of_contradiction_is_found(parts: list[Any]) -> None:
    assert clash(group({"all": parts}), FRAME) is not None


@pytest.mark.parametrize(
    "parts",
    [
        [about_fact("tag", "eq", "a"), about_fact("tag", "eq", "b")],  # a member has many
        [about_fact("jalali_month", "eq", 12), about_fact("jalali_day", "eq", 30)],  # in leap years
        [about_fact("visit_number", "every", 10), about_fact("visit_number", "every", 7)],
        [about_fact("visit_number", "every", 10), {"not": about_fact("visit_number", "every", 20)}],
        [about_fact("amount", "lt", 5), about_fact("amount", "gte", {"own": "mean_basket", "percent": 1})],
        [about_fact("time", "between", ["22:00", "02:00"]), about_fact("time", "lt", "01:00")],
        [about_fact("days_from_birthday", "eq", -183)],
        [about_fact("custom.note", "eq", "2"), about_fact("custom.note", "eq", 2)],
        [about_fact("days_since_last_purchase", "ne", 3), about_fact("is_first_purchase", "eq", True)],
        [about_fact("amount_of", "gte", 3, of="tea"), about_fact("amount", "lte", 3)],
        [about_fact("tag", "in", ["a", "b"]), about_fact("tag", "ne", "a")],
        [],
    ],
)
def test_what_may_hold_is_left_alone(parts: list[Any]) -> None:
    assert clash(group({"all": parts}), FRAME) is None


def test_a_clash_names_the_conditions_that_clash_and_no_others() -> None:
    parts = [about_fact("age", "gt", 3), about_fact("weekday", "eq", 3), about_fact("weekday", "eq", 4)]

    assert clash(group({"all": parts}), FRAME) == (
        (Condition("weekday", "eq", 3), True),
        (Condition("weekday", "eq", 4), True),
    )


def test_the_days_on_which_an_offer_is_open_count() -> None:
    week = Numbers(((date(2026, 11, 22).toordinal(), date(2026, 11, 24).toordinal()),))  # Sunday to Tuesday

    assert clash(Condition("weekday", "eq", 6), replace(FRAME, days=week)) is not None
    assert clash(Condition("weekday", "eq", 3), replace(FRAME, days=week)) is None
    assert clash(Condition("jalali_month", "eq", 10), replace(FRAME, days=week)) is not None


def test_goods_that_the_club_has_none_of_are_never_bought() -> None:
    frame = replace(FRAME, known=Known(products=frozenset({"latte"}), groups=frozenset({"coffee"})))
    bought, spared = about_fact("quantity_of", "gte", 1, of=["cake", "tea"]), {"of": "cake", "fact": "amount_of"}

    assert clash(group(bought), frame) is not None
    assert clash(group({**bought, "of": ["cake", "coffee"]}), frame) is None
    assert clash(group({**spared, "op": "eq", "value": 0}), frame) is None


def test_of_too_many_ways_nothing_is_said() -> None:
    either = AnyOf((Condition("weekday", "eq", 1), Condition("weekday", "eq", 2)))

    assert clash(AllOf((either,) * 12), FRAME) is None
    assert bounds(AllOf((either,) * 12), ("amount", None), FRAME) == (None, None)


def test_bounds_are_those_of_all_ways_that_can_be() -> None:
    said = {
        "any": [
            {"all": [about_fact("amount", "gt", 500), about_fact("line_count", "lte", 3)]},
            about_fact("amount", "between", [700, 900]),
            {"all": [about_fact("amount", "lt", 100), about_fact("weekday", "lt", 0)]},
        ]
    }

    assert bounds(group(said), ("amount", None), FRAME) == (501, None)
    assert bounds(group(said), ("line_count", None), FRAME) == (0, None)


def test_numbers_know_what_they_leave_out() -> None:
    some = Numbers(((3, 5), (9, 9)), absent=True)

    assert some.others().spans[1:] == ((6, 8), (10, HIGHEST))
    assert [number for number in range(12) if number in some] == [3, 4, 5, 9]
    assert list(some) == [3, 4, 5, 9] and some.count == 4


@pytest.mark.parametrize(
    ("said", "last", "never"),
    [
        (about_fact("named_day", "eq", "yalda"), date(2026, 12, 17), True),
        (about_fact("named_day", "eq", "yalda"), date(2026, 12, 18), False),  # a club may move a day by three
        (about_fact("named_day", "in", ["yalda", "mothers_day"]), date(2026, 12, 17), False),
        (about_fact("named_day", "not_in", ["yalda"]), date(2026, 12, 17), False),
        ({"not": about_fact("named_day", "ne", "yalda")}, date(2026, 12, 17), True),
        (about_fact("named_day", "eq", "fitr"), date(2033, 1, 1), False),  # of which the table knows nothing
    ],
)
def test_a_named_day_that_does_not_come_while_the_offer_is_open(said: Any, last: date, never: bool) -> None:
    days = Numbers(((date(2026, 11, 22).toordinal(), last.toordinal()),))

    assert (clash(group(said), Frame(Domains(RANKS), days=days)) is not None) is never
