"""Gift cards on the staff's pages: sold, found, spent at the till, and kept from who should not see a code."""

import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.gift_cards.changing import block_card, replace_card
from club.gift_cards.models import GiftCard
from club.gift_cards.services import CardIssue, CardSale, issue_cards, sell_card
from club.ledger.models import Wallet
from club.members.models import Member
from club.purchases.erasure import erase_member
from club.purchases.merging import merge_members
from club.purchases.models import Purchase
from core.models import AuditEntry
from sms.models import OutboxMessage
from tests.desk.conftest import joined
from tests.desk.till.forms import save
from tests.desk.till.test_preview import previewed

SELL = {"key": "k1", "usual": "5000000", "payment_method": "card"}


def sold(key: str = "s", **more: object) -> GiftCard:
    return sell_card(CardSale(amount=3_000_000, **more), actor="system", key=key, now=timezone.now())


def text_of(answer: object) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())  # type: ignore[attr-defined]


def test_a_cashier_sells_a_card_once_and_prints_it(cashier: Client) -> None:
    answer = cashier.post("/desk/gift-cards/sell/", {**SELL, "phone": "۰۹۳۵۱۱۱۲۲۳۳"})
    again = cashier.post("/desk/gift-cards/sell/", {**SELL, "phone": "۰۹۳۵۱۱۱۲۲۳۳"})

    card = GiftCard.objects.get()
    assert answer["Location"] == again["Location"] == f"/desk/gift-cards/{card.pk}/"
    assert (card.price, card.payment_method, Purchase.objects.count()) == (5_000_000, "card", 0)
    assert OutboxMessage.objects.get(kind="gift_card").phone == "09351112233"
    assert card.shown_code in cashier.get(answer["Location"]).content.decode()
    assert card.shown_code in cashier.get(f"/desk/gift-cards/{card.pk}/print/").content.decode()
    day = text_of(cashier.get("/desk/gift-cards/sell/"))
    assert "کارت‌های امروز ۵۰۰٬۰۰۰ تومان" in day and "کارت بانکی ۵۰۰٬۰۰۰ تومان" in day


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"usual": ""}, "مبلغ کارت را برگزینید یا بنویسید."),
        ({"usual": "", "amount": "0"}, "مبلغ باید بیشتر از صفر باشد."),
        ({"phone": "۱۲"}, "موبایل"),
        ({"is_personal": "on"}, "کارت شخصی برای یک عضو است؛ موبایل عضو را بنویسید."),
        ({"ends_on": "1400/01/01"}, "آخرین روز کارت گذشته است."),
        ({"payment_method": "barter"}, "barter"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(cashier: Client, typed: dict[str, str], said: str) -> None:
    answer = cashier.post("/desk/gift-cards/sell/", {**SELL, "amount": "", **typed})

    assert answer.status_code == 422 and said in answer.content.decode()
    assert 'value="k1"' in answer.content.decode()
    assert GiftCard.objects.count() == 0


def test_only_who_sold_it_today_and_managers_see_the_code(cashier: Client, manager: Client) -> None:
    card = sold()

    for page in (f"/desk/gift-cards/{card.pk}/", "/desk/gift-cards/sell/"):
        assert card.shown_code not in cashier.get(page).content.decode()
    assert cashier.get(f"/desk/gift-cards/{card.pk}/print/").status_code == 404
    assert card.shown_code in manager.get(f"/desk/gift-cards/{card.pk}/").content.decode()
    assert card.shown_code not in manager.get("/desk/gift-cards/").content.decode()


def test_a_card_in_hand_is_found_by_its_code_and_blocked_by_the_cashier(cashier: Client) -> None:
    card = sold()

    found = cashier.post("/desk/gift-cards/sell/", {"act": "find", "code": card.shown_code.lower()})
    cashier.post(found["Location"], {"act": "block"})

    card.refresh_from_db()
    assert card.status == "blocked"
    for act in ("unblock", "replace", "refund"):
        assert cashier.post(found["Location"], {"act": act}).status_code == 403
    assert cashier.post("/desk/gift-cards/sell/", {"act": "find", "code": "X"}).status_code == 422


def test_the_manager_opens_replaces_and_pays_back(manager: Client) -> None:
    card = sold()
    page = f"/desk/gift-cards/{card.pk}/"

    said = [text_of(manager.post(page, {"act": act}, follow=True)) for act in ("block", "unblock", "replace", "refund")]

    assert "۳۰۰٬۰۰۰ تومان به مشتری بدهید" in said[-1]
    old, card = card.code, GiftCard.objects.get()
    assert (card.status, card.money_back) == ("refunded", 3_000_000) and card.code != old
    again = text_of(manager.post(page, {"act": "refund"}, follow=True))
    assert "چیزی برای پس دادن نمانده" in again
    told = text_of(manager.get("/desk/audit/"))
    for words in ("بستن کارت هدیه", "دادن کد تازه به کارت هدیه", "پس دادن پول کارت هدیه"):
        assert words in told
    assert card.code not in told and card.shown_code not in told


def test_cards_are_issued_listed_and_taken_home(manager: Client) -> None:
    typed = {"key": "k1", "amount": "20000", "count": "۱۲", "reason": "همایش"}
    answer = manager.post("/desk/gift-cards/issue/", typed)
    assert manager.post("/desk/gift-cards/issue/", typed)["Location"] == answer["Location"]

    codes = manager.get(f"{answer['Location']}export.csv")
    listed = b"".join(codes.streaming_content).decode()
    cards = list(GiftCard.objects.all())
    assert len(cards) == 12 and all(card.shown_code in listed for card in cards)
    assert manager.get(f"{answer['Location']}print/").content.decode().count("gift-slip") == 12
    assert "۲۴۰٬۰۰۰ تومان" in text_of(manager.get("/desk/gift-cards/"))
    assert AuditEntry.objects.filter(action="list.export").count() == 1


def test_the_list_is_filtered_by_state_and_code(manager: Client) -> None:
    kept, lost = sold("a"), sold("b")
    manager.post(f"/desk/gift-cards/{lost.pk}/", {"act": "block"})

    blocked = manager.get("/desk/gift-cards/?state=blocked").content.decode()
    found = manager.get(f"/desk/gift-cards/?q={kept.shown_code}").content.decode()

    assert lost.masked_code in blocked and kept.masked_code not in blocked
    assert kept.masked_code in found and lost.masked_code not in found


def test_pages_ask_the_same_for_three_cards_and_for_thirty(manager: Client) -> None:
    manager.get("/desk/gift-cards/")
    counts = []
    for count in (3, 30):
        issue_cards(CardIssue(amount=1_000, count=count), actor="system", now=timezone.now())
        with CaptureQueriesContext(connection) as asked:
            manager.get("/desk/gift-cards/")
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_at_the_till_the_card_pays_and_says_what_stays(cashier: Client, sara: Member) -> None:
    card = sold()

    seen = previewed(cashier, member=sara.pk, amount="100000", code=card.shown_code)
    said = str(save(cashier, member=sara.pk, amount="100000", code=card.shown_code)["said"])

    assert "از کارت هدیه" in seen and "پس از این خرید ۲۰۰٬۰۰۰ تومان می‌ماند" in seen
    assert "۱۰۰٬۰۰۰ تومان از کارت هدیه" in said
    purchase = Purchase.objects.get()
    assert (purchase.paid_by_gift_card, purchase.payable) == (1_000_000, 0)
    for page in (f"/desk/purchases/{purchase.pk}/", f"/desk/admin/purchases/purchase/{purchase.pk}/change/"):
        assert "از کارت هدیه" in cashier.get(page).content.decode() or "admin" in page


def test_a_card_pays_for_who_is_no_member_too(cashier: Client) -> None:
    card = sold()

    save(cashier, nobody="1", amount="400000", code=card.code)

    purchase = Purchase.objects.get()
    assert (purchase.member, purchase.paid_by_gift_card, purchase.payable) == (None, 3_000_000, 1_000_000)


def test_the_print_promises_what_is_left_and_a_card_that_buys_nothing_is_not_printed(manager: Client) -> None:
    card, address = sold(), "/desk/gift-cards/{}/print/".format
    save(manager, nobody="1", amount="100000", code=card.code)
    printed = text_of(manager.get(address(card.pk)))
    assert "۲۰۰٬۰۰۰ تومان" in printed and "۳۰۰٬۰۰۰" not in printed

    block_card(card.pk, actor="system")

    refused = manager.get(address(card.pk), follow=True)
    assert "چاپش به کار مشتری نمی‌آید" in text_of(refused) and address(card.pk) not in refused.content.decode()


def test_a_card_that_cannot_pay_is_said_at_the_code_and_the_sums_go_on(cashier: Client, sara: Member) -> None:
    card = sold()
    replace_card(card.pk, actor="system")

    seen = previewed(cashier, member=sara.pk, amount="100000", code=card.code)
    refused = save(cashier, member=sara.pk, amount="100000", code=card.code, status=422)

    assert "گم‌شده اعلام شده" in seen and "۱۰۰٬۰۰۰" in seen
    assert "گم‌شده اعلام شده" in json.dumps(refused, ensure_ascii=False)
    assert Purchase.objects.count() == 0
    assert Wallet.objects.get(pk=card.wallet_id).balance == 3_000_000


def test_two_cards_in_one_purchase_are_one_too_many(cashier: Client) -> None:
    codes = f"{sold('a').code}, {sold('b').code}"

    refused = save(cashier, nobody="1", amount="100000", code=codes, status=422)

    assert "یک کارت هدیه" in json.dumps(refused, ensure_ascii=False)


def test_the_ledger_of_the_admin_shows_a_cards_money_as_nobodys(manager: Client) -> None:
    sold()

    page = manager.get("/desk/admin/ledger/entry/")
    files = [b"".join(manager.get(f"/desk/admin/{name}/export.csv").streaming_content).decode()
             for name in ("ledger/entry", "gift_cards/giftcard")]  # fmt: skip

    assert page.status_code == 200 and "کارت هدیه" in page.content.decode()
    assert GiftCard.objects.get().masked_code in files[1] and GiftCard.objects.get().code not in files[1]


def test_a_card_sold_to_a_member_found_at_the_till_says_who_bought_it(cashier: Client, sara: Member) -> None:
    assert f"/desk/gift-cards/sell/?member={sara.pk}" in cashier.get(f"/desk/till/?member={sara.pk}").content.decode()
    assert "سارا محمدی" in text_of(cashier.get(f"/desk/gift-cards/sell/?member={sara.pk}"))

    answer = cashier.post("/desk/gift-cards/sell/", {**SELL, "buyer": sara.pk, "phone": "09351112233"})

    card = GiftCard.objects.get()
    assert (card.buyer, card.member) == (sara, None)
    assert "خریدار سارا محمدی" in text_of(cashier.get(answer["Location"]))
    told = text_of(cashier.get(f"/desk/members/{sara.pk}/activity/"))
    assert "خریدن کارت هدیه" in told and "۵۰۰٬۰۰۰ تومان" in told
    assert card.code not in cashier.get(f"/desk/members/{sara.pk}/activity/").content.decode()
    unknown = cashier.post("/desk/gift-cards/sell/", {**SELL, "key": "k2", "buyer": 2**40})
    assert unknown.status_code == 404 and GiftCard.objects.count() == 1


def test_a_bought_card_follows_its_buyer_into_a_merged_record_and_forgets_an_erased_one(
    sara: Member, manager: Client
) -> None:
    other = joined("09120000009")
    card = sold(buyer=sara.pk)

    merge_members(sara.pk, other.pk, actor="user:1", key="m", now=timezone.now())
    card.refresh_from_db()
    assert card.buyer == other

    erase_member(other.pk, actor="user:1", reason="x", now=timezone.now())
    card.refresh_from_db()
    assert card.buyer is None


def test_its_sms_goes_out_again_to_the_same_phone_three_times_a_day(cashier: Client, manager: Client) -> None:
    page = cashier.post("/desk/gift-cards/sell/", {**SELL, "phone": "09351112233"})["Location"]

    for _time in range(2):
        assert "دوباره فرستاده شد" in text_of(cashier.post(page, {"act": "send"}, follow=True))
    assert "امروز چند بار فرستاده شده" in text_of(cashier.post(page, {"act": "send"}, follow=True))

    told = OutboxMessage.objects.filter(kind="gift_card")
    assert {one.phone for one in told} == {"09351112233"} and told.count() == 3
    paper = sold("paper")
    assert "گیرنده‌ای ندارد" in text_of(manager.post(f"/desk/gift-cards/{paper.pk}/", {"act": "send"}, follow=True))
    assert cashier.post(f"/desk/gift-cards/{paper.pk}/", {"act": "send"}).status_code == 403
