"""The most that an offer may cost: never less than what it really gives, and said as people say it."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings

from offers.cost import Cost, in_prose, question, worst_cost
from offers.giving import Club, most_worth, worth_at
from offers.rules import Terms
from offers.situation import Line
from tests.offers.stand import decide, offer, situation
from tests.offers.test_lint import CAFE, TEN, about_fact
from tests.offers.test_oracle import BENEFITS, LINES, RULES

CREDIT = {"kind": "credit_amount", "amount": 500_000}
CAPPED = {"kind": "credit_percent", "percent": 10, "max": 500_000}
UNDER_A_MILLION = about_fact("amount", "lte", 1_000_000)
TO_THE_END_OF_DEY = "2027-01-20T20:30:00Z"  # 60 days from 1 Azar 1405, in two Jalali months


def terms(benefit: Any = None, **said: Any) -> Terms:
    return offer(1, benefit or TEN, **said).terms


def cost(benefit: Any = None, club: Club = CAFE, **said: Any) -> int | None:
    return worst_cost(terms(benefit, **said), club).rial


@settings(max_examples=250)
@given(benefit=BENEFITS, lines=LINES, rule=RULES)
def test_no_giving_is_worth_more_than_the_most(benefit: Any, lines: list[Line], rule: Any) -> None:
    gross = sum(line.gross for line in lines)
    count = sum(line.quantity for line in lines)
    bounds = [about_fact("amount", "lte", gross), about_fact("quantity_of", "lte", count)]
    if "of" in benefit:
        bounds.append(about_fact("quantity_of", "lte", count, of=benefit["of"]))
    one = offer(1, benefit, when={"all": bounds})

    most = most_worth(one.terms, replace(CAFE, rial_per_point=rule.rial_per_point))
    given_worth = [given.worth for given in decide(one, here=situation(*lines), rule=rule).given]

    assert most is not None or benefit["kind"] == "points_factor" or benefit.get("of_credit") == "base_credit"
    assert most is None or all(worth <= most for worth in given_worth)


@pytest.mark.parametrize(
    ("benefit", "said", "most"),
    [
        (TEN, {}, None),
        (TEN, {"when": UNDER_A_MILLION}, 100_000),
        ({**TEN, "max": 50_000}, {"when": UNDER_A_MILLION}, 50_000),
        (CAPPED, {}, 500_000),
        (CREDIT, {}, 500_000),
        ({**CREDIT, "per_amount": 100_000}, {}, None),
        ({**CREDIT, "per_amount": 100_000, "repeat": 3}, {}, 1_500_000),
        ({**CREDIT, "per_amount": 100_000}, {"when": UNDER_A_MILLION}, 5_000_000),
        ({**CREDIT, "per_quantity": 2}, {"when": about_fact("quantity_of", "lte", 5)}, 1_000_000),
        ({"kind": "discount_amount", "amount": 70_000}, {}, 70_000),
        ({"kind": "points_amount", "points": 50}, {}, 50_000),
        ({"kind": "free_item", "product": "tea", "quantity": 2}, {}, 300_000),
        ({"kind": "free_item", "product": "unpriced", "quantity": 2}, {}, None),
        ({"kind": "buy_x_get_y", "buy": 3, "get": 1}, {"when": UNDER_A_MILLION}, 250_000),
        ({"kind": "free_delivery"}, {}, None),
    ],
)
def test_the_most_of_one_giving(benefit: Any, said: Any, most: int | None) -> None:
    assert most_worth(terms(benefit, **said), CAFE) == most


def test_credit_costs_what_the_club_holds_it_at() -> None:
    half = replace(CAFE, valuation=replace(CAFE.valuation, credit_worth_bp=5_000))

    assert (most_worth(terms(CREDIT), half), most_worth(terms(CAPPED), half)) == (250_000, 250_000)


@pytest.mark.parametrize(
    ("kind", "size", "worth"),
    [
        ({"kind": "discount_percent", "percent": 10, "of": "tea"}, 1_000_000, 100_000),
        ({"kind": "points_factor", "factor": 3}, 1_000_000, 40_000),
        ({"kind": "points_amount", "points": 2, "per_amount": 300_000}, 1_000_000, 6_000),
        ({"kind": "buy_x_get_y", "buy": 1, "get": 1}, 1_000_000, 500_000),
        ({"kind": "fixed_price", "amount": 900_000, "quantity": 3}, 1_000_000, 100_000),
        ({"kind": "discount_percent", "percent": 10, "applies_to": "cheapest_matching"}, 1_000_000, None),
        ({"kind": "free_delivery"}, 1_000_000, None),
    ],
)
def test_what_a_purchase_of_a_size_is_given(kind: Any, size: int, worth: int | None) -> None:
    assert worth_at(terms(kind).benefit, size, CAFE) == worth


@pytest.mark.parametrize(
    ("said", "rial"),
    [
        ({}, None),
        ({"limits": {"budget": 120_000_000}}, 120_000_000),
        ({"limits": {"budget_per_month": 10_000_000}}, None),
        ({"limits": {"budget_per_month": 10_000_000}, "ends_at": TO_THE_END_OF_DEY}, 20_000_000),
        ({"limits": {"total": 100}}, 50_000_000),
        ({"limits": {"total": 100, "budget": 60_000_000}}, 50_000_000),
        ({"limits": {"per_member": 2}}, 1_000_000_000),
        ({"limits": {"per_member_per_month": 1}, "ends_at": TO_THE_END_OF_DEY}, 1_000_000_000),
        ({"limits": {"per_member_per_day": 1}, "ends_at": TO_THE_END_OF_DEY}, 30_000_000_000),
        ({"limits": {"per_member_per_day": 1}}, None),
    ],
)
def test_the_least_of_what_bounds_it_is_the_most_it_costs(said: Any, rial: int | None) -> None:
    assert cost(CAPPED, replace(CAFE, members=1_000), **said) == rial


def test_of_an_offer_that_is_over_nothing_is_spent() -> None:
    assert cost(CAPPED, limits={"budget_per_month": 10_000_000}, ends_at="2026-11-01T00:00:00Z") == 0


def test_an_unbounded_cost_says_what_would_bound_it() -> None:
    assert worst_cost(terms(TEN, limits={"total": 9}), CAFE).why == (
        "نه سقفی برای هر خرید دارد و نه بودجه‌ای؛ بودجه بگذارید."
    )
    assert worst_cost(terms(CREDIT, limits={"per_member": 9}), CAFE).why == (
        "شمار دفعه‌هایش سقفی ندارد؛ بودجه یا سقف دفعه بگذارید."
    )
    assert worst_cost(terms(CREDIT, limits={"budget_per_month": 20_000_000}), CAFE).why == (
        "ماهی تا ۲ میلیون تومان، ولی پایانی ندارد؛ بودجهٔ کل یا تاریخ پایان بگذارید."
    )
    coupon = {"kind": "coupon", "offer": 7, "valid_days": 30}
    assert worst_cost(terms(coupon, stacking="always", limits={"total": 9}), CAFE).rial is None


def test_what_is_asked_before_publishing() -> None:
    budget = worst_cost(terms(TEN, limits={"budget": 120_000_000}), CAFE)

    assert question(budget, CAFE) == "منتشر شود؟ بیشترین هزینه ۱۲ میلیون تومان است."
    assert question(Cost(None, "بودجه بگذارید."), CAFE) == "منتشر شود؟ بیشترین هزینه معلوم نیست: بودجه بگذارید."
    assert worst_cost(terms(CAPPED, limits={"total": 100}), CAFE).why == "۱۰۰ بار و هر بار تا ۵۰ هزار تومان"


@pytest.mark.parametrize(
    ("rial", "words"),
    [
        (120_000_000, "۱۲ میلیون تومان"),
        (500_000, "۵۰ هزار تومان"),
        (12_345_678_900, "۱٬۲۳۴٬۵۶۷٬۸۹۰ تومان"),
        (20_000_000_000, "۲ میلیارد تومان"),
        (1_500_000_000, "۱۵۰ میلیون تومان"),
        (125, "۱۳ تومان"),
        (0, "۰ تومان"),
    ],
)
def test_money_is_said_short_where_nothing_is_lost_and_never_less_than_it_is(rial: int, words: str) -> None:
    assert in_prose(rial, "toman") == words


def test_what_each_member_may_get_says_how_many_there_are_today() -> None:
    each = worst_cost(terms(CAPPED, limits={"per_member": 2, "total": 9_000}), replace(CAFE, members=1_000))

    assert each == Cost(1_000_000_000, "۲ بار و هر بار تا ۵۰ هزار تومان، برای ۱٬۰۰۰ عضو امروز")


def test_it_is_said_in_english_too() -> None:
    with translation.override("en"):
        said = [
            question(worst_cost(terms(benefit, **more), replace(CAFE, members=5)), CAFE)
            for benefit in (TEN, CREDIT, CAPPED)
            for more in ({}, {"limits": {"per_member": 2}}, {"limits": {"budget": 50_000}})
        ]

    assert said[2] == "Publish? It costs 5 thousand Toman at most."
    assert not [text for text in said if any("آ" <= letter <= "ی" for letter in text)]
