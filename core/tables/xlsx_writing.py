"""XLSX as a stream: one sheet, written into the archive while it is sent, so that memory and waiting stay small.

Texts are inline strings, which no spreadsheet takes for formulas. Office Open XML, ECMA-376 part 1.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from core.tables.writing import PIECE, Cell

EXACT = 10**15  # beyond fifteen digits a spreadsheet rounds, so such a number goes in as text
LONGEST_TEXT = 32_767
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days have no zone
FIRST_DAY = date(1900, 3, 1)  # before it, spreadsheets and the calendar differ by the 29 February of 1900
GENERAL, DAY, MOMENT, HEADING, TEXT = range(5)  # the styles of STYLES, in their order
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_A_NAME = re.compile(r"[\[\]:*?/\\']")


class _Pipe:
    """What the archive has written and nobody has taken yet."""

    def __init__(self) -> None:
        self.kept = bytearray()

    def write(self, data: bytes) -> int:
        self.kept += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def take(self) -> bytes:
        taken = bytes(self.kept)
        self.kept.clear()
        return taken


def xlsx_stream(
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    is_text: Sequence[bool] = (),
    right_to_left: bool = True,
) -> Iterator[bytes]:
    """A workbook of one sheet with a frozen header; `is_text` marks columns where what is typed later stays text."""
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED, compresslevel=5) as archive:  # type: ignore[call-overload]
        name = _NOT_A_NAME.sub(" ", title)[:31].strip() or "1"
        for path, text in PARTS.items():
            archive.writestr(path, text.replace("%NAME%", quoteattr(name)))
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(_head(len(headings), is_text, right_to_left=right_to_left).encode())
            sheet.write(_row([(text, HEADING) for text in headings]).encode())
            for row in rows:
                sheet.write(_row([(cell, TEXT) for cell in row]).encode())
                if len(pipe.kept) > PIECE:
                    yield pipe.take()
            sheet.write(b"</sheetData></worksheet>")
    yield pipe.take()


def _head(width: int, is_text: Sequence[bool], *, right_to_left: bool) -> str:
    columns = "".join(
        f'<col min="{place}" max="{place}" width="18" customWidth="1"{styled}/>'
        for place in range(1, width + 1)
        for styled in [f' style="{TEXT}"' if is_text[place - 1 : place] == [True] else ""]
    )
    direction = ' rightToLeft="1"' if right_to_left else ""
    return (
        f'{DECLARATION}<worksheet xmlns="{MAIN}"><sheetViews><sheetView{direction} workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f"<cols>{columns}</cols><sheetData>"
    )


def _row(cells: Iterable[tuple[Cell, int]]) -> str:
    return f"<row>{''.join(_cell(cell, style) for cell, style in cells)}</row>"


def _cell(cell: Cell, style: int) -> str:
    match cell:
        case None:
            return "<c/>"
        case str():
            if not cell:
                return "<c/>"
            text = escape(_NOT_XML.sub("", cell[:LONGEST_TEXT]))
            return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        case datetime():
            if cell.date() < FIRST_DAY:
                return _cell(cell.isoformat(" ", "minutes"), TEXT)
            return f'<c s="{MOMENT}"><v>{(cell - EPOCH).total_seconds() / 86_400:.10f}</v></c>'
        case date():
            if cell < FIRST_DAY:
                return _cell(cell.isoformat(), TEXT)
            return f'<c s="{DAY}"><v>{cell.toordinal() - EPOCH.toordinal()}</v></c>'
        case int() | Decimal():
            number = str(cell) if isinstance(cell, int) else f"{cell:f}"
            return f"<c><v>{number}</v></c>" if abs(int(cell)) < EXACT else _cell(number, TEXT)


DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": f'{DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'{DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'{DECLARATION}<workbook xmlns="{MAIN}" xmlns:r="{_DOCUMENT}"><bookViews><workbookView/>'
    '</bookViews><sheets><sheet name=%NAME% sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_DOCUMENT}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'{DECLARATION}<styleSheet xmlns="{MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/>'
    '</numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
