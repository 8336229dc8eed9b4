"""What somebody does on a page before it is looked at."""

from django.utils import timezone
from playwright.sync_api import Page

from tests.accounts.cast import code_at, log_in
from tests.browser.pages.leading import KNOWN
from tests.browser.pages.seated import MEMBER, NEWCOMER, SECURED


def settled(page: Page) -> None:
    """Wait until the parts that the page asks for have come."""
    page.wait_for_selector("#refund-preview dl")


def ask_for_code(page: Page) -> None:
    page.fill("[name=phone]", NEWCOMER)
    page.press("[name=phone]", "Enter")
    page.wait_for_selector("[autocomplete=one-time-code]")


def type_wrong_code(page: Page) -> None:
    ask_for_code(page)
    page.fill("[autocomplete=one-time-code]", "000000")
    page.press("[autocomplete=one-time-code]", "Enter")
    page.wait_for_selector(".error")


def send_nothing(page: Page) -> None:
    """Send the main form as it came."""
    page.click("main [type=submit]")
    page.wait_for_selector(".error, .errorlist")


def close_ticked(page: Page) -> None:
    """Ask to close every ticket of the list, which is asked once more."""
    page.check("[data-all]")
    page.click("[name=act][value=close]")
    page.wait_for_selector("[name=sure]", state="attached")


def open_keys(page: Page) -> None:
    """Open the keys of the inbox by their key."""
    page.keyboard.press("Shift+Slash")
    page.wait_for_selector("#keys[open]")


def ask_to_close(page: Page) -> None:
    """Press the key that closes a ticket, which asks first."""
    page.keyboard.press("e")
    page.wait_for_selector("#closing[open]")


def send_known_lead(page: Page) -> None:
    """Register a phone that has an open lead."""
    page.fill("[name=phone]", KNOWN)
    page.fill("[name=name]", "مینا راد")
    page.click("main form [type=submit]")
    page.wait_for_selector("#knowingly")


def save_nothing(page: Page) -> None:
    """Save the main form without a name."""
    page.fill("[name=name]", "")
    page.click("main [name=act][value=save]")
    page.wait_for_selector(".error, .errorlist")


def send_no_file(page: Page) -> None:
    """Send the form of a file without one, past the browser's own check."""
    page.evaluate("document.querySelector('main form').noValidate = true")
    send_nothing(page)


def send_wrong_mail(page: Page) -> None:
    page.fill("[name=email]", "سارا")
    send_nothing(page)


def give_tier_until_yesterday(page: Page) -> None:
    page.select_option("[name=tier]", index=1)
    page.fill("[name=last_day]", "۱۴۰۰/۱/۱")
    send_nothing(page)


def send_wrong_birthday(page: Page) -> None:
    page.fill("[name=birth_date]", "۱۳")
    send_nothing(page)


def invite_nobody(page: Page) -> None:
    page.fill("[name=most_uses]", "۰")
    send_nothing(page)


def ask_for_new_phone(page: Page) -> None:
    page.goto(page.url.replace("/code/", "/"))
    page.fill("[name=phone]", "09351112244")
    page.press("[name=phone]", "Enter")
    page.wait_for_selector("[autocomplete=one-time-code]")


def ask_for_members_phone(page: Page) -> None:
    page.goto(page.url.replace("/code/", "/"))
    page.fill("[name=phone]", "09351112255")
    page.press("[name=phone]", "Enter")
    page.wait_for_selector("[autocomplete=one-time-code]")


def ask_for_taken_phone(page: Page) -> None:
    page.fill("[name=phone]", NEWCOMER)
    page.press("[name=phone]", "Enter")
    page.wait_for_selector("main .note a")


def send_nothing_sure(page: Page) -> None:
    page.click("main form [type=submit]")
    page.wait_for_selector("main .note-bad")


def prove_and_ask(page: Page) -> None:
    page.fill("[name=reason]", "خودش خواست")
    page.fill("[name=proof]", MEMBER[-4:])
    page.click("main [name=act][value=ask]")
    page.wait_for_selector("main [name=act][value=erase]")


def hand_password(page: Page) -> None:
    page.click("form[action$='/password/'] button")
    page.wait_for_url("**/password/")


def set_up_two_factor(page: Page) -> None:
    page.fill("[name=code]", code_at(page.inner_text("bdi code").replace(" ", ""), timezone.now()))
    page.click("main [type=submit]")
    page.wait_for_selector("ul code")


def give_password(page: Page) -> None:
    log_in(page, SECURED)
    page.wait_for_url("**/staff/login/code/")


def look_at_value(page: Page) -> None:
    page.fill("[name=amount]", "150")
    page.fill("[name=reason]", "هدیهٔ روز نخست")
    page.click("main [type=submit]")
    page.wait_for_selector("[role=status] dl")


def send_without_token(page: Page) -> None:
    page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').remove()")
    page.click("main [type=submit]")
    page.wait_for_selector(".auth h1")


def type_into_till(page: Page, who: str, amount: str) -> None:
    page.fill("#who", who)
    page.wait_for_selector("#who-list [role=option]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#member .member:not(.member-none)")
    page.keyboard.type(amount)
    page.wait_for_selector("#summary [data-pay]:not(:text-is('۰'))")


def choose_member(page: Page) -> None:
    type_into_till(page, MEMBER, "245.")


def enrol(page: Page) -> None:
    type_into_till(page, "09351112233", "90.")


def look_for_member(page: Page) -> None:
    page.fill("#who", MEMBER[-4:])
    page.wait_for_selector("#who-list [role=option]")


def record(page: Page) -> None:
    choose_member(page)
    page.keyboard.press("Enter")
    page.wait_for_selector("#toast.on")
    page.wait_for_selector("#recent [data-undo]")


def send_empty_till(page: Page) -> None:
    page.evaluate("document.getElementById('till-form').requestSubmit()")
    page.wait_for_selector("#who-error:not([hidden])")


def refund_by_amount(page: Page) -> None:
    settled(page)
    with page.expect_response("**/refund/preview/"):
        page.check("[name=how][value=amount]", force=True)
    with page.expect_response("**/refund/preview/"):
        page.fill("#f-amount", "50000")
    settled(page)


def open_drawer(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.click("summary.btn-icon")


def open_card(page: Page) -> None:
    page.click("[data-open='#card-sheet']")


def open_details(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details.data').forEach(one => one.open = true)")


def change_programme(page: Page) -> None:
    page.fill("#id_credit_bp", "۸")
    page.wait_for_selector("[name=seen]", state="attached")


def raise_threshold(page: Page) -> None:
    page.fill("[name='from-silver']", "20000000")
    page.wait_for_selector("#forecast :text('۲۰٬۰۰۰٬۰۰۰')")


def spoil_words(page: Page) -> None:
    page.fill("[name=text]", "سلام")
    page.click("[name=act][value=save]")
    page.wait_for_selector("#id_text_error")


def choose_yellow(page: Page) -> None:
    page.fill("[name=brand_colour]", "#ffd400")
    page.wait_for_selector("#look-preview link[href*=ffd400]", state="attached")


def send_nameless_offer(page: Page) -> None:
    page.fill("[name=name]", "")
    page.click("main [name=act][value=save]")
    page.wait_for_selector("#id_name_error")


def choose_another_benefit(page: Page) -> None:
    page.check("[name=kind][value=discount_amount]", force=True)
    page.wait_for_selector("#id_amount")


def send_no_gift_card(page: Page) -> None:
    page.click("main form:has([name=key]) [type=submit]")
    page.wait_for_selector("#id_amount_error")


def send_no_code(page: Page) -> None:
    page.click("main form.card [type=submit]")
    page.wait_for_selector("#id_code_error")


def open_twice(page: Page) -> None:
    """What was new at the first look is not any more."""
    page.reload()


def look_at_notice(page: Page) -> None:
    """A notice to one member, with a link and an end, as it will be seen."""
    page.select_option("[name=audience]", "member")
    page.fill("[name=member]", "09121234567")
    page.fill("[name=text]", "سفارشت آماده است.\nتا پایان هفته نگه می‌داریم.")
    page.fill("[name=link]", "/purchases/")
    page.fill("[name=ends_on]", "۱۴۲۰/۰۱/۰۱")
    page.click("button[value=preview]")
    page.wait_for_selector("#h-seen")
