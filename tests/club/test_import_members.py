"""Bringing a list of customers in: who joins, who stays untouched, what is refused and why, and going on after a stop."""

import csv
import os
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import openpyxl
import psycopg2
import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.awards import importing
from club.awards.enrolment import enrol_member, enrol_members
from club.awards.importing import MemberImport, Tally, club_terms
from club.ledger.models import Entry, Lot, Wallet
from club.ledger.selectors import balances
from club.members.models import ConsentChange, CustomField, Member, NameToken, TierChange
from club.members.selectors import find_members
from club.purchases.proof import verify_value
from core.bulk import BrokenOff
from core.jalali import day_bounds, from_jalali
from core.models import AuditEntry, Club, DomainEvent
from core.tables.reading import open_table
from core.tables.writing import Sheet, csv_stream
from core.tenancy.scope import club_scope
from desk.manager.tables import member_columns, with_standing
from sms.inbound import opt_out
from sms.models import OutboxMessage, Suppression
from tests.accounts.cast import person, signed_in
from tests.club.apart import run_apart
from tests.club.lists import customers, imported
from tests.core.tables.books import book
from tests.desk.plans import analyse, lists, pages_of
from tests.shop import Shop
from tests.threads import in_threads

PERSIAN = """\
فهرست مشتریان کافه;;
شماره‌ی موبايل;نام;نام خانوادگی;تاریخ تولد;تاریخ عضویت;برچسب;جنسیت;ايميل;كد مشتري;شماره کارت;سطح;امتیاز;مهلت امتیاز;\
اعتبار (تومان);مهلت اعتبار;نوع قهوه;منبع
۰۹۱۲ ۰۰۰ ۰۱۰۱;سارا;كاظمي;۱۳۷۰/۵/۱۲;1402/01/05;ویژه، تهران;خانم;sara@example.com;C-1;7001;نقره ای;۱٬۲۵۰;\
1420/01/01;۲۵۰٬۰۰۰;1420/12/29;لاته;اینستاگرام
+98 (912) 000-0102;نیما;;;;;;;;;;;;;;;
"""


def written(folder: Path, text: str, name: str = "customers.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def everything() -> list[int]:
    models: list[Any] = [Member, NameToken, Wallet, Lot, Entry, TierChange, OutboxMessage, DomainEvent, AuditEntry]
    return [model.objects.count() for model in models]


def refused(path: Path) -> list[list[str]]:
    """The rows of a report, header first."""
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).active
        return [["" if value is None else str(value) for value in row] for row in sheet.values]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def reasons(tmp_path: Path, name: str = "refused.csv") -> list[str]:
    return [row[-1] for row in refused(tmp_path / name)[1:]]


@pytest.fixture
def cafe(shop: Shop) -> Shop:
    shop.tiers()
    CustomField.objects.create(code="coffee", label="نوع قهوه")
    return shop


# --- who joins --------------------------------------------------------------------------------------------------------


def test_a_persian_csv_brings_in_all_that_it_says(tmp_path: Path, cafe: Shop) -> None:
    code, said = imported(written(tmp_path, PERSIAN), cafe.club)

    assert code == 0, said
    assert "Made 2 members" in said and "1250 points and 2,500,000 Rial" in said
    sara = Member.objects.get(phone="09120000101")
    assert (sara.first_name, sara.last_name, sara.birth_date) == ("سارا", "کاظمی", from_jalali(1370, 5, 12))
    assert (sara.birth_jalali_month, sara.birth_jalali_day) == (5, 12)
    assert sara.enrolled_at == datetime(2023, 3, 25, 8, 30, tzinfo=UTC)
    assert (sara.tags, sara.gender, sara.email) == (["تهران", "ویژه"], "female", "sara@example.com")
    assert (sara.external_id, sara.card, sara.source) == ("C-1", "7001", "اینستاگرام")
    assert (sara.tier_floor, sara.tier_code, sara.custom) == ("silver", "silver", {"coffee": "لاته"})
    assert (sara.phone_reversed, sara.visits) == ("10100002190", 0)
    assert [hit.id for hit in find_members("کاظمی")] == [sara.pk]
    has = balances(sara.pk, timezone.now())
    assert (has.usable_points, has.usable_credit) == (1_250, 2_500_000)
    ends = dict(Lot.objects.values_list("wallet__unit", "expires_at"))
    assert ends == {
        "points": day_bounds(from_jalali(1420, 1, 1))[1],
        "credit": day_bounds(from_jalali(1420, 12, 29))[1],
    }
    nima = Member.objects.get(phone="09120000102")
    assert (nima.tier_code, nima.source, nima.sms_consent) == ("bronze", "import", False)
    assert cafe.proven()


def test_whoever_joins_has_what_a_member_has_and_one_welcome(tmp_path: Path, cafe: Shop) -> None:
    before = timezone.now()

    imported(written(tmp_path, PERSIAN), cafe.club)

    sara, nima = Member.objects.order_by("pk")
    assert sorted(Wallet.objects.filter(member=sara).values_list("unit", flat=True)) == [
        "credit",
        "credit_debt",
        "points",
        "points_debt",
    ]
    assert nima.card and nima.referral_code and nima.card != sara.card
    changes = TierChange.objects.order_by("pk").values_list("member_id", "from_code", "to_code", "at")
    assert list(changes) == [(sara.pk, "", "silver", sara.enrolled_at), (nima.pk, "", "bronze", nima.enrolled_at)]
    event = DomainEvent.objects.filter(kind="member.enrolled").order_by("pk").first()
    assert (event.member_id, event.document, event.occurred_at, event.data) == (
        sara.pk,
        f"member:{sara.pk}",
        sara.enrolled_at,
        {"source": "اینستاگرام"},
    )
    audited = AuditEntry.objects.filter(action="member.enrol").order_by("pk")
    assert [(one.actor, one.target, one.after["phone"]) for one in audited] == [
        ("system", f"member:{member.pk}", member.phone) for member in (sara, nima)
    ]
    welcomes = OutboxMessage.objects.order_by("pk")
    assert [(one.kind, one.phone, one.context, one.member_id) for one in welcomes] == [
        ("welcome", "09120000101", {"name": "سارا"}, sara.pk),
        ("welcome", "09120000102", {"name": "نیما"}, nima.pk),
    ]
    assert all(one.localid > 0 and one.next_attempt_at >= before - timedelta(seconds=5) for one in welcomes)


def test_an_xlsx_with_numbers_for_phones_and_real_dates(tmp_path: Path, cafe: Shop) -> None:
    rows = [
        ["Mobile", "Name", "Birthday", "Joined on", "Points", "Points until", "Credit"],
        [9120000101.0, "سید علی حسینی", date(1991, 8, 3), datetime(2023, 3, 25, 9, 5), 12.0, date(2041, 3, 21), 250000],
        [9120000102, "احمدی، سارا", 33453, "2023-03-25", None, None, None],
        [989120000103, "نیما", "۱۲ مرداد ۱۳۷۰", 45010, 0, "1300/01/01", 0],
    ]

    code, said = imported(book(tmp_path / "c.xlsx", rows), cafe.club, "--no-welcome")

    assert code == 1, said
    ali, sara = Member.objects.order_by("phone")
    assert (ali.full_name, ali.first_name, ali.birth_date) == ("سید علی حسینی", "سید علی", date(1991, 8, 3))
    assert ali.enrolled_at == datetime(2023, 3, 25, 5, 35, tzinfo=UTC)
    assert balances(ali.pk, timezone.now()).usable_points == 12
    assert (sara.first_name, sara.last_name, sara.birth_date) == ("سارا", "احمدی", date(1991, 8, 3))
    assert reasons(tmp_path, "refused.xlsx") == ["آخرین روز امتیاز: این روز گذشته است."]
    assert not OutboxMessage.objects.exists()


def test_opening_points_reach_a_tier_by_points(tmp_path: Path, shop: Shop) -> None:
    from club.tiers.models import Tier

    Tier.objects.create(code="new", name="تازه", rank=0, threshold=0)
    Tier.objects.create(code="old", name="دیرین", rank=1, threshold=500, metric="points", window_days=365)

    imported(written(tmp_path, "phone,points\n09120000101,500\n09120000102,499\n"), shop.club)

    assert list(Member.objects.order_by("phone").values_list("tier_code", flat=True)) == ["old", "new"]


def test_columns_are_named_by_a_mapping(tmp_path: Path, cafe: Shop) -> None:
    text = "a,b,c\n09120000101,سارا,لاته\n"

    code, said = imported(written(tmp_path, text), cafe.club, "--map", "phone=a,first_name=B,custom.coffee=c")

    assert code == 0, said
    assert Member.objects.values_list("first_name", "custom").get() == ("سارا", {"coffee": "لاته"})


def test_windows_1256_is_read_without_being_told(tmp_path: Path, cafe: Shop) -> None:
    code, said = imported(written(tmp_path, "موبايل,نام\n09120000101,سارا\n", encoding="cp1256"), cafe.club)

    assert code == 0, said
    assert Member.objects.get().first_name == "سارا"


# --- who stays untouched ----------------------------------------------------------------------------------------------


def test_known_phones_stay_untouched_whatever_their_line_says(tmp_path: Path, cafe: Shop) -> None:
    known = cafe.member(phone="09120000101", first_name="سارا")
    before = everything()

    code, said = imported(written(tmp_path, "phone,name,points,email\n9120000101,بیگانه,500,nonsense\n"), cafe.club)

    assert (code, everything()) == (0, before)
    assert "0 members" in said and "1 were members already" in said
    assert Member.objects.get().first_name == known.first_name


def test_a_second_import_changes_nothing(tmp_path: Path, cafe: Shop) -> None:
    path = customers(tmp_path / "c.xlsx", 60, bad_every=20)
    assert imported(path, cafe.club)[0] == 1
    before, first_report = everything(), refused(tmp_path / "refused.xlsx")

    code, said = imported(path, cafe.club)

    assert (code, everything(), refused(tmp_path / "refused.xlsx")) == (1, before, first_report)
    assert "57 were members already; 3 lines refused" in said
    assert cafe.proven()


def test_a_dry_run_says_what_would_happen_and_writes_nothing(tmp_path: Path, cafe: Shop) -> None:
    before = everything()

    code, said = imported(customers(tmp_path / "c.xlsx", 60, bad_every=20), cafe.club, "--dry-run")

    assert (code, everything()) == (1, before)
    assert "Would make 57 members" in said and "3 lines refused" in said


# --- consent and language ---------------------------------------------------------------------------------------------

ALLOWED = """\
موبایل,اجازهٔ پیامک,زبان
09120000101,بله,English
09120000102,ندارد,فارسی
09120000103,,
09120000104,شاید,آلمانی
"""
HOW = "برگهٔ عضویت در فروشگاه"


def allowed() -> dict[str, tuple[bool, str]]:
    """Who allows SMS, and where that is from."""
    rows = Member.objects.order_by("phone").values_list("phone", "sms_consent", "sms_consent_source")
    return {str(phone)[-3:]: (given, source) for phone, given, source in rows}


def test_nobody_is_taken_to_have_allowed_sms_by_a_list_that_does_not_say_how_they_did(
    tmp_path: Path, cafe: Shop
) -> None:
    code, said = imported(written(tmp_path, ALLOWED.replace("آلمانی", "")), cafe.club)

    assert code == 0 and "The column of consent is passed over" in said
    assert allowed() == dict.fromkeys(("101", "102", "103", "104"), (False, ""))
    assert not ConsentChange.objects.exists() and not Suppression.objects.exists()


def test_each_yes_and_no_is_kept_with_how_it_was_got(tmp_path: Path, cafe: Shop) -> None:
    code, _said = imported(written(tmp_path, ALLOWED), cafe.club, "--consent", HOW)

    assert code == 1
    assert reasons(tmp_path) == ["زبان: فارسی یا انگلیسی بنویسید.؛ اجازهٔ پیامک: بله یا نه بنویسید."]
    assert allowed() == {"101": (True, "import"), "102": (False, "import"), "103": (False, "")}
    kept = ConsentChange.objects.order_by("member__phone").values_list("given", "source", "text", "actor", "channel")
    assert list(kept) == [(True, "import", HOW, "system", "sms"), (False, "import", HOW, "system", "sms")]
    assert [row.phone for row in Suppression.objects.all()] == ["09120000102"]
    assert list(Member.objects.order_by("phone").values_list("language", flat=True)) == ["en", "fa", ""]


def test_a_yes_of_a_list_does_not_undo_what_the_owner_of_the_phone_wrote(tmp_path: Path, cafe: Shop) -> None:
    opt_out("09120000101", now=timezone.now())

    imported(written(tmp_path, ALLOWED), cafe.club, "--consent", HOW)

    assert allowed()["101"] == (False, "")
    assert Suppression.objects.filter(phone="09120000101").exists()


def test_our_own_file_grants_nothing_when_it_comes_back(tmp_path: Path, cafe: Shop) -> None:
    cafe.member(phone="09120000101")
    never = cafe.member(phone="09120000102")
    Member.objects.filter(pk=never.pk).update(sms_consent=False, sms_consent_at=None)
    columns = [one for one in member_columns() if one.heading in ("موبایل", "زبان", "اجازهٔ پیامک")]
    sheet = Sheet.of(columns, unit=cafe.club.currency_unit, zone=cafe.club.time_zone)
    rows = [sheet.cells(row) for row in with_standing(Member.objects.order_by("phone"))]
    text = b"".join(csv_stream(sheet.headings, rows)).decode("utf-8-sig")
    assert [row[2] for row in csv.reader(text.splitlines())] == ["اجازهٔ پیامک", "بله", ""]

    _code, said = imported(written(tmp_path, text.replace("0912000010", "0913000010")), cafe.club)

    assert "Made 2 members" in said, said
    assert not Member.objects.filter(phone__startswith="0913", sms_consent=True).exists()


def test_answers_cost_the_same_however_many_there_are(tmp_path: Path, cafe: Shop) -> None:
    def cost(first: int, count: int) -> int:
        lines = "".join(f"0912{first + n:07},{'بله' if n % 2 else 'نه'}\n" for n in range(count))
        with CaptureQueriesContext(connection) as queries:
            imported(written(tmp_path, f"موبایل,اجازهٔ پیامک\n{lines}"), cafe.club, "--consent", HOW)
        return len(queries)

    assert cost(100, 4) == cost(200, 40)


# --- what is refused --------------------------------------------------------------------------------------------------

BAD = """\
موبایل,نام,تولد,عضویت,ایمیل,سطح,امتیاز,اعتبار,مهلت اعتبار,نوع قهوه
0912,نام,1370/13/01,1499/01/01,x,طلا,-5,12.5,1390/01/01,چای
09120000101,سارا,1370/05/12,,,,,,,لاته
0912 000 0101,تکراری,,,,,,,,
9.12E+09,اکسل,,,,,,,,
,بی‌شماره,,,,,,,,
"""


@pytest.fixture
def chosen(shop: Shop) -> Shop:
    shop.tiers()
    CustomField.objects.create(code="coffee", label="نوع قهوه", kind="choice", choices=["لاته", "اسپرسو"])
    return shop


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


# --- what a cell may say ----------------------------------------------------------------------------------------------


def one(tmp_path: Path, club: Club, column: str, text: str) -> Member | str:
    """The member of a line with this cell, or the reason why not."""
    imported(written(tmp_path, f'phone,{column}\n09120000101,"{text}"\n'), club)
    return Member.objects.first() or reasons(tmp_path)[0]


@pytest.mark.parametrize(
    "text",
    [
        "1370/05/12",
        "۱۳۷۰/۵/۱۲",
        "1370-5-12",
        "13700512",
        "12/05/1370",
        "۱۲ مرداد ۱۳۷۰",
        "1991-08-03",
        "1991/08/03",
        "1991-08-03 00:00:00",
        "1991-08-03T10:00:00Z",
        "33453",
        " 1370.05.12 ",
    ],
)
def test_birthdays_are_read_in_every_spelling(tmp_path: Path, shop: Shop, text: str) -> None:
    member = one(tmp_path, shop.club, "birthday", text)

    assert isinstance(member, Member), member
    assert member.birth_date == date(1991, 8, 3)


@pytest.mark.parametrize("text", ["70/05/12", "1404/12/30", "دیروز", "3000-01-01", "08/03/1991", "99999"])
def test_what_is_no_birthday_is_refused(tmp_path: Path, shop: Shop, text: str) -> None:
    assert "تاریخ تولد" in str(one(tmp_path, shop.club, "birthday", text))


@pytest.mark.parametrize(
    ("text", "gender"),
    [
        ("زن", "female"),
        ("خانم", "female"),
        ("F", "female"),
        ("آقا", "male"),
        ("مرد", "male"),
        ("-", ""),
        ("Male", "male"),
    ],
)
def test_genders_are_read_as_people_write_them(tmp_path: Path, shop: Shop, text: str, gender: str) -> None:
    member = one(tmp_path, shop.club, "gender", text)

    assert isinstance(member, Member), member
    assert member.gender == gender


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [("number", "۱٬۲۵۰", 1250), ("number", "12.0", 12), ("date", "1370/05/12", "1991-08-03"), ("text", " الف ", "الف")],
)
def test_fields_of_the_club_are_read_by_their_kind(
    tmp_path: Path, shop: Shop, kind: str, text: str, kept: object
) -> None:
    CustomField.objects.create(code="own", label="فیلد من", kind=kind)

    member = one(tmp_path, shop.club, "فیلد من", text)

    assert isinstance(member, Member), member
    assert member.custom == {"own": kept}


def test_joining_today_before_noon_is_now_and_not_later(tmp_path: Path, shop: Shop) -> None:
    today = timezone.localtime(timezone.now()).date()

    member = one(tmp_path, shop.club, "joined on", f"{today} 23:59")

    assert isinstance(member, Member), member
    assert member.enrolled_at <= timezone.now()


def test_a_club_that_counts_in_rial_writes_credit_in_rial(tmp_path: Path, shop: Shop) -> None:
    Club.objects.filter(pk=shop.club.pk).update(currency_unit="rial")
    shop.club.refresh_from_db()

    member = one(tmp_path, shop.club, "credit", "250,000")

    assert isinstance(member, Member), member
    assert balances(member.pk, timezone.now()).credit == 250_000


# --- going on ---------------------------------------------------------------------------------------------------------


def run_of(path: Path, **options: Any) -> MemberImport:
    terms = club_terms(timezone.now())
    table = open_table(path, is_header=terms.known.is_header)
    return MemberImport(table, terms.known.understood(table.header), terms, "user:1", **options)


def test_an_import_broken_off_goes_on_where_it_was(tmp_path: Path, cafe: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 10)
    path = customers(tmp_path / "c.xlsx", 60, bad_every=20)

    def stop(tally: Tally, bad: object) -> None:
        if tally.done >= 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_of(path, after=stop).run()
    half = Member.objects.count()
    tally = run_of(path).run()

    assert 0 < half < 57
    assert (tally.known, tally.joined, tally.refused, tally.done) == (half, 57 - half, 3, 60)
    assert OutboxMessage.objects.filter(kind="welcome").count() == Member.objects.count() == 57
    assert cafe.proven()


def test_a_run_with_a_record_goes_on_behind_the_lines_that_are_done(
    tmp_path: Path, cafe: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 10)
    lines = ["phone", *(f"0912000{number:04}" for number in range(25)), "09120000003", "09120009999"]
    path = written(tmp_path, "\n".join(lines))
    kept: list[Tally] = []

    def keep(tally: Tally, bad: object) -> None:
        if len(kept) == 2:
            raise KeyboardInterrupt
        kept.append(tally)

    with pytest.raises(KeyboardInterrupt):
        run_of(path, within=keep).run()
    tally = run_of(path, tally=kept[-1]).run()

    assert (tally.done, tally.joined, tally.known, tally.refused) == (27, 26, 0, 1)
    assert Member.objects.count() == 26


def test_what_is_told_within_is_undone_with_its_batch(tmp_path: Path, cafe: Shop) -> None:
    def refuse(tally: Tally, bad: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_of(customers(tmp_path / "c.xlsx", 5), within=refuse).run()

    assert not Member.objects.exists() and not OutboxMessage.objects.exists()


def test_a_line_that_the_database_refuses_costs_only_itself(
    tmp_path: Path, cafe: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def picky(people: Any, **options: Any) -> None:
        if any(member.phone == "09120000003" for member, _openings in people):
            raise IntegrityError("no")
        enrol_members(people, **options)

    monkeypatch.setattr(importing, "enrol_members", picky)
    told: list[int] = []

    tally = run_of(
        customers(tmp_path / "c.xlsx", 6), after=lambda _tally, bad: told.extend(line.number for line in bad)
    ).run()

    assert (tally.joined, tally.refused, tally.done, told) == (5, 1, 6, [5])
    assert Member.objects.count() == 5


def test_somebody_who_joins_at_the_same_moment_is_a_member_already(
    tmp_path: Path, committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    club = committed_shop.club
    phones = [f"0912{os.getpid():07}", f"0913{os.getpid():07}"]

    def join() -> None:
        enrol_member(actor="user:1", now=timezone.now(), phone=phones[0], first_name="زودتر")

    def late(people: Any, **options: Any) -> None:
        if not Member.objects.filter(phone=phones[0]).exists():
            in_threads(club, [join])
        enrol_members(people, **options)

    monkeypatch.setattr(importing, "enrol_members", late)

    tally = run_of(written(tmp_path, "phone,name\n" + "".join(f"{phone},x\n" for phone in phones))).run()

    assert (tally.known, tally.joined, tally.refused) == (1, 1, 0)
    assert Member.objects.get(phone=phones[0]).first_name == "زودتر"
    assert verify_value() == []


def test_a_lost_database_breaks_it_off_and_nothing_is_lost_or_doubled(
    tmp_path: Path, committed_club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 10)
    path = customers(tmp_path / "c.xlsx", 30)
    Shop(committed_club).tiers()
    CustomField.objects.create(code="coffee", label="قهوه")
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")

    def pull_the_plug(tally: Tally, bad: object) -> None:
        pid = connection.connection.info.backend_pid
        with psycopg2.connect(urlunsplit(url)) as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    with pytest.raises(BrokenOff):
        run_of(path, after=pull_the_plug).run()
    connection.close()
    tally = run_of(path).run()

    assert (tally.known, tally.joined, Member.objects.count()) == (10, 20, 30)
    assert verify_value() == []


# --- how much it costs ------------------------------------------------------------------------------------------------


def test_two_thousand_lines_take_as_many_queries_as_two_batches(
    tmp_path: Path, cafe: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cost(count: int, first: int) -> int:
        path = written(
            tmp_path,
            "phone,name,birthday,tags,external_id,points,points until,credit\n"
            + "".join(
                f"09{first + number},سارا احمدی,1370/01/01,ویژه,{first + number},5,1420/01/01,100\n"
                for number in range(count)
            ),
        )
        work = run_of(path)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert work.run().joined == count
        return len(queries)

    few = cost(10, 121_000_000)

    assert few <= 25
    assert cost(2_000, 122_000_000) == 2 * few
    assert Member.objects.count() == 2_010
    assert cafe.proven()


@pytest.mark.slow
def test_the_proof_of_what_just_came_in_waits_for_no_statistics(tmp_path: Path, committed_club: Club) -> None:
    Shop(committed_club).tiers()
    CustomField.objects.create(code="coffee", label="قهوه")
    run_of(customers(tmp_path / "c.xlsx", 3_000)).run()

    began = time.monotonic()
    assert verify_value() == []

    # Half a second; with each entry compared with each document it was a minute, and an hour for 50,000.
    assert time.monotonic() - began < 15


@pytest.mark.slow
@pytest.mark.skipif("LONG" not in os.environ, reason="a minute long: `make long` runs it")
def test_fifty_thousand_customers_go_in_once_within_memory(tmp_path: Path, committed_club: Club) -> None:
    Shop(committed_club).tiers()
    CustomField.objects.create(code="coffee", label="قهوه")
    path, report = customers(tmp_path / "c.xlsx", 50_000, bad_every=50), tmp_path / "refused.xlsx"
    command = ("import_members", str(path), "--club", committed_club.slug, "--report", str(report))

    began = time.monotonic()
    child = run_apart(*command)
    seconds = time.monotonic() - began

    sys.stderr.write(
        f"\n50,000 customers: {seconds:.0f} s, {child.processor_seconds:.0f} s of them its own processor's, "
        f"{child.mebibytes:.0f} MiB\n"
    )
    assert child.code == 1, child.said
    assert "Made 49000 members" in child.said and "1000 lines refused" in child.said
    # Its own work only, so that a busy machine does not decide: with the database's it is about twice as much.
    assert child.processor_seconds < 45
    assert child.mebibytes < 300
    with club_scope(committed_club):
        assert Member.objects.count() == OutboxMessage.objects.count() == 49_000
        assert len(refused(report)) == 1_001
        assert verify_value() == []
        analyse()
        browser = signed_in(person("owner"), committed_club)
        for url in (url for url in lists() if "purchase" not in url):
            began = time.monotonic()
            first, deep = pages_of(browser, url, deep=100)
            sys.stderr.write(f"{url}: 100 pages in {time.monotonic() - began:.1f} s\n")
            assert deep.queries - first.queries in {0, 1} and not first.reads_everything, url
            assert not deep.reads_everything and deep.most_read <= 1_100, f"{url}: {deep.plan}"
        before = everything()

    again = run_apart(*command)

    assert again.code == 1 and "49000 were members already; 1000 lines refused" in again.said
    with club_scope(committed_club):
        assert everything() == before
