"""Vouchers at the till: a thing handed out by one press or with the purchase; a coupon as any other."""

import pytest
from django.test import Client
from django.utils import timezone

from club.catalogue.models import Product
from club.members.models import Member
from club.purchases.models import Purchase
from club.rewards.models import Redemption
from tests.desk.conftest import joined
from tests.desk.till.forms import JSON, save
from tests.desk.till.test_preview import previewed
from tests.rewarding import DRINK, reward, takes, uses


@pytest.fixture
def code(sara: Member) -> str:
    reward(points=100, valid_days=30)
    return takes(sara, now=timezone.now()).coupon


def status() -> str:
    return str(Redemption.objects.get().status)


def test_the_members_open_vouchers_stand_there_as_soon_as_the_member_is_found(
    cashier: Client, sara: Member, code: str
) -> None:
    page = previewed(cashier, member=sara.pk)

    assert "جایزه‌های تحویلی" in page and "نوشیدنی رایگان" in page
    assert f"/desk/till/vouchers/{Redemption.objects.get().pk}/use/" in page


def test_a_typed_code_says_what_to_hand_over_and_to_whom_without_a_purchase(
    cashier: Client, sara: Member, code: str
) -> None:
    page = previewed(cashier, code=code.lower())

    assert "نوشیدنی رایگان: تحویل دهید" in page and "سارا محمدی" in page
    assert "شناخته نشد" not in page

    answer = cashier.post(f"/desk/till/vouchers/{Redemption.objects.get().pk}/use/", headers=JSON)
    assert answer.json() == {"said": "«نوشیدنی رایگان» تحویل داده شد."}
    assert status() == "used" and not Purchase.objects.exists()
    again = cashier.post(f"/desk/till/vouchers/{Redemption.objects.get().pk}/use/", headers=JSON)
    assert (again.status_code, again.json()["code"]) == (409, "coupon_used")
    assert "پیش‌تر داده شده است" in previewed(cashier, code=code)


def test_without_javascript_the_button_comes_back_to_the_member(cashier: Client, sara: Member, code: str) -> None:
    answer = cashier.post(f"/desk/till/vouchers/{Redemption.objects.get().pk}/use/")

    assert answer["Location"] == f"/desk/till/?member={sara.pk}"
    assert "تحویل داده شد" in cashier.get(answer["Location"]).content.decode()


def test_what_is_typed_beside_a_purchase_is_handed_out_with_it_once(cashier: Client, sara: Member, code: str) -> None:
    said = str(save(cashier, member=sara.pk, amount="100000", code=code)["said"])

    assert "«نوشیدنی رایگان» را تحویل دهید" in said
    assert status() == "used"
    assert "پیش‌تر ثبت شده" in str(save(cashier, member=sara.pk, amount="100000", code=code)["said"]), "sent again"
    assert save(cashier, key="k2", member=sara.pk, amount="1", code=code, status=422)["errors"].keys() == {"code"}


def test_one_that_is_no_good_keeps_the_purchase_back(cashier: Client, sara: Member, code: str) -> None:
    uses(Redemption.objects.get().pk)

    refused = save(cashier, status=422, member=sara.pk, amount="100000", code=code)

    assert "پیش‌تر داده شده است" in str(refused["errors"]).replace("\\u200c", "\u200c")
    assert not Purchase.objects.exists()


def test_one_with_a_coupon_is_ticked_among_the_members_own(cashier: Client, sara: Member) -> None:
    Product.objects.create(code="latte", name="لاته", price_rial=950_000)
    reward(points=100, benefit=DRINK)
    code = takes(sara).coupon
    assert f'name="coupons" value="{code}"' in previewed(cashier, member=sara.pk)

    said = str(save(cashier, member=sara.pk, amount="100000", coupons=[code])["said"])

    assert "کالای رایگان را بدهید: ۱ لاته" in said
    assert status() == "used"


def test_anothers_voucher_is_not_offered_to_this_member(cashier: Client, sara: Member, code: str) -> None:
    assert "جایزه‌های تحویلی" not in previewed(cashier, member=joined("09120000009").pk)
