"""Goods typed one by one at the till: products by code or name, free names with a price, sums by the server."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from club.catalogue.models import Product
from club.members.models import Member
from club.purchases.models import Purchase, PurchaseLine
from core.models import Club
from core.tenancy.scope import club_scope

JSON = {"accept": "application/json"}


@pytest.fixture
def latte(club: Club) -> Product:
    """A product of 90,000 toman."""
    return Product.objects.create(code="101", name="لاته", price_rial=900_000)


def rows(*typed: tuple[str, str, str]) -> dict[str, str]:
    """Rows as the page posts them."""
    names = ("what", "quantity", "price")
    return {f"line-{i}-{name}": text for i, row in enumerate(typed) for name, text in zip(names, row, strict=True)}


def save(client: Client, *, status: int = 200, **fields: object) -> dict[str, object]:
    answer = client.post("/desk/till/", {"key": "k1", **fields}, headers=JSON)
    assert answer.status_code == status, answer.content.decode()[:500]
    return json.loads(answer.content)


def test_goods_are_sold_by_code_by_name_and_by_a_name_and_price_of_their_own(
    cashier: Client, sara: Member, latte: Product
) -> None:
    goods = rows(("۱۰۱", "۲", ""), ("لاته", "", "80٬000"), ("", "", ""), ("بستهٔ هدیه", "1", "۵۰٬۰۰۰"))

    save(cashier, member=sara.pk, **goods)

    assert Purchase.objects.get().net == 1_800_000 + 800_000 + 500_000
    lines = PurchaseLine.objects.order_by("index").values_list("product_code", "name", "quantity", "unit_price")
    assert list(lines) == [
        ("101", "لاته", 2, 900_000),
        ("101", "لاته", 1, 800_000),
        ("", "بستهٔ هدیه", 1, 500_000),
    ]


def test_the_preview_adds_up_and_names_the_goods(cashier: Client, sara: Member, latte: Product) -> None:
    goods = rows(("101", "2", ""), ("چای ماسالا", "1", "30000"))

    page = cashier.post("/desk/till/preview/", {"member": sara.pk, **goods}).content.decode()

    assert "لاته × ۲" in page
    assert "چای ماسالا × ۱" in page
    assert "<span data-pay>۲۱۰٬۰۰۰</span>" in page
    assert Purchase.objects.count() == 0


def test_without_javascript_the_rows_stay_and_one_more_is_free(cashier: Client, sara: Member, latte: Product) -> None:
    goods = rows(*[("101", "1", "")] * 4)

    page = cashier.post("/desk/till/", {"key": "k1", "act": "preview", "who": "4567", **goods}).content.decode()

    assert page.count('value="101"') == 4
    assert 'name="line-4-what"' in page
    assert "<span data-pay>۳۶۰٬۰۰۰</span>" in page
    assert cashier.get("/desk/till/").content.decode().count("data-row") == 4


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("ناشناخته", "1", ""), "سطر ۱: کالایی با این کد یا نام نیست"),
        (("101", "0", ""), "سطر ۱: تعداد را با رقم بنویسید"),
        (("101", "1.5", ""), "سطر ۱: تعداد را با رقم بنویسید"),
        (("101", "9" * 5000, ""), "سطر ۱: تعداد را با رقم بنویسید"),
        (("101", "1", "NaN"), "سطر ۱:"),
        (("101", "1", "9" * 40), "سطر ۱:"),
        (("", "1", "-5"), "سطر ۱:"),
        (("101", "1000000", "9" * 14), "جمع خرید"),
        (("x" * 500, "1", ""), "سطر ۱:"),
        (("\x00", "1", ""), "سطر ۱:"),
    ],
)
def test_a_wrong_row_is_refused_by_its_number_and_nothing_is_written(
    cashier: Client, sara: Member, latte: Product, row: tuple[str, str, str], said: str
) -> None:
    errors = save(cashier, status=422, member=sara.pk, **rows(row))["errors"]

    assert list(errors) == ["lines"]  # type: ignore[call-overload]
    assert said in str(errors)
    assert Purchase.objects.count() == 0
    assert cashier.post("/desk/till/preview/", {"member": sara.pk, **rows(row)}).status_code == 200


def test_an_amount_beside_goods_is_refused(cashier: Client, sara: Member, latte: Product) -> None:
    answer = save(cashier, status=422, member=sara.pk, amount="1000", **rows(("101", "1", "")))

    assert list(answer["errors"]) == ["amount"]  # type: ignore[call-overload]


def test_a_name_that_two_products_have_is_nobodys(cashier: Client, sara: Member, latte: Product) -> None:
    Product.objects.create(code="102", name="لاته", price_rial=1)

    assert "کالایی با این کد یا نام نیست" in str(save(cashier, status=422, member=sara.pk, **rows(("لاته", "1", ""))))


def test_products_are_suggested_by_code_and_by_a_part_of_the_name(
    cashier: Client, latte: Product, other_club: Club
) -> None:
    Product.objects.create(code="103", name="لاته کهنه", price_rial=1, is_active=False)
    with club_scope(other_club):
        Product.objects.create(code="104", name="لاته بیگانه", price_rial=1)

    for text in ("۱۰", "ات", "لاته"):
        page = cashier.get("/desk/till/products/", {"q": text}).content.decode()
        assert page.count("<option") == 1
        assert 'value="لاته"' in page
    for nothing in ("", "%", "\x00", "9" * 5000):
        assert "<option" not in cashier.get("/desk/till/products/", {"q": nothing}).content.decode()


def test_the_preview_costs_the_same_for_1_and_for_9_goods(cashier: Client, sara: Member, latte: Product) -> None:
    def cost(count: int) -> int:
        with CaptureQueriesContext(connection) as caught:
            cashier.post("/desk/till/preview/", {"member": sara.pk, **rows(*[("101", "1", "")] * count)})
        return len(caught)

    cost(1)
    assert cost(1) == cost(9)
