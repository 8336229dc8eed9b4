"""Before, during and after: which weeks are looked at, and that days without data make no weak week."""

from datetime import date, timedelta

from reports.effect.weeks import Frame, Sides, periods_of, weeks_of

SATURDAY = date(2026, 9, 5)
LONG_AGO = date(2020, 1, 1)


def day(number):
    return SATURDAY + timedelta(days=number)


def spent(days, each):
    return {day(number): (each, 1) for number in days}


def test_the_frame_is_of_whole_weeks_and_ends_today():
    frame = Frame.of(day(3), day(20), day(30), known_since=LONG_AGO)

    assert (frame.first, frame.last) == (day(-28), day(30))  # three weeks of it: four before, and what came since
    assert Frame.of(day(3), day(20), day(99), known_since=LONG_AGO).last == day(14 + 5 * 7 - 1)
    assert Frame.of(day(0), day(300), day(300), known_since=LONG_AGO).first == day(-84)


def test_nothing_is_looked_at_from_before_the_first_purchase():
    assert Frame.of(day(3), day(20), day(30), known_since=day(-10)).first == day(-14)
    assert Frame.of(day(3), day(20), day(30), known_since=day(9)).first == day(0)


def test_the_week_in_which_it_began_or_ended_is_during_it_the_days_are_exact():
    frame = Frame.of(day(3), day(8), day(40), known_since=LONG_AGO)
    sides = Sides(spent(range(-28, 41), 700), 10, spent(range(-28, 41), 300), 5)

    weeks = weeks_of(frame, sides, frozenset())
    periods = {one.period: one for one in periods_of(frame, sides, frozenset())}

    assert [week.period for week in weeks] == ["before"] * 4 + ["during"] * 2 + ["after"] * 4
    assert [(week.treated_a_week, week.control_a_week) for week in weeks[:-1]] == [(490, 420)] * 9
    assert {name: one.days for name, one in periods.items()} == {"before": 31, "during": 6, "after": 32}
    assert periods["during"].treated.spent == 6 * 700


def test_a_gap_is_left_out_of_the_mean():
    frame = Frame.of(day(0), day(6), day(6), known_since=LONG_AGO)
    gaps = frozenset({day(5), day(6)})
    sides = Sides(spent(range(5), 700), 10, {}, 0)

    week = weeks_of(frame, sides, gaps)[-1]

    assert week.days == 5
    assert week.treated_a_week == 490
    assert week.control is None
    assert weeks_of(frame, sides, frozenset(day(n) for n in range(7)))[-1].treated_a_week == 0
