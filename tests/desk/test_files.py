"""What the staff's own lists hold as files: what is asked for, with numbers as numbers."""

import io
from decimal import Decimal

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from club.ledger.adjustments import Adjustment, adjust_value
from club.members.joining import make_invitation
from club.members.models import JoinRequest, Member
from club.members.services import update_member
from core.models import AuditEntry, Club
from desk.manager import listing
from desk.members import files
from tests.accounts.cast import person, signed_in
from tests.desk.conftest import joined
from tests.files import records_of, sent
from tests.shop import Shop

MEMBERS = "/desk/members/"


@pytest.fixture
def shop(club: Club) -> Shop:
    shop = Shop(club)
    shop.programme(credit_bp=1000, rial_per_point=100_000)
    return shop


def test_the_file_of_members_holds_whom_the_list_shows(
    manager: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "CHUNK", 2)
    for number in range(5):
        joined(f"0935000000{number}", "مهدی", "کاظمی", tags=["همسایه"] if number else [])
    joined("09123454567", "سارا", "محمدی")

    everybody = records_of(manager.get(MEMBERS + "export.csv"))
    found = records_of(manager.get(MEMBERS + "export.csv", {"q": "كاظمي", "tag": "همسایه", "before": "1"}))

    assert len(everybody) == 6
    assert sorted(row["موبایل"] for row in found) == [f"0935000000{number}" for number in range(1, 5)]
    noted = AuditEntry.objects.filter(action="list.export").order_by("-pk")[0]
    assert noted.after == {"form": "csv", "query": {"text": "كاظمي", "tag": "همسایه"}}


def test_the_list_leads_to_its_file_with_what_was_asked_for(manager: Client, club: Club) -> None:
    joined("09350000001", "مهدی", "کاظمی")

    page = manager.get(MEMBERS, {"q": "کاظمی"}).content.decode()

    assert f'href="{MEMBERS}export.xlsx?q=%DA%A9%D8%A7%D8%B8%D9%85%DB%8C"' in page
    cashier = signed_in(person(Role.CASHIER), club)
    assert "export." not in cashier.get(MEMBERS).content.decode()


def test_everything_that_happened_goes_home_with_money_and_points_apart(
    manager: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "CHUNK", 3)
    member = shop.member(first_name="سارا")
    for _time in range(4):
        shop.buys(member, 1_000_005)
    adjust_value(Adjustment(member.pk, "points", 5, "هدیه"), actor="user:1", key="given", now=timezone.now())
    update_member(member.pk, {"first_name": "=سارا"}, actor="user:1")
    address = f"{MEMBERS}{member.pk}/activity/export"

    text, typed = (records_of(manager.get(f"{address}.{form}")) for form in ("csv", "xlsx"))
    values = records_of(manager.get(f"{address}.xlsx", {"show": "value"}))

    assert len(text) == len(typed)
    bought = [row for row in text if row["رویداد"].startswith("خرید")]
    assert [Decimal(row["مبلغ (تومان)"]) * 10 for row in bought] == [1_000_005] * 4
    assert any(row["رویداد"] == "تغییر عضو" and "سارا ← =سارا" in row["شرح"] for row in typed)
    assert [(row["امتیاز"], row["مبلغ (تومان)"]) for row in values] == [(5, None)]


def test_staff_go_home_with_phones_as_text_and_those_who_left_apart(manager: Client, club: Club) -> None:
    person(Role.CASHIER, name="@نیلوفر", phone="09351112233")

    rows = records_of(manager.get("/desk/staff/export.csv"))
    left = records_of(manager.get("/desk/staff/export.csv", {"left": "1"}))

    (row,) = [row for row in rows if row["موبایل"] == "09351112233"]
    assert (row["نام"], row["نقش"]) == ("'@نیلوفر", "صندوق‌دار، همهٔ شعبه‌ها")
    assert left == []


def test_sales_of_the_range_that_is_shown_go_home_in_both_forms(manager: Client, shop: Shop) -> None:
    member = Member.objects.get(pk=shop.member().pk)
    shop.buys(member, 2_000_000, now=timezone.now())

    for form in ("csv", "xlsx"):
        rows = records_of(manager.get(f"/desk/dashboard/sales.{form}", {"range": "7d"}))
        assert len(rows) == 7
        assert sum(Decimal(str(row["فروش به اعضا (تومان)"])) for row in rows) == 200_000
    assert manager.get("/desk/dashboard/sales.csv", {"range": "custom", "from": "x", "to": "y"}).status_code == 422
    assert b"sales" not in sent(manager.get("/desk/dashboard/sales.csv", {"range": "7d"}))


def test_those_who_ask_to_join_are_paged_and_go_home_by_state(
    manager: Client, club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.manager.joining.MOST_AT_ONCE", 4)
    monkeypatch.setattr("desk.manager.joining.CHUNK", 3)
    for number in range(6):
        JoinRequest.objects.create(
            phone=f"0935000010{number}", first_name=f"نام{number}", sms_consent=True, asked_at=timezone.now()
        )
    refused = {"state": "refused", "decided_at": timezone.now(), "decided_by": "user:1"}
    JoinRequest.objects.filter(first_name__in=["نام4", "نام5"]).update(**refused)
    for number in range(6, 10):
        JoinRequest.objects.create(
            phone=f"0935000010{number}", first_name=f"نام{number}", sms_consent=True, asked_at=timezone.now()
        )

    first = manager.get("/desk/join/requests/")
    second = manager.get("/desk/join/requests/", {"before": first.context["older"]})

    shown = [row.first_name for page in (first, second) for row, _told, _who in page.context["rows"]]
    assert shown == [f"نام{number}" for number in (0, 1, 2, 3, 6, 7, 8, 9)]
    assert [row["نام"] for row in records_of(manager.get("/desk/join/requests/export.csv"))] == shown
    rows = records_of(manager.get("/desk/join/requests/export.csv", {"state": "refused"}))
    assert [(row["نام"], row["وضعیت"]) for row in rows] == [("نام5", "ردشده"), ("نام4", "ردشده")]


def test_invitations_are_paged_and_go_home_whole(manager: Client, club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desk.manager.joining.INVITATIONS", 4)
    monkeypatch.setattr("desk.manager.joining.CHUNK", 3)
    for number in range(6):
        make_invitation(note=f"{number}", most_uses=3, last_day=None, actor="user:1", now=timezone.now())

    first = manager.get("/desk/join/invitations/")
    second = manager.get("/desk/join/invitations/", {"before": first.context["older"]})

    shown = [row[0].note for page in (first, second) for row in page.context["rows"]]
    assert shown == ["5", "4", "3", "2", "1", "0"]
    assert second.context["older"] is None
    rows = records_of(manager.get("/desk/join/invitations/export.xlsx"))
    assert [(row["برای"], row["چند نفر"], row["باز است"]) for row in rows] == [(note, 3, "بله") for note in shown]


def test_who_reads_english_gets_english_heads_from_left_to_right_and_the_same_numbers(club: Club, shop: Shop) -> None:
    browser = signed_in(person(Role.MANAGER), club)
    browser.cookies["language"] = "en"
    member = joined("09123454567", "سارا", "محمدی")
    shop.buys(member, 1_000_005, now=timezone.now())

    answer = browser.get(MEMBERS + "export.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(sent(answer)))
    sheet = book.active

    assert sheet is not None and not sheet.sheet_view.rightToLeft
    header, row = list(sheet.values)
    assert all(str(heading).isascii() for heading in header), header
    assert len(set(header)) == len(header)
    told = dict(zip(header, row, strict=True))
    assert (told["Mobile"], told["Name"], told["Total spent (Toman)"]) == ("09123454567", "سارا", 100000.5)
    assert str(told["Joined on"]).startswith("14")
