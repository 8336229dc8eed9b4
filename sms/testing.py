"""The button «پیامک آزمایشی»: does the account work, and in what words does the provider refuse."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core import audit
from core.phones import normalise_phone
from sms import recording
from sms.account import Account, account
from sms.gateways.base import Accepted, GatewayError, Outgoing, Retryable
from sms.kinds import SERVICE
from sms.models import OutboxMessage, SmsSettings, Status
from sms.parts import with_opt_out
from sms.states import LEASE
from sms.wording import Desk


@dataclass(frozen=True)
class TestResult:
    """What the provider said, for the person who pressed the button; `message_id` for asking again if it arrived."""

    ok: bool
    text: str
    message_id: int
    code: str = ""


def send_test(phone: str, *, now: datetime, actor: str = "system") -> TestResult:
    """Send one message now, past the queue, whatever refused before. Raises InvalidPhone.

    Not to be called inside a transaction: the provider is waited for.
    """
    chosen = account()
    message = OutboxMessage.objects.create(
        kind="test",
        message_class=SERVICE,
        phone=normalise_phone(phone),
        status=Status.SENDING,
        attempts=1,
        in_doubt=True,
        next_attempt_at=now + LEASE,
        created_at=now,
    )
    try:
        answer = _hand_over(message, chosen, now)
    except GatewayError as error:
        recording.ended(message, Status.FAILED, error.code, now=now)
        recording.write([message])
        _note(message, actor)
        return TestResult(ok=False, text=message.error_text, message_id=message.pk, code=error.code)
    recording.accepted(message, answer, now=now)
    recording.write([message])
    _note(message, actor)
    recording.go_on_with_credit(now=now)
    SmsSettings.objects.exclude(stopped_code="").update(stopped_code="", stopped_text="", stopped_at=None)
    return TestResult(ok=True, text=_("سرویس‌دهنده پیامک آزمایشی را گرفت."), message_id=message.pk)


def _hand_over(message: OutboxMessage, chosen: Account, now: datetime) -> Accepted:
    text = Desk(chosen, [message], now=now).words(message) or str(message)
    recording.worded(message, with_opt_out(text))
    gateway = chosen.gateway()
    answers = gateway.send([Outgoing(message.localid, message.phone, message.text, chosen.line)])
    if not answers:
        raise Retryable("no_answer", may_have_sent=True)
    return answers[0]


def _note(message: OutboxMessage, actor: str) -> None:
    """Who spent the money, and how it went; whose phone it was stands in the message alone."""
    state = message.error_code or Status.SENT
    audit.record("sms.test", actor=actor, target=f"outboxmessage:{message.pk}", before={}, after={"status": state})
