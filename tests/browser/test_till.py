"""The till in a real browser: by keyboard, on a phone, offline, without JavaScript."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, Route

from accounts.models import Role
from club.catalogue.models import Product
from club.members.models import Member
from club.purchases.models import Purchase, Refund
from club.purchases.orders import PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import record_purchase
from core.models import Club
from tests.accounts.cast import person, signed_in
from tests.browser.stage import PHONE, Stage, picture, until, violations
from tests.desk.conftest import joined

Make = Callable[..., Stage]


@pytest.fixture
def club(committed_club: Club) -> Club:
    """The club whose rows the server sees."""
    return committed_club


@pytest.fixture
def till(club: Club, stage: Make) -> Callable[..., Page]:
    """Open the till as a cashier of the club."""

    def open_till(**options: object) -> Page:
        return stage(signed_in(person(Role.CASHIER, name="نگار رضایی"), club), **options).open("/desk/till/")

    return open_till


@pytest.fixture
def sara(club: Club) -> Iterator[Member]:
    """A member with credit."""
    return joined("09123454567", opening_credit=620_000, opening_points=500)


class Keys:
    """The keyboard, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def type(self, text: str) -> "Keys":
        self.page.keyboard.type(text)
        self.count += len(text)
        return self

    def press(self, *names: str) -> "Keys":
        for name in names:
            self.page.keyboard.press(name)
        self.count += len(names)
        return self


def wait_saved(page: Page) -> Purchase:
    """The purchase that the page says it saved."""
    until(page, "document.body.dataset.saved")
    return Purchase.objects.get(pk=int(page.evaluate("document.body.dataset.saved")))


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


def test_the_toast_covers_no_button_of_the_last_purchases(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    for _number in range(5):
        Keys(page).type("4567").press("Enter").type("245.").press("Enter")
        wait_saved(page)
        page.evaluate("delete document.body.dataset.saved")

    left_of_toast = page.evaluate("document.getElementById('toast').getBoundingClientRect().left")
    rights = page.evaluate("[...document.querySelectorAll('#recent button')].map(b => b.getBoundingClientRect().right)")
    assert rights
    assert max(rights) <= left_of_toast


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


def test_offline_keeps_what_was_typed_and_a_second_enter_saves_it_once(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.")
    until(page, "document.querySelector('#member').innerText.includes('سارا')")

    page.context.set_offline(True)
    page.keyboard.press("Enter")
    page.wait_for_selector("#till-note:not([hidden])")
    assert "سر جایشان" in page.inner_text("#till-note")
    assert page.input_value("#amount") == "۲۴۵٬۰۰۰"

    page.context.set_offline(False)
    page.keyboard.press("Enter")
    assert wait_saved(page).member_id == sara.pk
    assert Purchase.objects.count() == 1


LOSE_ANSWERS = """() => {
    window.fetchAsItWas = window.fetch;
    window.fetch = async (...request) => { await window.fetchAsItWas(...request); throw new TypeError("lost"); };
}"""


def test_an_answer_lost_on_the_way_back_does_not_double_the_purchase(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.")
    until(page, "document.querySelector('#member').innerText.includes('سارا')")

    page.evaluate(LOSE_ANSWERS)
    page.keyboard.press("Enter")
    page.wait_for_selector("#till-note:not([hidden])")
    page.evaluate("window.fetch = window.fetchAsItWas")
    page.keyboard.press("Enter")

    wait_saved(page)
    assert "دوباره ثبت نشد" in page.inner_text("#toast")
    assert Purchase.objects.count() == 1


def is_shown_online(page: Page) -> bool:
    on, off = page.is_visible("#net-on"), page.is_visible("#net-off")
    assert on != off
    return on


def test_a_server_that_never_answers_is_said_and_a_second_enter_saves_once(
    till: Callable[..., Page], sara: Member
) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.")
    until(page, "document.querySelector('#member').innerText.includes('سارا')")
    assert is_shown_online(page)

    held: list[Route] = []
    page.route("**/desk/till/", lambda route: held.append(route))
    page.clock.install()
    page.keyboard.press("Enter")
    until(page, "document.querySelector('[aria-busy=true]')")
    page.clock.fast_forward(12_000)
    page.wait_for_selector("#till-note:not([hidden])")
    assert "سر جایشان" in page.inner_text("#till-note")
    assert page.input_value("#amount") == "۲۴۵٬۰۰۰"
    assert page.locator("[aria-busy=true]").count() == 0
    assert not is_shown_online(page)
    picture(page, "till-late")

    key = page.input_value("#till-form [name=key]")
    page.unroute("**/desk/till/")
    page.keyboard.press("Enter")
    wait_saved(page)
    assert held and key in (held[0].request.post_data or "")
    assert is_shown_online(page)
    assert Purchase.objects.count() == 1


def test_a_search_that_never_answers_is_said_too(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    page.route("**/till/members/**", lambda route: None)
    page.clock.install()

    Keys(page).type("4567").press("Enter").type("245.")
    page.clock.fast_forward(10_000)

    until(page, "document.getElementById('who-hint').textContent.includes('جست‌وجو پاسخ نداد')")
    assert page.input_value("#who") == "4567"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_server_without_its_database_is_not_on_line(till: Callable[..., Page], sara: Member, status: int) -> None:
    page = till()
    page.route("**/till/members/**", lambda route: route.fulfill(status=status, body=""))
    page.keyboard.type("4567")
    until(page, "!document.getElementById('net-off').hidden")
    assert not is_shown_online(page)

    page.unroute("**/till/members/**")
    page.keyboard.press("Backspace")
    until(page, "document.getElementById('net-off').hidden")
    assert is_shown_online(page)


def test_an_htmx_request_that_never_answers_is_said(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.").press("Enter")
    bought = wait_saved(page)
    page.goto(page.url.split("/desk/")[0] + f"/desk/purchases/{bought.pk}/refund/", wait_until="networkidle")
    page.evaluate(
        "document.addEventListener('htmx:configRequest', (e) => { e.detail.timeout = htmx.config.timeout / 100; })"
    )
    page.route("**/refund/preview/**", lambda route: None)

    page.locator("#refund-form input[type=radio]").nth(1).check()

    until(page, "document.getElementById('toast').textContent.includes('پاسخی نرسید')")


def test_a_session_that_ended_is_said_and_a_new_login_goes_on_with_the_same_form(
    till: Callable[..., Page], club: Club, sara: Member
) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.")
    until(page, "document.querySelector('#member').innerText.includes('سارا')")

    page.context.clear_cookies()
    page.keyboard.press("Enter")
    page.wait_for_selector("#till-note a[target=_blank]")
    assert page.input_value("#amount") == "۲۴۵٬۰۰۰"

    session = signed_in(person(Role.CASHIER), club).cookies["club_session"].value
    page.context.add_cookies([{"name": "club_session", "value": session, "url": page.url}])
    page.keyboard.press("Enter")
    assert wait_saved(page).member_id == sara.pk


def test_a_reload_keeps_what_was_typed(till: Callable[..., Page], sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.")
    until(page, "document.querySelector('#member').innerText.includes('سارا')")
    until(
        page,
        "JSON.parse(sessionStorage.getItem('till:' + location.host + ':' + document.getElementById('till-form').dataset.person) || '{}').amount === '۲۴۵٬۰۰۰'",
    )

    page.reload(wait_until="networkidle")

    assert page.input_value("#amount") == "۲۴۵٬۰۰۰"
    until(page, "document.querySelector('#member').innerText.includes('سارا')")


def test_what_a_cashier_typed_is_not_found_by_the_next_one(till: Callable[..., Page], club: Club, sara: Member) -> None:
    page = till()
    Keys(page).type("4567").press("Enter").type("245.")
    until(page, "Object.keys(sessionStorage).some((name) => name.startsWith('till:'))")

    following = signed_in(person(Role.CASHIER, name="لیلا رستمی"), club)
    cookie = following.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": page.url.split("/desk")[0]}]
    )
    page.goto(page.url, wait_until="networkidle")

    assert (page.input_value("#who"), page.input_value("#amount")) == ("", "")


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
        page.goto(page.url.split("/desk/")[0] + f"/desk/purchases/{bought.pk}/{query}", wait_until="networkidle")
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
