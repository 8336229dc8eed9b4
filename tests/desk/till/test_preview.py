"""The preview: what would be recorded, without recording it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.catalogue.models import Group
from club.members.models import Member
from club.programme.services import change_programme
from club.purchases.models import Purchase
from club.tiers.models import Tier
from core.jalali import format_date, local_date
from core.models import Club
from tests.desk.till.forms import save
from tests.shop import Shop


def previewed(client: Client, **fields: object) -> str:
    """The parts of the page for what is typed so far."""
    answer = client.post("/desk/till/preview/", fields)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_preview_shows_the_member_and_the_sums_and_writes_nothing(cashier: Client, sara: Member) -> None:
    page = previewed(cashier, member=sara.pk, amount="۲۴۵٬۰۰۰", use_credit="1")

    assert "سارا محمدی" in page
    assert "<span data-pay>۱۸۳٬۰۰۰</span>" in page
    assert Purchase.objects.count() == 0


def test_what_a_cap_cuts_is_said_before_and_on_the_receipt(cashier: Client, sara: Member) -> None:
    now = timezone.now()
    change_programme({"max_points_per_purchase": 5}, effective_from=now - timedelta(days=1), actor="user:1")

    page = previewed(cashier, member=sara.pk, amount="۲۴۵٬۰۰۰")
    done = save(cashier, member=sara.pk, amount="245000")

    assert "۱۹ امتیاز بالای سقف بود" in page
    assert "۱۹ امتیاز بالای سقف بود" in cashier.get(f"/desk/purchases/{done['id']}/").content.decode()


def test_the_preview_of_a_newcomer(cashier: Client, club: Club) -> None:
    page = previewed(cashier, who="09351112233", amount="100000")

    assert "عضو تازه" in page
    assert "\u200e+۱۰" in page
    assert Member.objects.count() == 0


def test_the_till_says_what_ends_first_and_whether_a_purchase_moves_it(
    cashier: Client, shop: Shop, sara: Member
) -> None:
    shop.programme(points_idle_days=30)
    shop.buys(sara, 1_000_000, now=timezone.now())

    page = previewed(cashier, member=sara.pk)

    end = format_date(local_date(timezone.now(), "Asia/Tehran") + timedelta(days=30))
    assert f"امتیاز تا {end} · با هر خرید عقب می‌افتد" in page


def test_an_amount_beyond_all_bounds_is_refused_before_it_is_sent(cashier: Client, sara: Member) -> None:
    for much in ("9" * 16, "9" * 30):
        assert "note-bad" in previewed(cashier, member=sara.pk, amount=much)
    assert "note-bad" not in previewed(cashier, member=sara.pk, amount="۱۲الف"), "half typed"


def test_before_anything_is_typed_the_preview_waits(cashier: Client, club: Club) -> None:
    page = previewed(cashier)

    assert "منتظر عضو بعدی" in page
    assert "<span data-pay>۰</span>" in page


def test_the_preview_says_how_far_the_next_tier_is(cashier: Client, sara: Member) -> None:
    Tier.objects.create(code="gold", name="طلایی", rank=1, threshold=10_000_000)

    assert "تا سطح طلایی" in previewed(cashier, member=sara.pk, amount="100000")


def test_the_page_costs_the_same_for_1_and_for_6_purchases(cashier: Client, sara: Member) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            cashier.get("/desk/till/")
        return len(caught)

    save(cashier, member=sara.pk, amount="1000")
    cost()
    few = cost()
    for i in range(5):
        save(cashier, key=f"more{i}", who=f"0935111223{i}", amount="1000")

    assert cost() == few


def test_the_undo_is_offered_for_a_quarter_of_an_hour(cashier: Client, sara: Member) -> None:
    answer = save(cashier, member=sara.pk, amount="1000")
    assert answer["undo"]

    bought = Purchase.objects.get()
    Purchase.objects.filter(pk=bought.pk).update(created_at=bought.created_at - timedelta(minutes=16))
    assert "data-undo" not in cashier.get("/desk/till/").content.decode()


@pytest.mark.parametrize(
    ("rules", "amount", "said"),
    [
        ({"min_purchase_to_spend": 3_000_000}, "245000", "از خرید ۳۰۰٬۰۰۰ تومان به بالا"),
        ({"max_credit_share_bp": 1000}, "245000", "تا ۱۰٪ از هر خرید با اعتبار"),
        ({"max_credit_share_bp": 5000}, "245000", ""),  # the credit ends before the share does
        ({}, "20000", ""),  # all of it is paid by credit
    ],
)
def test_what_holds_credit_back_is_said_beside_the_sums(
    cashier: Client, sara: Member, rules: dict[str, int], amount: str, said: str
) -> None:
    if rules:
        change_programme(rules, effective_from=timezone.now() - timedelta(days=1), actor="user:1")

    page = previewed(cashier, member=sara.pk, amount=amount, use_credit="1")

    assert ("پرداخت می‌شود" in page or "خرج می‌شود" in page) == bool(said)
    assert said in page
    assert "خرج می‌شود" not in previewed(cashier, member=sara.pk, amount=amount), "nobody asked for it"


def test_goods_that_are_paid_by_money_alone_say_so(cashier: Client, sara: Member) -> None:
    Group.objects.create(code="coffee", name="قهوه", payable_by_value=False)
    Shop(sara.club).product("latte", 1_250_000, "coffee")
    typed = {"member": sara.pk, "line-0-what": "latte", "line-0-quantity": "1", "line-0-price": ""}

    assert "تنها با پول" in previewed(cashier, **typed, use_credit="1")
    assert "تنها با پول" in previewed(cashier, **typed, use_points="1")
    assert "تنها با پول" not in previewed(cashier, **typed)
