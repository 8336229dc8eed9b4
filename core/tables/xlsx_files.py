"""XLSX: the first sheet that is shown, read row by row after a look at what would cost too much or be lost unsaid."""

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import unescape
from zipfile import BadZipFile, ZipFile

import openpyxl
from django.utils.translation import gettext_lazy as _
from openpyxl.utils import column_index_from_string, get_column_letter

from core.tables.reading import BROKEN, MOST_COLUMNS, TOO_LARGE, Row, Unreadable

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MOST_OF_SHEET = 600 << 20
MOST_OF_STRINGS = 96 << 20
MOST_OF_REST = 16 << 20
PIECE = 1 << 20
LONGEST_ROW = 8 << 20  # bytes of XML: many times Excel's own 16,384 columns
LAST_ROW = 1_048_576
EXACT = 10**15  # a spreadsheet keeps fifteen digits
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_ROW_NUMBER = re.compile(rb'\br="(\d{1,15})"')
# A formula whose result was never worked out: no value, and not said to be text (whose value may be empty).
_NO_RESULT = re.compile(
    rb'<c((?:\s+(?!t=)\w+="[^"]*"|\s+t="n")*)\s*>'
    rb"\s*<f[^>]*?(?:/>|>([^<]*)</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>"
)
_CELL = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
MOST_FORMULAS = 20_000
_BROKEN = (BadZipFile, ParseError, KeyError, ValueError, IndexError, TypeError, AttributeError, OverflowError)


def is_workbook(path: Path, start: bytes) -> bool:
    """Whether it is an XLSX. Raises Unreadable for what only spreadsheets would call one, and for other archives."""
    if start.startswith(OLE):
        content = path.read_bytes() if path.stat().st_size < MOST_OF_REST else start
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Unreadable(_("این فایل گذرواژه دارد؛ گذرواژه را بردارید و دوباره ذخیره کنید."))
        raise Unreadable(_("این فایل XLS قدیمی است؛ آن را با قالب XLSX ذخیره کنید."))
    if not start.startswith(ZIP):
        return False
    try:
        with ZipFile(path) as archive:
            names = set(archive.namelist())
    except BadZipFile as error:
        raise Unreadable(BROKEN) from error
    if "xl/workbook.xml" not in names:
        raise Unreadable(_("این فایل XLSX نیست؛ آن را در صفحه‌گسترده باز و با قالب XLSX ذخیره کنید."))
    return True


class XlsxFile:
    """The workbook, held open. Row numbers are those of the sheet."""

    form = "xlsx"
    encoding = delimiter = ""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0
        self.formulas: dict[int, dict[int, str]] = {}
        self._unworked = 0
        try:
            with ZipFile(path) as archive:
                self._refuse_bombs(archive)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                # By the open file: of a path it would judge the name, and what people call their files is anything.
                self._book = openpyxl.load_workbook(path.open("rb"), read_only=True, data_only=True)
            shown = [sheet for sheet in self._book.worksheets if sheet.sheet_state == "visible"]
            if not shown:
                raise Unreadable(_("فایل برگه‌ای ندارد که پنهان نباشد؛ برگهٔ فهرست را نمایان کنید و دوباره بفرستید."))
            self._sheet = shown[0]
            self._sheet.reset_dimensions()  # what the file says of its size may be wrong, and would cut it off
            with ZipFile(path) as archive:
                self._survey(archive)
        except _BROKEN as error:
            raise Unreadable(BROKEN) from error

    def records(self) -> Iterator[Row]:
        """Number and cells of each row."""
        rows = self._sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS + 1)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for number, values in enumerate(rows, start=1):
                    cells = [as_text(value) for value in _trimmed(values)]
                    yield number, self._with_formulas(number, cells) if number in self.formulas else cells
        except _BROKEN as error:
            raise Unreadable(BROKEN) from error

    def _with_formulas(self, number: int, cells: list[str]) -> list[str]:
        """The row with its formulas for what they have not come to."""
        for place, formula in self.formulas[number].items():
            cells += [""] * (place + 1 - len(cells))
            cells[place] = formula
        return cells

    def _refuse_bombs(self, archive: ZipFile) -> None:
        """No more is ever unpacked than the archive says of itself: zipfile holds it to that."""
        for part in archive.infolist():
            if part.flag_bits & 1:
                raise Unreadable(_("این فایل گذرواژه دارد؛ گذرواژه را بردارید و دوباره ذخیره کنید."))
            is_sheet = part.filename.startswith("xl/worksheets/")
            is_media = part.filename.startswith("xl/media/")
            strings = part.filename == "xl/sharedStrings.xml"
            most = MOST_OF_SHEET if is_sheet or is_media else MOST_OF_STRINGS if strings else MOST_OF_REST
            if part.file_size > most:
                raise Unreadable(TOO_LARGE)

    def _survey(self, archive: ZipFile) -> None:
        """Count the rows, find the formulas without results and refuse rows without end, before the slow reading."""
        left = b""
        with archive.open(self._sheet._worksheet_path) as file:  # noqa: SLF001 - known nowhere else
            while piece := file.read(PIECE):
                left += piece
                end = max(left.rfind(b"</row>"), left.rfind(b":row>"))
                if end >= 0:
                    self._look_at(left[: end + 6])
                    left = left[end + 5 :]
                elif len(left) > LONGEST_ROW:
                    raise Unreadable(_("فایل سطری با ستون‌های بی‌شمار دارد؛ تنها ستون‌های لازم را نگه دارید."))
        self._look_at(left)

    def _look_at(self, xml: bytes) -> None:
        for row in _ROW.finditer(xml):
            self.lines += 1
            number = _ROW_NUMBER.search(row[1])
            if number and int(number[1]) > LAST_ROW:
                raise Unreadable(BROKEN)
        if b"<f" in xml or b":f" in xml:
            for cell in _NO_RESULT.finditer(xml):
                self._keep_formula(cell)

    def _keep_formula(self, cell: re.Match[bytes]) -> None:
        """Note where it is; a file that is full of them, or does not say where, was never worked out as a whole."""
        named = _CELL.search(cell[1])
        self._unworked += 1
        if named is None or self._unworked > MOST_FORMULAS:
            first = next(
                (f"{get_column_letter(min(row) + 1)}{number}" for number, row in self.formulas.items() if row), "?"
            )
            raise Unreadable(
                _("حاصل فرمول‌های فایل در آن نیست (نخستین: %(cell)s)؛ آن را در صفحه‌گسترده باز و دوباره ذخیره کنید."),
                cell=first,
            )
        place = column_index_from_string(named[1].decode()) - 1
        if place < MOST_COLUMNS:
            formula = unescape((cell[2] or b"").decode("utf-8", "replace"))
            self.formulas.setdefault(int(named[2]), {})[place] = f"={formula}"


def _trimmed(values: tuple[Any, ...]) -> tuple[Any, ...]:
    last = len(values)
    while last and values[last - 1] is None:
        last -= 1
    return values[:last]


def as_text(value: Any) -> str:
    """A cell as a person would read it.

    >>> as_text(9.12e9), as_text(0.5), as_text(datetime(2026, 11, 22)), as_text(6037991234567890)
    ('9120000000', '0.5', '2026-11-22', '6.03799123456789E+15')
    """
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value != value:  # not a number at all
            return ""
        case int() | float():
            if abs(value) >= EXACT:
                return f"{value:.14E}"
            return str(int(value)) if value == int(value) else format(value, "f").rstrip("0")
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
        case date():
            return value.isoformat()
        case _:
            return str(value)
