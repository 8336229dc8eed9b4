"""Charts in templates: whole numbers in, SVG out. Every label is escaped by the charts themselves."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi

from core import charts, money
from core.templatetags.club_ui import club_unit

register = template.Library()


def _shown(values: Sequence[int], *, as_money: bool) -> list[int]:
    """Return values as they are shown: amounts of Rial in the club's unit."""
    if not as_money:
        return list(values)
    return [money.round_half_up(value, money.UNITS[club_unit()].rial) for value in values]


def _series(
    values: Sequence[int],
    labels: Sequence[str],
    *,
    previous: Sequence[int] = (),
    unit: str = "",
    as_money: bool = False,
) -> charts.Series:
    return charts.Series(
        _shown(values, as_money=as_money),
        [str(label) for label in labels],
        _shown(previous, as_money=as_money),
        money.unit_name(club_unit()) if as_money else unit,
    )


@register.simple_tag
def chart_line(
    values: Sequence[int],
    labels: Sequence[str],
    *,
    title: str,
    previous: Sequence[int] = (),
    unit: str = "",
    as_money: bool = False,
) -> SafeString:
    """Draw a line twice, for wide and for narrow screens; give the table beside it with `_chart_table.html`."""
    series = _series(values, labels, previous=previous, unit=unit, as_money=as_money)
    every, rtl = max(1, len(values) // 4), get_language_bidi()
    wide = charts.line(series, title=title, every=every, cls="chart-w", rtl=rtl)
    narrow = charts.line(series, title=title, every=every * 3 // 2, width=350, height=220, cls="chart-n", rtl=rtl)
    return mark_safe(wide + narrow)  # noqa: S308 - charts escape every label


@register.simple_tag
def chart_spark(values: Sequence[int]) -> SafeString:
    """Draw the small shape of a series."""
    return mark_safe(charts.spark(values, rtl=get_language_bidi()))  # noqa: S308 - numbers only


@register.simple_tag
def chart_bars(
    values: Sequence[int],
    labels: Sequence[str],
    *,
    title: str,
    unit: str = "",
    as_money: bool = False,
    chosen: int | None = None,
    numbers: bool = False,
) -> SafeString:
    """Draw a bar for each value, with `numbers` over those that have a label."""
    series = _series(values, labels, unit=unit, as_money=as_money)
    drawn = charts.bars(series, title=title, chosen=chosen, numbers=numbers, rtl=get_language_bidi())
    return mark_safe(drawn)  # noqa: S308 - charts escape every label


@register.simple_tag
def chart_heat(
    rows: Sequence[Sequence[int]],
    row_labels: Sequence[str],
    column_labels: Sequence[str],
    *,
    title: str,
    unit: str = "",
) -> SafeString:
    """Draw counts by row and column in depths of the club's colour."""
    grid = charts.Grid(rows, [str(r) for r in row_labels], [str(c) for c in column_labels], unit)
    return mark_safe(charts.heat(grid, title=title, rtl=get_language_bidi()))  # noqa: S308 - escaped
