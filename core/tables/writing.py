"""Tables for spreadsheets, CSV and XLSX: a stream of bytes made row by row, in constant memory.

Numbers are numbers in Latin digits, money in the club's unit with the unit in the heading, phones and codes text, each
date twice: Jalali as text and Gregorian for reckoning. What a stranger wrote is never taken for a formula.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from core.errors import Text
from core.jalali import format_date, format_time
from core.money import UNITS, unit_name
from core.text import latin_digits

Cell = str | int | Decimal | date | datetime | None
Kind = Literal["text", "number", "percent", "money", "day", "moment"]
FORMS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
PIECE = 1 << 16  # bytes, about
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_SIGNED_NUMBER = re.compile(r"[+-][0-9][0-9,.٬٫]*", re.ASCII)


@dataclass(frozen=True)
class Column:
    """A column: its heading, and what it holds of a row. Money is Rial, percents basis points, moments aware."""

    heading: Text
    value: Callable[[Any], Any]
    kind: Kind = "text"


@dataclass(frozen=True)
class Sheet:
    """Columns as they are written for a club: dates take two, money is reckoned in its unit."""

    headings: list[str]
    makers: tuple[Callable[[Any], tuple[Cell, ...]], ...]
    is_text: list[bool]

    @classmethod
    def of(cls, columns: Iterable[Column], *, unit: str, zone: str) -> "Sheet":
        """The columns for a club with this unit and zone."""
        headings: list[str] = []
        makers = []
        is_text: list[bool] = []
        for column in columns:
            heading = str(column.heading)
            if column.kind in ("day", "moment"):
                headings += [heading, f"{heading} ({_('میلادی')})"]
                is_text += [True, False]
            else:
                headings.append(f"{heading} ({unit_name(unit)})" if column.kind == "money" else heading)
                is_text.append(column.kind == "text")
            makers.append(_maker(column, unit, zone))
        return cls(headings, tuple(makers), is_text)

    def cells(self, row: Any) -> list[Cell]:
        """What is written of a row."""
        return [cell for make in self.makers for cell in make(row)]


def _maker(column: Column, unit: str, zone: str) -> Callable[[Any], tuple[Cell, ...]]:
    value, per = column.value, UNITS[unit].rial
    makers: dict[Kind, Callable[[Any], tuple[Cell, ...]]] = {
        "text": lambda found: (None if found is None else str(found),),
        "number": lambda found: (found,),
        "percent": lambda found: (_divided(found, 100),),
        "money": lambda found: (_divided(found, per),),
        "day": _day,
        "moment": lambda found: _moment(found, zone),
    }
    make = makers[column.kind]
    return lambda row: make(value(row))


def _day(on: date | None) -> tuple[Cell, ...]:
    return (latin_digits(format_date(on, "numeric")), on) if on else (None, None)


def _moment(at: datetime | None, zone: str) -> tuple[Cell, ...]:
    if at is None:
        return None, None
    said = latin_digits(f"{format_date(at, 'numeric', zone)} {format_time(at, zone)}")
    return said, at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, microsecond=0)


def _divided(amount: int | None, by: int) -> int | Decimal | None:
    """Exactly: whole where it is whole."""
    if amount is None:
        return None
    whole, rest = divmod(amount, by)
    return Decimal(amount) / by if rest else whole


def safe_text(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula; signed numbers stay numbers.

    >>> safe_text("=cmd()"), safe_text("-12.5"), safe_text("-1+1"), safe_text("+989121234567")
    ("'=cmd()", '-12.5', "'-1+1", '+989121234567')
    """
    return f"'{text}" if text.startswith(_FORMULA) and not _SIGNED_NUMBER.fullmatch(text) else text


def csv_stream(headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, delimiter: str = ",") -> Iterator[bytes]:
    """UTF-8 with its mark, so that spreadsheets read Persian."""
    buffer = io.StringIO(newline="")
    buffer.write("\ufeff")
    writer = csv.writer(buffer, delimiter=delimiter)
    writer.writerow([safe_text(text) for text in headings])
    for row in rows:
        writer.writerow([_as_csv(cell) for cell in row])
        if buffer.tell() > PIECE:
            yield _emptied(buffer)
    yield _emptied(buffer)


def _as_csv(cell: Cell) -> object:
    match cell:
        case str():
            return safe_text(cell.replace("\x00", ""))
        case datetime():
            return cell.isoformat(" ", "minutes")
        case date():
            return cell.isoformat()
        case Decimal():
            return f"{cell.normalize():f}"
    return cell


def _emptied(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode("utf-8", "replace")
