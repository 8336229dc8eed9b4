"""Charts as SVG, made on the server.

Nothing to ship, they work without JavaScript, print, follow the theme by CSS class, and time runs as the reader reads:
right to left in Persian. Each stands beside its table (`<details>`), for screen readers and for copying.
Values are whole numbers as they are to be shown; labels are text ready to show. Pure functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from django.utils.translation import gettext_lazy as _

from core import language

LETTER = 5.5  # how wide one is, about
NOTHING = _("هنوز داده‌ای برای این بازه نیست")
SIZES = ((1_000_000_000, _("میلیارد")), (1_000_000, _("میلیون")), (1_000, _("هزار")))


def grouped(value: int) -> str:
    """Return the number with group marks."""
    return language.grouped(value).replace("-", "−")


def short(value: int) -> str:
    """Return the number in a word or two: ۱٫۴ میلیون."""
    for size, word in SIZES:
        if abs(value) >= size:
            tenths = round(value * 10 / size)
            text = f"{tenths // 10}" if tenths % 10 == 0 or abs(tenths) >= 100 else f"{tenths / 10:.1f}"
            return f"{language.in_language(text.replace('.', '٫')).replace('-', '−')} {word}"
    return grouped(value)


def scale(top: int) -> tuple[int, int]:
    """Return the step and the end of an axis: about five steps, each 1, 2, 2.5 or 5 times a power of ten."""
    raw = max(top, 5) / 5
    base = 10 ** (len(str(int(raw))) - 1)
    steps = (int(base * factor) for factor in (1, 2, 2.5, 5, 10) if base * factor >= raw and base * factor % 1 == 0)
    step = next(steps)
    return step, step * max(1, -(-top // step))


@dataclass(frozen=True)
class Frame:
    """The plane of a chart: its size, its margins, and which way time runs."""

    width: int
    height: int
    start: int
    end: int
    top: int
    bottom: int
    rtl: bool = True

    @property
    def floor(self) -> int:
        """Where zero lies."""
        return self.height - self.bottom

    def across(self, share: float) -> float:
        """Place a moment: 0 is the oldest, 1 the newest."""
        along = self.start + share * (self.width - self.start - self.end)
        return self.width - along if self.rtl else along

    def up(self, share: float) -> float:
        """Place a height: 0 is the floor, 1 the top."""
        return self.top + (1 - share) * (self.floor - self.top)


@dataclass(frozen=True)
class Series:
    """What a line chart shows: values now, values of the period before, and a label for each."""

    values: Sequence[int]
    labels: Sequence[str]
    previous: Sequence[int] = field(default_factory=tuple)
    unit: str = ""

    @property
    def peak(self) -> int:
        """The highest value of both periods, never below zero."""
        return max([0, *self.values, *self.previous])


def _open(width: int, height: int, *, title: str, cls: str = "") -> str:
    name = f"chart {cls}".strip()
    return f'<svg class="{name}" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">'


def _empty(width: int, height: int, *, title: str, cls: str = "") -> str:
    text = f'<text x="{width / 2:.0f}" y="{height / 2:.0f}" text-anchor="middle">{escape(str(NOTHING))}</text>'
    return _open(width, height, title=f"{title}: {NOTHING}", cls=cls) + text + "</svg>"


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _points(values: Sequence[int], frame: Frame, *, end: int) -> list[tuple[float, float]]:
    last = max(1, len(values) - 1)
    return [(frame.across(i / last), frame.up(max(0, value) / end)) for i, value in enumerate(values)]


def _value_axis(frame: Frame, *, peak: int) -> tuple[str, int]:
    step, end = scale(peak)
    edge, far = frame.across(0), frame.across(1)
    # The "end" of a label is its left side in right-to-left text, its right side in the other: beside the plot in both.
    beside, anchor = 8 if frame.rtl else -8, "end"
    parts = []
    for value in range(0, end + 1, step):
        y = frame.up(value / end)
        parts.append(f'<path class="grid" d="M{min(edge, far):.1f} {y:.1f}H{max(edge, far):.1f}"/>')
        parts.append(f'<text x="{edge + beside:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}">{short(value)}</text>')
    return "".join(parts), end


def _time_axis(series: Series, frame: Frame, *, every: int) -> str:
    last = len(series.values) - 1
    slot = (frame.width - frame.start - frame.end) / max(1, last)
    parts = []
    for i, (value, label) in enumerate(zip(series.values, series.labels, strict=False)):
        x, text = frame.across(i / max(1, last)), escape(label)
        if i == last or (i % every == 0 and last - i >= every - 1):
            anchor = "middle" if 0 < i < last else "end" if i == last and last else "start"
            parts.append(f'<text x="{x:.1f}" y="{frame.height - 6}" text-anchor="{anchor}">{text}</text>')
        said = f"{text}: {grouped(value)} {escape(series.unit)}".rstrip()
        parts.append(
            f'<rect class="hit" x="{x - slot / 2:.1f}" y="{frame.top}" width="{slot:.1f}" '
            f'height="{frame.floor - frame.top}"><title>{said}</title></rect>'
        )
    return "".join(parts)


def line(
    series: Series, *, title: str, width: int = 720, height: int = 300, every: int = 5, cls: str = "", rtl: bool = True
) -> str:
    """Draw a line with its area, and the period before as a dotted line; the newest value is where reading ends."""
    if not series.values:
        return _empty(width, height, title=title, cls=cls)
    frame = Frame(width, height, start=64, end=10, top=12, bottom=28, rtl=rtl)
    axis, end = _value_axis(frame, peak=series.peak)
    points = _points(series.values, frame, end=end)
    newest, oldest = points[-1], points[0]
    parts = [_open(width, height, title=title, cls=cls), axis]
    parts.append(
        f'<path class="area" d="{_path(points)}L{newest[0]:.1f} {frame.floor}L{oldest[0]:.1f} {frame.floor}Z"/>'
    )
    if len(series.previous) > 1:
        parts.append(f'<path class="line-2" d="{_path(_points(series.previous, frame, end=end))}"/>')
    parts.append(f'<path class="line" d="{_path(points)}"/>')
    parts.append(f'<circle class="dot" cx="{newest[0]:.1f}" cy="{newest[1]:.1f}" r="4.5"/>')
    parts.append(_time_axis(series, frame, every=max(1, every)))
    return "".join(parts) + "</svg>"


def spark(values: Sequence[int], *, width: int = 160, height: int = 36, rtl: bool = True) -> str:
    """Draw the shape of a series, for a card that already says the number; nothing for less than two values."""
    if len(values) < 2:
        return ""
    low, spread = min(values), max(values) - min(values)
    frame = Frame(width, height, start=3, end=3, top=4, bottom=4, rtl=rtl)
    last = len(values) - 1
    points = [(frame.across(i / last), frame.up((v - low) / spread if spread else 0)) for i, v in enumerate(values)]
    outline = _path(points)
    return (
        f'<svg class="chart spark" viewBox="0 0 {width} {height}" preserveAspectRatio="none" aria-hidden="true">'
        f'<path class="area" d="{outline}L{points[-1][0]:.1f} {height}L{points[0][0]:.1f} {height}Z"/>'
        f'<path class="line" d="{outline}" vector-effect="non-scaling-stroke"/></svg>'
    )


def bars(
    series: Series,
    *,
    title: str,
    width: int = 360,
    height: int = 130,
    chosen: int | None = None,
    numbers: bool = False,
    rtl: bool = True,
) -> str:
    """Draw a bar for each value; with `chosen` the others step back, with `numbers` each that has a label says its own.

    Numbers want room: for counts, which are short.
    """
    if not series.values:
        return _empty(width, height, title=title)
    top, floor = 18, height - 24
    peak, slot = series.peak or 1, width / len(series.values)
    wide = min(26.0, slot * 0.62)
    parts = [_open(width, height, title=title), f'<path class="grid" d="M0 {floor}.5H{width}"/>']
    for i, (value, label) in enumerate(zip(series.values, series.labels, strict=False)):
        centre = width - slot * (i + 0.5) if rtl else slot * (i + 0.5)
        tall = (floor - top) * max(0, value) / peak
        cls = "bar" if chosen is None or i == chosen else "bar-dim"
        said = f"{escape(label)}: {grouped(value)} {escape(series.unit)}".rstrip()
        parts.append(
            f'<rect class="{cls}" x="{centre - wide / 2:.1f}" y="{floor - tall:.1f}" width="{wide:.1f}" '
            f'height="{tall:.1f}" rx="4"><title>{said}</title></rect>'
        )
        room = min(width / 2, len(label) * LETTER / 2)  # a label at the edge stays within
        under = min(max(centre, room), width - room)
        parts.append(f'<text x="{under:.1f}" y="{height - 6}" text-anchor="middle">{escape(label)}</text>')
        if numbers and label:
            above = f'<text x="{centre:.1f}" y="{floor - tall - 5:.1f}" text-anchor="middle">{short(value)}</text>'
            parts.append(above)
    return "".join(parts) + "</svg>"


@dataclass(frozen=True)
class Grid:
    """What a heat map shows: a row of counts for each row label, a column for each column label."""

    rows: Sequence[Sequence[int]]
    row_labels: Sequence[str]
    column_labels: Sequence[str]
    unit: str = ""

    @property
    def peak(self) -> int:
        """The highest count, at least 1."""
        return max([1, *(value for row in self.rows for value in row)])


def heat(grid: Grid, *, title: str, width: int = 440, rtl: bool = True) -> str:
    """Draw counts as squares in five depths; nothing at all has a depth of its own."""
    columns = len(grid.column_labels)
    if not grid.rows or not columns:
        return _empty(width, 120, title=title)
    label, tall, gap = 62, 26, 4
    wide, height = (width - label) / columns, len(grid.rows) * (tall + gap) + 22
    parts = [_open(width, height, title=title)]
    for r, (row, name) in enumerate(zip(grid.rows, grid.row_labels, strict=False)):
        y = r * (tall + gap)
        edge, anchor = (width, "start") if rtl else (label - 8, "end")
        parts.append(f'<text x="{edge}" y="{y + 17}" text-anchor="{anchor}">{escape(name)}</text>')
        for c, value in enumerate(row[:columns]):
            depth = 0 if value <= 0 else min(5, 1 + int(value / grid.peak * 4.99))
            x = width - label - (c + 1) * wide + gap / 2 if rtl else label + c * wide + gap / 2
            where = language.listed([name, grid.column_labels[c]])
            said = f"{escape(where)}: {grouped(value)} {escape(grid.unit)}".rstrip()
            parts.append(
                f'<rect class="cell h{depth}" x="{x:.1f}" y="{y}" width="{wide - gap:.1f}" height="{tall}" rx="5">'
                f"<title>{said}</title></rect>"
            )
    for c, name in enumerate(grid.column_labels):
        if c % 2 == 0:
            x = width - label - (c + 0.5) * wide if rtl else label + (c + 0.5) * wide
            parts.append(f'<text x="{x:.1f}" y="{height - 4}" text-anchor="middle">{escape(name)}</text>')
    return "".join(parts) + "</svg>"
