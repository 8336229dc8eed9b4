"""Shares of a purchase: any way to bring it back piece by piece undoes the whole, and no piece twice."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from club.programme.rules import Programme
from club.purchases.earning import earn, earnings_of
from club.purchases.pricing import Line, Payment, with_discounts
from club.purchases.shares import LineShare, LineState, after, by_amount, by_quantity, is_whole, undone

LINES = st.lists(
    st.tuples(st.integers(1, 9), st.integers(0, 5_000), st.integers(0, 400), st.integers(0, 900)),
    min_size=1,
    max_size=6,
)


def states(rows: list[tuple[int, int, int, int]]) -> list[LineState]:
    return [
        LineState(index, quantity, net, 0, 0, points, credit * 10)
        for index, (quantity, net, points, credit) in enumerate(rows)
    ]


@given(LINES, st.data())
def test_parts_by_quantity_and_by_amount_undo_the_whole_and_never_less_than_nothing(rows, data) -> None:
    lines = states(rows)
    undone_so_far = {"points": 0, "credit": 0}
    while not is_whole(lines):
        shares = data.draw(st.sampled_from([by_a_piece, by_some_amount]))(lines, data)
        before, lines = lines, after(lines, shares)
        for unit, step in (("points", 1), ("credit", 10)):
            part = undone(lines, unit, step=step) - undone(before, unit, step=step)
            assert part >= 0 and part % step == 0
            undone_so_far[unit] += part

    assert undone_so_far == {
        "points": sum(line.points for line in lines),
        "credit": sum(line.credit for line in lines),
    }


def by_a_piece(lines: list[LineState], data: st.DataObject) -> list[LineShare]:
    some_left = [line for line in lines if line.refunded_quantity < line.quantity]
    if not some_left:
        return by_some_amount(lines, data)
    line = data.draw(st.sampled_from(some_left))
    return by_quantity(lines, {line.index: data.draw(st.integers(1, line.quantity - line.refunded_quantity))})


def by_some_amount(lines: list[LineState], data: st.DataObject) -> list[LineShare]:
    left = sum(line.left for line in lines)
    return by_amount(lines, data.draw(st.integers(1, left))) if left else by_a_piece(lines, data)


@given(LINES)
def test_what_did_not_come_back_is_not_undone(rows) -> None:
    lines = states(rows)

    first = after(lines, [LineShare(0, lines[0].quantity, lines[0].net)])

    if not is_whole(first):
        assert undone(first, "points") == lines[0].points
    assert undone(lines, "points") == 0 or is_whole(lines)


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 90_000), st.sampled_from([None, 1, 7, 100_000])), min_size=1),
    st.integers(0, 20),
    st.sampled_from([None, 0, 5, 1_000]),
)
def test_the_lines_share_just_what_the_purchase_earns(rows, visit, cap) -> None:
    lines = [
        Line(index, "", "", (), quantity, price, earns=rate != 7, rial_per_point=rate, vat_bp=index * 100)
        for index, (quantity, price, rate) in enumerate(rows)
    ]
    programme = Programme(rial_per_point=1_000, credit_bp=777, points_per_visit=visit, max_points_per_purchase=cap)

    earned = earn(earnings_of(lines, Payment(), programme, None), programme)

    assert (sum(earned.points_of_lines), sum(earned.credit_of_lines)) == (earned.points, earned.credit)
    for line, points, credit in zip(lines, earned.points_of_lines, earned.credit_of_lines, strict=True):
        assert points >= 0 <= credit
        if not line.earns:
            assert (points, credit) == (0, 0)


def test_a_line_that_cost_nothing_comes_back_by_its_pieces() -> None:
    line = LineState(0, 4, 0, 1, 0, points=8)

    assert line.back == Fraction(1, 4)
    assert undone([line], "points") == 2


def test_a_discount_on_what_is_never_discounted_is_a_fault() -> None:
    gold = Line(0, "", "", ("gold",), 1, 1_000, discountable=False)

    assert with_discounts([gold], [0])[0].net == 1_000
    with pytest.raises(ValueError, match="never discounted"):
        with_discounts([gold], [1])
