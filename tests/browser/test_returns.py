"""A return in a real browser: by scanner and keyboard, with the sums as they change; and without JavaScript."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from accounts.models import Role
from club.members.models import Member
from club.purchases.codes import receipt_code
from club.purchases.models import Purchase, Refund
from club.purchases.orders import OrderLine, PurchaseOrder
from club.purchases.services import record_purchase
from core.models import Club
from tests.accounts.cast import person, signed_in
from tests.browser.stage import PHONE, Stage, picture, until
from tests.desk.conftest import joined

Make = Callable[..., Stage]


@pytest.fixture
def club(committed_club: Club) -> Club:
    """The club whose rows the server sees."""
    return committed_club


@pytest.fixture
def bought(club: Club) -> Purchase:
    """Two coffees and a cake of Sara's, 130,000 toman."""
    sara: Member = joined("09123454567", opening_points=500)
    lines = (OrderLine(2, 500_000, name="قهوه"), OrderLine(1, 300_000, name="کیک"))
    order = PurchaseOrder(member_id=sara.pk, lines=lines, payment_method="card")
    done = record_purchase(order, actor="system", key="bought", now=timezone.now())
    return Purchase.objects.get(pk=done.id)


def test_a_scanned_receipt_comes_back_by_keyboard_with_the_sums_shown_first(
    club: Club, bought: Purchase, stage: Make
) -> None:
    cashier = stage(signed_in(person(Role.CASHIER), club))
    page = cashier.open("/desk/returns/")

    until(page, "document.activeElement.matches('input')")  # it has the focus once it is drawn
    page.keyboard.type(receipt_code(bought.pk) + "\n")  # as a scanner types it
    page.wait_for_url("**/refund/")
    page.get_by_label("چند سطر").focus()
    page.keyboard.press("Space")
    page.get_by_label("قهوه").fill("۱")
    until(page, "document.querySelector('#refund-preview .pay dd')?.innerText.includes('۵۰٬۰۰۰')")
    assert "۵ امتیاز" in page.inner_text("#refund-preview")
    assert Refund.objects.count() == 0
    page.get_by_label("چرا؟").fill("شکسته بود")
    page.keyboard.press("Enter")
    page.wait_for_url("**/refunds/*/")

    assert Refund.objects.get().refunded == 500_000
    assert "برگهٔ برگشت" in page.inner_text("main h1")
    picture(page, "return-slip")
    assert cashier.faults == []


def test_on_a_phone_without_javascript_the_sums_come_by_a_button(club: Club, bought: Purchase, stage: Make) -> None:
    page = stage(signed_in(person(Role.CASHIER), club), size=PHONE, javascript=False).open("/desk/returns/")

    page.fill("#q", "سارا")
    page.keyboard.press("Enter")
    page.click("text=خرید ۱")
    page.check("[name=how][value=amount]", force=True)
    page.fill("#f-amount", "30000")
    page.click("[name=act][value=preview]")
    assert "۳۰٬۰۰۰" in page.inner_text("#refund-preview .pay")
    assert Refund.objects.count() == 0
    page.fill("#f-reason", "شکسته بود")
    page.click("text=ثبت برگشت")
    page.wait_for_url("**/refunds/*/")

    assert Refund.objects.get().refunded == 300_000


def test_the_newest_preview_wins_however_quickly_an_amount_is_typed(club: Club, bought: Purchase, stage: Make) -> None:
    said: list[str] = []
    page = stage(signed_in(person(Role.CASHIER), club)).open(f"/desk/purchases/{bought.pk}/refund/")
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    slow = {"offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)

    page.check("[name=how][value=amount]", force=True)  # asks at once, with no amount yet
    page.locator("#f-amount").press_sequentially("30000", delay=260)  # each digit asks anew while others are on the way
    page.get_by_label("چرا؟").focus()

    until(page, "document.querySelector('#refund-preview .pay dd')?.innerText.includes('۳۰٬۰۰۰')")
    page.wait_for_load_state("networkidle")
    assert "۳۰٬۰۰۰" in page.inner_text("#refund-preview .pay")
    assert "مبلغ برگشت را بنویسید" not in page.inner_text("main")
    assert said == []
