"""Codes at the till wherever they were typed: whose they are, what they are, and where they belong."""

from urllib.parse import quote

from django.test import Client
from django.utils import timezone

from club.catalogue.models import Product
from club.gift_cards.models import GiftCard
from club.gift_cards.services import CardSale, sell_card
from club.members.models import Member
from club.purchases.models import Purchase
from core.models import Club
from offers.models import Coupon
from tests.desk.conftest import joined
from tests.desk.till.forms import save, typed
from tests.desk.till.test_preview import previewed
from tests.rewarding import DRINK, reward, takes


def drink(member: Member) -> str:
    """The code of a drink that comes with a purchase."""
    Product.objects.create(code="latte", name="لاته", price_rial=950_000)
    reward(points=100, benefit=DRINK)
    return takes(member).coupon


def card() -> GiftCard:
    return sell_card(CardSale(amount=500_000, payment_method="cash"), actor="user:1", key="card", now=timezone.now())


def searched(cashier: Client, text: str) -> str:
    return cashier.get(f"/desk/till/members/?q={quote(text)}").content.decode()


def test_a_personal_code_typed_first_finds_its_member_and_the_purchase_goes_on(cashier: Client, sara: Member) -> None:
    code = drink(sara)

    page = previewed(cashier, code=code.lower())
    said = str(save(cashier, amount="100000", code=code)["said"])

    assert "سارا محمدی" in page and f'data-taken="{sara.pk}"' in page
    assert "کالای رایگان را بدهید: ۱ لاته" in said
    assert Purchase.objects.get().member == sara


def test_a_member_found_before_stays_whosever_code_is_typed(cashier: Client, sara: Member) -> None:
    other = joined("09120000009", "رضا", "کریمی")

    page = previewed(cashier, member=other.pk, code=drink(sara), amount="100000")

    assert "رضا کریمی" in page and "data-taken" not in page
    assert "برای عضو دیگری است" in page


def test_codes_of_two_members_choose_nobody(cashier: Client, sara: Member) -> None:
    reward(points=100)
    mine, yours = takes(sara).coupon, takes(joined("09120000009", opening_points=500)).coupon

    page = previewed(cashier, code=f"{mine}, {yours}")

    assert "این کدها از یک عضو نیست" in page and "data-taken" not in page
    assert save(cashier, status=422, code=f"{mine}, {yours}", amount="1000")["errors"].keys() == {"code", "who"}


def test_a_code_for_everybody_asks_for_the_member_and_an_unknown_one_is_said_to_be(
    cashier: Client, sara: Member
) -> None:
    drink(sara)
    Coupon.objects.filter(member=sara).update(member=None, code="YALDA", key="YALDA")

    assert "«yalda» کد تخفیف اعضا است؛ عضو را پیدا کنید." in previewed(cashier, code="yalda")
    assert "شناخته نشد" in previewed(cashier, code="nosuch")
    assert "عضو را پیدا کنید" not in previewed(cashier, code=card().shown_code), "a gift card needs nobody"


def test_in_the_members_field_a_code_is_told_and_a_personal_one_finds_its_member(cashier: Client, sara: Member) -> None:
    code, gift = drink(sara), card().shown_code

    assert f'data-code="{code}"' in searched(cashier, code) and "سارا محمدی" in searched(cashier, code)
    told = searched(cashier, gift)
    assert f'data-code="{gift}"' in told and "کارت هدیه است" in told and "data-member" not in told
    assert "data-code" not in searched(cashier, "4567")


def test_a_code_scanned_into_another_field_is_put_in_its_place(cashier: Client, sara: Member) -> None:
    gift = card().shown_code

    page = previewed(cashier, member=sara.pk, amount=gift)
    refused = save(cashier, status=422, member=sara.pk, amount=gift, coupons=["X"])
    plain = cashier.post("/desk/till/", typed(cashier, who=gift, amount="100000")).content.decode()

    assert 'data-moved="amount"' in page and f'data-codes="{gift}"' in page
    assert refused["moved"] == {"field": "amount", "codes": gift}
    assert "مبلغ خرید را بنویسید" in str(refused["errors"])
    assert "کارت هدیه است و در جای کدها نوشته شد. عضو را پیدا کنید" in plain
    assert f'name="code" type="text" maxlength="120" value="{gift}"' in plain
    assert not Purchase.objects.exists()


def test_a_personal_code_in_the_members_field_is_all_that_is_needed(cashier: Client, sara: Member, club: Club) -> None:
    said = str(save(cashier, who=drink(sara), amount="100000")["said"])

    assert "سارا محمدی" in said and "لاته" in said
