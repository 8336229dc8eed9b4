"""Reading tables: CSV in every usual encoding, XLSX with all its surprises, and what is no table."""

import gzip
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from core.tables.headers import folded, mapped, recognised
from core.tables.reading import MOST_COLUMNS, Spoilt, Table, Unreadable, open_table, whole_number
from tests.core.tables.books import SHEET, book, excel_book, rewritten

PERSIAN = "موبایل,نام\n09120000001,سارا کاظمی\n"


def written(folder: Path, content: bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def cells(table: Table) -> list[list[str]]:
    return [row for _number, row in table.rows()]


def why(path: Path, **options: object) -> str:
    """The one line with which the file is refused, reading it to its end."""
    with pytest.raises(Unreadable) as refused:
        list(open_table(path, **options).rows())  # type: ignore[arg-type]
    assert "\n" not in refused.value.detail
    return refused.value.detail


# --- CSV --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (PERSIAN.encode(), "utf-8-sig"),
        (PERSIAN.encode("utf-8-sig"), "utf-8-sig"),
        (PERSIAN.encode("utf-16"), "utf-16"),
        (PERSIAN.replace("ی", "ي").encode("cp1256"), "cp1256"),
        (gzip.compress(PERSIAN.encode(), mtime=0), "utf-8-sig"),
        (PERSIAN.replace(",", ";").encode(), "utf-8-sig"),
        (PERSIAN.replace(",", "\t").encode("utf-16"), "utf-16"),
        (PERSIAN.replace("\n", "\r\n").encode(), "utf-8-sig"),
        (("sep=;\n" + PERSIAN.replace(",", ";")).encode(), "utf-8-sig"),
    ],
)
def test_the_encoding_and_the_delimiter_are_found_out(tmp_path: Path, content: bytes, encoding: str) -> None:
    table = open_table(written(tmp_path, content))

    assert (table.form, table.encoding) == ("csv", encoding)
    assert [text.replace("ي", "ی") for text in table.header] == ["موبایل", "نام"]
    assert [[text.replace("ي", "ی") for text in row] for row in cells(table)] == [["09120000001", "سارا کاظمی"]]


def test_persian_that_begins_late_is_found_too(tmp_path: Path) -> None:
    content = "phone,name\n" + "09120000001,x\n" * 100_000 + "09120000002,سارا\n"

    table = open_table(written(tmp_path, content.encode("cp1256")), encoding=None)

    assert table.encoding == "cp1256"
    assert table.lines == 100_001


def test_bytes_that_are_no_persian_are_not_guessed_at(tmp_path: Path) -> None:
    assert "UTF-8" in why(written(tmp_path, "phone,name\n0912,Zürich\n".encode("latin-1")))


def test_rows_keep_their_number_in_the_file_and_titles_may_stand_above(tmp_path: Path) -> None:
    content = 'فهرست مشتریان\n\nموبایل,نام\n0912,"دو\nخط"\n\n0913,ب\n'.encode()

    table = open_table(written(tmp_path, content), is_header=lambda row: "موبایل" in row)

    assert table.header == ["موبایل", "نام"]
    assert list(table.rows()) == [(5, ["0912", "دو\nخط"]), (7, ["0913", "ب"])]


def test_the_apostrophe_before_a_formula_is_taken_off_again(tmp_path: Path) -> None:
    table = open_table(written(tmp_path, b"a,b\n'=1+1,'plain\n"))

    assert cells(table) == [["=1+1", "'plain"]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "خالی"),
        (b"\n\n  \n", "هیچ سطری"),
        (b"\xef\xbb\xbf", "هیچ سطری"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"<html><table><tr><td>0912</td></tr></table>", "HTML"),
        (b"\xef\xbb\xbf <!DOCTYPE html>", "HTML"),
        (b"phone\x00name\n", "متن نیست"),
        (gzip.compress(b"phone\n" * 1000, mtime=0)[:-20], "خراب"),
        (b"\x1f\x8bbroken", "خراب"),
        (b'phone,name\n0912,"' + b"x" * 200_000, "گیومه"),
        (b"PK\x03\x04 not really", "خراب"),
        (b"\xd0\xcf\x11\xe0 old", "XLS قدیمی"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "گذرواژه"),
        (b"a," * (MOST_COLUMNS + 5) + b"\n", "ستون"),
    ],
)
def test_what_is_no_table_is_refused_in_one_clear_line(tmp_path: Path, content: bytes, said: str) -> None:
    assert said in why(written(tmp_path, content))


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    assert "باز نشد" in why(tmp_path / "none.csv")


def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=9) as file:
        for _piece in range(401):
            file.write(b"0" * (1 << 20))

    assert path.stat().st_size < 1 << 20
    assert "بیش از اندازه بزرگ" in why(path)


# --- XLSX -------------------------------------------------------------------------------------------------------------


def test_cells_are_read_as_a_person_would(tmp_path: Path) -> None:
    path = book(
        tmp_path / "t.xlsx",
        [
            ["phone", "float", "day", "moment", "yes", "card", "text", "none"],
            [9121234567, 9.121234567e9, date(2026, 11, 22), datetime(2026, 11, 22, 9, 5), True, 6037991234567890, "+1"],
            [0.5, -3, "1370/05/12", None, False, 12, "۰۹۱۲", "x"],
        ],
    )

    table = open_table(path)

    assert (table.form, table.lines) == ("xlsx", 2)
    assert cells(table) == [
        ["9121234567", "9121234567", "2026-11-22", "2026-11-22 09:05:00", "TRUE", "6.03799123456789E+15", "+1", ""],
        ["0.5", "-3", "1370/05/12", "", "FALSE", "12", "۰۹۱۲", "x"],
    ]


@pytest.mark.parametrize("name", ["list", "list.xls", "list.csv"])
def test_a_workbook_is_told_by_what_it_is_not_by_its_name(tmp_path: Path, name: str) -> None:
    book(tmp_path / "t.xlsx", [["phone"], ["0912"]]).rename(tmp_path / name)

    assert cells(open_table(tmp_path / name)) == [["0912"]]


def test_a_serial_with_a_format_of_dates_is_a_date(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", [["day"], [46348]], A="yyyy-mm-dd")

    assert cells(open_table(path)) == [["2026-11-22"]]


def test_what_the_file_says_of_its_size_is_not_believed(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", [["phone", "name"], ["0912", "x"], ["0913", "y"]])
    rewritten(path, SHEET, lambda xml: xml.replace(b'ref="A1:B3"', b'ref="A1"'))

    assert cells(open_table(path)) == [["0912", "x"], ["0913", "y"]]


def test_the_first_sheet_that_is_shown_is_read(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["hidden"])
    workbook.active.sheet_state = "hidden"
    workbook.create_sheet().append(["shown"])
    workbook.save(tmp_path / "t.xlsx")

    assert open_table(tmp_path / "t.xlsx").header == ["shown"]


def test_merged_cells_hold_their_value_in_the_first_one(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for row in (["فهرست مشتریان", None], ["phone", "name"], ["0912", "سارا"], ["0913", None]):
        workbook.active.append(row)
    workbook.active.merge_cells("A1:B1")
    workbook.active.merge_cells("B3:B4")
    workbook.save(tmp_path / "t.xlsx")

    table = open_table(tmp_path / "t.xlsx", is_header=lambda row: "phone" in row)

    assert cells(table) == [["0912", "سارا"], ["0913", ""]]


def test_a_formula_with_its_result_is_read_and_of_one_without_its_cell_is_told(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", [["phone", "sum"], ["0912", "=1+1"], ["0913", 3], [None, None, '=A1&"<x>"']])

    table = open_table(path)

    assert cells(table) == [["0912", "=1+1"], ["0913", "3"], ["", "", '=A1&"<x>"']]
    assert {number: list(table.unworked(number)) for number in range(1, 5)} == {1: [], 2: [1], 3: [], 4: [2]}
    assert table.unworked(2)[1].detail.startswith("خانهٔ B2 فرمول بی‌مقدار است")

    rewritten(path, SHEET, lambda xml: xml.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>"))

    assert cells(open_table(path)) == [["0912", "2"], ["0913", "3"], ["", "", "2"]]


def test_a_file_of_nothing_but_formulas_without_results_is_refused_with_the_first_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.tables.xlsx_files.MOST_FORMULAS", 3)

    said = why(book(tmp_path / "t.xlsx", [["phone"], *(["=1+1"] for _row in range(4))]))

    assert "A2" in said and "دوباره ذخیره کنید" in said


@pytest.mark.parametrize(
    "cell",
    [b'<c r="B2" s="1" t="n"><f>1+1</f></c>', b'<c s="1" r="B2"><f t="shared" si="0"/><v/></c>'],
)
def test_formulas_of_other_programs_are_found_too(tmp_path: Path, cell: bytes) -> None:
    path = book(tmp_path / "t.xlsx", [["phone", "sum"], ["0912", 2]])
    rewritten(path, SHEET, lambda xml: xml.replace(b'<c r="B2" t="n"><v>2</v></c>', cell))

    assert list(open_table(path).unworked(2)) == [1]


def test_a_row_of_a_million_columns_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", [["phone"]])
    rewritten(path, SHEET, lambda xml: xml.replace(b"</row>", b"<c><v>1</v></c>" * 1_000_000 + b"</row>"))

    assert "ستون" in why(path)


def test_a_cell_far_to_the_right_costs_nothing(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", [["phone"], ["0912"]])
    rewritten(path, SHEET, lambda xml: xml.replace(b"</row>", b'<c r="XFD2"><v>1</v></c></row>', 2))

    table = open_table(path)

    assert (table.header, cells(table)) == (["phone"], [["0912"]])


def test_more_columns_than_a_table_may_have_are_refused(tmp_path: Path) -> None:
    assert "ستون" in why(book(tmp_path / "t.xlsx", [["c"] * (MOST_COLUMNS + 1)]))


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/styles.xml"])
def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, part: str) -> None:
    path = rewritten(book(tmp_path / "t.xlsx", [["phone"]]), part, lambda xml: b" " * (100 << 20))

    assert path.stat().st_size < 1 << 20
    assert "بیش از اندازه بزرگ" in why(path)


def test_entities_are_not_blown_up(tmp_path: Path) -> None:
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    doctype = b'<!DOCTYPE x [<!ENTITY l0 "ha">' + laughs + b"]>"
    path = excel_book(tmp_path / "t.xlsx", [["phone"], ["laugh"]])
    rewritten(path, "xl/sharedStrings.xml", lambda xml: doctype + xml.replace(b"laugh", b"&l9;"))

    assert "خراب" in why(path)


def test_a_row_number_beyond_the_last_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "t.xlsx", [["phone"], ["0912"]])
    rewritten(path, SHEET, lambda xml: xml.replace(b'<row r="2"', b'<row r="999999999999"'))

    assert "خراب" in why(path)


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_broken_xml_is_refused(tmp_path: Path, part: str) -> None:
    path = excel_book(tmp_path / "t.xlsx", [["phone"], ["0912"]])

    assert "خراب" in why(rewritten(path, part, lambda xml: xml[: len(xml) // 2]))


def test_texts_kept_once_are_read_where_they_are_used(tmp_path: Path) -> None:
    path = excel_book(tmp_path / "t.xlsx", [["phone", "name"], [9121234567, "سارا"], [None, "سارا"], ["0913"]])

    assert cells(open_table(path)) == [["9121234567", "سارا"], ["", "سارا"], ["0913", ""]]


def test_another_office_file_is_told_from_a_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")

    assert "XLSX نیست" in why(tmp_path / "t.xlsx")


# --- headers and numbers ----------------------------------------------------------------------------------------------

NAMES = {"phone": ("موبایل", "شماره موبایل"), "name": ("نام",), "credit": ("اعتبار",)}


@pytest.mark.parametrize(
    "header",
    ["موبایل", " موبايل ", "شماره‌ی موبایل", "شمارهٔ موبایل", "شماره_موبایل", "موبایل (الزامی)", "PHONE", "Phone:"],
)
def test_headers_are_recognised_in_any_spelling(header: str) -> None:
    names = {"phone": ("موبایل", "شماره موبایل", "شماره‌ی موبایل")}

    assert recognised(["x", header], names) == {"phone": 1}


def test_of_two_headers_for_one_field_the_better_name_wins_and_units_are_left_out() -> None:
    assert recognised(["شماره موبایل", "موبایل", "اعتبار (تومان)"], NAMES) == {"phone": 1, "credit": 2}


def test_a_mapping_goes_before_what_headers_say() -> None:
    assert mapped(["a", "نام", "موبایل"], NAMES, {"phone": "A"}) == {"phone": 0, "name": 1}


def test_a_header_of_brackets_alone_still_has_a_key() -> None:
    assert folded("(موبایل)") == "موبایل"


@pytest.mark.parametrize(
    ("text", "digits"),
    [("9.121234567E+09", "9121234567"), ("9.121234567e9", "9121234567"), ("9121234567.0", "9121234567"), ("x", "x")],
)
def test_numbers_written_by_a_spreadsheet_are_whole_again(text: str, digits: str) -> None:
    assert whole_number(text) == digits


@pytest.mark.parametrize("text", ["9.12E+09", "6.03799123456789E+15", "9E9"])
def test_lost_digits_are_noticed(text: str) -> None:
    with pytest.raises(Spoilt):
        whole_number(text)
