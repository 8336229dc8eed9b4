"""The engine against the plain reading of the rules, on random baskets under up to eight random offers."""

import os
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offers import engine
from offers.rules import LiveOffer
from offers.situation import Line
from tests.offers.oracle import Plain
from tests.offers.stand import CLUB, SPECIAL, Rule, decide, offer, situation

GROUPS = ("coffee", "cakes", "special")
PERCENTS = st.sampled_from([3, 5, 7.5, 10, 15, 33.33, 50, 100])
OFS = st.sampled_from(["coffee", ["coffee", "p1"], {"not": "cakes"}, "p0", "none"])
REPEATS = st.integers(1, 4)


def benefit(
    kind: str, required: dict[str, Any] | None = None, optional: dict[str, Any] | None = None
) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"kind": st.just(kind), **(required or {})}, optional={"of": OFS, **(optional or {})})


ONE_UNIT = st.sampled_from(["cheapest_matching", "dearest_matching", "matching_lines"])
TIMES = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"per_amount": st.integers(50_000, 900_000)}, optional={"repeat": REPEATS}),
    st.fixed_dictionaries({"per_quantity": st.integers(1, 4)}, optional={"repeat": REPEATS}),
)
AMOUNTS = st.integers(1, 700_000)
BENEFITS = st.one_of(
    benefit("discount_percent", {"percent": PERCENTS}, {"max": AMOUNTS, "applies_to": ONE_UNIT}),
    st.tuples(benefit("discount_amount", {"amount": AMOUNTS}), TIMES).map(lambda both: {**both[0], **both[1]}),
    benefit("fixed_price", {"amount": st.integers(0, 900_000), "quantity": st.integers(1, 4)}, {"repeat": REPEATS}),
    benefit(
        "buy_x_get_y", {"buy": st.integers(1, 3), "get": st.integers(1, 2)}, {"percent": PERCENTS, "repeat": REPEATS}
    ),
    benefit(
        "credit_percent",
        {"percent": PERCENTS},
        {"max": AMOUNTS, "applies_to": ONE_UNIT, "of_credit": st.sampled_from(["purchase", "base_credit"])},
    ),
    st.tuples(benefit("credit_amount", {"amount": AMOUNTS}), TIMES).map(lambda both: {**both[0], **both[1]}),
    benefit("points_factor", {"factor": st.sampled_from([1.5, 2, 3, 10])}, {"applies_to": ONE_UNIT}),
    st.tuples(benefit("points_amount", {"points": st.integers(1, 300)}), TIMES).map(
        lambda both: {**both[0], **both[1]}
    ),
)
OFFERS = st.lists(
    st.tuples(BENEFITS, st.sampled_from(["best", "best", "always", "alone"]), st.integers(-1, 1)), max_size=8
).map(
    lambda drawn: [
        offer(number, said, stacking=stacking, priority=priority)
        for number, (said, stacking, priority) in enumerate(drawn, start=1)
    ]
)
LINES = st.lists(
    st.builds(
        Line,
        product=st.sampled_from(["", "p0", "p1", "p2"]),
        groups=st.lists(st.sampled_from(GROUPS), unique=True, max_size=2).map(tuple),
        quantity=st.integers(1, 7),
        unit_price=st.integers(0, 40).map(lambda tens: tens * 12_345),
    ),
    min_size=1,
    max_size=5,
)
RULES = st.builds(Rule, factor_bp=st.sampled_from([10_000, 15_000]))
CAPS = st.sampled_from([None, None, 3_000])


@settings(max_examples=10_000 if "LONG" in os.environ else 600)
@given(offers=OFFERS, lines=LINES, rule=RULES, cap=CAPS, order=st.randoms(use_true_random=False))
def test_the_engine_agrees_with_the_plain_reading(
    offers: list[LiveOffer], lines: list[Line], rule: Rule, cap: int | None, order: Any
) -> None:
    plain = Plain(lines, rule, cap)
    club = replace(CLUB, max_discount_bp=cap)

    decision = decide(*offers, here=situation(*lines), club=club, rule=rule)

    applied = plain.decide(offers)
    assert {one.offer.id for one in decision.given} == applied
    together = plain.apply([one for one in offers if one.id in applied])
    assert {one.offer.id: one.worth for one in decision.given} == together
    # What a line gives away is never more than it costs, and the lines sum to the whole.
    assert all(0 <= off <= line.gross for off, line in zip(decision.discounts, lines, strict=True))
    assert sum(decision.discounts) == sum(one.effect.discount for one in decision.given)
    # Nothing that lost was worth more than what it lost to.
    assert all(one.by is None or one.by >= 0 for one in decision.verdicts)
    # The order in which offers are written changes nothing.
    shuffled = list(offers)
    order.shuffle(shuffled)
    assert decide(*shuffled, here=situation(*lines), club=club, rule=rule) == decision


def test_the_twin_that_takes_the_older_for_the_better_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    offers = [offer(number, {"kind": "discount_percent", "percent": 5 * number}) for number in (1, 2)]
    monkeypatch.setattr(engine, "_rank", lambda given: given.offer.id)

    assert {given.offer.id for given in decide(*offers).given} != Plain([SPECIAL], Rule()).decide(offers)
