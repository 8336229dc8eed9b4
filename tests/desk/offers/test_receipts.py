"""What the desk's receipt of a purchase says of the offers: what applied, what lost, what was missing."""

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.members.models import Member
from club.purchases.models import Purchase
from core.models import Club
from offers.services import move_offer
from tests.desk.conftest import bought
from tests.offering import publish

FIFTH = {"kind": "credit_percent", "percent": 20}


def test_the_receipt_says_what_became_of_every_offer_the_nearest_miss_first(cashier: Client, sara: Member) -> None:
    publish("ده مراجعه", FIFTH, when={"fact": "visit_number", "op": "gte", "value": 10})
    publish("خرید بزرگ", FIFTH, when={"fact": "amount", "op": "gte", "value": 2_500_000})
    publish("کوچک", {"kind": "credit_percent", "percent": 5})
    publish("هدیه", FIFTH)

    page = cashier.get(f"/desk/purchases/{bought(sara).pk}/").content.decode()

    offers = page.split('id="of-h"')[1]
    assert re.findall(r'data-outcome="(\w+)"', offers) == ["applied", "lost_to", "not_matched", "not_matched"]
    assert "۴۹٬۰۰۰ تومان اعتبار" in offers
    assert "«هدیه» ۳۶٬۷۵۰ تومان بیشتر به سود عضو است" in offers
    assert offers.index("خرید بزرگ") < offers.index("ده مراجعه")
    assert "۵٬۰۰۰ تومان دیگر" in offers


def test_a_receipt_says_tomorrow_what_it_says_today_whatever_becomes_of_the_offers(
    cashier: Client, sara: Member
) -> None:
    offer = publish("خرید بزرگ", FIFTH, when={"fact": "amount", "op": "gte", "value": 2_500_000})
    address = f"/desk/purchases/{bought(sara).pk}/"
    before = cashier.get(address).content.decode().split('id="of-h"')[1]

    move_offer(offer.pk, "end", actor="user:1", now=timezone.now())
    publish("تازه", FIFTH, since=timezone.now())

    assert cashier.get(address).content.decode().split('id="of-h"')[1] == before


def test_the_receipt_costs_the_same_for_1_and_for_12_offers(cashier: Client, sara: Member) -> None:
    def cost(purchase: Purchase) -> int:
        cashier.get(f"/desk/purchases/{purchase.pk}/")
        with CaptureQueriesContext(connection) as caught:
            cashier.get(f"/desk/purchases/{purchase.pk}/")
        return len(caught)

    publish("هدیه", FIFTH)
    few = cost(bought(sara))
    for i in range(12):
        publish(f"پیشنهاد {i}", FIFTH, when={"fact": "visit_number", "op": "gte", "value": 20 + i})

    assert cost(bought(sara, key="p2")) == few


def test_a_sale_to_nobody_has_no_offers(cashier: Client, club: Club) -> None:
    publish("هدیه", FIFTH)

    assert 'id="of-h"' not in cashier.get(f"/desk/purchases/{bought(None).pk}/").content.decode()
