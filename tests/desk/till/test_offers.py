"""Offers at the till: what is open, what applies and why the rest do not, and codes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.catalogue.models import Product
from club.members.models import Member
from club.purchases.models import Purchase
from core.models import Club
from core.tenancy.scope import club_scope
from offers.models import Coupon
from tests.desk.conftest import joined
from tests.desk.till.forms import save, typed
from tests.desk.till.test_preview import previewed
from tests.offering import publish

TENTH = {"kind": "discount_percent", "percent": 10}
ABOVE = {"fact": "amount", "op": "gte", "value": 5_000_000}


def own_code(member: Member, code: str = "SORRY1234", **more: object) -> Coupon:
    """A code of the member's own that takes 30,000 toman off."""
    offer = publish("پوزش", {"kind": "discount_amount", "amount": 300_000}, code_required=True)
    return Coupon.objects.create(offer=offer, code=code, member=member, uses=1, **more)


def test_as_soon_as_the_member_is_found_the_open_offers_stand_there_what_can_be_had_now_first(
    cashier: Client, sara: Member
) -> None:
    publish("ده مراجعه", TENTH, when={"fact": "visit_number", "op": "gte", "value": 10})
    publish("خرید بزرگ", TENTH, when=ABOVE)

    page = previewed(cashier, member=sara.pk)

    assert page.index("خرید بزرگ") < page.index("ده مراجعه")
    assert "همین خرید" in page
    assert "۹ خرید دیگر" in page


def test_the_preview_says_what_applies_and_how_much_is_missing_for_the_rest(cashier: Client, sara: Member) -> None:
    publish("هدیهٔ همیشه", {"kind": "credit_percent", "percent": 20})
    publish("کمتر", {"kind": "credit_percent", "percent": 15})
    publish("خرید بزرگ", TENTH, when=ABOVE)

    page = previewed(cashier, member=sara.pk, amount="455000")

    assert "هدیهٔ همیشه: ۹۱٬۰۰۰ تومان اعتبار" in page
    assert "«هدیهٔ همیشه» ۲۲٬۷۵۰ تومان بیشتر به سود عضو است" in page
    assert page.count('data-outcome="lost_to"') == 1
    assert "۴۵٬۰۰۰ تومان دیگر" in page


def test_whom_an_offer_is_compared_with_is_not_told_at_the_till(cashier: Client, sara: Member) -> None:
    publish("آزمایشی", TENTH, control_percent=50)
    members = [joined(f"0935111223{i}") for i in range(8)]

    pages = [previewed(cashier, member=member.pk, amount="1000") for member in members]

    assert {'data-outcome="applied"' in page for page in pages} == {True, False}
    assert not any("مقایسه" in page for page in pages)


def test_the_saved_purchase_names_the_offer_and_the_goods_to_hand_over(cashier: Client, sara: Member) -> None:
    Product.objects.create(code="cake", name="کیک روز", price_rial=900_000)
    publish("کیک مهمان", {"kind": "free_item", "product": "cake", "quantity": 2})

    said = str(save(cashier, member=sara.pk, amount="245000")["said"])

    assert "پیشنهاد «کیک مهمان»" in said
    assert "کالای رایگان را بدهید: ۲ کیک روز" in said
    saved = cashier.get(f"/desk/till/?saved={Purchase.objects.get().pk}").content.decode()
    assert "کیک مهمان" in saved
    assert "کالای رایگان را بدهید: ۲ کیک روز" in saved


def test_the_members_own_code_is_there_to_tick_and_ticked_it_counts(cashier: Client, sara: Member) -> None:
    own_code(sara)

    assert 'name="coupons" value="SORRY1234">' in previewed(cashier, member=sara.pk)
    page = previewed(cashier, member=sara.pk, amount="245000", coupons="SORRY1234")
    save(cashier, member=sara.pk, amount="245000", coupons="SORRY1234")

    assert 'name="coupons" value="SORRY1234" checked' in page
    assert "<span data-pay>۲۱۵٬۰۰۰</span>" in page
    assert Purchase.objects.get().discount == 300_000


@pytest.mark.parametrize("code", ["sorry1234", "SORRY۱۲۳۴", " Sorry 1234 ", "SORRY١٢٣٤، sorry1234"])
def test_a_code_counts_in_any_letter_case_and_any_digits(cashier: Client, sara: Member, code: str) -> None:
    own_code(sara)

    save(cashier, member=sara.pk, amount="245000", code=code)

    assert Purchase.objects.get().discount == 300_000


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"code": "nothing-like-this"}, "شناخته نشد"),
        ({"used": 1}, "استفاده شده"),
        ({"void": True}, "منقضی"),
        ({"ends_at": timezone.now() - timedelta(days=1)}, "منقضی"),
        ({"starts_at": timezone.now() + timedelta(days=1)}, "آغاز نشده"),
        ({"member": None}, "عضو دیگری"),
    ],
)
def test_a_code_that_cannot_be_used_is_refused_at_its_field_and_the_sums_stand(
    cashier: Client, sara: Member, more: dict[str, object], said: str
) -> None:
    own_code(joined("09128814567", "الهام", "صادقی") if "member" in more else sara)
    kept = {name: value for name, value in more.items() if name not in ("code", "member")}
    Coupon.objects.update(**kept) if kept else None
    fields = {"member": sara.pk, "amount": "245000", "code": more.get("code", "sorry1234")}

    page = previewed(cashier, **fields)
    refused = save(cashier, status=409, **fields)

    assert said in page.split('data-fault="code">')[1].split("</div>")[0]
    assert "<span data-pay>۲۴۵٬۰۰۰</span>" in page
    assert list(refused["errors"]) == ["code"]
    assert said in str(refused["errors"])
    assert Purchase.objects.count() == 0
    assert save(cashier, **fields | {"code": ""})["id"], "without the code the same form is recorded"


def test_a_code_that_fits_no_empty_basket_is_not_refused_before_the_amount(cashier: Client, sara: Member) -> None:
    offer = publish("بزرگ", TENTH, when=ABOVE, code_required=True)
    Coupon.objects.create(offer=offer, code="BIG", uses=None)

    assert 'data-fault="code"></div>' in previewed(cashier, member=sara.pk, code="big")
    assert "به این خرید نمی‌خورد" in previewed(cashier, member=sara.pk, amount="1000", code="big")


def test_a_code_without_a_member_is_refused_at_its_field(cashier: Client, club: Club) -> None:
    answer = save(cashier, status=422, nobody="1", amount="1000", code="x")

    assert list(answer["errors"]) == ["code"]


def test_without_javascript_nothing_that_was_typed_or_ticked_is_lost(cashier: Client, sara: Member) -> None:
    own_code(sara)
    fields = typed(cashier, who="4567", amount="245000", code="wrong", coupons="SORRY1234")

    page = cashier.post("/desk/till/", fields).content.decode()
    looked = cashier.post("/desk/till/", fields | {"act": "preview"}).content.decode()

    assert 'value="wrong, SORRY1234"' in page
    assert "«WRONG» شناخته نشد" in page
    assert 'value="wrong"' in looked
    assert 'value="SORRY1234" checked' in looked
    assert "«WRONG» شناخته نشد" in looked


@pytest.mark.parametrize("code", ["\x00", "💥" * 60, "،،،", "x" * 500, ",".join("abcdefghijklmnopqrstuvwxyz")])
def test_no_code_is_a_server_error(cashier: Client, sara: Member, code: str) -> None:
    for field in ("code", "coupons"):
        assert cashier.post("/desk/till/preview/", {"member": sara.pk, "amount": "9", field: code}).status_code == 200
        answer = cashier.post("/desk/till/", typed(cashier, member=sara.pk, amount="", **{field: code}))
        assert answer.status_code in {409, 422}


def test_another_clubs_code_is_unknown(cashier: Client, sara: Member, other_club: Club) -> None:
    with club_scope(other_club):
        own_code(joined("09120000077"), code="THEIRS")

    assert "شناخته نشد" in str(save(cashier, status=409, member=sara.pk, amount="1000", code="theirs"))


def test_the_preview_costs_the_same_for_1_and_for_12_offers(cashier: Client, sara: Member) -> None:
    def cost(**fields: object) -> int:
        previewed(cashier, member=sara.pk, **fields)
        with CaptureQueriesContext(connection) as caught:
            previewed(cashier, member=sara.pk, **fields)
        return len(caught)

    own_code(sara)
    publish("بزرگ", TENTH, when=ABOVE)
    few = cost(), cost(amount="600000")
    for i in range(12):
        publish(f"پیشنهاد {i}", TENTH, when=ABOVE)

    assert (cost(), cost(amount="600000")) == few
