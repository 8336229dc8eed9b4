"""Ranges of days that a report covers, in the Jalali calendar, each with the period before it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.utils.translation import gettext_lazy as _

from core.errors import Text, ValidationFailed
from core.jalali import InvalidDate, day_bounds, format_date, from_jalali, parse_jalali, to_jalali

Choice = Literal["today", "7d", "30d", "month", "season", "year", "custom"]
LONGEST = 731  # days: two years, so that a year can stand beside the one before
DAY = timedelta(days=1)

CHOICES: dict[str, Text] = {
    "today": _("امروز"),
    "7d": _("۷ روز"),
    "30d": _("۳۰ روز"),
    "month": _("این ماه"),
    "season": _("این فصل"),
    "year": _("امسال"),
}
BEFORE: dict[str, Text] = {
    "today": _("دیروز"),
    "7d": _("۷ روز پیش از آن"),
    "30d": _("۳۰ روز پیش از آن"),
    "month": _("همین روزها در ماه پیش"),
    "season": _("همین روزها در فصل پیش"),
    "year": _("همین روزها در سال پیش"),
    "custom": _("همین اندازه پیش از آن"),
}
MONTHS = {"month": 1, "season": 3, "year": 12}


@dataclass(frozen=True)
class Span:
    """Days from the first to the last, both within."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def bounds(self, tz: str) -> tuple[datetime, datetime]:
        """The instants (start, end) in UTC, half open."""
        return day_bounds(self.first, tz)[0], day_bounds(self.last, tz)[1]

    def each(self) -> list[date]:
        """Every day, the oldest first."""
        return [self.first + n * DAY for n in range(self.days)]


@dataclass(frozen=True)
class Range:
    """What is looked at, and the equally long span that it is compared with."""

    choice: str
    now: Span
    before: Span

    @property
    def label(self) -> Text:
        """The range in words."""
        if self.choice in CHOICES:
            return CHOICES[self.choice]
        return f"{format_date(self.now.first, 'numeric')} – {format_date(self.now.last, 'numeric')}"

    @property
    def before_label(self) -> Text:
        """The span before in words."""
        return BEFORE[self.choice]


def range_of(choice: str, today: date, *, first: str = "", last: str = "") -> Range:
    """The range that was asked for; an unknown choice is the last 30 days.

    `first` and `last` are days as people type them, for "custom". Raises ValidationFailed by "from" and "to".

    >>> found = range_of("month", date(2026, 11, 26))
    >>> found.now, found.before == Span(date(2026, 10, 23), date(2026, 10, 27))
    (Span(first=datetime.date(2026, 11, 22), last=datetime.date(2026, 11, 26)), True)
    """
    if choice == "custom":
        return _custom(first, last, today)
    if choice in MONTHS:
        return _so_far(choice, today)
    days = {"today": 1, "7d": 7}.get(choice, 30)
    known = choice if choice in CHOICES else "30d"
    span = Span(today - (days - 1) * DAY, today)
    return Range(known, span, _just_before(span))


def _just_before(span: Span) -> Span:
    return Span(span.first - span.days * DAY, span.first - DAY)


def _so_far(choice: str, today: date) -> Range:
    """The period up to today beside as many days of the one before; never into the present one."""
    length = MONTHS[choice]
    year, month, _day = to_jalali(today)
    start = from_jalali(year, (month - 1) // length * length + 1, 1)
    span = Span(start, today)
    year, month, _day = to_jalali(start - DAY)
    start_before = from_jalali(year, (month - 1) // length * length + 1, 1)
    last_before = min(start_before + (span.days - 1) * DAY, start - DAY)
    return Range(choice, span, Span(last_before - (span.days - 1) * DAY, last_before))


def _custom(first: str, last: str, today: date) -> Range:
    errors: dict[str, list[Text]] = {}
    days: dict[str, date] = {}
    for name, typed in (("from", first), ("to", last)):
        try:
            days[name] = parse_jalali(typed[:40])
        except InvalidDate as refused:
            errors[name] = [refused.detail]
    if not errors:
        span = Span(days["from"], days["to"])
        if span.last < span.first:
            errors["to"] = [_("پایان بازه پیش از آغاز آن است.")]
        elif span.days > LONGEST:
            errors["to"] = [_("بازه بلندتر از دو سال است.")]
        elif span.first > today:
            errors["from"] = [_("این بازه هنوز نیامده است.")]
    if errors:
        raise ValidationFailed(errors)
    return Range("custom", span, _just_before(span))
