"""The till without JavaScript, on paper and on a phone."""

from collections.abc import Callable

from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import Role
from club.members.models import Member
from club.purchases.models import Purchase, Refund
from club.purchases.orders import PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import record_purchase
from core.models import Club
from tests.accounts.cast import person, signed_in
from tests.browser.stage import PHONE, picture, violations
from tests.browser.till.conftest import Keys, Make, wait_saved


def test_without_javascript_the_whole_flow_works(till: Callable[..., Page], sara: Member) -> None:
    page = till(javascript=False)

    page.fill("#who", "4567")
    page.fill("#amount", "۲۴۵۰۰۰")
    page.press("#amount", "Enter")

    page.wait_for_selector(".note-ok")
    assert Purchase.objects.get().net == 2_450_000
    page.click("[data-undo] button")
    page.wait_for_selector("text=برگردانده شد")
    assert Refund.objects.count() == 1


def test_the_receipt_prints_on_one_page(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.").press("Enter")
    bought = wait_saved(page)

    for query in ("", "?roll=1"):
        page.goto(page.url.split("/desk/")[0] + f"/desk/purchases/{bought.pk}/{query}")
        assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1


def test_on_a_phone_the_list_shows_amount_points_and_state_without_sideways_scrolling(
    club: Club, sara: Member, stage: Make
) -> None:
    for number, amount in enumerate((2_450_000, 12_450_000, 123_450_000)):
        order = PurchaseOrder(member_id=sara.pk, amount=amount)
        receipt = record_purchase(order, actor="system", key=f"p{number}", now=timezone.now())
    half = RefundOrder(receipt.id or 0, amount=3_450_000)
    refund_purchase(half, actor="system", key="r", now=timezone.now())

    page = stage(signed_in(person(Role.CASHIER), club), size=PHONE).open("/desk/purchases/")

    wider = page.evaluate(
        "(() => { const box = document.querySelector('.table-wrap'); return box.scrollWidth - box.clientWidth; })()"
    )
    picture(page, "purchases-phone")
    assert wider <= 0
    assert page.is_visible("text=بخشی برگشت")
    assert violations(page) == []
