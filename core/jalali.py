"""The Jalali calendar over ordinary dates, and days, months and "today" of a club's time zone.

Stored are UTC instants and Gregorian dates; Jalali lives here, in form fields and in filters. A conversion is
jdatetime's, whose leap years are those of the 33-year cycle and agree with the official calendar (tests).
Every range of instants is half open: start ≤ x < end. Days are those of the zone rules of their year: Tehran had
summer time until 2022, when a day could have 23 or 25 hours (tzdata).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import jdatetime
from django.utils.translation import gettext_lazy as _

from core.errors import AppError
from core.language import in_language, listed
from core.text import latin_digits, search_key

TEHRAN = "Asia/Tehran"
FIRST_YEAR, LAST_YEAR = 1200, 1600  # Jalali years that people may type: 1821–2222

Period = Literal["month", "season", "year"]
Style = Literal["long", "short", "numeric", "weekday", "month"]

NOON = time(12)

MONTHS = [
    *(_("فروردین"), _("اردیبهشت"), _("خرداد"), _("تیر"), _("مرداد"), _("شهریور")),
    *(_("مهر"), _("آبان"), _("آذر"), _("دی"), _("بهمن"), _("اسفند")),
]
# As people type them, in Persian and in English letters.
MONTHS_TYPED = (
    ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"],
    [
        *("farvardin", "ordibehesht", "khordad", "tir", "mordad", "shahrivar"),
        *("mehr", "aban", "azar", "dey", "bahman", "esfand"),
    ],
)
WEEKDAYS = [  # Saturday first
    *(_("شنبه"), _("یکشنبه"), _("دوشنبه"), _("سه‌شنبه"), _("چهارشنبه"), _("پنجشنبه"), _("جمعه")),
]
MONTHS_IN_PERIOD: dict[Period, int] = {"month": 1, "season": 3, "year": 12}


class InvalidDate(AppError):
    """The text is not a day; `data["reason"]` is `empty`, `not_a_date`, `no_such_day` or `out_of_range`."""

    code = "validation_error"
    http_status = 400
    message = _("تاریخ را مانند ۱۴۰۵/۰۹/۰۱ بنویسید.")


def local_date(moment: datetime, tz: str = TEHRAN) -> date:
    """The day in the zone to which an aware instant belongs."""
    return _aware(moment).astimezone(ZoneInfo(tz)).date()


def last_day(end: datetime, tz: str = TEHRAN) -> date:
    """The local day that is over at this instant: what ends then is good to the end of that day.

    >>> last_day(datetime(2026, 11, 22, 20, 30, tzinfo=UTC)), last_day(datetime(2026, 11, 22, 20, 31, tzinfo=UTC))
    (datetime.date(2026, 11, 22), datetime.date(2026, 11, 23))
    """
    return local_date(end - timedelta(microseconds=1), tz)


def day_bounds(day: date, tz: str = TEHRAN) -> tuple[datetime, datetime]:
    """The instants (start, end) of a local day in UTC, half open.

    >>> [moment.isoformat() for moment in day_bounds(date(2026, 11, 22))]
    ['2026-11-21T20:30:00+00:00', '2026-11-22T20:30:00+00:00']
    """
    return _midnight(day, tz), _midnight(day + timedelta(days=1), tz)


def month_bounds(year: int, month: int, tz: str = TEHRAN) -> tuple[datetime, datetime]:
    """The instants (start, end) of a Jalali month in UTC, half open."""
    last = from_jalali(year, month, month_length(year, month))
    return _midnight(from_jalali(year, month, 1), tz), _midnight(last + timedelta(days=1), tz)


def end_of_period(day: date, period: Period) -> date:
    """The last day (Gregorian) of the Jalali month, season or year in which the day lies.

    >>> end_of_period(date(2026, 11, 22), "season"), end_of_period(date(2026, 11, 22), "year")
    (datetime.date(2026, 12, 21), datetime.date(2027, 3, 20))
    """
    year, month, _day = to_jalali(day)
    length = MONTHS_IN_PERIOD[period]
    last_month = (month - 1) // length * length + length
    return from_jalali(year, last_month, month_length(year, last_month))


@lru_cache(maxsize=8192)
def to_jalali(day: date) -> tuple[int, int, int]:
    """(year, month, day) in the Jalali calendar; of a datetime its own date, so give `local_date` of an instant.

    >>> to_jalali(date(2026, 11, 22))
    (1405, 9, 1)
    """
    converted = jdatetime.date.fromgregorian(year=day.year, month=day.month, day=day.day)
    return converted.year, converted.month, converted.day


@lru_cache(maxsize=8192)
def from_jalali(year: int, month: int, day: int) -> date:
    """The Gregorian date of a Jalali one; ValueError where there is no such day.

    >>> from_jalali(1403, 12, 30)
    datetime.date(2025, 3, 20)
    """
    converted = jdatetime.date(year, month, day).togregorian()
    return date(converted.year, converted.month, converted.day)


@lru_cache(maxsize=512)
def is_leap(year: int) -> bool:
    """Whether Esfand of the Jalali year has 30 days."""
    return bool(jdatetime.date(year, 1, 1).isleap())


def month_length(year: int, month: int) -> int:
    """Days of a Jalali month: six of 31, five of 30, Esfand 29 or 30."""
    if not 1 <= month <= 12:
        raise ValueError("months are 1 … 12")
    return 31 if month <= 6 else 30 if month <= 11 or is_leap(year) else 29


def weekday(day: date) -> int:
    """0 for Saturday … 6 for Friday, as in offers and reports."""
    return (day.weekday() + 2) % 7


def format_date(moment: date | datetime, style: Style = "long", tz: str = TEHRAN) -> str:
    """The Jalali date in the language of now; of an instant, its day in the zone.

    long «۱ آذر ۱۴۰۵», short «۱ آذر», numeric «۱۴۰۵/۰۹/۰۱», weekday «یکشنبه ۱ آذر ۱۴۰۵», month «آذر ۱۴۰۵».

    >>> format_date(date(2026, 11, 22)), format_date(date(2026, 11, 22), "numeric")
    ('۱ آذر ۱۴۰۵', '۱۴۰۵/۰۹/۰۱')
    """
    on = local_date(moment, tz) if isinstance(moment, datetime) else moment
    year, month, day = to_jalali(on)
    name = MONTHS[month - 1]
    match style:
        case "short":
            text = f"{day} {name}"
        case "numeric":
            text = f"{year:04}/{month:02}/{day:02}"
        case "weekday":
            text = f"{WEEKDAYS[weekday(on)]} {day} {name} {year}"
        case "month":
            text = f"{name} {year}"
        case _:
            text = f"{day} {name} {year}"
    return in_language(text)


def format_time(moment: datetime, tz: str = TEHRAN) -> str:
    """Hours and minutes in the zone."""
    return in_language(_aware(moment).astimezone(ZoneInfo(tz)).strftime("%H:%M"))


def format_datetime(moment: datetime, style: Style = "long", tz: str = TEHRAN) -> str:
    """Date and time of an instant in the zone.

    >>> format_datetime(datetime(2026, 11, 22, 12, 35, tzinfo=UTC))
    '۱ آذر ۱۴۰۵، ۱۶:۰۵'
    """
    return listed([format_date(moment, style, tz), format_time(moment, tz)])


def relative_day(moment: date | datetime, now: datetime, tz: str = TEHRAN) -> str:
    """«امروز», «دیروز», «۳ روز پیش», «۲ روز دیگر» up to a week, then the date, with its year when that is another one.

    >>> relative_day(date(2026, 11, 20), datetime(2026, 11, 22, 8, tzinfo=UTC))
    '۲ روز پیش'
    """
    on = local_date(moment, tz) if isinstance(moment, datetime) else moment
    today = local_date(now, tz)
    days = (on - today).days
    if days in _NEAR:
        return str(_NEAR[days])
    if abs(days) <= 7:
        far = _("%(days)s روز دیگر") if days > 0 else _("%(days)s روز پیش")
        return str(far) % {"days": in_language(abs(days))}
    return format_date(on, "short" if to_jalali(on)[0] == to_jalali(today)[0] else "long")


_NEAR = {0: _("امروز"), -1: _("دیروز"), 1: _("فردا")}
_NUMERIC = re.compile(r"([0-9]{4})\s*[/\-.٫،\s]\s*([0-9]{1,2})\s*[/\-.٫،\s]\s*([0-9]{1,2})")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
# Day first is what a line of Persian turns a date into; of a Gregorian one it could be the month.
_BACKWARDS = re.compile(r"([0-9]{1,2})\s*[/\-.٫،\s]\s*([0-9]{1,2})\s*[/\-.٫،\s]\s*([0-9]{4})")
_WORDS = re.compile(r"([0-9]{1,2})\s+(\D+?)\s+([0-9]{4})")
_CLOCK = re.compile(
    r"(.+?)[\sT،,]+([0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)\s*(Z|[+-][0-9]{2}:?[0-9]{2})?", re.ASCII
)
_MONTH_NUMBERS = {search_key(name): number for names in MONTHS_TYPED for number, name in enumerate(names, start=1)}


def parse_jalali(text: str) -> date:
    """The day a person typed: 1405/9/1, ۱۴۰۵-۰۹-۰۱, 1/9/1405, 14050901, «۱ آذر ۱۴۰۵», or Gregorian 2026-11-22.

    The year comes in four digits and tells the calendar: 1200–1600 is Jalali, 1821–2222 Gregorian.
    Raises InvalidDate.

    >>> parse_jalali("۱۴۰۵/۹/۱") == parse_jalali("۱ آذر ۱۴۰۵") == parse_jalali("2026-11-22")
    True
    """
    typed = "".join(char for char in latin_digits(text) if unicodedata.category(char) != "Cf").strip()
    if not typed:
        raise InvalidDate(_("تاریخ را بنویسید."), reason="empty")
    year, month, day = _numbers(typed[:60])
    if FIRST_YEAR <= year <= LAST_YEAR:
        return _checked_jalali(year, month, day)
    try:
        found = date(year, month, day)
    except ValueError:
        raise InvalidDate(_("چنین روزی در تقویم نیست."), reason="no_such_day") from None
    if not from_jalali(FIRST_YEAR, 1, 1) <= found <= from_jalali(LAST_YEAR, 12, 29):
        raise InvalidDate(_("سال را با چهار رقم بنویسید، مانند ۱۴۰۵."), reason="out_of_range")
    return found


def parse_moment(text: str, tz: str = TEHRAN) -> datetime:
    """The instant a person or a program wrote: a day as `parse_jalali` takes it, with or without a time and an offset.

    A day without a time is its noon in the zone. Raises InvalidDate.

    >>> parse_moment("۱۴۰۵/۰۹/۰۱ ۱۸:۳۰").isoformat(), parse_moment("2026-11-22T15:00:00Z").isoformat()
    ('2026-11-22T18:30:00+03:30', '2026-11-22T15:00:00+00:00')
    """
    typed = latin_digits(text).strip()
    parted = _CLOCK.fullmatch(typed)
    if parted is None:
        return datetime.combine(parse_jalali(typed), NOON, tzinfo=ZoneInfo(tz))
    try:
        clock = time.fromisoformat(f"{parted[2].partition(':')[0]:0>2}:{parted[2].partition(':')[2]}")
        zone: tzinfo = (time.fromisoformat(f"00:00{parted[3]}").tzinfo or UTC) if parted[3] else ZoneInfo(tz)
    except ValueError:
        raise InvalidDate(reason="not_a_date") from None
    return datetime.combine(parse_jalali(parted[1]), clock, tzinfo=zone)


def _numbers(typed: str) -> tuple[int, int, int]:
    found = _NUMERIC.fullmatch(typed) or _COMPACT.fullmatch(typed)
    if found:
        return int(found[1]), int(found[2]), int(found[3])
    backwards = _BACKWARDS.fullmatch(typed)
    if backwards and FIRST_YEAR <= int(backwards[3]) <= LAST_YEAR:
        return int(backwards[3]), int(backwards[2]), int(backwards[1])
    worded = _WORDS.fullmatch(typed)
    month = _MONTH_NUMBERS.get(search_key(worded[2])) if worded else None
    if worded is None or month is None:
        raise InvalidDate(reason="not_a_date")
    return int(worded[3]), month, int(worded[1])


def _checked_jalali(year: int, month: int, day: int) -> date:
    if not 1 <= month <= 12 or day < 1:
        raise InvalidDate(_("چنین روزی در تقویم نیست."), reason="no_such_day")
    last = month_length(year, month)
    if day > last:
        message = _("%(month)s %(year)s %(days)s روز دارد.") % {
            "month": MONTHS[month - 1],
            "year": in_language(year),
            "days": in_language(last),
        }
        raise InvalidDate(message, reason="no_such_day")
    return from_jalali(year, month, day)


@lru_cache(maxsize=4096)
def _midnight(day: date, tz: str) -> datetime:
    """The first instant of a local day. Where summer time skips midnight (Tehran to 2022) that is 01:00."""
    return datetime.combine(day, time(), tzinfo=ZoneInfo(tz)).astimezone(UTC)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("an instant needs its zone: give an aware datetime")
    return moment
