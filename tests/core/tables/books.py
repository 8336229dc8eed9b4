"""Workbooks for tests: as openpyxl writes them, and with a part of theirs replaced by what we need to see refused."""

import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

from core.tables.xlsx_writing import MAIN, PARTS

SHEET = "xl/worksheets/sheet1.xml"


def book(path: Path, rows: Sequence[Sequence[Any]], **formats: str) -> Path:
    """An XLSX of these rows; `formats` gives columns by letter a number format."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in rows:
        sheet.append(row)
    for letter, number_format in formats.items():
        for cell in sheet[letter]:
            cell.number_format = number_format
    workbook.save(path)
    return path


def rewritten(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The same archive with one part changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def excel_book(path: Path, rows: Iterable[Sequence[str | float | None]]) -> Path:
    """An XLSX as Excel writes it: texts once in a table of strings, every row with its number, size and dimension."""
    strings: dict[str, int] = {}
    lines = []
    width = 0
    for number, row in enumerate(rows, start=1):
        width = max(width, len(row))
        cells = []
        for letter, value in zip(ascii_uppercase, row, strict=False):
            if isinstance(value, str):
                cells.append(f'<c r="{letter}{number}" t="s"><v>{strings.setdefault(value, len(strings))}</v></c>')
            elif value is not None:
                cells.append(f'<c r="{letter}{number}"><v>{value}</v></c>')
        lines.append(f'<row r="{number}" spans="1:{width}" ht="15">{"".join(cells)}</row>')
    size = f"A1:{ascii_uppercase[width - 1]}{len(lines)}"
    sheet = f'<worksheet xmlns="{MAIN}"><dimension ref="{size}"/><sheetData>{"".join(lines)}</sheetData></worksheet>'
    table = "".join(f"<si><t>{escape(text)}</t></si>" for text in strings)
    text_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{text_type}"/></Types>'
    relation = PARTS["xl/_rels/workbook.xml.rels"].replace("styles", "sharedStrings", 2)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in PARTS.items():
            archive.writestr(name, content.replace("%NAME%", '"Sheet1"'))
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}" count="{len(strings)}">{table}</sst>')
    rewritten(path, "[Content_Types].xml", lambda xml: xml.replace(b"</Types>", override.encode()))
    return rewritten(path, "xl/_rels/workbook.xml.rels", lambda _xml: relation.encode())
