"""Returns: the purchase found in every way, what it comes to before it is confirmed, and the slip."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role
from club.ledger.adjustments import Adjustment, adjust_value
from club.members.cards import block_card
from club.members.models import Member
from club.programme.services import change_programme
from club.purchases.codes import receipt_code
from club.purchases.merging import merge_members
from club.purchases.models import Purchase, Refund
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import record_purchase
from core.models import Club
from core.tenancy.scope import club_scope
from tests.accounts.cast import person, signed_in
from tests.desk.conftest import joined

LIST = "/desk/returns/"


def bought(member: Member | None, key: str = "p1", **more: object) -> Purchase:
    """Two coffees and a cake, 130,000 toman."""
    lines = (OrderLine(2, 500_000, name="قهوه"), OrderLine(1, 300_000, name="کیک"))
    order = PurchaseOrder(member_id=member.pk if member else None, lines=lines, **more)
    return Purchase.objects.get(pk=record_purchase(order, actor="system", key=key, now=timezone.now()).id)


def refunded(purchase: Purchase, key: str = "r1", **more: object) -> Refund:
    order = RefundOrder(purchase.pk, reason="شکسته بود", **more)
    return Refund.objects.get(pk=refund_purchase(order, actor="system", key=key, now=timezone.now()).id)


# ── finding the purchase ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("asked", ["number", "persian", "hash", "code", "address", "external"])
def test_what_names_one_purchase_opens_it(cashier: Client, sara: Member, asked: str) -> None:
    purchase = bought(sara, external_id="INV-20711")
    texts = {
        "number": str(purchase.number),
        "persian": "۱",
        "hash": f"#{purchase.number}",
        "code": receipt_code(purchase.pk),
        "address": f"http://narvan.localhost/desk/purchases/{purchase.pk}/?roll=1",
        "external": "INV-20711",
    }

    answer = cashier.get(LIST, {"q": texts[asked]})

    assert answer["Location"] == f"/desk/purchases/{purchase.pk}/refund/"


def test_the_receipt_shows_the_code_that_finds_it_to_staff_and_member(cashier: Client, sara: Member) -> None:
    purchase = bought(sara)

    assert 'aria-label="کد این خرید"' in cashier.get(f"/desk/purchases/{purchase.pk}/").content.decode()
    member = signed_in(person(phone=sara.phone), sara.club, "otp")
    assert 'aria-label="کد این خرید"' in member.get(f"/purchases/{purchase.pk}/").content.decode()


@pytest.mark.parametrize("text", ["09123454567", "4567", "سارا", "محمدي"])
def test_a_members_purchases_are_listed_to_choose_from_with_what_was_bought(
    cashier: Client, sara: Member, text: str
) -> None:
    mine, others = bought(sara), bought(joined("09350000001", "مهدی", "کاظمی"), key="p2")

    page = cashier.get(LIST, {"q": text})

    assert [purchase.pk for purchase, _names in page.context["goods"]] == [mine.pk]
    assert "قهوه، کیک" in page.content.decode()
    assert f"/desk/purchases/{others.pk}/refund/" not in page.content.decode()


def test_a_number_that_may_be_a_purchase_or_a_member_is_never_guessed(cashier: Client, sara: Member) -> None:
    purchase = bought(sara)
    Purchase.objects.filter(pk=purchase.pk).update(number=4567)

    page = cashier.get(LIST, {"q": "4567"})

    assert page.status_code == 200
    assert [row.pk for row, _names in page.context["goods"]] == [purchase.pk]
    assert [hit.id for hit in page.context["found"].members] == [sara.pk]
    assert cashier.get(LIST, {"q": "#4567"}).status_code == 302


def test_two_members_of_one_name_are_chosen_between(cashier: Client, sara: Member) -> None:
    other = joined("09350000001")

    page = cashier.get(LIST, {"q": "سارا"}).content.decode()

    assert f"?member={sara.pk}" in page
    assert f"?member={other.pk}" in page


def test_a_sale_to_nobody_is_found_by_its_number(cashier: Client, club: Club) -> None:
    purchase = bought(None)

    assert cashier.get(LIST, {"q": "1"})["Location"] == f"/desk/purchases/{purchase.pk}/refund/"
    assert "امتیاز پس گرفته" not in preview(cashier, purchase, how="all")


def test_a_blocked_card_is_refused_and_says_so(cashier: Client, sara: Member) -> None:
    card = sara.card
    block_card(sara.pk, actor="user:1", reason="گم شد")

    page = cashier.get(LIST, {"q": card}).content.decode()

    assert "بسته شده است" in page
    assert "سارا" not in page


def test_a_merged_record_leads_to_the_purchases_of_who_took_it_over(cashier: Client, sara: Member) -> None:
    old = joined("09350000001")
    purchase = bought(old)
    merge_members(old.pk, sara.pk, actor="user:1", key="m", now=timezone.now())

    page = cashier.get(LIST, {"member": old.pk})

    assert page.context["member"] == sara
    assert [row.pk for row, _names in page.context["goods"]] == [purchase.pk]


def test_a_long_history_goes_on_page_by_page_at_the_same_cost(cashier: Client, sara: Member) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            cashier.get(LIST, {"member": sara.pk})
        return len(caught)

    for i in range(3):
        bought(sara, key=f"m{i}")
    cost()
    few = cost()
    for i in range(3, 23):
        bought(sara, key=f"m{i}")

    assert cost() == few
    first = cashier.get(LIST, {"member": sara.pk})
    rest = cashier.get(LIST, {"member": sara.pk, "before": first.context["older"]})
    numbers = [purchase.number for page in (first, rest) for purchase, _names in page.context["goods"]]
    assert sorted(numbers, reverse=True) == list(range(23, 0, -1))


@pytest.mark.parametrize(
    "query", ["q=%00", "q=" + "9" * 200, "q=" + "7" * 16, "q=/purchases/" + "9" * 18, "member=abc&q=x", "q=<b>"]
)
def test_nonsense_breaks_nothing(cashier: Client, sara: Member, query: str) -> None:
    assert cashier.get(f"{LIST}?{query}").status_code == 200


def test_another_clubs_receipt_number_and_member_are_not_found(cashier: Client, club: Club, other_club: Club) -> None:
    with club_scope(other_club):
        theirs = bought(joined("09120000077"), external_id="X-1")

    for text in (receipt_code(theirs.pk), f"/purchases/{theirs.pk}/", "X-1", "1"):
        assert "نه خریدی با این شماره" in cashier.get(LIST, {"q": text}).content.decode()
    assert cashier.get(LIST, {"member": theirs.member_id}).status_code == 404


def test_the_page_is_for_who_may_refund(club: Club) -> None:
    assert signed_in(person(Role.SUPPORT), club).get(LIST).status_code == 403
    assert signed_in(person(Role.MANAGER), club).get(LIST).status_code == 200


def test_the_first_page_shows_the_last_returns_and_the_side_bar_leads_there(cashier: Client, sara: Member) -> None:
    refund = refunded(bought(sara), lines=((1, 1),))

    page = cashier.get(LIST).content.decode()

    assert f"/desk/purchases/{refund.purchase_id}/refunds/{refund.pk}/" in page
    assert f'href="{LIST}"' in cashier.get("/desk/purchases/").content.decode()


# ── before it is confirmed ────────────────────────────────────────────────────────────────────────────────


def preview(client: Client, purchase: Purchase, **fields: object) -> str:
    return client.post(f"/desk/purchases/{purchase.pk}/refund/preview/", {"key": "k", **fields}).content.decode()


def test_the_preview_names_the_lots_with_their_dates_and_the_way_of_payment(cashier: Client, sara: Member) -> None:
    change_programme({"points_valid_days": 30}, effective_from=timezone.now() - timedelta(days=9), actor="user:1")
    purchase = bought(sara, pay_with=PayWith(credit="max"), payment_method="card")

    page = preview(cashier, purchase, how="all")

    assert "کارت بانکی" in page
    assert "۶۸٬۰۰۰" in page, "130,000 less 62,000 of credit is handed back in money"
    assert "‎+۶۲٬۰۰۰ تومان اعتبار" in page
    assert "بی‌پایان" in page, "the credit comes back to its lot, which never ends"
    assert "‎−۶ امتیاز" in page
    assert "تا پایان" in page
    assert "مانده پس از برگشت: ۵۰۰ امتیاز · ۶۲٬۰۰۰ تومان اعتبار" in page
    assert Refund.objects.count() == 0


@pytest.mark.parametrize(("rule", "said"), [("clip", "بخشیده می‌شود"), ("debt", "بدهی عضو می‌شود")])
def test_what_is_no_longer_there_is_said_with_what_becomes_of_it(
    cashier: Client, sara: Member, rule: str, said: str
) -> None:
    change_programme({"refund_shortfall": rule}, effective_from=timezone.now() - timedelta(days=9), actor="user:1")
    purchase = bought(sara)
    adjust_value(Adjustment(sara.pk, "points", -510, "خرج شد"), actor="user:1", key="a", now=timezone.now())

    page = preview(cashier, purchase, how="all")

    assert "امتیازی که دیگر نیست" in page
    assert said in page


def test_without_javascript_the_same_page_shows_what_it_comes_to(cashier: Client, sara: Member) -> None:
    purchase = bought(sara)

    page = cashier.post(
        f"/desk/purchases/{purchase.pk}/refund/", {"act": "preview", "key": "k", "how": "lines", "line-1": "1"}
    ).content.decode()

    assert "به مشتری بدهید" in page
    assert "۳۰٬۰۰۰" in page
    assert Refund.objects.count() == 0


def test_parts_that_came_back_are_shown_and_cannot_come_back_again(cashier: Client, sara: Member) -> None:
    purchase = bought(sara)
    refunded(purchase, lines=((0, 1), (1, 1)))

    page = cashier.get(f"/desk/purchases/{purchase.pk}/refund/").content.decode()

    assert "۱ از ۲" in page
    assert 'name="line-1"' not in page
    assert "قهوه × ۱، کیک × ۱" in page


# ── the slip ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_return_leads_to_its_slip_and_prints_it_where_that_was_asked(cashier: Client, sara: Member) -> None:
    purchase = bought(sara)
    form = {"key": "k", "reason": "شکسته بود", "how": "lines", "line-0": "1"}

    answer = cashier.post(f"/desk/purchases/{purchase.pk}/refund/", {**form, "print": "1"})

    slip = f"/desk/purchases/{purchase.pk}/refunds/{Refund.objects.get().pk}/"
    assert answer["Location"] == f"{slip}?print=1"
    page = cashier.get(answer["Location"]).content.decode()
    assert 'class="roll"' in page
    assert "js/print" in page
    for said in ("برگهٔ برگشت", "قهوه", "۵۰٬۰۰۰", "پنجاه هزار تومان", "شکسته بود", "سارا محمدی", "۵ امتیاز پس گرفته شد"):
        assert said in page
    assert "کیک" not in page
    assert 'class="roll"' not in cashier.get(f"{slip}?a4=1").content.decode()


def test_the_second_slip_is_numbered_and_says_what_was_left_then(cashier: Client, sara: Member) -> None:
    purchase = bought(sara)
    first = refunded(purchase, lines=((0, 1),))
    second = refunded(purchase, key="r2", amount=100_000)

    page = cashier.get(f"/desk/purchases/{purchase.pk}/refunds/{second.pk}/").content.decode()
    assert "برگشت ۲" in page
    assert (
        "مانده پس از برگشت: ۵۰۰ امتیاز"
        not in cashier.get(f"/desk/purchases/{purchase.pk}/refunds/{first.pk}/").content.decode()
    )


def test_a_slip_of_another_purchase_is_a_404(cashier: Client, sara: Member) -> None:
    refund, other = refunded(bought(sara)), bought(sara, key="p2")

    assert cashier.get(f"/desk/purchases/{other.pk}/refunds/{refund.pk}/").status_code == 404
    assert cashier.get(f"/desk/purchases/{other.pk}/refunds/{'9' * 30}/").status_code == 404
