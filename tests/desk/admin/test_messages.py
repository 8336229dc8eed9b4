"""Texts, the account of messages and silenced phones in the admin."""

from datetime import time
from urllib.parse import urlsplit

import pytest

from core.models import AuditEntry
from sms.emulator.server import running_emulator
from sms.models import OutboxMessage, SmsSettings, SmsTemplate, Suppression
from sms.wording import portal_link
from tests.desk.admin.conftest import ADMIN, errors_of, text_of, values_of


def test_a_text_of_our_own_begins_with_the_default_and_is_checked(owner, club):
    address = ADMIN + "sms/smstemplate/add/?kind=purchase_receipt"
    values = values_of(owner.get(address))
    assert "{club}" in values["text"]

    wrong = owner.post(address, {**values, "text": "سلام {nobody}"})
    assert "text" in errors_of(wrong)
    assert owner.post(address, {**values, "text": "{club}: خرید {amount}"}).status_code == 302
    assert SmsTemplate.objects.get().kind == "purchase_receipt"
    again = owner.post(ADMIN + "sms/smstemplate/add/", {**values, "text": "{club}"})
    assert "kind" in errors_of(again)


def test_a_text_goes_back_to_the_default_after_a_question_that_shows_it(owner, club):
    row = SmsTemplate.objects.create(kind="welcome", message_class="service", text="سلام {name}")
    address = f"{ADMIN}sms/smstemplate/{row.pk}/"
    question = f"{address}delete/"

    assert question in text_of(owner.get(f"{address}change/"))
    assert "به باشگاه {club} خوش آمدی" in text_of(owner.get(question))
    assert SmsTemplate.objects.exists()
    done = owner.post(question, {"post": "yes"}, follow=True)

    assert "از این پس متن پیش‌فرض «خوش‌آمد» فرستاده می‌شود." in text_of(done)
    assert not SmsTemplate.objects.exists()
    assert AuditEntry.objects.get(action="admin.delete_smstemplate").before["text"] == "سلام {name}"


def test_a_text_that_is_too_long_has_one_fault(owner, club):
    address = ADMIN + "sms/smstemplate/add/?kind=otp"
    values = values_of(owner.get(address))

    assert len(errors_of(owner.post(address, {**values, "text": "سلام" * 1_000}))["text"]) == 1


@pytest.mark.parametrize(("typed", "hour"), [("۰۸:۳۰", (8, 30)), ("٨:٣٠", (8, 30)), ("8", (8, 0))])
def test_lines_and_hours_are_typed_in_any_digits(owner, club, typed, hour):
    row, _made = SmsSettings.objects.get_or_create()
    address = f"{ADMIN}sms/smssettings/{row.pk}/change/"
    page = owner.get(address)
    values = {name: value for name, value in values_of(page).items() if name != "api_key"}

    assert (values["window_from"], "DateTimeShortcuts" in text_of(page)) == ("۰۹:۰۰", False)
    sent = {**values, "sender_line": "۱۰۰۰ ۴۳۴۶", "window_from": typed}
    assert owner.post(address, sent).status_code == 302
    row.refresh_from_db()
    assert (row.sender_line, row.window_from, row.window_to) == ("10004346", time(*hour), time(21))
    assert values_of(owner.get(address))["sender_line"] == "۱۰۰۰۴۳۴۶"
    wrong = errors_of(owner.post(address, {**sent, "window_to": "۲۵:۰۰", "advertising_line": "خط"}))
    assert wrong == {"window_to": ["ساعت را مانند ۰۹:۳۰ بنویسید."], "advertising_line": ["شمارهٔ خط فقط رقم دارد."]}


def test_the_account_s_key_is_taken_and_never_shown(owner, club):
    row, _made = SmsSettings.objects.get_or_create()
    address = f"{ADMIN}sms/smssettings/{row.pk}/change/"
    values = {name: value for name, value in values_of(owner.get(address)).items() if name != "api_key"}

    assert owner.post(address, {**values, "api_key": "s3cr3t-key"}).status_code == 302
    assert "s3cr3t-key" not in text_of(owner.get(address))
    assert owner.post(address, {**values, "sender_line": "10004346"}).status_code == 302
    row.refresh_from_db()
    assert (row.api_key.text, row.sender_line) == ("s3cr3t-key", "10004346")
    assert "s3cr3t" not in str(list(AuditEntry.objects.values_list("before", "after")))
    assert owner.post(address, {**values, "forget_key": "on"}).status_code == 302
    row.refresh_from_db()
    assert not row.api_key


def test_an_account_that_the_provider_refuses_is_not_saved_here_either(owner, club, settings):
    row, _made = SmsSettings.objects.get_or_create()
    address = f"{ADMIN}sms/smssettings/{row.pk}/change/"
    values = {name: value for name, value in values_of(owner.get(address)).items() if name != "api_key"}

    with running_emulator() as provider:
        settings.KAVENEGAR_BASE_URL = provider.base_url
        wrong = owner.post(address, {**values, "gateway": "kavenegar", "api_key": "wrong"})
        right = owner.post(address, {**values, "gateway": "kavenegar", "api_key": provider.key})
    settings.KAVENEGAR_BASE_URL = "http://127.0.0.1:9"
    silent = errors_of(owner.post(address, {**values, "gateway": "kavenegar", "api_key": "other"}))
    kept = errors_of(owner.post(address, values))

    assert errors_of(wrong).keys() == {"api_key"} and right.status_code == 302
    assert silent["__all__"][-1] == "در صفحهٔ «حساب پیامک» می‌توانید بی آزمودن ثبت کنید."
    assert kept.keys() == {"forget_key"}
    row.refresh_from_db()
    assert row.api_key.text == provider.key


def test_the_addresses_for_the_provider_s_panel_are_shown_and_lead_to_us(owner, club, client, settings):
    row, _made = SmsSettings.objects.get_or_create()
    address = f"{ADMIN}sms/smssettings/{row.pk}/change/"

    page = text_of(owner.get(address))

    base = f"{portal_link(club)}/sms/callback/{row.callback_secret.text}"
    assert f"{base}/status" in page and f"{base}/inbound" in page
    parts = urlsplit(f"{base}/status")
    assert client.get(parts.path, headers={"host": parts.netloc}).status_code == 200
    settings.FIELD_KEYS = ["another key, with which nothing was sealed"]
    assert "نشانی تازه‌ای ساخته می‌شود" in text_of(owner.get(address))


def test_the_audit_tells_that_a_key_was_given_and_changed_and_not_which(owner, club):
    row, _made = SmsSettings.objects.get_or_create()
    address = f"{ADMIN}sms/smssettings/{row.pk}/change/"
    values = {name: value for name, value in values_of(owner.get(address)).items() if name != "api_key"}

    for change in ({"api_key": "first"}, {"sender_line": "10004346"}, {"api_key": "second"}, {"forget_key": "on"}):
        values = {**values, **{name: value for name, value in change.items() if name == "sender_line"}}
        owner.post(address, {**values, **change})

    noted = [entry.after.get("api_key") for entry in AuditEntry.objects.filter(action__contains="sms").order_by("pk")]
    first, untouched, second, gone = noted
    assert first.startswith("••••••") and second.startswith("••••••") and first != second
    assert (untouched, gone) == (None, "")


def test_a_code_of_login_is_not_read_in_the_outbox(owner, club):
    row = OutboxMessage.objects.create(kind="otp", message_class="otp", phone="09121112233", text="کد: 123456")

    assert "123456" not in text_of(owner.get(f"{ADMIN}sms/outboxmessage/{row.pk}/change/"))


def test_hours_are_read_and_shown_in_persian_digits(owner, club):
    row, _made = SmsSettings.objects.get_or_create()
    address = f"{ADMIN}sms/smssettings/{row.pk}/change/"
    values = values_of(owner.get(address))
    assert values["window_from"] == "۰۹:۰۰"

    assert owner.post(address, {**values, "window_from": "۱۰:۳۰"}).status_code == 302
    assert errors_of(owner.post(address, {**values, "window_to": "بیست"})).keys() == {"window_to"}
    row.refresh_from_db()
    assert f"{row.window_from:%H:%M}" == "10:30"


def test_a_phone_is_silenced_once_and_let_go(owner, club):
    assert owner.post(ADMIN + "sms/suppression/add/", {"phone": "۰۹۱۲۱۱۱۲۲۳۳"}).status_code == 302
    assert "phone" in errors_of(owner.post(ADMIN + "sms/suppression/add/", {"phone": "09121112233"}))
    assert Suppression.objects.get().phone == "09121112233"
