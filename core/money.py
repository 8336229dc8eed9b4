"""Money: whole Rial in bigint inside, the club's own unit for people. Never a float.

The unit table below is the only place that knows a unit's name and its factor; templates and forms ask it.
Iran's new rial (10,000 of today's, law of November 2025) is one more row here when it starts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import AppError
from core.language import in_language, is_persian
from core.text import latin_digits

Rial: TypeAlias = int
Points: TypeAlias = int

MAX_BIGINT = 2**63 - 1  # of a PostgreSQL bigint column
BP = 10_000  # basis points in one whole
GROUP_MARK = "٬"  # U+066C
DECIMAL_MARK = "٫"  # U+066B
MINUS = "\u200e−"  # with a left-to-right mark, so that the sign stays before the digits in Persian text


@dataclass(frozen=True)
class Unit:
    """A unit in which a club's people read and type money."""

    code: str
    own_name: str
    """As it is called in Persian."""
    name: Promise
    rial: int
    """How many Rial make one."""


UNITS = {
    unit.code: unit
    for unit in (
        Unit("toman", "تومان", _("تومان"), 10),
        Unit("rial", "ریال", _("ریال"), 1),
    )
}
UNIT_CHOICES = [(unit.code, unit.name) for unit in UNITS.values()]


class InvalidAmount(AppError):
    """The text is not an amount of money.

    `data["reason"]` is one of `empty`, `not_a_number`, `fraction`, `negative`, `too_large`.
    """

    code = "validation_error"
    http_status = 400
    message = _("مبلغ را با رقم بنویسید، مانند ۲۵۰٬۰۰۰.")


_REFUSALS = {
    "empty": _("مبلغ را بنویسید."),
    "not_a_number": InvalidAmount.message,
    "fraction": _("مبلغ را بدون اعشار بنویسید."),
    "negative": _("مبلغ نمی‌تواند منفی باشد."),
    "too_large": _("این مبلغ بیش از اندازه بزرگ است."),
}

_MARKS = r"\s,٬،'’"
_WHOLE = re.compile(rf"[0-9]+|[0-9]{{1,3}}(?:[{_MARKS}]+[0-9]{{3}})+")
_MARK = re.compile(rf"[{_MARKS}]+")
_FRACTION = re.compile(rf"[0-9{_MARKS}]*[.٫/][0-9{_MARKS}]*")
_MINUS_SIGNS = "-−–‐‑"
_LONGEST = 40  # characters; more digits than any bigint has, and far below where int() itself refuses


def round_half_up(numerator: int, denominator: int, step: int = 1) -> int:
    """Numerator / denominator rounded to the nearest multiple of `step`, a half going away from zero.

    What is taken back is thus the mirror image of what was given. Exact: integers only.

    >>> round_half_up(5, 2), round_half_up(-5, 2), round_half_up(1234, 1, 10), round_half_up(1235, 1, 10)
    (3, -3, 1230, 1240)
    """
    if denominator <= 0 or step <= 0:
        raise ValueError("denominator and step must be above zero")
    whole = denominator * step
    rounded = (2 * abs(numerator) + whole) // (2 * whole) * step
    return rounded if numerator >= 0 else -rounded


def percent_of(amount: Rial, rate_bp: int, *, step: int = 1) -> Rial:
    """`rate_bp` basis points of an amount, rounded half up to `step` Rial.

    >>> percent_of(600_000, 750, step=10), percent_of(333, 1000, step=10)
    (45000, 30)
    """
    return round_half_up(amount * rate_bp, BP, step)


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` over the weights by largest remainder: the shares add up to it exactly, none is negative.

    Each share is its exact part rounded down or up; equal remainders go to the earlier weight; a weight of zero gets
    nothing; with `total` ≤ the sum of the weights no share exceeds its weight. (Hamilton's method.)
    Raises ValueError for a negative total or weight, or when there is something to share and no weight.

    >>> share_out(100, [1, 1, 1]), share_out(7, [0, 3, 4]), share_out(0, [])
    ([34, 33, 33], [0, 3, 4], [])
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("total and weights must not be negative")
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("something to share, but no weight")
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    if missing := total - sum(shares):
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
        for i in by_remainder[:missing]:
            shares[i] += 1
    return shares


def parse_money(text: str, unit: str) -> Rial:
    """The amount a person typed in the club's `unit`, in Rial; 0 or more, and small enough for a bigint.

    Takes Persian, Arabic and Latin digits, group marks (`,` `٬` `،` `'` and spaces, every three digits), invisible
    marks, and the unit's own name after the number. Zero is an amount: who cannot take it says so (`MoneyField`).
    Raises InvalidAmount for nothing, words, NaN, 1e309, fractions, negatives and what no bigint holds.

    >>> parse_money("۲۵۰٬۰۰۰", "toman"), parse_money("250 000", "rial")
    (2500000, 250000)
    """
    measure = UNITS[unit]
    typed = "".join(char for char in latin_digits(text) if unicodedata.category(char) != "Cf").strip()
    for name in (measure.own_name, measure.code):
        typed = typed.removesuffix(name).removesuffix(name.capitalize()).strip()
    if not typed:
        raise _refused("empty")
    if _WHOLE.fullmatch(typed) is None:
        raise _refused(_why_not_whole(typed))
    digits = _MARK.sub("", typed).lstrip("0")
    if len(digits) > _LONGEST:
        raise _refused("too_large")
    amount = int(digits or "0") * measure.rial
    if amount > MAX_BIGINT:
        raise _refused("too_large")
    return amount


def format_money(rial: Rial, unit: str) -> str:
    """The number in the club's unit, in digits of the language grouped by ٬, without the unit's name; exact.

    >>> format_money(2_450_000, "toman"), format_money(125, "toman")
    ('۲۴۵٬۰۰۰', '۱۲٫۵')
    """
    whole, rest = divmod(abs(rial), UNITS[unit].rial)
    number = f"{whole:,}".replace(",", GROUP_MARK)
    if rest:
        places = len(str(UNITS[unit].rial)) - 1
        number += DECIMAL_MARK + f"{rest:0{places}}".rstrip("0")
    return (MINUS if rial < 0 else "") + in_language(number)


def unit_name(unit: str) -> str:
    """What people call the unit."""
    return str(UNITS[unit].name)


def money_words(rial: Rial, unit: str) -> str:
    """The amount in words with its unit, as read under a money field and on an invoice.

    >>> money_words(2_000_000, "toman")
    'دویست هزار تومان'
    """
    whole, rest = divmod(abs(rial), UNITS[unit].rial)
    number_words, minus, between = (
        (persian_words, "منفی ", " و ") if is_persian() else (english_words, "minus ", " and ")
    )
    parts = []
    if whole or not rest:
        parts.append(f"{number_words(whole)} {unit_name(unit)}")
    if rest:
        parts.append(f"{number_words(rest)} {unit_name('rial')}")
    return (minus if rial < 0 else "") + between.join(parts)


_ONES = ["صفر", "یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه"]
_ONES += ["ده", "یازده", "دوازده", "سیزده", "چهارده", "پانزده", "شانزده", "هفده", "هجده", "نوزده"]
_TENS = ["-", "-", "بیست", "سی", "چهل", "پنجاه", "شصت", "هفتاد", "هشتاد", "نود"]
_HUNDREDS = ["-", "صد", "دویست", "سیصد", "چهارصد", "پانصد", "ششصد", "هفتصد", "هشتصد", "نهصد"]
_SCALES = ("", " هزار", " میلیون", " میلیارد", " تریلیون", " کوادریلیون", " کوینتیلیون")


def persian_words(number: int) -> str:
    """A whole number from 0 to the largest bigint in Persian words.

    >>> persian_words(1_250_017)
    'یک میلیون و دویست و پنجاه هزار و هفده'
    """
    if not 0 <= number <= MAX_BIGINT:
        raise ValueError("only 0 … 2**63-1 can be put in words")
    if number < 20:
        return _ONES[number]
    parts = []
    for scale in range(len(_SCALES) - 1, -1, -1):
        group = number // 1000**scale % 1000
        if group == 1 and scale == 1 and number < 2000:  # «هزار», not «یک هزار»
            parts.append("هزار")
        elif group:
            parts.append(" و ".join(_group_words(group)) + _SCALES[scale])
    return " و ".join(parts)


def _group_words(group: int) -> list[str]:
    hundreds, rest = divmod(group, 100)
    words = [_HUNDREDS[hundreds]] if hundreds else []
    if rest >= 20:
        words.append(_TENS[rest // 10])
        rest %= 10
    if rest:
        words.append(_ONES[rest])
    return words


_ENGLISH_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_ENGLISH_ONES += ["ten", "eleven", "twelve", "thirteen", "fourteen"]
_ENGLISH_ONES += ["fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
_ENGLISH_TENS = ["-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ENGLISH_SCALES = ("", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion")


def english_words(number: int) -> str:
    """A whole number from 0 to the largest bigint in English words.

    >>> english_words(1_250_017)
    'one million two hundred and fifty thousand and seventeen'
    """
    if not 0 <= number <= MAX_BIGINT:
        raise ValueError("only 0 … 2**63-1 can be put in words")
    if number < 20:
        return _ENGLISH_ONES[number]
    parts = []
    for scale in range(len(_ENGLISH_SCALES) - 1, -1, -1):
        group = number // 1000**scale % 1000
        if group:
            parts.append(_english_group(group) + _ENGLISH_SCALES[scale])
    joined_by_and = number > 100 and 0 < number % 1000 < 100
    return " and ".join([" ".join(parts[:-1]), parts[-1]]) if joined_by_and and len(parts) > 1 else " ".join(parts)


def _english_group(group: int) -> str:
    hundreds, rest = divmod(group, 100)
    words = [f"{_ENGLISH_ONES[hundreds]} hundred"] if hundreds else []
    if rest >= 20:
        words.append(_ENGLISH_TENS[rest // 10] + (f"-{_ENGLISH_ONES[rest % 10]}" if rest % 10 else ""))
    elif rest:
        words.append(_ENGLISH_ONES[rest])
    return " and ".join(words)


def _why_not_whole(typed: str) -> str:
    if typed[0] in _MINUS_SIGNS or typed[-1] in _MINUS_SIGNS:
        bare = typed.strip(_MINUS_SIGNS + " ")
        return "negative" if _WHOLE.fullmatch(bare) or _FRACTION.fullmatch(bare) else "not_a_number"
    has_digit = any(char.isdigit() for char in typed)
    return "fraction" if has_digit and _FRACTION.fullmatch(typed) else "not_a_number"


def _refused(reason: str) -> InvalidAmount:
    return InvalidAmount(_REFUSALS[reason], reason=reason)
