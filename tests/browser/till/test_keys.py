"""The till by keyboard: how many keys it takes, what they do, and what the next customer inherits."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route

from accounts.models import Role
from club.catalogue.models import Product
from club.members.models import Member
from club.purchases.models import Purchase, Refund
from club.purchases.orders import PurchaseOrder
from club.purchases.services import record_purchase
from core.language import in_language
from core.models import Club
from tests.accounts.cast import person
from tests.browser.stage import picture, until
from tests.browser.till.conftest import Keys, wait_saved
from tests.desk.conftest import joined


def test_a_known_member_takes_at_most_12_keys(till: Callable[..., Page], sara: Member) -> None:
    page = till()

    keys = Keys(page).type("4567").press("Enter").type("245.").press("Enter")

    bought = wait_saved(page)
    assert keys.count <= 12
    assert (bought.member_id, bought.net) == (sara.pk, 2_450_000)
    assert "سارا محمدی" in page.inner_text("#toast")
    picture(page, "till-saved")


def test_a_new_member_takes_at_most_20_keys(till: Callable[..., Page], club: Club) -> None:
    page = till()

    keys = Keys(page).type("09351112233").press("Enter").type("245.").press("Enter")

    bought = wait_saved(page)
    assert keys.count <= 20
    assert bought.member is not None
    assert bought.member.phone == "09351112233"


def test_goods_are_typed_one_by_one_by_keyboard(till: Callable[..., Page], sara: Member) -> None:
    Product.objects.create(code="101", name="لاته", price_rial=900_000)
    page = till()

    Keys(page).type("4567").press("Enter", "F6")
    Keys(page).type("101").press("Enter").type("2").press("Enter", "Enter")
    Keys(page).type("هدیه").press("Enter", "Enter").type("30.").press("Enter")
    until(page, "document.querySelector('#summary [data-pay]').textContent === '۲۱۰٬۰۰۰'")
    assert page.is_disabled("#amount")
    Keys(page).press("Enter")

    assert wait_saved(page).net == 2_100_000
    assert page.is_enabled("#amount")
    assert page.locator("[data-row]").count() == 1


def test_the_last_purchase_is_undone_by_two_keys(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.").press("Enter")
    bought = wait_saved(page)

    keys = Keys(page).press("F9", "Enter")

    until(page, "document.getElementById('toast').textContent.includes('برگردانده شد')")
    assert keys.count == 2
    assert Refund.objects.get().purchase_id == bought.pk


def test_the_keyboard_takes_back_no_purchase_of_another_cashier(
    till: Callable[..., Page], sara: Member, club: Club
) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.").press("Enter")
    own = wait_saved(page)
    other = record_purchase(
        PurchaseOrder(amount=100_000), actor=person(Role.CASHIER).actor, key="other", now=timezone.now()
    )
    page.goto(page.url)
    assert page.locator("[data-undo]").count() == 2

    Keys(page).press("F9")
    until(page, f"document.activeElement.getAttribute('aria-label').endsWith('{in_language(own.number)}')")
    assert in_language(own.number) in page.inner_text("#toast")
    Keys(page).press("Enter")
    until(page, "document.getElementById('toast').textContent.includes('برگردانده شد')")
    Keys(page).press("F9", "Enter")

    until(page, "document.getElementById('toast').textContent.includes('خریدهای تازهٔ خودتان')")
    assert page.locator("[data-undo]").count() == 1
    assert not Refund.objects.filter(purchase=other.id).exists()


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_the_toast_covers_nothing_that_can_be_pressed(
    till: Callable[..., Page], sara: Member, size: tuple[int, int]
) -> None:
    page = till(size=size)
    Keys(page).type("4567").press("Enter").type("245.").press("Enter")
    wait_saved(page)

    assert page.is_visible("#toast")
    assert page.evaluate(BENEATH) == []


def test_a_newcomer_is_named_between_phone_and_amount(till: Callable[..., Page], club: Club) -> None:
    page = till()
    assert page.is_hidden("#new-name")

    Keys(page).type("09351112233").press("Enter")
    page.wait_for_selector("#new-name")
    page.fill("#new-name", "مینا رضایی")
    Keys(page).press("Enter").type("245.").press("Enter")

    assert str(wait_saved(page).member) == "مینا رضایی"
    assert page.is_hidden("#new-name")


def test_a_nameless_member_is_named_and_a_name_corrected(till: Callable[..., Page], club: Club) -> None:
    member = joined("09351112233", "", "")
    page = till()

    Keys(page).type("2233").press("Enter")
    page.wait_for_selector("#new-name")
    page.fill("#new-name", "مینا رضاییی")
    page.click("#name-now")
    page.wait_for_selector("[data-rename]")
    page.click("[data-rename]")
    page.fill("#new-name", "مینا رضایی")
    Keys(page).press("Enter")

    until(page, "document.querySelector('#member .name').textContent.includes('مینا رضایی ')")
    member.refresh_from_db()
    assert str(member) == "مینا رضایی"
    assert Purchase.objects.count() == 0


def test_persian_digits_and_credit_by_keyboard(till: Callable[..., Page], sara: Member) -> None:
    page = till()

    Keys(page).type("۴۵۶۷").press("Enter").type("۲۴۵.").press("F4", "Enter")

    bought = wait_saved(page)
    assert (bought.paid_by_credit, bought.payable) == (620_000, 1_830_000)


def test_a_digit_after_the_three_zeros_is_refused_in_words_and_changes_nothing(
    till: Callable[..., Page], sara: Member
) -> None:
    page = till()

    Keys(page).type("4567").press("Enter").type("12.5")
    assert page.input_value("#amount") == "۱۲٬۰۰۰"
    assert "سه صفر" in page.inner_text("#amount-error")

    Keys(page).press("Backspace", "Control+a").type("125").press("Enter")
    assert wait_saved(page).net == 1_250
    Keys(page).type("4567").press("Enter").type("7.")
    assert page.input_value("#amount") == "۷٬۰۰۰"


@pytest.mark.parametrize("amount", ["1e309", "-5"])
def test_no_words_stand_under_what_is_no_amount(till: Callable[..., Page], sara: Member, amount: str) -> None:
    page = till()

    Keys(page).type("4567").press("Enter").type("12").press("Control+a").type(amount)

    assert page.inner_text("#amount-words") == ""


def test_of_two_with_the_same_digits_nobody_is_chosen_until_an_arrow_decides(
    till: Callable[..., Page], sara: Member
) -> None:
    other = joined("09128814567", "الهام", "صادقی")
    page = till()

    page.keyboard.type("4567")
    page.wait_for_selector("#who-list [role=option]")
    assert page.locator("#who-list [aria-selected=true]").count() == 0
    assert page.input_value("#member-id") == ""

    page.keyboard.press("ArrowDown")
    chosen = page.get_attribute("#who-list [aria-selected=true]", "data-member")
    page.keyboard.press("Enter")
    Keys(page).type("10.").press("Enter")

    assert str(wait_saved(page).member_id) == chosen
    assert chosen in {str(sara.pk), str(other.pk)}


def test_a_repeated_enter_chooses_none_of_two(till: Callable[..., Page], sara: Member) -> None:
    joined("09128814567", "الهام", "صادقی")
    page = till()

    Keys(page).type("4567")
    page.wait_for_selector("#who-list [role=option]")
    Keys(page).press("Enter", "Enter", "Enter")

    assert page.locator("#who-list [role=option]").count() == 2
    assert page.locator("#who-list [aria-selected=true]").count() == 0
    assert page.input_value("#member-id") == ""
    assert page.evaluate("document.activeElement.id") == "who"


def test_what_was_said_of_the_last_purchase_is_gone_when_the_next_one_fails(
    till: Callable[..., Page], sara: Member
) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.").press("Enter")
    wait_saved(page)
    assert page.is_visible("#toast")

    Keys(page).type("4567").press("Enter").type("0").press("Enter")
    page.wait_for_selector("#amount-error:not([hidden])")

    assert not page.is_visible("#toast")


def test_fast_fingers_with_two_matches_come_back_to_the_member_and_credit_nobody(
    till: Callable[..., Page], sara: Member
) -> None:
    joined("09128814567", "الهام", "صادقی")
    page = till()
    held: list[Route] = []
    page.route("**/till/members/**", lambda route: held.append(route))  # the answer comes only after the last key

    Keys(page).type("4567").press("Enter").type("245.").press("Enter")
    while not any(route.request.url.endswith("=4567") for route in held):
        page.wait_for_timeout(25)
    for route in held:
        route.continue_()
    page.wait_for_selector("#who-list [role=option]")

    until(page, "document.activeElement.id === 'who'")
    assert page.input_value("#amount") == "۲۴۵٬۰۰۰"
    assert Purchase.objects.count() == 0


def test_after_saving_the_next_customer_inherits_nothing(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.").press("F4", "Enter")
    wait_saved(page)

    until(page, "document.querySelector('#member').innerText.includes('منتظر')")
    assert page.evaluate("document.activeElement.id") == "who"
    assert [page.input_value(f) for f in ("#member-id", "#who", "#amount")] == ["", "", ""]
    assert not page.is_checked("#use-credit")

    Keys(page).press("F2").type("").press("Tab")
    page.evaluate("document.getElementById('till-form').requestSubmit()")
    page.wait_for_selector("#who-error:not([hidden])")
    assert Purchase.objects.count() == 1


def test_the_server_reckons_while_the_cashier_types(till: Callable[..., Page], sara: Member) -> None:
    page = till()

    Keys(page).type("4567").press("Enter").type("245.").press("F4")

    until(page, "document.querySelector('#summary [data-pay]').textContent === '۱۸۳٬۰۰۰'")
    assert "دویست و چهل و پنج هزار" in page.inner_text("#amount-words")
    picture(page, "till")


def test_undo_is_one_action_and_a_refund(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.").press("Enter")
    bought = wait_saved(page)

    page.click("#toast button")

    until(page, "document.querySelector('#recent').innerText.includes('برگشت خورد')")
    assert Refund.objects.get().purchase_id == bought.pk


def test_escape_starts_over(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.").press("Escape")

    until(page, "document.activeElement.id === 'who'")
    assert page.input_value("#amount") == ""
    assert page.input_value("#member-id") == ""


def test_a_sale_to_a_non_member_is_an_explicit_choice(till: Callable[..., Page], club: Club) -> None:
    page = till()

    page.check("#nobody")
    Keys(page).type("90.").press("Enter")

    assert wait_saved(page).member is None


BENEATH = """() => {
    const toast = document.getElementById("toast"), over = toast.getBoundingClientRect();
    return [...document.querySelectorAll("a, button, input, select, summary, label")]
        .filter((one) => !toast.contains(one) && !one.matches(".vh, .skip, [type=hidden]"))
        .filter((one) => one.checkVisibility({ visibilityProperty: true }))
        .filter((one) => {
            const box = one.getBoundingClientRect();
            const aside = box.left >= over.right || box.right <= over.left;
            return box.width && !aside && box.top < over.bottom && box.bottom > over.top;
        })
        .map((one) => one.outerHTML.slice(0, 80));
}"""
"""What lies under the toast and could be pressed."""
