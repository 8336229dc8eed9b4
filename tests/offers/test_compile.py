"""The index finds exactly the offers that asking each of them in turn would find."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offers.compile import Index
from offers.engine import choose, evaluate
from offers.judging import holds
from offers.rules import LiveOffer
from offers.situation import Basket, Line, Person, Situation
from tests.offers.stand import AT, CLUB, RANKS, Rule, offer

SMALL = st.integers(0, 6)
CODES = st.sampled_from(["coffee", "cakes", "p0", ["coffee", "p1"], {"not": "coffee"}])
NUMBERS = st.one_of(
    st.tuples(st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]), SMALL),
    st.tuples(st.just("every"), st.integers(1, 4)),
    st.tuples(st.sampled_from(["in", "not_in"]), st.lists(SMALL, min_size=1, max_size=3)),
    st.tuples(st.just("between"), st.tuples(SMALL, SMALL).map(lambda ends: sorted(ends))),
)
WORDS = st.one_of(
    st.tuples(st.sampled_from(["eq", "ne"]), st.sampled_from(["a", "b"])),
    st.tuples(st.sampled_from(["in", "not_in"]), st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2)),
)
TIERS = st.one_of(
    st.tuples(st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"]), st.sampled_from(list(RANKS))),
    st.tuples(st.sampled_from(["in", "not_in"]), st.lists(st.sampled_from(list(RANKS)), min_size=1, max_size=2)),
    st.just(("between", ["bronze", "silver"])),
)
TAGS = st.one_of(
    st.tuples(st.sampled_from(["eq", "has", "ne"]), st.sampled_from(["x", "y"])),
    st.tuples(st.sampled_from(["in", "not_in"]), st.just(["x", "y"])),
)


def about(
    facts: list[str], asked: st.SearchStrategy[Any], **more: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(st.sampled_from(facts), asked, st.fixed_dictionaries(more)).map(
        lambda drawn: {"fact": drawn[0], "op": drawn[1][0], "value": drawn[1][1], **drawn[2]}
    )


CONDITIONS = st.one_of(
    about(
        ["line_count", "visit_number", "amount", "age", "days_since_last_purchase", "weekday"],
        NUMBERS.filter(lambda one: one[0] != "every"),
    ),
    about(["visit_number"], NUMBERS),
    about(["gender", "source", "payment_method"], WORDS),
    about(["tier"], TIERS),
    about(["tag"], TAGS),
    about(["is_first_purchase"], st.tuples(st.just("eq"), st.booleans())),
    about(["quantity_of", "amount_of"], NUMBERS, of=CODES),
    about(["spent_in_days"], NUMBERS, of=st.sampled_from([7, 30])),
    about(["named_day"], st.tuples(st.sampled_from(["eq", "ne"]), st.sampled_from(["yalda", "nowruz"]))),
    about(["days_from.wedding"], st.tuples(st.sampled_from(["eq", "lt", "gte"]), st.integers(-3, 3))),
    about(["date"], st.tuples(st.sampled_from(["gte", "lt", "eq"]), st.sampled_from(["2026-11-22", "2026-11-23"]))),
    about(
        ["time"], st.sampled_from([("between", ["16:00", "20:00"]), ("between", ["22:00", "17:00"]), ("lt", "16:00")])
    ),
    about(["amount"], st.just(("gte", {"own": "mean_basket", "percent": 100}))),
)
GROUPS = st.one_of(
    st.just({}),
    CONDITIONS,
    st.lists(CONDITIONS, min_size=1, max_size=4).map(lambda parts: {"all": parts}),
    st.lists(CONDITIONS, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
    st.tuples(CONDITIONS, CONDITIONS).map(lambda both: {"all": [{"not": both[0]}, {"any": [both[1]]}]}),
)
PERSONS = st.builds(
    Person,
    visit_number=SMALL,
    is_first_purchase=st.booleans(),
    tier=st.sampled_from(["", *RANKS]),
    tags=st.frozensets(st.sampled_from(["x", "y"])),
    birth_date=st.sampled_from([None, date(2021, 1, 1)]),
    last_purchase=st.sampled_from([None, AT.date(), AT.date() - timedelta(days=3)]),
    gender=st.sampled_from(["", "a", "b"]),
    source=st.sampled_from(["", "a"]),
    custom=st.sampled_from([{}, {"wedding": "2020-11-22"}, {"wedding": "2020-11-20"}]),
    spent=st.fixed_dictionaries({7: SMALL, 30: SMALL}),
    mean_basket=st.sampled_from([None, 3]),
)
LINES = st.builds(
    Line,
    product=st.sampled_from(["", "p0", "p1"]),
    groups=st.sampled_from([(), ("coffee",), ("coffee", "cakes")]),
    quantity=st.integers(1, 3),
    unit_price=st.integers(0, 3),
)
SITUATIONS = st.builds(
    lambda lines, person, late, named_days: Situation(
        AT + timedelta(hours=5 * late), "Asia/Tehran", person, Basket(tuple(lines), "a"), RANKS, named_days
    ),
    st.lists(LINES, min_size=1, max_size=4),
    PERSONS,
    st.booleans(),
    st.frozensets(st.sampled_from(["yalda", "nowruz"])),
)
ANYTHING = {"kind": "points_amount", "points": 1}


@settings(max_examples=400)
@given(groups=st.lists(GROUPS, max_size=12), here=SITUATIONS)
def test_it_finds_exactly_those_whose_conditions_hold(groups: list[Any], here: Situation) -> None:
    offers = [offer(number, ANYTHING, when=group) for number, group in enumerate(groups)]

    assert Index(offers).matching("purchase", here) == [one for one in offers if holds(one.terms.when, here)]


def test_an_offer_of_lines_that_the_basket_has_none_of_is_passed_over() -> None:
    offers = [offer(1, {"kind": "discount_percent", "percent": 5, "of": "tea"}), offer(2, ANYTHING)]
    here = Situation(AT, "Asia/Tehran", Person(), Basket((Line("p0", ("coffee",), 1, 10),)), RANKS)

    assert [one.id for one in Index(offers).matching("purchase", here)] == [2]


@pytest.mark.parametrize("trigger", ["birthday", "event:visit"])
def test_each_trigger_has_its_own(trigger: str) -> None:
    offers = [offer(1, ANYTHING), offer(2, ANYTHING, trigger=trigger)]
    here = Situation(datetime(2026, 1, 1, tzinfo=UTC), "Asia/Tehran", Person())

    assert [one.id for one in Index(offers).matching(trigger, here)] == [2]
    assert Index(offers).matching("lapsed", here) == []


def test_what_is_found_is_decided_as_if_all_had_been_asked() -> None:
    offers: list[LiveOffer] = [
        offer(
            number,
            {"kind": "discount_percent", "percent": 1 + number % 7},
            when={"fact": "visit_number", "op": "gt", "value": number},
        )
        for number in range(20)
    ]
    line = Line("p0", (), 1, 1_000_000)
    here = Situation(AT, "Asia/Tehran", replace(Person(), visit_number=9), Basket((line,)), RANKS)

    def reckon(discounts: Any) -> Any:
        return Rule().reckoned([line], discounts)

    found = Index(offers).matching("purchase", here)
    assert choose(found, here, CLUB, reckon) == evaluate(offers, here, CLUB, reckon)
