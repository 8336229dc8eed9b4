"""Those who want none, and the hours and the line of advertising."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from sms import inbound, polling, recording, services
from sms.models import OutboxMessage, SmsSettings, SmsTemplate, Suppression
from tests.sms.sending.conftest import ADVERTISING_LINE, queue

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)  # 13:30 in Tehran


@pytest.mark.parametrize("reason", ["opt_out", "manual"])
def test_who_left_gets_nothing(send, provider, reason):
    Suppression.objects.create(phone="09121234500", reason=reason)

    message = send()

    assert (message.status, message.error_code) == ("skipped", "opted_out")
    assert not provider.calls


@pytest.mark.parametrize("kind", ["phone_changed", "join_refused", "join_approved"])
def test_what_guards_or_answers_its_reader_is_held_back_by_the_word_of_leaving_alone(send, provider, kind):
    Suppression.objects.create(phone="09121234500", reason="manual")
    Suppression.objects.create(phone="09121234501", reason="opt_out")

    assert send(kind).status in {"sent", "delivered"}
    left = send(kind, "09121234501")

    assert (left.status, left.error_code) == ("skipped", "opted_out")
    assert not provider.messages_to("09121234501")


def test_who_closed_advertising_still_gets_receipts(send, provider):
    Suppression.objects.create(phone="09121234500", reason="operator")

    assert send().status in {"sent", "delivered"}


@pytest.fixture
def advertise(account):
    """Send «welcome» as advertising at a moment of the day."""
    SmsTemplate.objects.create(kind="welcome", message_class="advertising", text="{club}")

    def act(now):
        message = queue()
        OutboxMessage.objects.filter(pk=message.pk).update(created_at=now, next_attempt_at=now)
        services.dispatch_due(now=now)
        message.refresh_from_db()
        return message

    return act


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        (datetime(2026, 11, 22, 5, 29, tzinfo=UTC), datetime(2026, 11, 22, 5, 30, tzinfo=UTC)),
        (datetime(2026, 11, 22, 17, 30, tzinfo=UTC), datetime(2026, 11, 23, 5, 30, tzinfo=UTC)),
        (datetime(2026, 11, 22, 21, 0, tzinfo=UTC), datetime(2026, 11, 23, 5, 30, tzinfo=UTC)),
    ],
)
def test_advertising_waits_for_the_morning(advertise, provider, moment, until):
    message = advertise(moment)

    assert (message.status, message.next_attempt_at, message.attempts) == ("queued", until, 0)
    assert not provider.calls
    services.dispatch_due(now=until)
    assert provider.messages_to(message.phone)


@pytest.mark.parametrize("minutes", [330, 17 * 60 + 29])
def test_advertising_goes_by_day_from_its_own_line(advertise, provider, minutes):
    message = advertise(datetime(2026, 11, 22, tzinfo=UTC) + timedelta(minutes=minutes))

    assert provider.messages_to(message.phone)[0]["sender"] == ADVERTISING_LINE
    assert message.message_class == "advertising"


def test_advertising_never_goes_from_a_service_line(advertise, provider):
    SmsSettings.objects.update(advertising_line="", is_service_line=True)

    message = advertise(NOW)

    assert (message.status, message.error_code) == ("skipped", "advertising_line")


def test_advertising_is_not_sent_to_who_closed_it(advertise, provider):
    Suppression.objects.create(phone="09121234500", reason="operator")

    assert advertise(NOW).error_code == "no_advertising"


def test_who_blocks_at_the_operator_is_not_tried_again(send, provider):
    message = send(phone="09121234503")  # …03: the emulated subscriber refuses advertising
    assert (message.status, message.error_code, message.cost_rial) == ("blocked", "state_14", 0)
    assert Suppression.objects.get().reason == "operator"


@pytest.mark.parametrize(
    ("leave", "back"), [("11", "12"), ("۱۱", "۱۲"), (" ۱ ۱ ", "1 2"), ("لغو ۱۱", "۱۲"), ("لغو11", "12"), ("لغو", "١٢")]
)
def test_who_answers_with_eleven_gets_no_advertising_until_twelve(advertise, provider, leave, back):
    """Typed on the emulator's phone and read back over HTTP; what was queued before is held back when it is due."""
    phone = "09121234500"

    def answers(words):
        form = {"receptor": phone, "line": ADVERTISING_LINE, "message": words}
        requests.post(f"{provider.base_url}/reply", data=form, timeout=60)

    queued = queue()
    OutboxMessage.objects.filter(pk=queued.pk).update(created_at=NOW, next_attempt_at=NOW + timedelta(hours=1))
    answers(leave)
    polling.replies_due(now=NOW)

    services.dispatch_due(now=NOW + timedelta(hours=1))
    held, later = OutboxMessage.objects.get(pk=queued.pk), advertise(NOW)

    assert (held.status, held.error_code) == (later.status, later.error_code) == ("skipped", "opted_out")
    assert not provider.messages_to(phone)

    answers(back)
    polling.replies_due(now=NOW)
    again = advertise(NOW)

    assert again.error_code != "opted_out"
    assert len(provider.messages_to(phone)) == 1


def test_who_closed_advertising_at_the_operator_stays_closed_through_leaving_and_coming_back(club):
    """Only there it is opened again."""
    phone = "09121234500"
    Suppression.objects.create(phone=phone, reason="operator")

    inbound.opt_out(phone, now=NOW, words="11")
    assert Suppression.objects.get().reason == "opt_out"
    inbound.opt_in(phone, now=NOW, words="12")

    assert Suppression.objects.get().reason == "operator"


def test_what_is_heard_from_the_operator_of_who_left_is_kept_for_the_day_they_come_back(club):
    phone = "09121234500"
    inbound.opt_out(phone, now=NOW, words="11")

    recording._suppress_blocked([OutboxMessage(phone=phone, error_code="state_14")])
    inbound.opt_in(phone, now=NOW, words="12")

    assert Suppression.objects.get().reason == "operator"
