"""What each kind of benefit gives, to the Rial and the point."""

from dataclasses import replace
from typing import Any

import pytest

from offers.effects import Valuation
from offers.engine import Decision
from offers.situation import Line, Situation
from tests.offers.stand import CLUB, decide, offer, outcomes, points_of, situation

EXACT = replace(CLUB, rounding_step=1)
COFFEE, CAKE = Line("latte", ("coffee",), 3, 1_000), Line("cake", (), 2, 700)


def given(benefit: dict[str, Any], *lines: Line, club: Valuation = EXACT, **more: Any) -> Decision:
    always = {"stacking": "always"} if benefit["kind"] in ("coupon", "chances", "tier") else {}
    return decide(offer(1, benefit, **always), here=situation(*lines, **more), club=club)


@pytest.mark.parametrize(
    ("benefit", "discounts"),
    [
        ({"kind": "discount_percent", "percent": 10}, (300, 140)),
        ({"kind": "discount_percent", "percent": 10, "max": 100}, (68, 32)),
        ({"kind": "discount_percent", "percent": 10, "of": "coffee"}, (300, 0)),
        ({"kind": "discount_percent", "percent": 10, "of": {"not": "coffee"}}, (0, 140)),
        ({"kind": "discount_percent", "percent": 50, "applies_to": "cheapest_matching"}, (0, 350)),
        ({"kind": "discount_percent", "percent": 50, "applies_to": "dearest_matching"}, (500, 0)),
        ({"kind": "discount_percent", "percent": 100, "applies_to": "cheapest_matching", "of": "coffee"}, (1_000, 0)),
        ({"kind": "discount_amount", "amount": 44}, (30, 14)),
        ({"kind": "discount_amount", "amount": 10_000}, (3_000, 1_400)),
        ({"kind": "discount_amount", "amount": 100, "per_amount": 1_000}, (273, 127)),
        ({"kind": "discount_amount", "amount": 100, "per_amount": 1_000, "repeat": 3}, (205, 95)),
        ({"kind": "discount_amount", "amount": 100, "per_quantity": 2, "of": "coffee"}, (100, 0)),
        # Counted on the coffee, taken off the whole basket.
        (
            {"kind": "discount_amount", "amount": 110, "per_quantity": 3, "of": "coffee", "applies_to": "basket"},
            (75, 35),
        ),
        ({"kind": "fixed_price", "amount": 1_500, "quantity": 2}, (500 + 118, 82)),
        ({"kind": "fixed_price", "amount": 1_500, "quantity": 2, "repeat": 1}, (500, 0)),
        ({"kind": "fixed_price", "amount": 9_000, "quantity": 2}, None),
        ({"kind": "fixed_price", "amount": 0, "quantity": 6}, None),
        ({"kind": "buy_x_get_y", "buy": 2, "get": 1}, (0, 700)),
        ({"kind": "buy_x_get_y", "buy": 2, "get": 1, "of": "coffee"}, (1_000, 0)),
        ({"kind": "buy_x_get_y", "buy": 1, "get": 1}, (0, 1_400)),
        ({"kind": "buy_x_get_y", "buy": 1, "get": 1, "repeat": 1}, (0, 700)),
        ({"kind": "buy_x_get_y", "buy": 1, "get": 1, "percent": 50}, (0, 700)),
        ({"kind": "buy_x_get_y", "buy": 4, "get": 2}, None),
    ],
)
def test_what_is_taken_off_each_line(benefit: dict[str, Any], discounts: tuple[int, int] | None) -> None:
    decision = given(benefit, COFFEE, CAKE)

    assert decision.discounts == (discounts or (0, 0))
    assert outcomes(decision) == {1: "applied" if discounts else "no_effect"}


def test_a_fixed_discount_never_makes_the_purchase_negative() -> None:
    assert given({"kind": "discount_amount", "amount": 1_000}, Line("A", (), 1, 120)).discounts == (120,)


def test_four_hundred_over_three_equal_lines_are_parts_that_sum_to_the_whole() -> None:
    lines = [Line(code, (), 1, 200) for code in "ABD"]

    assert given({"kind": "discount_amount", "amount": 400}, *lines).discounts == (134, 133, 133)


@pytest.mark.parametrize(("percent", "step", "off"), [(3, 1, 53), (5, 1, 88), (3, 10, 50), (5, 10, 90)])
def test_half_a_unit_is_rounded_up_once_to_the_step(percent: int, step: int, off: int) -> None:
    lines = Line("A", (), 6, 237), Line("B", (), 1, 328)

    assert (
        sum(
            given(
                {"kind": "discount_percent", "percent": percent}, *lines, club=replace(CLUB, rounding_step=step)
            ).discounts
        )
        == off
    )


def test_a_million_units_in_a_line_take_no_longer_than_one() -> None:
    many = Line("nail", (), 1_000_000, 30)

    assert given({"kind": "fixed_price", "amount": 25, "quantity": 1}, many).discounts == (5_000_000,)
    assert given({"kind": "buy_x_get_y", "buy": 1, "get": 1}, many).discounts == (15_000_000,)


@pytest.mark.parametrize(
    ("benefit", "credit"),
    [
        ({"kind": "credit_percent", "percent": 10}, 440),
        ({"kind": "credit_percent", "percent": 10, "max": 100}, 100),
        ({"kind": "credit_percent", "percent": 10, "of": "coffee"}, 300),
        ({"kind": "credit_percent", "percent": 50, "of_credit": "base_credit"}, 22),
        ({"kind": "credit_percent", "percent": 10, "applies_to": "dearest_matching"}, 100),
        ({"kind": "credit_amount", "amount": 70}, 70),
        ({"kind": "credit_amount", "amount": 70, "per_quantity": 2}, 140),
        ({"kind": "credit_amount", "amount": 70, "per_amount": 1_000, "of": "coffee"}, 210),
    ],
)
def test_what_is_given_as_credit(benefit: dict[str, Any], credit: int) -> None:
    decision = given(benefit, COFFEE, CAKE)

    assert [(one.effect.credit, one.worth) for one in decision.given] == [(credit, credit)]


def test_credit_is_worth_what_the_club_holds_it_at() -> None:
    decision = given({"kind": "credit_amount", "amount": 1_001}, COFFEE, club=replace(EXACT, credit_worth_bp=5_000))

    assert [(one.effect.credit, one.worth) for one in decision.given] == [(1_001, 501)]


@pytest.mark.parametrize(
    ("benefit", "points"),
    [
        ({"kind": "points_amount", "points": 50}, 50),
        ({"kind": "points_amount", "points": 4, "per_amount": 1}, 17_600),
        ({"kind": "points_amount", "points": 5, "per_quantity": 2, "repeat": 1}, 5),
        ({"kind": "points_factor", "factor": 1_000_000 / 10_000}, 4),
    ],
)
def test_what_is_given_as_points(benefit: dict[str, Any], points: int) -> None:
    assert points_of(given(benefit, COFFEE, CAKE)) == points


def test_things_come_on_top_of_the_lines() -> None:
    decision = given({"kind": "free_item", "product": "tea", "quantity": 1, "per_quantity": 3, "of": "coffee"}, COFFEE)
    assert [(one.effect.item, one.worth) for one in decision.given] == [(("tea", 1), 150_000)]
    assert decision.discounts == (0,)

    assert (
        given({"kind": "chances", "lottery": "yalda", "count": 2, "per_amount": 1_000}, COFFEE).given[0].effect.chances
        == 6
    )
    assert given({"kind": "coupon", "offer": 7, "valid_days": 30}, COFFEE).given[0].effect.coupons == 1
    assert given({"kind": "tier", "code": "gold", "days": 30}, COFFEE).given[0].effect.tier


def test_a_free_delivery_is_worth_its_price_and_nothing_where_nothing_is_delivered() -> None:
    delivered = given({"kind": "free_delivery"}, COFFEE, delivery_price=250_000)

    assert [(one.effect.delivery, one.worth) for one in delivered.given] == [(250_000, 250_000)]
    assert outcomes(given({"kind": "free_delivery"}, COFFEE)) == {1: "no_effect"}


def test_without_a_basket_only_what_stands_by_itself_is_given() -> None:
    here = replace(situation(), basket=None)
    offers = (
        offer(1, {"kind": "credit_amount", "amount": 500}, trigger="birthday"),
        offer(2, {"kind": "points_amount", "points": 9}, trigger="birthday", stacking="always"),
        offer(3, {"kind": "free_item", "product": "tea", "quantity": 2}, trigger="birthday"),
    )

    decision = decide(*offers, here=Situation(here.at, here.zone, here.person))

    assert [(one.offer.id, one.points, one.worth) for one in decision.given] == [(2, 9, 9_000), (3, 0, 300_000)]
    assert outcomes(decision)[1] == "lost_to"
