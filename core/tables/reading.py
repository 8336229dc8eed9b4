"""Tables people send: CSV in the usual encodings, plain or gzip, and XLSX. Rows of text, a few at a time.

A cell is always text, as a person would read it: numbers without exponent, dates as ISO. What a spreadsheet has spoilt
(digits beyond its fifteenth) keeps its exponent, so that `whole_number` can tell. Memory does not grow with the rows.
"""

import csv
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

from core.errors import AppError
from core.language import in_language
from core.text import latin_digits

MOST_COLUMNS = 200
HEADER_WITHIN = 20  # rows; titles and empty rows may stand above the header
BROKEN = _("فایل خراب است و تا پایان خوانده نشد؛ آن را در صفحه‌گسترده باز و دوباره ذخیره کنید، یا فایل را از نو بگیرید.")
TOO_LARGE = _("فایل پس از باز شدن بیش از اندازه بزرگ است؛ آن را تکه کنید و تکه‌تکه بفرستید.")
_EXPONENT = re.compile(r"([0-9])(?:\.([0-9]+))?[eE]\+?([0-9]{1,2})", re.ASCII)
_DECIMALS_OF_NOTHING = re.compile(r"([0-9]+)\.0+", re.ASCII)

Row = tuple[int, list[str]]
Record = TypeVar("Record")


class Unreadable(AppError):
    """The file as a whole cannot be read as a table; the message says why and what to do."""

    code = "unreadable"
    message = _("این فایل خوانده نشد.")


class Spoilt(AppError):
    """A spreadsheet has rounded the number: its last digits are lost."""

    code = "spoilt_number"
    message = _("صفحه‌گسترده رقم‌های آخر این عدد را از میان برده است؛ خانه را «متن» کنید و دوباره بنویسید.")


class NoResult(AppError):
    """A formula that nobody has worked out: what the cell should say is not in the file."""

    code = "formula_without_result"
    message = _("خانهٔ %(cell)s فرمول بی‌مقدار است؛ فایل را در صفحه‌گسترده باز و دوباره ذخیره کنید، یا مقدارش را بنویسید.")


@dataclass(frozen=True)
class Table:
    """A readable table. `lines` is about how many rows follow the header, for showing how far the reading is."""

    path: Path
    form: str
    header: list[str]
    lines: int
    head: list[Row]
    """The first rows below the header, to show."""
    records: Callable[[], Iterator[Row]] = field(repr=False)
    header_number: int = 1
    encoding: str = ""
    delimiter: str = ","
    formulas: Mapping[int, Mapping[int, str]] = field(default_factory=dict, repr=False)
    """The formulas without results: row, place of the cell, and the formula, which the cell then holds as its text."""

    def unworked(self, number: int) -> dict[int, NoResult]:
        """Which cells of the row, by their places, hold a formula without its result."""
        return {
            place: NoResult(cell=f"{get_column_letter(place + 1)}{number}") for place in self.formulas.get(number, ())
        }

    def rows(self) -> Iterator[Row]:
        """(number in the file, cells) of each row below the header that is not empty. Raises Unreadable."""
        for number, cells in guarded(self.records()):
            if number > self.header_number and any(cells):
                if self.form == "xlsx":  # which leaves the empty cells at the end of a row out
                    cells += [""] * (len(self.header) - len(cells))
                yield number, cells


def open_table(
    path: Path, *, encoding: str | None = None, is_header: Callable[[list[str]], bool] | None = None
) -> Table:
    """The file as a table, whatever of the three it is; the encoding of a CSV is found out unless it is named.

    The header is the first row that `is_header` accepts among the first 20, else the first one. Raises Unreadable.
    """
    from core.tables.csv_files import CsvFile
    from core.tables.xlsx_files import XlsxFile, is_workbook

    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise Unreadable(_("فایل %(path)s باز نشد: %(why)s"), path=path, why=error.strerror) from error
    if not start:
        raise Unreadable(_("فایل خالی است؛ فایلی بفرستید که سطر نخستش نام ستون‌هاست."))
    source = XlsxFile(path) if is_workbook(path, start) else CsvFile(path, start, encoding)
    first = _first_rows(guarded(source.records()))
    if not first:
        raise Unreadable(_("فایل هیچ سطری ندارد؛ فایلی بفرستید که سطر نخستش نام ستون‌هاست."))
    at = next((place for place, (_n, cells) in enumerate(first) if is_header and is_header(cells)), 0)
    number, header = first[at]
    while header and not header[-1].strip():
        header = header[:-1]
    if len(header) > MOST_COLUMNS:
        raise Unreadable(
            _("فایل بیش از %(most)s ستون دارد؛ تنها ستون‌های لازم را نگه دارید."), most=in_language(MOST_COLUMNS)
        )
    return Table(
        path=path,
        form=source.form,
        header=header,
        lines=max(source.lines - number, 0),
        head=first[at + 1 :],
        records=source.records,
        header_number=number,
        encoding=source.encoding,
        delimiter=source.delimiter,
        formulas=source.formulas,
    )


def _first_rows(rows: Iterator[Row]) -> list[Row]:
    found: list[Row] = []
    for number, cells in rows:
        if any(cell.strip() for cell in cells):
            found.append((number, cells))
        if len(found) == HEADER_WITHIN:
            break
    return found


def guarded(rows: Iterator[Record]) -> Iterator[Record]:
    """The rows; whatever breaks while a broken file is read becomes Unreadable."""
    try:
        yield from rows
    except UnicodeError as error:
        raise Unreadable(_("متن فایل با این رمزگذاری خوانده نمی‌شود؛ آن را با UTF-8 ذخیره کنید.")) from error
    except csv.Error as error:
        raise Unreadable(_('یک سطر فایل درست بسته نشده است؛ گیومه‌ها (") را ببینید.')) from error
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(BROKEN) from error


def whole_number(text: str) -> str:
    """The digits of a number that a spreadsheet may have turned into 9.12E+09 or 912.0; other text as it is.

    Raises Spoilt where digits are lost.

    >>> whole_number("9.121234567E+09"), whole_number("9121234567.0"), whole_number("۰۹۱۲ ۱۲۳")
    ('9121234567', '9121234567', '۰۹۱۲ ۱۲۳')
    """
    typed = latin_digits(text).strip()
    if plain := _DECIMALS_OF_NOTHING.fullmatch(typed):
        return plain[1]
    found = _EXPONENT.fullmatch(typed)
    if found is None:
        return text
    digits, places = found[1] + (found[2] or ""), int(found[3])
    if len(digits) - 1 > places:
        return text
    if len(digits) - 1 < places:
        raise Spoilt
    return digits
