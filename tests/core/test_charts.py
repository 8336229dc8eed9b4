"""Charts are well-formed SVG for any data: none, one point, all zeros, hostile labels."""

from xml.etree import ElementTree

import pytest

from core import charts
from core.charts import Grid, Series

SERIES = {
    "nothing": Series([], []),
    "one point": Series([5], ["۱ آذر"]),
    "one point of zero": Series([0], ["۱ آذر"], previous=[0]),
    "all zeros": Series([0, 0, 0], ["الف", "ب", "پ"], previous=[0, 0, 0]),
    "small": Series([1, 2, 3], ["الف", "ب", "پ"]),
    "huge": Series([9 * 10**17, 1], ["الف", "ب"]),
    "below zero": Series([-5, 3], ["الف", "ب"]),
    "uneven": Series([1, 2, 3, 4], ["الف"], previous=[7]),
}


def texts(svg: str) -> list[str]:
    """Return what the chart says, in the order drawn; fails when it is not XML."""
    return [node.text or "" for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("text")]


@pytest.mark.parametrize("series", SERIES.values(), ids=SERIES.keys())
@pytest.mark.parametrize("rtl", [True, False])
def test_lines_and_bars_are_well_formed_for_any_data(series: Series, rtl: bool) -> None:
    for svg in (charts.line(series, title="فروش", rtl=rtl), charts.bars(series, title="فروش", rtl=rtl)):
        assert "nan" not in svg and "inf" not in svg
        texts(svg)


def test_bars_say_their_numbers_where_a_label_stands_and_labels_stay_within_the_chart() -> None:
    many = Series([*range(40)], ["۱ فروردین", *[""] * 38, "۳۰ آبان"])

    said = list(ElementTree.fromstring(charts.bars(many, title="تیکت", numbers=True)).iter("text"))

    shown = {node.text: float(node.attrib["x"]) for node in said if node.text}
    assert set(shown) == {"۱ فروردین", "۰", "۳۰ آبان", "۳۹"}
    assert 15 < shown["۳۰ آبان"] < shown["۱ فروردین"] < 345


@pytest.mark.parametrize("values", [[], [3], [0, 0], [1, 5, 2]])
def test_a_spark_never_fails(values: list[int]) -> None:
    svg = charts.spark(values)

    assert (svg == "") == (len(values) < 2)


@pytest.mark.parametrize("rows", [[], [[]], [[0, 0], [0, 0]], [[1, 9], [0, 3]]])
def test_a_heat_map_never_fails(rows: list[list[int]]) -> None:
    columns = [str(i) for i in range(len(rows[0]) if rows else 0)]

    texts(charts.heat(Grid(rows, ["شنبه", "یکشنبه"], columns), title="شلوغی"))


def test_without_data_the_chart_says_so() -> None:
    assert texts(charts.line(SERIES["nothing"], title="فروش")) == [str(charts.NOTHING)]


def test_labels_and_titles_are_escaped() -> None:
    svg = charts.bars(Series([1], ["<script>"], unit='"x"'), title='<b "t">')

    assert "<script>" not in svg
    assert texts(svg) == ["<script>"]


def test_time_runs_right_to_left_in_persian_and_left_to_right_otherwise() -> None:
    series = Series([1, 9], ["کهنه", "نو"])

    def newest(svg: str) -> float:
        dot = next(node for node in ElementTree.fromstring(svg).iter() if node.get("class") == "dot")
        return float(dot.attrib["cx"])

    assert newest(charts.line(series, title="")) == 10.0
    assert newest(charts.line(series, title="", rtl=False)) == 710.0


@pytest.mark.parametrize(
    ("top", "step", "end"),
    [
        (0, 1, 1),
        (1, 1, 1),
        (4, 1, 4),
        (5, 1, 5),
        (9, 2, 10),
        (23, 5, 25),
        (120, 25, 125),
        (20_000_000, 5_000_000, 20_000_000),
    ],
)
def test_axes_step_by_round_numbers(top: int, step: int, end: int) -> None:
    assert charts.scale(top) == (step, end)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "۰"),
        (950, "۹۵۰"),
        (1_000, "۱ هزار"),
        (1_400_000, "۱٫۴ میلیون"),
        (25_000_000, "۲۵ میلیون"),
        (2_000_000_000, "۲ میلیارد"),
        (-1_500, "−۱٫۵ هزار"),
    ],
)
def test_short_numbers(value: int, said: str) -> None:
    assert charts.short(value) == said
