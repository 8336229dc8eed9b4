"""The words of each SMS, as a real member reads them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from core.models import AuditEntry
from desk.manager.settings.messages import PLACEHOLDERS
from sms.kinds import KINDS
from sms.models import SmsTemplate
from tests.accounts.cast import person, signed_in
from tests.core.test_pages import INLINE
from tests.desk.messages.conftest import URL, text_of

RECEIPT = f"{URL}of/purchase_receipt/"


@pytest.mark.parametrize("role", list(Role.values))
def test_messages_are_the_managers_to_set(club, role):
    browser = signed_in(person(role), club)

    for path in (URL, RECEIPT, f"{URL}account/", f"{URL}test/"):
        assert browser.get(path).status_code == (200 if role in {"owner", "manager"} else 403)


def test_every_placeholder_is_called_in_persian():
    assert {name for kind in KINDS.values() for name in kind.known} <= PLACEHOLDERS.keys()


def test_the_preview_says_what_a_real_member_would_read(browser, sara):
    part = text_of(browser.post(f"{RECEIPT}preview/", {"text": "{name}، خرید {amount}[[ با {points} امتیاز]]"}))

    assert "برای سارا محمدی:" in part
    assert "سارا، خرید ۲۴۵٬۰۰۰ تومان با ۲۴ امتیاز<br>لغو۱۱" in part
    assert "۱ بخش" in part
    assert "از ۷۰ نویسه" in part
    assert INLINE.search(part) is None


def test_a_text_of_the_advertising_class_is_looked_through_as_operators_do(browser, sara):
    """Only of that class; what is found is said beside the words and holds nobody back."""
    text = {"text": "شما برنده‌اید! {link}"}
    assert "برنده شدن" not in text_of(browser.post(f"{URL}of/welcome/preview/", text))
    SmsTemplate.objects.create(kind="welcome", message_class="advertising", text="{club}")

    part = text_of(browser.post(f"{URL}of/welcome/preview/", text))

    for said in ("وعدهٔ برنده شدن", "خطای ۴۲۰", "نام باشگاه در متن نیست"):
        assert said in part
    assert INLINE.search(part) is None
    assert browser.post(f"{URL}of/welcome/", {**text, "enabled": "on", "act": "save"}).status_code == 302


def test_another_reader_may_be_named(browser, sara, shop):
    shop.member(phone="09351112233", first_name="رضا")

    assert "برای رضا:" in text_of(browser.post(f"{RECEIPT}preview/", {"text": "{name} {amount}", "reader": "2233"}))


def test_a_text_of_seventy_one_letters_is_two_parts_of_67(browser, sara):
    part = text_of(browser.post(f"{RECEIPT}preview/", {"text": "س" * 60 + "{amount}"}))

    assert "۲ بخش" in part
    assert "از ۱۳۴ نویسه" in part


def test_a_text_without_what_it_needs_is_refused_in_words(browser, club):
    answer = browser.post(RECEIPT, {"text": "سلام {nam}", "enabled": "on", "act": "save"})

    assert answer.status_code == 422
    page = text_of(answer)
    assert "جای‌گذار {nam} را نمی‌شناسیم" in page
    assert 'id="id_text_error"' in page
    assert "سلام {nam}" in page
    assert not SmsTemplate.objects.exists()


def test_words_are_saved_with_what_they_were(browser, club):
    browser.post(RECEIPT, {"text": "خريد {amount}\r\nسپاس", "enabled": "on", "act": "save"})

    template = SmsTemplate.objects.get()
    assert (template.text, template.enabled, template.message_class) == ("خرید {amount}\nسپاس", True, "service")
    entry = AuditEntry.objects.get(action="smstemplate.update")
    assert entry.before["text"] == KINDS["purchase_receipt"].text
    assert entry.after["text"] == "خرید {amount}\nسپاس"

    browser.post(f"{RECEIPT}default/")

    assert not SmsTemplate.objects.exists()
    assert AuditEntry.objects.get(action="smstemplate.default").before["text"] == "خرید {amount}\nسپاس"


def test_a_kind_is_switched_off_and_on_in_the_list(browser, club):
    answer = browser.post(f"{URL}of/welcome/switch/", {"on": "0"}, follow=True)
    assert "«خوش‌آمد» دیگر فرستاده نمی‌شود." in text_of(answer)
    assert SmsTemplate.objects.get().enabled is False

    browser.post(f"{URL}of/welcome/switch/", {"on": "1"})
    assert SmsTemplate.objects.get().enabled is True


def test_codes_of_login_are_not_switched_off(browser, club):
    answer = browser.post(f"{URL}of/otp/switch/", {"on": "0"}, follow=True)

    assert "بدون کد ورود هیچ‌کس وارد نمی‌شود" in text_of(answer)
    assert not SmsTemplate.objects.exists()


def test_an_unknown_kind_is_not_found(browser, club):
    for path in ("", "preview/", "switch/", "default/"):
        assert browser.post(f"{URL}of/no-such/{path}").status_code == 404


def test_the_list_asks_as_much_with_texts_of_ones_own(browser, sara):
    browser.get(URL)
    with CaptureQueriesContext(connection) as few:
        browser.get(URL)
    for code in ("welcome", "tier_up", "test"):
        SmsTemplate.objects.create(kind=code, message_class="service", text=KINDS[code].text)
    with CaptureQueriesContext(connection) as many:
        browser.get(URL)

    assert len(many) == len(few)
