"""XLSX by XlsxWriter: one sheet, kept on disk while it is made, so that memory stays small, and then sent in pieces."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from core.tables.writing import PIECE, Cell

EXACT = 10**15  # beyond fifteen digits a spreadsheet rounds, so such a number goes in as text
LONGEST_TEXT = 32_767
LONGEST_NAME = 31
WIDTH = 18
FIRST_DAY = date(1900, 3, 1)  # before it, spreadsheets and the calendar differ by the 29 February of 1900
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_A_NAME = re.compile(r"[\[\]:*?/\\']")


def xlsx_stream(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    is_text: Sequence[bool] = (),
    right_to_left: bool = True,
) -> Iterator[bytes]:
    """A workbook of one sheet with a frozen header; `is_text` marks columns where what is typed later stays text."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        # Row after row goes out of memory; texts stand in their cells, where no spreadsheet takes them for formulas.
        with xlsxwriter.Workbook(path, {"constant_memory": True, "tmpdir": folder}) as book:
            name = _NOT_A_NAME.sub(" ", title)[:LONGEST_NAME].strip() or "1"
            written = _Written(book, book.add_worksheet(name))
            written.open(len(headings), is_text, right_to_left=right_to_left)
            written.row(0, headings, written.bold)
            for number, row in enumerate(rows, start=1):
                written.row(number, row, written.text)
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece


class _Written:
    """The sheet with the formats of its cells."""

    def __init__(self, book: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        self.sheet = sheet
        self.bold = book.add_format({"bold": True})
        self.text = book.add_format({"num_format": "@"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})

    def open(self, width: int, is_text: Sequence[bool], *, right_to_left: bool) -> None:
        if right_to_left:
            self.sheet.right_to_left()
        self.sheet.freeze_panes(1, 0)
        for place in range(width):
            self.sheet.set_column(place, place, WIDTH, self.text if is_text[place : place + 1] == [True] else None)

    def row(self, number: int, cells: Sequence[Cell], style: Format) -> None:
        for place, cell in enumerate(cells):
            self.cell(number, place, cell, style)

    def cell(self, row: int, place: int, cell: Cell, style: Format) -> None:
        match cell:
            case None | "":
                pass
            case str():
                self.sheet.write_string(row, place, _NOT_XML.sub("", cell[:LONGEST_TEXT]), style)
            case datetime() if cell.date() >= FIRST_DAY:
                self.sheet.write_datetime(row, place, cell, self.moment)
            case datetime():
                self.cell(row, place, cell.isoformat(" ", "minutes"), self.text)
            case date() if cell >= FIRST_DAY:
                self.sheet.write_datetime(row, place, cell, self.day)
            case date():
                self.cell(row, place, cell.isoformat(), self.text)
            case int() | Decimal() if abs(int(cell)) < EXACT:
                self.sheet.write_number(row, place, cell)
            case int() | Decimal():
                self.cell(row, place, f"{cell:f}" if isinstance(cell, Decimal) else str(cell), self.text)
