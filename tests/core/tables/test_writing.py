"""Writing tables: what a spreadsheet gets to see, formulas of strangers, and memory that does not grow."""

import csv
import io
import tracemalloc
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from core.tables.reading import open_table
from core.tables.writing import Column, Sheet, csv_stream, safe_text
from core.tables.xlsx_writing import xlsx_stream

EVIL = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", '=HYPERLINK("x")']


def saved(path: Path, stream: object) -> Path:
    path.write_bytes(b"".join(stream))  # type: ignore[call-overload]
    return path


def test_a_row_becomes_cells_of_the_club_s_unit_and_calendar() -> None:
    row = {
        "phone": "09120000001",
        "credit": 1_250_005,
        "born": date(2026, 11, 22),
        "at": datetime(2026, 11, 22, 8, 30, 9, tzinfo=UTC),
    }
    columns = [
        Column("موبایل", lambda row: row["phone"]),
        Column("اعتبار", lambda row: row["credit"], "money"),
        Column("نرخ", lambda row: 750, "percent"),
        Column("تولد", lambda row: row["born"], "day"),
        Column("زمان", lambda row: row["at"], "moment"),
        Column("هیچ", lambda row: None, "money"),
    ]

    sheet = Sheet.of(columns, unit="toman", zone="Asia/Tehran")

    assert sheet.headings == [
        "موبایل",
        "اعتبار (تومان)",
        "نرخ",
        "تولد",
        "تولد (میلادی)",
        "زمان",
        "زمان (میلادی)",
        "هیچ (تومان)",
    ]
    assert sheet.cells(row) == [
        "09120000001",
        Decimal("125000.5"),
        Decimal("7.5"),
        "1405/09/01",
        date(2026, 11, 22),
        "1405/09/01 12:00",
        datetime(2026, 11, 22, 12, 0, 9),
        None,
    ]


@pytest.mark.parametrize("text", EVIL)
def test_a_stranger_s_formula_is_text_in_a_csv(text: str) -> None:
    stream = b"".join(csv_stream([text], [[text]]))
    rows = list(csv.reader(io.StringIO(stream.decode("utf-8-sig"), newline="")))

    assert rows == [["'" + text], ["'" + text]]


@pytest.mark.parametrize("text", ["+989121234567", "-12", "-12.5", "+1,250", "سارا", "", "a=b"])
def test_signed_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert safe_text(text) == text


@pytest.mark.parametrize("text", [text for text in EVIL if "\r" not in text])
def test_a_stranger_s_formula_is_text_in_a_workbook(tmp_path: Path, text: str) -> None:
    path = saved(tmp_path / "t.xlsx", xlsx_stream("x", ["h"], [[text]]))

    cell = openpyxl.load_workbook(path).active["A2"]
    assert (cell.data_type, cell.value) == ("s", text)


def test_a_csv_has_the_mark_and_plain_numbers() -> None:
    rows = [[1250, Decimal("125000.50"), date(2026, 11, 22), datetime(2026, 11, 22, 12, 5), None, "nul\x00"]]

    stream = b"".join(csv_stream(["a"], rows, delimiter=";"))

    assert stream == b"\xef\xbb\xbfa\r\n1250;125000.5;2026-11-22;2026-11-22 12:05;;nul\r\n"


def test_a_workbook_is_right_to_left_with_typed_cells(tmp_path: Path) -> None:
    rows = [["0912", 1250, Decimal("0.5"), date(2026, 11, 22), datetime(2026, 11, 22, 12, 5), None, 10**16]]
    stream = xlsx_stream("اعضا: همه/[x]", ["موبایل", *"bcdefg"], rows, is_text=[True])

    sheet = openpyxl.load_workbook(saved(tmp_path / "t.xlsx", stream)).active

    assert (sheet.title.split(), sheet.sheet_view.rightToLeft, sheet.freeze_panes) == (["اعضا", "همه", "x"], True, "A2")
    assert [cell.value for cell in sheet[2]] == [
        "0912",
        1250,
        0.5,
        datetime(2026, 11, 22),
        datetime(2026, 11, 22, 12, 5),
        None,
        "1" + "0" * 16,
    ]
    assert (sheet["A2"].number_format, sheet["D2"].number_format) == ("@", "yyyy-mm-dd")
    assert sheet["A1"].font.bold


def test_what_no_workbook_may_hold_is_left_out_or_text(tmp_path: Path) -> None:
    rows = [["a\x00b\x0b\ud800c", date(1370, 5, 12), datetime(1370, 5, 12, 1, 2), "ن" * 40_000, "<&>\"'"]]

    sheet = openpyxl.load_workbook(saved(tmp_path / "t.xlsx", xlsx_stream("x", list("abcde"), rows))).active

    assert [cell.value for cell in sheet[2]] == ["abc", "1370-05-12", "1370-05-12 01:02", "ن" * 32_767, "<&>\"'"]


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    rows = [["09120000001", "سارا\nکاظمی", "=1+1"], ["", "x", "'y"]]
    xlsx = saved(tmp_path / "t.xlsx", xlsx_stream("x", ["موبایل", "نام", "ی"], rows))
    text = saved(tmp_path / "t.csv", csv_stream(["موبایل", "نام", "ی"], rows))

    assert [row for _n, row in open_table(xlsx).rows()] == rows
    assert [row for _n, row in open_table(text).rows()] == rows


@pytest.mark.parametrize("write", [lambda rows: csv_stream(["a"], rows), lambda rows: xlsx_stream("x", ["a"], rows)])
def test_memory_does_not_grow_with_the_rows(write: object) -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        for _piece in write([f"09{n:09}", "نام" * 20, n] for n in range(rows)):  # type: ignore[operator]
            pass
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(20_000) < peak(4_000) + (1 << 19)
