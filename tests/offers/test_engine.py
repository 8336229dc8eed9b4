"""Which offers apply, in what order, and what the others are told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from offers.engine import Decision, State, Used, is_held_out
from offers.situation import Line
from tests.offers.stand import AT, BIRTHDAY, CLUB, SPECIAL, Rule, decide, offer, outcomes, points_of, situation

FIVE = (
    offer(1, {"kind": "credit_percent", "percent": 5}, when={"fact": "visit_number", "op": "gt", "value": 10}),
    offer(2, {"kind": "discount_percent", "percent": 10}, when={"fact": "amount", "op": "gt", "value": 5_000_000}),
    offer(3, {"kind": "credit_percent", "percent": 20}, when={"fact": "days_from_birthday", "op": "eq", "value": 0}),
    offer(4, {"kind": "credit_percent", "percent": 15}, when={"fact": "tier", "op": "eq", "value": "silver"}),
    offer(5, {"kind": "discount_percent", "percent": 7, "of": "special"}),
)
SARA = {"visit_number": 12, "tier": "silver", "birth_date": BIRTHDAY}


def told(decision: Decision) -> list[tuple[int, str, int, int | None, int | None]]:
    return [(one.offer.id, one.outcome, one.worth, one.lost_to, one.by) for one in decision.verdicts]


# --- the worked case ----------------------------------------------------------------------------------------------------


def test_of_five_that_match_the_birthday_alone_is_given_and_each_other_knows_by_how_much_it_lost() -> None:
    decision = decide(*FIVE, here=situation(**SARA))

    assert told(decision) == [
        (3, "applied", 1_200_000, None, None),
        (4, "lost_to", 900_000, 3, 300_000),
        (2, "lost_to", 600_000, 3, 600_000),
        (5, "lost_to", 420_000, 3, 780_000),
        (1, "lost_to", 300_000, 3, 900_000),
    ]
    assert [(given.offer.id, given.effect.credit) for given in decision.given] == [(3, 1_200_000)]
    assert decision.discounts == (0,)


@pytest.mark.parametrize(
    ("number", "changes", "price"),
    [
        (1, {"visit_number": 10}, 6_000_000),
        (2, {}, 5_000_000),
        (3, {"birth_date": BIRTHDAY - timedelta(days=1)}, 6_000_000),
        (4, {"tier": "bronze"}, 6_000_000),
    ],
)
def test_just_beside_its_condition_an_offer_gives_nothing(number: int, changes: dict[str, object], price: int) -> None:
    special = replace(SPECIAL, unit_price=price)

    assert number not in outcomes(decide(*FIVE, here=situation(special, **{**SARA, **changes})))
    assert number in outcomes(decide(*FIVE, here=situation(replace(special, unit_price=price + 1), **SARA)))


# --- best, always, alone --------------------------------------------------------------------------------------------------


def test_the_best_and_every_always_apply_together() -> None:
    decision = decide(
        offer(1, {"kind": "discount_percent", "percent": 10}),
        offer(2, {"kind": "discount_percent", "percent": 20}),
        offer(3, {"kind": "credit_percent", "percent": 5}, stacking="always"),
        offer(4, {"kind": "points_amount", "points": 7}, stacking="always"),
    )

    assert outcomes(decision) == {1: "lost_to", 2: "applied", 3: "applied", 4: "applied"}
    # Credit comes after all discounts, of net.
    assert [(one.offer.id, one.worth) for one in decision.given] == [(2, 1_200_000), (3, 240_000), (4, 7_000)]


def test_discounts_follow_each_other_each_of_what_the_ones_before_it_left() -> None:
    decision = decide(
        *(offer(number, {"kind": "discount_percent", "percent": 10}, stacking="always") for number in (1, 2, 3))
    )

    assert [given.effect.discount for given in decision.given] == [600_000, 540_000, 486_000]


def test_a_higher_priority_comes_first_and_of_equal_ones_the_older() -> None:
    amount, percent = {"kind": "discount_amount", "amount": 1_000_000}, {"kind": "discount_percent", "percent": 10}

    older_first = decide(offer(1, amount, stacking="always"), offer(2, percent, stacking="always"))
    raised = decide(offer(1, amount, stacking="always"), offer(2, percent, stacking="always", priority=1))

    assert [(one.offer.id, one.worth) for one in older_first.given] == [(1, 1_000_000), (2, 500_000)]
    assert [(one.offer.id, one.worth) for one in raised.given] == [(2, 600_000), (1, 1_000_000)]


@pytest.mark.parametrize(("percent", "applied"), [(27, {1, 2}), (28, {3})])
def test_an_alone_takes_the_place_of_all_only_where_it_is_worth_more_than_they_give_together(
    percent: int, applied: set[int]
) -> None:
    offers = (
        *(offer(number, {"kind": "discount_percent", "percent": 15}, stacking="always") for number in (1, 2)),
        offer(3, {"kind": "discount_percent", "percent": percent}, stacking="alone"),
    )

    decision = decide(*offers)

    assert {number for number, outcome in outcomes(decision).items() if outcome == "applied"} == applied
    assert set(outcomes(decision).values()) == {"applied", "lost_to"}


def test_of_equal_worth_cash_comes_before_credit_before_points_then_the_earlier_end_then_the_older() -> None:
    cash = offer(9, {"kind": "discount_amount", "amount": 50_000})
    sooner = offer(8, {"kind": "credit_amount", "amount": 50_000}, ends_at="2026-12-01T00:00:00Z")
    later = offer(7, {"kind": "credit_amount", "amount": 50_000}, ends_at="2026-12-02T00:00:00Z")
    points = offer(1, {"kind": "points_amount", "points": 50})
    older, younger = (
        offer(2, {"kind": "points_amount", "points": 50}),
        offer(3, {"kind": "points_amount", "points": 50}),
    )

    def winner(*offers: object) -> int:
        return decide(*offers).given[0].offer.id  # type: ignore[arg-type]

    assert winner(points, later, sooner, cash) == 9
    assert winner(points, later, sooner) == 8
    assert winner(points, later) == 7
    assert winner(younger, older) == 2


# --- what is not given ----------------------------------------------------------------------------------------------------


def test_outside_its_time_and_without_its_code_an_offer_is_not_asked() -> None:
    ended = offer(1, {"kind": "credit_amount", "amount": 1_000}, ends_at=AT.isoformat())
    begins = offer(2, {"kind": "credit_amount", "amount": 1_000}, starts_at=AT.isoformat())
    coded = offer(3, {"kind": "credit_amount", "amount": 2_000}, code_required=True)

    assert outcomes(decide(ended, begins, coded)) == {2: "applied"}
    assert outcomes(decide(ended, begins, coded, state=State(codes=frozenset({3})))) == {2: "lost_to", 3: "applied"}


@pytest.mark.parametrize(
    ("limits", "used", "outcome"),
    [
        ({"per_member": 2}, Used(by_member=1), "applied"),
        ({"per_member": 2}, Used(by_member=2), "limit_reached"),
        ({"per_member_per_day": 1}, Used(by_member_today=1), "limit_reached"),
        ({"per_member_per_month": 1}, Used(by_member_this_month=1), "limit_reached"),
        ({"total": 5}, Used(total=5), "limit_reached"),
        ({"budget": 1_000_000}, Used(spent=400_000), "applied"),
        ({"budget": 1_000_000}, Used(spent=400_001), "budget_spent"),
        ({"budget_per_month": 1_000_000}, Used(spent=9_000_000, spent_this_month=400_001), "budget_spent"),
    ],
)
def test_limits_and_budgets_hold_to_the_unit(limits: dict[str, int], used: Used, outcome: str) -> None:
    ten_percent = offer(1, {"kind": "discount_percent", "percent": 10}, limits=limits)

    assert outcomes(decide(ten_percent, state=State(used={1: used}))) == {1: outcome}


def test_what_the_database_refused_gives_way_to_the_next_best() -> None:
    offers = (
        offer(1, {"kind": "discount_percent", "percent": 10}),
        offer(2, {"kind": "discount_percent", "percent": 5}),
    )

    decision = decide(*offers, state=State(refused={1: "limit_reached"}))

    assert outcomes(decision) == {1: "limit_reached", 2: "applied"}


def test_a_control_group_is_the_same_each_time_and_as_large_as_it_should_be() -> None:
    out = {member for member in range(20_000) if is_held_out(7, member, 1_000)}

    assert out == {member for member in range(20_000) if is_held_out(7, member, 1_000)}
    assert 1_850 < len(out) < 2_150
    assert not any(is_held_out(7, member, 0) for member in range(1_000))
    assert len(out & {member for member in range(20_000) if is_held_out(8, member, 1_000)}) < 300
    half = offer(7, {"kind": "credit_amount", "amount": 10}, control_percent=10)
    assert outcomes(decide(half, here=situation(id=min(out)))) == {7: "held_out"}


def test_what_gives_nothing_here_is_said_to_and_takes_no_place() -> None:
    cake = offer(1, {"kind": "discount_percent", "percent": 50, "of": "cake"})
    small = offer(2, {"kind": "points_factor", "factor": 1.01})

    assert outcomes(decide(cake, small, here=situation(replace(SPECIAL, unit_price=90_000)))) == {
        1: "no_effect",
        2: "no_effect",
    }


def test_the_club_s_cap_cuts_what_exceeds_it_and_says_so_of_what_it_leaves_nothing() -> None:
    offers = (
        offer(1, {"kind": "discount_percent", "percent": 15}, stacking="always"),
        offer(2, {"kind": "discount_percent", "percent": 15}, stacking="always"),
        offer(3, {"kind": "discount_percent", "percent": 15}, stacking="always"),
    )

    decision = decide(*offers, club=replace(CLUB, max_discount_bp=2_000))

    assert [(one.offer.id, one.effect.discount) for one in decision.given] == [(1, 900_000), (2, 300_000)]
    assert outcomes(decision) == {1: "applied", 2: "applied", 3: "cap_reached"}
    assert decision.discounts == (1_200_000,)


def test_a_line_that_is_never_discounted_stays_as_it_is() -> None:
    tobacco = Line("tobacco", (), 2, 1_000_000, discountable=False)
    offers = (
        offer(1, {"kind": "discount_percent", "percent": 10}, stacking="always"),
        offer(2, {"kind": "credit_percent", "percent": 10}, stacking="always"),
    )

    decision = decide(*offers, here=situation(tobacco, SPECIAL))

    assert decision.discounts == (0, 600_000)
    assert decision.given[1].effect.credit == 740_000
    assert [(verdict.offer.id, verdict.worth) for verdict in decision.verdicts] == [(2, 800_000), (1, 600_000)]


def test_an_amount_off_the_basket_takes_nothing_of_a_line_that_is_never_discounted() -> None:
    tobacco = Line("tobacco", (), 2, 1_000_000, discountable=False)
    whole = offer(1, {"kind": "discount_amount", "amount": 7_000_000})

    decision = decide(whole, here=situation(tobacco, SPECIAL))

    assert decision.discounts == (0, 6_000_000)
    assert [verdict.worth for verdict in decision.verdicts] == [6_000_000]


# --- points ---------------------------------------------------------------------------------------------------------------


def test_points_are_rounded_down_once_on_the_whole_purchase() -> None:
    """Of 190,000 the programme earns 1.9 points, and a factor of two as much again: 3, where 1 + 1 would be 2."""
    basket = situation(replace(SPECIAL, unit_price=190_000))

    double = decide(offer(1, {"kind": "points_factor", "factor": 2}), here=basket)
    twice = decide(
        *(offer(number, {"kind": "points_factor", "factor": 2}, stacking="always") for number in (1, 2)), here=basket
    )

    assert points_of(double) == 2  # 3 with the one of the programme
    assert points_of(twice) == 4  # 5.7 in all


def test_a_factor_multiplies_the_base_and_leaves_the_tier_its_own() -> None:
    decision = decide(offer(1, {"kind": "points_factor", "factor": 2}), rule=Rule(factor_bp=15_000))

    assert points_of(decision) == 60  # 60 of the programme, 30 of the tier, 60 of the offer


def test_multipliers_of_two_groups_add() -> None:
    """The case PT-010: 12 of red × 3, 100 of blue × 6 and 40 more at four points a unit are 2,704."""
    red, blue, delivery = (
        Line("S123", ("red",), 1, 12),
        Line("S000", ("blue",), 1, 100),
        Line("DEL", ("delivery",), 1, 40),
    )
    offers = (
        offer(1, {"kind": "points_factor", "factor": 3, "of": "red"}, stacking="always"),
        offer(2, {"kind": "points_factor", "factor": 6, "of": "blue"}, stacking="always"),
    )

    decision = decide(*offers, here=situation(red, blue, delivery), rule=Rule(rial_per_point=1))

    assert 152 * 4 + points_of(decision) * 4 == 2_704
