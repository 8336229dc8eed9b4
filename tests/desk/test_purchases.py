"""Purchases after they were recorded: the list, the receipt, taking one back."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role
from club.ledger.selectors import balances
from club.members.models import Member
from club.purchases.models import Purchase, Refund
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import record_purchase
from club.tiers.models import Tier
from core.models import Club
from core.tenancy.scope import club_scope
from tests.accounts.cast import person, signed_in
from tests.core.test_pages import INLINE
from tests.desk.conftest import bought, joined

JSON = {"accept": "application/json"}


@pytest.fixture
def coffee(sara: Member) -> Purchase:
    """Two kinds of things in one purchase: 2 × 50,000 and 1 × 30,000 toman."""
    lines = (OrderLine(2, 500_000, name="قهوه"), OrderLine(1, 300_000, name="کیک"))
    order = PurchaseOrder(member_id=sara.pk, lines=lines)
    return Purchase.objects.get(pk=record_purchase(order, actor="system", key="c1", now=timezone.now()).id)


# ── the receipt ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_receipt_says_everything_that_was_sold(cashier: Client, coffee: Purchase) -> None:
    page = cashier.get(f"/desk/purchases/{coffee.pk}/").content.decode()

    for said in ("قهوه", "کیک", "۱۰۰٬۰۰۰", "۱۳۰٬۰۰۰", "صد و سی هزار تومان", "سارا محمدی", "کافه نارون"):
        assert said in page


def test_the_receipt_says_what_was_left_then_and_not_what_is_left_now(cashier: Client, sara: Member) -> None:
    first = bought(sara, 1_000_000)
    bought(sara, 2_000_000, key="p2")

    page = cashier.get(f"/desk/purchases/{first.pk}/").content.decode()

    assert "مانده پس از خرید: ۵۱۰ امتیاز · ۶۲٬۰۰۰ تومان اعتبار" in page
    assert "۵۳۰" not in page


def test_the_receipt_says_the_tier_and_the_way_to_the_next_as_they_were(cashier: Client, sara: Member) -> None:
    Tier.objects.create(code="silver", name="نقره‌ای", rank=1, threshold=2_000_000)
    Tier.objects.create(code="gold", name="طلایی", rank=2, threshold=30_000_000)
    first = bought(sara, 1_500_000)
    second = bought(sara, 1_000_000, key="p2")
    bought(sara, 9_000_000, key="p3")

    assert "۵۰٬۰۰۰ تومان تا نقره‌ای" in cashier.get(f"/desk/purchases/{first.pk}/").content.decode()
    page = cashier.get(f"/desk/purchases/{second.pk}/").content.decode()
    assert "به سطح نقره‌ای رسیدید" in page
    assert "۲٬۷۵۰٬۰۰۰ تومان تا طلایی" in page


def test_the_return_slip_says_what_went_back_and_what_is_left(cashier: Client, sara: Member) -> None:
    purchase = bought(sara, 2_450_000, pay_with=PayWith(credit="max"))
    refund_purchase(RefundOrder(purchase.pk), actor="system", key="r1", now=timezone.now())
    bought(sara, 1_000_000, key="p2")

    page = cashier.get(f"/desk/purchases/{purchase.pk}/").content.decode()

    assert "۱۸ امتیاز پس گرفته شد" in page
    assert "۶۲٬۰۰۰ تومان اعتبار به خریدار برگشت" in page
    assert "مانده پس از برگشت: ۵۰۰ امتیاز · ۶۲٬۰۰۰ تومان اعتبار" in page


def test_the_receipt_for_the_roll_printer_and_for_printing_at_once(cashier: Client, coffee: Purchase) -> None:
    assert 'class="roll"' in cashier.get(f"/desk/purchases/{coffee.pk}/?roll=1").content.decode()
    assert "js/print" in cashier.get(f"/desk/purchases/{coffee.pk}/?print=1").content.decode()


@pytest.mark.parametrize("page", ["", "refund/", "undo/", "refund/preview/"])
def test_another_clubs_purchase_is_a_404_on_every_page(cashier: Client, other_club: Club, page: str) -> None:
    with club_scope(other_club):
        theirs = bought(joined("09120000077"))

    path = f"/desk/purchases/{theirs.pk}/{page}"
    answer = cashier.post(path) if page in {"undo/", "refund/preview/"} else cashier.get(path)

    assert answer.status_code == 404
    with club_scope(other_club):
        assert Refund.objects.count() == 0


@pytest.mark.parametrize("number", ["0", "999999", "9" * 30])
def test_an_unknown_purchase_is_a_404(cashier: Client, club: Club, number: str) -> None:
    assert cashier.get(f"/desk/purchases/{number}/").status_code == 404


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["4567", "سارا", "09123454567"])
def test_purchases_are_found_by_member(cashier: Client, sara: Member, text: str) -> None:
    bought(sara)
    bought(joined("09350000000", "مهدی", "کاظمی"), key="p2")

    page = cashier.get("/desk/purchases/", {"q": text}).content.decode()

    assert "سارا محمدی" in page
    assert "مهدی" not in page


def test_purchases_are_found_by_number_in_any_digits(cashier: Client, sara: Member) -> None:
    first, second = bought(sara), bought(sara, key="p2", amount=77_770)

    page = cashier.get("/desk/purchases/", {"q": "۲"}).content.decode()

    assert (first.number, second.number) == (1, 2)
    assert "۷٬۷۷۷" in page
    assert "۲۴۵٬۰۰۰" not in page


@pytest.mark.parametrize("query", ["q=%00", "q=" + "9" * 60, "before=abc", "before=" + "9" * 60, "before=0", "q=<b>"])
def test_nonsense_in_the_address_breaks_nothing(cashier: Client, sara: Member, query: str) -> None:
    assert cashier.get(f"/desk/purchases/?{query}").status_code == 200


def test_the_list_goes_on_page_by_page_and_shows_each_once(cashier: Client, sara: Member) -> None:
    for i in range(27):
        bought(sara, key=f"m{i}", amount=1_000)

    first = cashier.get("/desk/purchases/")
    rest = cashier.get(f"/desk/purchases/?before={first.context['more']}")

    numbers = [row.purchase.number for answer in (first, rest) for row in answer.context["rows"]]
    assert numbers == list(range(27, 0, -1))
    assert rest.context["more"] is None


def test_the_list_costs_the_same_for_3_and_for_20_purchases(cashier: Client, sara: Member) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            cashier.get("/desk/purchases/")
        return len(caught)

    for i in range(3):
        bought(sara, key=f"m{i}")
    cost()
    few = cost()
    for i in range(3, 20):
        bought(joined(f"0935{i:07}"), key=f"m{i}")

    assert cost() == few


# ── undo ──────────────────────────────────────────────────────────────────────────────────────────────────


def undo(client: Client, purchase: Purchase, *, status: int = 200) -> dict[str, object]:
    """Press the undo button, as the page's script does."""
    answer = client.post(f"/desk/purchases/{purchase.pk}/undo/", headers=JSON)
    assert answer.status_code == status, answer.content.decode()[:300]
    return json.loads(answer.content)


def test_undo_is_a_refund_and_takes_the_points_back(cashier: Client, sara: Member) -> None:
    purchase = bought(sara)

    answer = undo(cashier, purchase)

    purchase.refresh_from_db()
    assert purchase.fully_refunded
    assert Refund.objects.get().refunded == 2_450_000
    assert balances(sara.pk, timezone.now()).points == 500
    assert "۲۴۵٬۰۰۰" in str(answer["said"])


def test_undo_pressed_twice_refunds_once(cashier: Client, sara: Member) -> None:
    purchase = bought(sara)

    assert undo(cashier, purchase)["said"] == undo(cashier, purchase)["said"]
    assert Refund.objects.count() == 1


def test_after_a_quarter_of_an_hour_the_refund_page_is_the_way(cashier: Client, sara: Member) -> None:
    purchase = bought(sara)
    Purchase.objects.filter(pk=purchase.pk).update(created_at=timezone.now() - timedelta(minutes=16))

    undo(cashier, purchase, status=409)

    assert Refund.objects.count() == 0
    answer = cashier.post(f"/desk/purchases/{purchase.pk}/undo/")
    assert answer["Location"] == f"/desk/purchases/{purchase.pk}/refund/"


def test_without_javascript_undo_leads_back_to_the_till(cashier: Client, sara: Member) -> None:
    answer = cashier.post(f"/desk/purchases/{bought(sara).pk}/undo/", follow=True)

    assert answer.redirect_chain == [("/desk/till/", 302)]
    assert "برگردانده شد" in answer.content.decode()


def test_who_may_not_refund_may_not_undo(club: Club, sara: Member) -> None:
    caller = signed_in(person(Role.CALLER), club)

    assert caller.post(f"/desk/purchases/{bought(sara).pk}/undo/").status_code == 403
    assert Refund.objects.count() == 0


def test_undo_needs_a_post(cashier: Client, sara: Member) -> None:
    assert cashier.get(f"/desk/purchases/{bought(sara).pk}/undo/").status_code == 405


def test_the_list_strikes_what_went_back_and_shows_what_is_left(cashier: Client, coffee: Purchase) -> None:
    refund_purchase(RefundOrder(coffee.pk, amount=300_000), actor="system", key="r1", now=timezone.now())

    page = cashier.get("/desk/purchases/").content.decode()
    assert '<del class="muted">۱۳۰٬۰۰۰</del> ۱۰۰٬۰۰۰' in page

    refund_purchase(RefundOrder(coffee.pk), actor="system", key="r2", now=timezone.now())
    page = cashier.get("/desk/purchases/").content.decode()
    assert '<del class="muted">۱۳۰٬۰۰۰</del></td>' in page


# ── the refund page ───────────────────────────────────────────────────────────────────────────────────────


def refund(client: Client, purchase: Purchase, **fields: object):
    """Post the refund form."""
    return client.post(f"/desk/purchases/{purchase.pk}/refund/", {"key": "r1", "reason": "پس آورد", **fields})


def test_a_refund_of_everything(cashier: Client, coffee: Purchase) -> None:
    answer = refund(cashier, coffee, how="all")

    assert answer["Location"] == f"/desk/purchases/{coffee.pk}/refunds/{Refund.objects.get().pk}/"
    assert Refund.objects.get().refunded == 1_300_000


def test_a_refund_by_line(cashier: Client, coffee: Purchase) -> None:
    refund(cashier, coffee, how="lines", **{"line-0": "۱"})

    assert Refund.objects.get().refunded == 500_000


def test_a_refund_by_amount(cashier: Client, coffee: Purchase) -> None:
    refund(cashier, coffee, how="amount", amount="۲۰٬۰۰۰")

    assert Refund.objects.get().refunded == 200_000


def test_a_refund_posted_twice_happens_once(cashier: Client, coffee: Purchase) -> None:
    refund(cashier, coffee, how="amount", amount="20000")
    refund(cashier, coffee, how="amount", amount="20000")

    assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"how": "all", "reason": ""},
        {"how": "all", "reason": "x" * 300},
        {"how": ""},
        {"how": "nothing"},
        {"how": "lines"},
        {"how": "lines", "line-0": "abc"},
        {"how": "lines", "line-0": "-1"},
        {"how": "lines", "line-0": "9" * 30},
        {"how": "lines", "line-9": "1"},
        {"how": "amount"},
        {"how": "amount", "amount": "0"},
        {"how": "amount", "amount": "NaN"},
        {"how": "amount", "amount": "1e309"},
        {"how": "amount", "amount": "9" * 30},
        {"how": "all", "key": ""},
        {"how": "all", "key": "کلید"},
    ],
)
def test_a_wrong_refund_is_refused_and_nothing_is_written(
    cashier: Client, coffee: Purchase, fields: dict[str, str]
) -> None:
    answer = refund(cashier, coffee, **fields)

    assert answer.status_code == 422
    assert Refund.objects.count() == 0
    assert cashier.post(f"/desk/purchases/{coffee.pk}/refund/preview/", fields).status_code == 200


@pytest.mark.parametrize("fields", [{"how": "lines", "line-0": "3"}, {"how": "amount", "amount": "130001"}])
def test_more_than_was_sold_does_not_go_back(cashier: Client, coffee: Purchase, fields: dict[str, str]) -> None:
    assert refund(cashier, coffee, **fields).status_code == 409
    assert Refund.objects.count() == 0


def test_an_amount_above_the_rest_is_refused_once_beside_its_field_with_what_is_left(
    cashier: Client, coffee: Purchase
) -> None:
    refund(cashier, coffee, how="amount", amount="30000")

    page = refund(cashier, coffee, how="amount", amount="120000", key="r2").content.decode()

    assert page.count("بیش از مانده است؛ تا ۱۰۰٬۰۰۰ تومان برمی‌گردد") == 1
    assert 'id="f-amount-error"' in page


def test_a_form_opened_before_another_refund_is_refused(cashier: Client, coffee: Purchase) -> None:
    refund(cashier, coffee, how="amount", amount="30000", seen="0")

    answer = refund(cashier, coffee, how="amount", amount="20000", seen="0", key="r2")

    assert answer.status_code == 409
    assert "این خرید در این میان تغییر کرد" in answer.content.decode()
    assert 'name="seen" value="300000"' in answer.content.decode()
    assert refund(cashier, coffee, how="amount", amount="30000", seen="0").status_code == 302, "a repeat is answered"
    assert Refund.objects.count() == 1


def test_the_same_amount_again_is_asked_about_first(cashier: Client, coffee: Purchase) -> None:
    refund(cashier, coffee, how="amount", amount="30000", seen="0")

    again = {"how": "amount", "amount": "30000", "seen": "300000", "key": "r2"}
    asked = refund(cashier, coffee, **again)

    assert asked.status_code == 409
    assert 'name="again"' in asked.content.decode()
    assert Refund.objects.count() == 1
    assert refund(cashier, coffee, **again, again="1").status_code == 302
    assert Refund.objects.count() == 2


def test_the_refund_is_seen_before_it_is_written(cashier: Client, coffee: Purchase) -> None:
    answer = cashier.post(f"/desk/purchases/{coffee.pk}/refund/preview/", {"how": "lines", "line-0": "2"})

    assert "۱۰۰٬۰۰۰" in answer.content.decode()
    assert Refund.objects.count() == 0


def test_what_was_typed_stays_after_an_error(cashier: Client, coffee: Purchase) -> None:
    page = refund(cashier, coffee, how="amount", amount="۲۰٬۰۰۰", reason="").content.decode()

    assert "۲۰٬۰۰۰" in page
    assert 'value="amount" checked' in page


def test_a_purchase_that_went_back_cannot_go_back_again(cashier: Client, coffee: Purchase) -> None:
    refund(cashier, coffee, how="all")

    assert refund(cashier, coffee, how="all", key="r2").status_code == 409
    assert "به‌تمامی برگشت خورده" in cashier.get(f"/desk/purchases/{coffee.pk}/refund/").content.decode()


# ── every page ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path", ["till/", "purchases/", "purchases/{}/", "purchases/{}/?roll=1", "purchases/{}/refund/"]
)
def test_no_page_has_anything_inline(cashier: Client, coffee: Purchase, path: str) -> None:
    answer = cashier.get("/desk/" + path.format(coffee.pk))

    assert answer.status_code == 200
    assert INLINE.search(answer.content.decode()) is None
    assert "style-src 'self'" in answer["Content-Security-Policy"]


def test_an_imported_purchase_is_not_undone_in_one_press(cashier: Client, sara: Member) -> None:
    purchase = bought(sara, quiet=True)

    undo(cashier, purchase, status=409)
