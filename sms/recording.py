"""What is written of a message once the provider has spoken, or has not."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from core import events
from core.tenancy.scope import current_club_id
from sms.gateways.base import Accepted, GatewayError, StateOf
from sms.kinds import OTP
from sms.models import OutboxMessage, SmsSettings, Status, Suppression
from sms.parts import parts
from sms.provider_codes import NO_CREDIT, explain
from sms.states import BLOCKED, CODE_BACK_OFF, FINAL, MONEY_BACK, WAIT_FOR_CREDIT, back_off, next_poll

HIDDEN = "••••••"


def accepted(message: OutboxMessage, answer: Accepted, *, now: datetime) -> None:
    """The provider took it: on its way, or ended already."""
    message.provider_id, message.cost_rial = answer.provider_id, answer.cost_rial or message.cost_rial
    message.sent_at, message.in_doubt = now, False
    message.error_code = message.error_text = ""
    message.status, message.next_poll_at = Status.SENT, next_poll(now, 0)
    _apply(message, answer.state, now)
    hide_code(message)


def ended(message: OutboxMessage, status: Status, code: str, *, now: datetime, text: str = "") -> None:
    """It will not be sent, for this reason."""
    message.status, message.final_at, message.in_doubt = status, now, False
    message.error_code, message.error_text = code, (text or explain(code))[:300]
    hide_code(message)


def again_later(message: OutboxMessage, error: GatewayError, *, now: datetime) -> None:
    """It was tried in vain: after a while again, and where it may have arrived the provider is asked first."""
    is_code = message.message_class == OTP
    message.status, message.in_doubt = Status.QUEUED, error.may_have_sent
    message.next_attempt_at = now + (CODE_BACK_OFF if is_code else back_off(message.attempts))
    message.error_code, message.error_text = error.code, explain(error.code)[:300]
    _forget_words(message)


def put_back(message: OutboxMessage, *, until: datetime, error: GatewayError | None = None) -> None:
    """It was taken but not tried: it waits, and the try does not count."""
    message.status, message.attempts = Status.QUEUED, message.attempts - 1
    message.next_attempt_at = until
    if error:
        message.error_code, message.error_text = error.code, explain(error.code)[:300]
    _forget_words(message)


def worded(message: OutboxMessage, text: str) -> None:
    """Keep the words it goes out with; a code's are hidden once it is gone."""
    message.text, message.parts = text, parts(text)


def hide_code(message: OutboxMessage) -> None:
    """Nobody reads a login code in the outbox after it was sent or is of no use."""
    if message.message_class != OTP:
        return
    code = str(message.context.get("code") or "")
    if code:
        message.text = message.text.replace(code, HIDDEN)
    message.context = {}


def _forget_words(message: OutboxMessage) -> None:
    """A message that waits has no words yet: they are made anew, and a code is kept in one place only."""
    message.text, message.parts = "", 0


def write(messages: Sequence[OutboxMessage], *, held: Sequence[str] = (Status.SENDING,)) -> None:
    """Write what became of messages, in one statement; those in no state of `held` any more stay as they are."""
    if not messages:
        return
    rows = json.dumps([{name: getattr(message, name) for name in WRITTEN} for message in messages], default=str)
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [rows, current_club_id(), list(held)])
    _suppress_blocked(messages)


@transaction.atomic
def states(found: Iterable[StateOf], *, now: datetime) -> int:
    """Move messages on by what the provider says of them, never from a final state back; how many moved."""
    by_id = {one.provider_id: one.state for one in found if one.state in FINAL}
    # A state that came in after we had given up asking is better than none.
    open_states = (Status.SENT, Status.UNKNOWN)
    rows = OutboxMessage.objects.filter(provider_id__in=by_id, status__in=open_states)
    moved = list(rows.order_by("pk").select_for_update())
    for message in moved:
        _apply(message, by_id[message.provider_id or 0], now)
    write(moved, held=open_states)
    return len(moved)


def told(found: Sequence[StateOf], *, now: datetime) -> bool:
    """Move messages on by what the provider tells unasked; False where it is to tell it once more.

    It may be quicker than we are: a message that is in nobody's hands but the dispatcher's has its number from the
    answer to a call that is not recorded yet. That is looked at before the messages are looked at again, so that what
    is recorded in between is seen by one of the two.
    """
    states(found, now=now)
    if not _unknown(found):
        return True
    is_sending = OutboxMessage.objects.filter(status=Status.SENDING).exists()
    states(found, now=now)
    return not (is_sending and _unknown(found))


def _unknown(found: Sequence[StateOf]) -> bool:
    """Whether the end of a message is told that no message of ours has the number of."""
    ids = {one.provider_id for one in found if one.state in FINAL}
    return OutboxMessage.objects.filter(provider_id__in=ids).count() < len(ids)


def give_up_asking(*, now: datetime, messages: Iterable[OutboxMessage]) -> None:
    """The provider has forgotten them; nobody will ever know."""
    ids = [message.pk for message in messages]
    OutboxMessage.objects.filter(pk__in=ids, status=Status.SENT).update(
        status=Status.UNKNOWN,
        final_at=now,
        next_poll_at=None,
        error_code="state_100",
        error_text=explain("state_100"),
    )


def stop_account(error: GatewayError, *, now: datetime) -> None:
    """Nothing goes out over the club's account until its settings are saved anew."""
    SmsSettings.objects.update(stopped_code=error.code, stopped_text=explain(error.code), stopped_at=now)


@transaction.atomic
def wait_for_credit(error: GatewayError, *, until: datetime) -> None:
    """Nothing of what waits is tried before then; login codes are, which nobody can use any more by then.

    Rows that another dispatcher writes just now are left to it.
    """
    waiting = OutboxMessage.objects.filter(status=Status.QUEUED, next_attempt_at__lt=until).exclude(message_class=OTP)
    held = waiting.select_for_update(skip_locked=True).values("pk")
    OutboxMessage.objects.filter(pk__in=held).update(
        next_attempt_at=until, error_code=error.code, error_text=explain(error.code)[:300]
    )
    document = f"sms:{int(until.timestamp())}"
    events.emit("sms.out_of_credit", document=document, occurred_at=until - WAIT_FOR_CREDIT)


def go_on_with_credit(*, now: datetime) -> None:
    """The account may have been charged: what waits for credit is due."""
    OutboxMessage.objects.filter(status=Status.QUEUED, error_code=NO_CREDIT).update(next_attempt_at=now)


def _apply(message: OutboxMessage, state: int, now: datetime) -> None:
    status = FINAL.get(state)
    if status is None:
        return
    message.status, message.final_at, message.next_poll_at = status, now, None
    if state in MONEY_BACK:
        message.cost_rial = 0
    code = f"state_{state}"
    message.error_code, message.error_text = ("", "") if status == Status.DELIVERED else (code, explain(code)[:300])


def _suppress_blocked(messages: Iterable[OutboxMessage]) -> None:
    """Who refuses advertising at the operator gets none from us again."""
    blocked = {message.phone for message in messages if message.error_code == f"state_{BLOCKED}"}
    others = Suppression.objects.filter(phone__in=blocked).exclude(reason=Suppression.Reason.OPERATOR)
    if blocked:
        others.update(closed_at_operator=True)
    Suppression.objects.bulk_create(
        [Suppression(phone=phone, reason=Suppression.Reason.OPERATOR) for phone in sorted(blocked)],
        ignore_conflicts=True,
    )


WRITTEN = (
    *("id", "status", "phone", "message_class", "text", "context", "parts", "cost_rial", "provider_id", "attempts"),
    *("in_doubt", "next_attempt_at", "polls", "next_poll_at", "error_code", "error_text", "sent_at", "final_at"),
)
# What goes back to wait keeps the number that its member may have changed meanwhile; else where it went is recorded.
# Two hundred rows in 7 ms, where Django's bulk_update needs a second to put its cases together. The state stands in a
# CASE because the planner otherwise takes rows that are `sending` for rare and compares each of them with each of ours.
WRITE = """
UPDATE sms_outboxmessage m SET
    status = n.status, phone = CASE WHEN n.status = 'queued' THEN m.phone ELSE n.phone END,
    message_class = n.message_class, text = n.text, context = n.context, parts = n.parts,
    cost_rial = n.cost_rial, provider_id = n.provider_id, attempts = n.attempts, in_doubt = n.in_doubt,
    next_attempt_at = n.next_attempt_at, polls = n.polls, next_poll_at = n.next_poll_at, error_code = n.error_code,
    error_text = n.error_text, sent_at = n.sent_at, final_at = n.final_at
FROM jsonb_to_recordset(%s::jsonb) AS n(
    id bigint, status text, phone text, message_class text, text text, context jsonb, parts smallint, cost_rial bigint,
    provider_id bigint, attempts smallint, in_doubt boolean, next_attempt_at timestamptz, polls smallint,
    next_poll_at timestamptz, error_code text, error_text text, sent_at timestamptz, final_at timestamptz)
WHERE m.club_id = %s AND m.id = n.id AND CASE WHEN m.status = ANY(%s) THEN true END
"""
