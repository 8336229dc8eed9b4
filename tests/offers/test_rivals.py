"""An offer that is said to lose always is never applied, whatever is bought."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from offers.reach import Frame
from offers.rivals import gives_no_less, loss_to, overlap
from offers.rules import LiveOffer
from offers.situation import Line, Situation
from tests.offers.stand import decide, offer, outcomes, situation
from tests.offers.test_oracle import BENEFITS, CAPS, CLUB, LINES, OFS, REPEATS, RULES
from tests.offers.test_reach import FRAME, GROUPS, SITUATIONS, depth

ENDS = st.sampled_from([None, None, "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z"])
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "percent": st.sampled_from([3, 5, 100]),
        "amount": st.integers(1, 900_000),
        "max": st.integers(1, 700_000),
        "points": st.integers(1, 300),
        "factor": st.sampled_from([1.5, 10]),
        "repeat": REPEATS,
        "of": OFS,
        "per_quantity": st.integers(1, 4),
        "per_amount": st.integers(50_000, 900_000),
    },
)


@st.composite
def pairs(draw: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two benefits of a kind that differ a little."""
    one = draw(BENEFITS)
    changes = draw(CHANGES)
    left_out = draw(st.sampled_from(["", "", "max", "repeat", "of"]))
    changed = {**one, **{name: value for name, value in changes.items() if name in one}}
    return one, {name: value for name, value in changed.items() if name != left_out or "applies_to" in one}


@settings(max_examples=400)
@given(
    pair=pairs(),
    lines=LINES,
    rule=RULES,
    cap=CAPS,
    ends=st.tuples(ENDS, ENDS),
    stacking=st.sampled_from(["best", "alone"]),
)
def test_what_always_loses_is_never_applied_and_what_wins_ties_only_there(
    pair: tuple[Any, Any], lines: list[Line], rule: Any, cap: int | None, ends: tuple[Any, Any], stacking: str
) -> None:
    one, other = (
        offer(number, benefit, ends_at=end, stacking=stacking)
        for number, (benefit, end) in enumerate(zip(pair, ends, strict=True), start=1)
    )

    for loser, winner in ((one, other), (other, one)):
        loss = loss_to(loser.terms, winner, Frame(), number=loser.id)
        decision = decide(one, other, here=situation(*lines), club=replace(CLUB, max_discount_bp=cap), rule=rule)
        worth = {verdict.offer.id: verdict.worth for verdict in decision.verdicts}
        applied = outcomes(decision).get(loser.id) == "applied"
        assert not (loss == "always" and applied)
        assert not (loss == "ties" and applied and worth[loser.id] != worth[winner.id])


@settings(max_examples=90)
@given(
    whens=st.tuples(GROUPS, GROUPS),
    narrower=st.booleans(),
    situations=st.lists(SITUATIONS, min_size=3, max_size=3),
)
def test_with_conditions_too(whens: Any, narrower: bool, situations: list[Situation]) -> None:
    (wide, narrow), credit = whens, {"kind": "credit_amount", "amount": 10}
    assume(not narrower or max(depth(wide), depth(narrow)) < 4)
    loser = offer(2, credit, when={"all": [wide, narrow]} if narrower else narrow)
    winner = offer(1, credit, when=wide)

    if loss_to(loser.terms, winner, FRAME, number=2) == "always":
        assert not any(outcomes(decide(loser, winner, here=here)).get(2) == "applied" for here in situations)


TEN = {"kind": "discount_percent", "percent": 10}


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ({"kind": "discount_percent", "percent": 5}, TEN),
        ({**TEN, "max": 50_000}, TEN),
        ({**TEN, "of": "tea"}, TEN),
        ({**TEN, "of": "tea"}, {**TEN, "of": ["tea", "cake"]}),
        ({**TEN, "of": {"not": ["tea", "cake"]}}, {**TEN, "of": {"not": "tea"}}),
        ({**TEN, "of": "tea", "applies_to": "cheapest_matching"}, {**TEN, "of": "tea"}),
        ({"kind": "credit_amount", "amount": 10}, {"kind": "credit_amount", "amount": 20}),
        (
            {"kind": "points_amount", "points": 1, "per_amount": 10},
            {"kind": "points_amount", "points": 1, "per_amount": 9},
        ),
        ({"kind": "points_factor", "factor": 2}, {"kind": "points_factor", "factor": 3}),
        ({"kind": "fixed_price", "amount": 90, "quantity": 3}, {"kind": "fixed_price", "amount": 80, "quantity": 3}),
        ({"kind": "buy_x_get_y", "buy": 2, "get": 1, "percent": 50}, {"kind": "buy_x_get_y", "buy": 2, "get": 1}),
        (
            {"kind": "free_item", "product": "tea", "quantity": 1},
            {"kind": "free_item", "product": "tea", "quantity": 2},
        ),
    ],
)
def test_more_is_told_from_less(less: Any, more: Any) -> None:
    one, other = offer(1, less).terms.benefit, offer(2, more).terms.benefit

    assert gives_no_less(other, one)
    assert gives_no_less(one, one)
    assert not gives_no_less(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (TEN, {"kind": "credit_percent", "percent": 50}),
        ({**TEN, "of": "tea"}, {**TEN, "of": {"not": "cake"}}),
        ({"kind": "credit_amount", "amount": 10}, {"kind": "credit_amount", "amount": 20, "per_amount": 100}),
        (
            {"kind": "free_item", "product": "tea", "quantity": 1},
            {"kind": "free_item", "product": "cake", "quantity": 2},
        ),
        ({**TEN, "max": 10}, {"kind": "discount_percent", "percent": 5}),
    ],
)
def test_of_what_cannot_be_compared_nothing_is_said(one: Any, other: Any) -> None:
    first, second = offer(1, one).terms.benefit, offer(2, other).terms.benefit

    assert not gives_no_less(first, second) and not gives_no_less(second, first)


@pytest.mark.parametrize(
    "said",
    [
        {"limits": {"total": 5}},
        {"code_required": True},
        {"control_percent": 10},
        {"stacking": "always"},
        {"stacking": "alone"},
        {"starts_at": "2026-11-22T00:00:00Z"},
        {"ends_at": "2026-12-22T00:00:00Z"},
        {"when": {"fact": "weekday", "op": "eq", "value": 3}},
    ],
)
def test_a_rival_that_may_fail_to_come_beats_nobody_for_sure(said: Any) -> None:
    five = offer(2, {"kind": "discount_percent", "percent": 5}).terms

    assert loss_to(five, offer(1, TEN), Frame()) == "always"
    assert loss_to(five, offer(1, TEN, **said), Frame()) == ""


def test_ties_go_to_what_ends_earlier_then_to_the_older() -> None:
    until = {"ends_at": "2026-12-22T00:00:00Z"}
    older, younger, ending = offer(1, TEN), offer(2, TEN), offer(3, TEN, **until)

    def loss(loser: LiveOffer, winner: LiveOffer) -> str:
        return loss_to(loser.terms, winner, Frame(), number=loser.id)

    assert (loss(younger, older), loss(older, younger), loss(ending, older)) == ("always", "ties", "ties")
    assert loss_to(older.terms, younger, Frame()) == "always"  # not stored yet
    assert overlap(older.terms, ending.terms)
    assert not overlap(offer(4, TEN, starts_at="2026-12-22T00:00:00Z").terms, ending.terms)
