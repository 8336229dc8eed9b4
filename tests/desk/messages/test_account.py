"""The account of the SMS: its key and lines tried with the provider, a message to see if it works, the week in figures."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import AuditEntry
from core.tenancy.scope import club_scope
from sms import outbox, services
from sms.gateways.base import GatewayError
from sms.models import OutboxMessage, SmsSettings, Status
from sms.recording import stop_account
from tests.desk.messages.conftest import URL, held_in, text_of

ACCOUNT = {"gateway": "kavenegar", "sender_line": "۱۰۰۰۴۳۴۶", "window_from": "۹", "window_to": "۲۱"}


def test_the_key_is_taken_and_never_shown(browser, club, provider):
    browser.post(f"{URL}account/", {**ACCOUNT, "api_key": provider.key})

    chosen = SmsSettings.objects.get()
    assert (chosen.api_key.text, chosen.sender_line) == (provider.key, "10004346")
    page = text_of(browser.get(f"{URL}account/"))
    assert provider.key not in page
    assert "کلیدی گذاشته شده است" in page
    entry = AuditEntry.objects.get(action="smssettings.update")
    assert provider.key not in str(entry.after)

    browser.post(f"{URL}account/", ACCOUNT)
    assert SmsSettings.objects.get().api_key.text == provider.key


@pytest.mark.parametrize("key", ["wrong", "ناشناس"])
def test_a_key_that_the_provider_refuses_is_not_saved_and_nothing_typed_is_lost(browser, club, provider, key):
    browser.post(f"{URL}account/", {**ACCOUNT, "api_key": provider.key})

    for act in ("", "anyway"):
        changed = {"api_key": key, "sender_line": "", "otp_template": "codes", "window_to": "۲۰", "act": act}
        answer = browser.post(f"{URL}account/", {**ACCOUNT, **changed})

        page = text_of(answer)
        assert answer.status_code == 422
        assert 'id="id_api_key_error"' in page and "کلید API کاوه‌نگار درست نیست" in page
        assert 'value="codes"' in page and 'value="۲۰"' in page
        assert f'value="{key}"' not in page and 'value="anyway"' not in page
    chosen = SmsSettings.objects.get()
    assert (chosen.api_key.text, chosen.sender_line, chosen.otp_template) == (provider.key, "10004346", "")
    assert AuditEntry.objects.filter(action="smssettings.update").count() == 1


def test_an_account_that_cannot_be_tried_is_saved_only_when_asked_for(browser, club, provider, settings):
    settings.KAVENEGAR_BASE_URL = "http://127.0.0.1:9"

    answer = browser.post(f"{URL}account/", {**ACCOUNT, "api_key": provider.key})

    page = text_of(answer)
    assert answer.status_code == 422 and "کاوه‌نگار پاسخ نداد" in page and 'value="anyway"' in page
    assert provider.key not in page
    assert not SmsSettings.objects.get().api_key
    held = held_in(page)
    browser.post(f"{URL}account/", {**ACCOUNT, "held": held, "act": "anyway"})
    assert SmsSettings.objects.get().api_key.text == provider.key
    again = browser.post(f"{URL}account/", {**ACCOUNT, "held": held, "act": "anyway"})
    assert "کلید را دوباره بنویسید" in text_of(again)


def test_a_held_key_is_tried_as_well_once_the_provider_answers(browser, club, provider, settings):
    settings.KAVENEGAR_BASE_URL = "http://127.0.0.1:9"
    page = text_of(browser.post(f"{URL}account/", {**ACCOUNT, "api_key": "wrong"}))
    settings.KAVENEGAR_BASE_URL = provider.base_url

    held = held_in(page)
    answer = browser.post(f"{URL}account/", {**ACCOUNT, "held": held, "act": "anyway"})

    assert answer.status_code == 422 and "کلید API کاوه‌نگار درست نیست" in text_of(answer)
    assert not SmsSettings.objects.get().api_key


@pytest.mark.parametrize("field", ["sender_line", "advertising_line"])
def test_a_line_that_is_not_the_account_s_is_said_beside_it(browser, club, provider, field):
    typed = {**ACCOUNT, "api_key": provider.key, field: "30001234"}

    page = text_of(browser.post(f"{URL}account/", typed))

    assert f'id="id_{field}_error"' in page and "از این حساب نیست" in page
    assert not SmsSettings.objects.get().api_key
    browser.post(f"{URL}account/", {**typed, "act": "anyway"})
    assert getattr(SmsSettings.objects.get(), field) == "30001234"


def test_hours_are_changed_without_asking_the_provider(browser, club, provider):
    browser.post(f"{URL}account/", {**ACCOUNT, "api_key": provider.key})
    asked = len(provider.calls)

    browser.post(f"{URL}account/", {**ACCOUNT, "window_to": "۲۰"})

    assert SmsSettings.objects.get().window_to.hour == 20
    assert len(provider.calls) == asked


def test_what_was_stopped_is_tried_before_it_is_let_go(browser, club, provider):
    browser.post(f"{URL}account/", {**ACCOUNT, "api_key": provider.key})
    SmsSettings.objects.update(api_key="wrong")
    stop_account(GatewayError("403"), now=timezone.now())

    assert browser.post(f"{URL}account/", ACCOUNT).status_code == 422
    assert SmsSettings.objects.get().stopped_code == "403"

    browser.post(f"{URL}account/", {**ACCOUNT, "api_key": provider.key})
    assert SmsSettings.objects.get().stopped_code == ""


def test_going_back_to_the_account_of_all_takes_the_key_away_after_a_question(browser, club, provider):
    browser.post(f"{URL}account/", {**ACCOUNT, "api_key": provider.key, "otp_template": "codes"})
    back = {**ACCOUNT, "gateway": ""}

    question = browser.post(f"{URL}account/", back)

    page = text_of(question)
    assert question.status_code == 422 and "کلید باشگاه پاک شود؟" in page and 'value="shared"' in page
    assert "هیچ پیامکی نمی‌رود" in page  # there is no account for all here
    assert SmsSettings.objects.get().api_key.text == provider.key
    browser.post(f"{URL}account/", {**back, "window_to": "۲۰", "act": "shared"})
    chosen = SmsSettings.objects.get()
    assert (chosen.gateway, chosen.api_key.sealed, chosen.sender_line, chosen.otp_template) == ("", "", "", "")
    assert chosen.window_to.hour == 20
    entry = AuditEntry.objects.filter(action="smssettings.update").latest("pk")
    assert (entry.before["api_key"], entry.after["api_key"]) == ("••••••", "")
    assert provider.key not in str((entry.before, entry.after))


def test_a_key_without_a_provider_and_a_provider_without_a_key_are_refused(browser, club, provider):
    without_provider = browser.post(f"{URL}account/", {**ACCOUNT, "gateway": "", "api_key": provider.key})
    assert 'id="id_gateway_error"' in text_of(without_provider)

    without_key = browser.post(f"{URL}account/", ACCOUNT)
    assert 'id="id_api_key_error"' in text_of(without_key)
    assert not SmsSettings.objects.get().gateway


def test_ready_is_said_only_once_the_provider_has_answered(browser, club, provider):
    browser.post(f"{URL}account/", {**ACCOUNT, "api_key": provider.key})
    assert "آماده" in text_of(browser.get(f"{URL}balance/"))
    assert "tag-ok" not in text_of(browser.get(URL))

    SmsSettings.objects.update(api_key="wrong")
    assert "آماده" not in text_of(browser.get(f"{URL}balance/"))
    SmsSettings.objects.update(api_key=provider.key)
    late = timezone.now() - timedelta(minutes=20)
    OutboxMessage.objects.create(kind="welcome", message_class="service", phone="09121112233", created_at=late)
    assert "آماده" not in text_of(browser.get(f"{URL}balance/"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"sender_line": "خط"}, "sender_line"),
        ({"window_from": "۲۲"}, "window_to"),
        ({"window_from": "x"}, "window_from"),
        ({"otp_template": "کد ورود"}, "otp_template"),
        ({"gateway": "pigeon"}, "gateway"),
    ],
)
def test_a_wrong_account_names_its_field(browser, club, wrong, field):
    answer = browser.post(f"{URL}account/", {**ACCOUNT, **wrong})

    assert answer.status_code == 422
    assert f'id="id_{field}_error"' in text_of(answer)


def test_a_test_message_is_seen_to_arrive(browser, club, provider):
    browser.post(f"{URL}account/", {**ACCOUNT, "api_key": provider.key})

    answer = browser.post(f"{URL}test/", {"phone": "۰۹۱۲ ۱۲۳ ۴۵۰۰"}, follow=True)

    assert provider.messages_to("09121234500")
    assert AuditEntry.objects.get(action="sms.test").after == {"status": "sent"}
    message = OutboxMessage.objects.get(kind="test")
    part = text_of(browser.get(f"{URL}test/{message.pk}/", headers={"HX-Request": "true"}))
    assert "رسید." in part
    assert "<html" not in part
    assert "<html" in text_of(answer)


def test_test_messages_cost_money_and_are_few(browser, club, provider):
    browser.post(f"{URL}account/", {**ACCOUNT, "api_key": provider.key})

    answers = [browser.post(f"{URL}test/", {"phone": "09121234500"}).status_code for _ in range(6)]

    assert answers == [302] * 5 + [429]
    assert OutboxMessage.objects.filter(kind="test").count() == 5


def test_a_report_of_the_provider_is_seen_without_asking_it(browser, club, provider):
    browser.post(f"{URL}account/", {**ACCOUNT, "api_key": provider.key})
    browser.post(f"{URL}test/", {"phone": "09121234500"})
    OutboxMessage.objects.filter(kind="test").update(status=Status.DELIVERED)

    message = OutboxMessage.objects.get(kind="test")
    asked = len(provider.calls)
    assert "رسید." in text_of(browser.get(f"{URL}test/{message.pk}/"))
    assert len(provider.calls) == asked


def test_a_wrong_key_is_said_in_persian_with_its_number(browser, club, provider):
    SmsSettings.objects.create(gateway="kavenegar", api_key="wrong")

    page = text_of(browser.post(f"{URL}test/", {"phone": "09121234500"}, follow=True))

    assert "کلید API کاوه‌نگار درست نیست" in page
    assert "۴۰۳" in page


def test_a_wrong_phone_is_refused(browser, club):
    answer = browser.post(f"{URL}test/", {"phone": "12"})

    assert answer.status_code == 422
    assert 'id="id_phone_error"' in text_of(answer)
    assert not OutboxMessage.objects.exists()


def test_only_tests_are_shown_and_only_the_clubs_own(browser, club, other_club):
    receipt = OutboxMessage.objects.create(kind="purchase_receipt", message_class="service", phone="09121234500")
    with club_scope(other_club):
        theirs = OutboxMessage.objects.create(kind="test", message_class="service", phone="09121234500")

    for message in (receipt, theirs):
        assert browser.get(f"{URL}test/{message.pk}/").status_code == 404


def test_what_is_left_on_the_account_is_asked_for(browser, club, provider):
    browser.post(f"{URL}account/", {**ACCOUNT, "api_key": provider.key})
    assert "۱۰٬۰۰۰٬۰۰۰ تومان" in text_of(browser.get(f"{URL}balance/"))

    SmsSettings.objects.update(api_key="wrong")
    assert "کلید API کاوه‌نگار درست نیست" in text_of(browser.get(f"{URL}balance/", headers={"HX-Request": "true"}))


def test_the_week_is_summed_by_state_with_its_cost(browser, club):
    for status, cost in (("delivered", 2_640), ("delivered", 2_640), ("failed", 0)):
        OutboxMessage.objects.create(
            kind="welcome", message_class="service", phone="09121234500", status=status, parts=2, cost_rial=cost
        )

    page = text_of(browser.get(URL))

    assert "رسید ۲" in page
    assert "۳ پیامک در ۶ بخش، ۵۲۸ تومان" in page
    assert "نزدیک ۱۳۲ تومان" in text_of(browser.post(f"{URL}of/welcome/preview/", {"text": "سلام"}))


def test_what_the_preview_says_is_what_is_sent(browser, sara, provider):
    browser.post(f"{URL}account/", {**ACCOUNT, "api_key": provider.key})
    OutboxMessage.objects.all().delete()
    browser.post(f"{URL}of/test/", {"text": "آزمایش {club}", "enabled": "on", "act": "save"})
    outbox.enqueue("test", phone="09121234500", context={})
    services.dispatch_due(now=timezone.now())

    [sent] = provider.messages_to("09121234500")
    words = sent["message"].replace("\n", "<br>")
    assert words in text_of(browser.post(f"{URL}of/test/preview/", {"text": "آزمایش {club}"}))
