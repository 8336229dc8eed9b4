"""From the outbox to the phone: what is sent, in which order, in how few calls, and with which words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.tenancy.scope import club_scope
from sms import outbox, services
from sms.claims import claim
from sms.models import OutboxMessage, SmsTemplate
from sms.provider_codes import explain
from tests.sms.sending.conftest import LINE, calls, queue


def test_a_message_reaches_the_phone(send, provider, club):
    message = send(name="سارا")

    [received] = provider.messages_to(message.phone)
    assert received["message"] == message.text
    assert message.text.startswith(f"سارا، به باشگاه {club.name} خوش آمدی.")
    assert message.text.endswith("\nلغو۱۱")
    assert (received["sender"], received["localid"]) == (LINE, message.localid)
    assert message.status in {"sent", "delivered"}
    assert message.provider_id == received["messageid"]
    assert (message.parts, message.cost_rial) == (received["parts"], received["cost"])
    assert (message.attempts, message.in_doubt, message.error_code) == (1, False, "")
    assert message.sent_at


def test_nothing_due_asks_nobody(account, provider):
    assert services.dispatch_due(now=timezone.now()) == 0
    assert not provider.calls


def test_a_whole_batch_is_one_call(account, provider):
    for number in range(30):
        queue(phone=f"0912000{number:02}00")

    services.dispatch_due(now=timezone.now())

    assert len(calls(provider)) == 1
    assert not OutboxMessage.objects.exclude(status__in=["sent", "delivered"]).exists()


def test_the_statements_of_a_batch_do_not_grow_with_it(account, provider):
    counted = []
    for size in (3, 3, 60):
        for number in range(size):
            queue(phone=f"0912000{number:02}00")
        with CaptureQueriesContext(connection) as statements:
            services.dispatch_due(now=timezone.now())
        counted.append(len(statements))

    assert counted[1] == counted[2]


def test_two_messages_to_one_phone_go_in_two_calls(account, provider):
    queue(name="یک")
    queue(name="دو")

    services.dispatch_due(now=timezone.now())

    assert len(calls(provider)) == 2
    stored = {one["localid"]: one["messageid"] for one in provider.messages_to("09121234500")}
    assert stored == dict(OutboxMessage.objects.values_list("localid", "provider_id"))


def test_codes_go_first(account, provider):
    queue(phone="09120000100")
    queue("otp", "09120000200", code="123456")

    first = claim(now=timezone.now())

    assert [message.kind for message in first] == ["otp"]


def test_the_clubs_own_words_are_sent(send, provider):
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="خوش آمدی[[ {name}]]")

    assert send(name="سارا").text == "خوش آمدی سارا\nلغو۱۱"


@pytest.mark.parametrize(("kind", "said"), [("staff_invited", "به جمع کارکنان دعوت شده‌اید"), ("staff_reset", "بسازید")])
def test_a_message_to_the_staff_is_formal_and_has_no_line_to_leave_by(send, provider, kind, said):
    message = send(kind, name="نسرین", address="https://naron.example/staff/link/x/")

    assert message.status in {"sent", "delivered"}
    assert said in message.text and "نسرین" in message.text
    assert message.text.endswith("\nhttps://naron.example/staff/link/x/")


def test_a_message_switched_off_is_not_sent(send, provider):
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="{club}", enabled=False)

    message = send()

    assert (message.status, message.error_code) == ("skipped", "template_off")
    assert message.error_text == explain("template_off")
    assert not provider.calls


def test_a_text_broken_behind_our_back_is_not_sent(send, provider):
    SmsTemplate.objects.create(kind="welcome", message_class="service", text="{nonsense}")

    message = send()

    assert (message.status, message.error_code) == ("skipped", "bad_template")


@pytest.mark.parametrize("text", ["{club} خوش آمدی", "[[{code}]] {club}", "{nonsense}"])
def test_a_code_goes_out_though_the_clubs_text_leaves_it_out(send, provider, text):
    SmsTemplate.objects.create(kind="otp", message_class="otp", text=text)

    assert "به کسی نگو" in send("otp", code="123456").text


@pytest.mark.parametrize("amount", ["much", [1], {"a": 1}])
def test_nonsense_in_one_message_does_not_hold_up_the_others(account, provider, amount):
    nonsense = queue("purchase_receipt", amount=amount)
    good = queue(phone="09120000100")

    services.dispatch_due(now=timezone.now())

    nonsense.refresh_from_db()
    good.refresh_from_db()
    assert (nonsense.status, nonsense.error_code) == ("skipped", "bad_template")
    assert good.status in {"sent", "delivered"}


def test_what_is_written_is_what_was_meant_to_the_microsecond(account, provider):
    message = queue("otp", code="123456")
    now = datetime(2026, 11, 22, 10, 0, 0, 123457, tzinfo=UTC)
    OutboxMessage.objects.update(created_at=now, next_attempt_at=now)
    provider.act("pace", final_seconds=3600)

    services.dispatch_due(now=now)

    message.refresh_from_db()
    assert (message.sent_at, message.next_poll_at) == (now, now + timedelta(minutes=5))
    assert (message.context, message.final_at, message.member_id) == ({}, None, None)


def test_another_clubs_messages_are_not_touched(account, other_club, provider):
    with club_scope(other_club):
        outbox.enqueue("welcome", phone="09120000100", context={})

    assert services.dispatch_due(now=timezone.now()) == 0
    assert not provider.calls


def test_the_task_of_the_poke_works_in_the_clubs_scope(account, provider):
    from sms.tasks import dispatch_outbox

    message = queue()

    dispatch_outbox(club_id=message.club_id)

    assert provider.messages_to(message.phone)
