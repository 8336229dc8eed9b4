"""What a cell of a list may say, in every spelling."""

from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone

from club.ledger.selectors import balances
from club.members.models import CustomField, Member
from core.models import Club
from tests.club.importing.conftest import reasons, written
from tests.club.lists import imported
from tests.shop import Shop


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
