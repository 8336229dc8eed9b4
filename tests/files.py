"""Files that pages send, as a spreadsheet would read them."""

import csv
import io
from typing import Any

import openpyxl


def sent(answer: Any) -> bytes:
    """The whole file."""
    return b"".join(answer.streaming_content)


def rows_of(answer: Any) -> list[list[Any]]:
    """The rows of a CSV as text, those of an XLSX as what its cells hold; the header first."""
    if answer["Content-Type"].startswith("text/csv"):
        return list(csv.reader(io.StringIO(sent(answer).decode("utf-8-sig"), newline="")))
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(sent(answer))).active.values]


def records_of(answer: Any) -> list[dict[str, Any]]:
    """The rows by their headings."""
    header, *rows = rows_of(answer)
    return [dict(zip(header, row, strict=True)) for row in rows]
