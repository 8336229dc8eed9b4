"""The page of an offer's codes: one by its name, many by a pattern, the file, and a code taken back."""

from typing import Any

import pytest
from django.test import Client

from core.models import Club
from offers.models import Coupon, Offer
from tests.accounts.cast import fresh_phone, person, signed_in
from tests.offering import draft, publish
from tests.shop import Shop

CREDIT = {"kind": "credit_percent", "percent": 5}


@pytest.fixture
def coded(club: Club) -> Offer:
    return publish("با کد", CREDIT, code_required=True)


def url(offer: Offer, more: str = "") -> str:
    return f"/desk/offers/{offer.pk}/coupons/{more}"


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_one_code_by_its_name(manager: Client, coded: Offer) -> None:
    assert "هنوز کدی نیست" in text_of(manager.get(url(coded)))

    manager.post(url(coded), {"code": "nowruz۱۴۰۶", "per_member": "۱", "ends_on": "1405/12/29"})

    coupon = Coupon.objects.get()
    assert (coupon.code, coupon.uses, coupon.per_member) == ("NOWRUZ1406", None, 1)
    page = text_of(manager.get(url(coded)))
    assert "NOWRUZ1406" in page and "۲۹ اسفند ۱۴۰۵" in page


def test_a_code_may_be_one_members_alone(manager: Client, club: Club, coded: Offer) -> None:
    member = Shop(club).member(first_name="سارا")

    manager.post(url(coded), {"count": "1", "uses": "1", "phone": f"+98{(member.phone or '')[1:]}"})
    nobody = manager.post(url(coded), {"count": "1", "phone": fresh_phone()})
    nonsense = manager.post(url(coded), {"count": "1", "phone": "سارا"})

    assert Coupon.objects.get().member_id == member.pk
    assert "سارا" in text_of(manager.get(url(coded)))
    assert [(answer.status_code, "phone" in answer.context["form"].errors) for answer in (nobody, nonsense)] == [
        (422, True)
    ] * 2


def test_many_codes_by_a_pattern_go_on_over_pages_and_into_a_file(manager: Client, coded: Offer) -> None:
    manager.post(url(coded), {"count": "۶۰", "pattern": "YALDA", "uses": "1"})

    first = manager.get(url(coded))
    second = manager.get(url(coded), {"before": first.context["older"]})
    lines = b"".join(manager.get(url(coded, "export.csv"))).decode().strip().splitlines()  # type: ignore[call-overload]
    assert Coupon.objects.filter(code__startswith="YALDA-", uses=1).count() == 60
    assert [len(answer.context["rows"]) for answer in (first, second)] == [50, 10]
    assert len(lines) == 61


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({}, "code"),
        ({"code": "A", "count": "3"}, "code"),
        ({"count": "0"}, "count"),
        ({"count": "20", "pattern": "A-XX"}, "pattern"),
        ({"count": "20", "pattern": "A-XXXX", "uses": "1"}, "pattern"),
        ({"code": "A", "ends_on": "1405/13/40"}, "ends_on"),
        ({"code": "A", "uses": "۰"}, "uses"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    manager: Client, coded: Offer, typed: dict[str, str], field: str
) -> None:
    answer = manager.post(url(coded), typed)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Coupon.objects.exists()


def test_a_code_that_is_there_already_is_refused(manager: Client, coded: Offer) -> None:
    manager.post(url(coded), {"code": "A"})

    answer = manager.post(url(coded), {"code": "a"})

    assert "پیش‌تر ساخته شده" in text_of(answer)
    assert answer.status_code == 422


def test_an_offer_without_codes_says_what_to_do(manager: Client, club: Club) -> None:
    offer = draft("بی کد", CREDIT)

    assert "تنها با کد تخفیف" in text_of(manager.get(url(offer)))
    assert manager.post(url(offer), {"code": "A"}).status_code == 422


def test_a_code_is_taken_back_and_only_with_its_own_offer(manager: Client, coded: Offer) -> None:
    manager.post(url(coded), {"code": "A"})
    coupon = Coupon.objects.get()
    other = publish("دیگر", CREDIT, code_required=True)

    assert manager.post(url(other, f"{coupon.pk}/void/")).status_code == 404
    manager.post(url(coded, f"{coupon.pk}/void/"))

    assert Coupon.objects.get().void
    assert "باطل" in text_of(manager.get(url(coded)))


@pytest.mark.parametrize("role", ["cashier", "support"])
def test_codes_are_the_managers(club: Club, coded: Offer, role: str) -> None:
    assert signed_in(person(role), club).get(url(coded)).status_code == 403


def test_what_is_asked_for_is_said_by_the_names_of_the_page(manager: Client, coded: Offer) -> None:
    for typed in ({}, {"code": "A", "count": "3"}):
        answer = manager.post(url(coded), typed)

        assert answer.context["form"].errors["code"] == ["یکی از این دو را بنویسید: نام یک کد، یا شمار کدهای جدا."]
