"""What is refused of a list is told with its reason, and goes in when it is mended."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from club.members.models import Member
from core.models import Club
from tests.club.importing.conftest import reasons, refused, written
from tests.club.lists import customers, imported
from tests.core.tables.books import book
from tests.shop import Shop

BAD = """\
موبایل,نام,تولد,عضویت,ایمیل,سطح,امتیاز,اعتبار,مهلت اعتبار,نوع قهوه
0912,نام,1370/13/01,1499/01/01,x,طلا,-5,12.5,1390/01/01,چای
09120000101,سارا,1370/05/12,,,,,,,لاته
0912 000 0101,تکراری,,,,,,,,
9.12E+09,اکسل,,,,,,,,
,بی‌شماره,,,,,,,,
"""


def test_every_fault_of_a_line_is_told_and_the_good_ones_go_in(tmp_path: Path, chosen: Shop) -> None:
    code, said = imported(written(tmp_path, BAD), chosen.club)

    assert code == 1 and "Made 1 members" in said and "4 lines refused" in said
    assert refused(tmp_path / "refused.csv")[0] == [*BAD.splitlines()[0].split(","), "دلیل رد"]
    first, twin, spoilt, none = reasons(tmp_path)
    assert first.split("؛ ") == [
        ["موبایل: شماره موبایل درست نیست", "مانند ۰۹۱۲۳۴۵۶۷۸۹ بنویسید."][0],
        "مانند ۰۹۱۲۳۴۵۶۷۸۹ بنویسید.",
        "تاریخ تولد: چنین روزی در تقویم نیست.",
        "تاریخ عضویت: این روز هنوز نیامده است.",
        "سطح: چنین سطحی در باشگاه نیست.",
        "امتیاز: تنها عدد درست بنویسید.",
        "اعتبار: مبلغ را بدون اعشار بنویسید.",
        "آخرین روز اعتبار: این روز گذشته است.",
        "نوع قهوه: یکی از گزینه‌ها را برگزینید.",
        "ایمیل: ایمیل درست نیست.",
    ]
    assert twin == "موبایل: سطر ۳ همین فایل هم همین را دارد."
    assert "رقم‌های آخر" in spoilt
    assert none == "موبایل: شماره موبایل را بنویسید."


def test_the_mended_report_goes_in_and_has_no_reasons_of_its_own(tmp_path: Path, chosen: Shop) -> None:
    imported(written(tmp_path, BAD), chosen.club)
    report = (tmp_path / "refused.csv").read_text("utf-8-sig")
    mended = report.replace("0912 000 0101", "09120000103").replace("9.12E+09", "09120000104")

    code, said = imported(written(tmp_path, mended, "mended.csv"), chosen.club)

    assert code == 1 and "Made 2 members" in said and "2 lines refused" in said
    assert len(refused(tmp_path / "refused.csv")[0]) == len(BAD.splitlines()[0].split(",")) + 1


def test_an_xlsx_gets_its_report_as_xlsx_which_goes_in_when_mended(tmp_path: Path, cafe: Shop) -> None:
    imported(customers(tmp_path / "c.xlsx", 30, bad_every=10), cafe.club)
    path = tmp_path / "refused.xlsx"
    workbook = openpyxl.load_workbook(path)
    assert workbook.active.sheet_view.rightToLeft
    for place, row in enumerate(workbook.active.iter_rows(min_row=2), start=500):
        row[0].value = f"09130000{place}"
    workbook.save(tmp_path / "mended.xlsx")

    code, said = imported(tmp_path / "mended.xlsx", cafe.club)

    assert code == 0 and "Made 3 members" in said, said
    assert Member.objects.count() == 30
    assert cafe.proven()


def test_a_report_holds_no_formula_and_gives_back_what_was_there(tmp_path: Path, cafe: Shop) -> None:
    imported(written(tmp_path, 'phone,name\n0912,"=cmd()"\n'), cafe.club)
    assert refused(tmp_path / "refused.csv")[1][1] == "'=cmd()"

    mended = (tmp_path / "refused.csv").read_text("utf-8-sig").replace("0912", "09120000101")
    imported(written(tmp_path, mended, "mended.csv"), cafe.club)

    assert Member.objects.get().first_name == "=cmd()"


def test_a_formula_without_its_result_costs_its_own_line_alone_and_is_named_by_its_cell(
    tmp_path: Path, cafe: Shop
) -> None:
    rows: list[list[Any]] = [
        ["phone", "name", "points", "else"],
        ["09120000101", "سارا", 5, "=1+1"],
        ["=A2", "نیما", "=C2*2", 1],
    ]
    path = book(tmp_path / "c.xlsx", [*rows, ["09120000103", "#REF!", 7, 1]])

    code, said = imported(path, cafe.club)

    assert code == 1 and "Made 1 members" in said and "2 lines refused" in said, said
    row, broken = refused(tmp_path / "refused.xlsx")[1:]
    assert row[:4] == ["=A2", "نیما", "=C2*2", "1"]
    assert "موبایل: خانهٔ A3 فرمول بی‌مقدار است" in row[4] and "امتیاز: خانهٔ C3 فرمول بی‌مقدار است" in row[4]
    assert broken[4].startswith("نام و نام خانوادگی: فرمول این خانه خطا دارد (#REF!)")


@pytest.mark.parametrize("column", ["external_id", "card"])
def test_what_is_another_member_s_is_refused_in_the_club_and_in_the_file(
    tmp_path: Path, cafe: Shop, column: str
) -> None:
    cafe.member(**{column: "7001"})
    text = f"phone,{column}\n09120000101,۷۰۰۱\n09120000102,7002\n09120000103,7002\n09120000104,7003\n"

    code, said = imported(written(tmp_path, text), cafe.club)

    assert code == 1 and "Made 2 members" in said, said
    assert [reason.partition(": ")[2] for reason in reasons(tmp_path)] == [
        "از آنِ عضو دیگری است.",
        "سطر ۳ همین فایل هم همین را دارد.",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "خالی"),
        ("name,city\nسارا,تهران\n", "ستون موبایل پیدا نشد"),
        ("<html><body>phone</body></html>", "HTML"),
        ("phone,name\n", None),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path: Path, cafe: Shop, text: str, said: str | None) -> None:
    code, answer = imported(written(tmp_path, text), cafe.club)

    assert (code, Member.objects.exists()) == (2 if said else 0, False)
    assert (said or "Made 0 members") in answer and "\n" not in answer.strip().replace("left\nMade", "")


def test_an_unknown_club_and_a_wrong_option_are_one_clear_line(tmp_path: Path, club: Club) -> None:
    path = written(tmp_path, "phone\n09120000101\n")

    assert "colour" in imported(path, club, "--map", "colour=phone")[1]
    club.slug = "nowhere"
    assert imported(path, club) == (2, "there is no club nowhere")


def test_a_list_without_a_header_loses_nobody_to_it(tmp_path: Path, cafe: Shop) -> None:
    code, said = imported(written(tmp_path, "09120000101,سارا\n09120000102,نیما\n"), cafe.club)

    assert code == 2 and "سطر نخست این فایل نام ستون‌ها نیست" in said
    assert not Member.objects.exists()
