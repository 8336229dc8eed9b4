"""Sending what waits in the outbox of the club in scope.

Claim, judge, ask where in doubt, send, record. The provider is called outside every transaction; what it says is
written at once. A lost provider costs one call, and the messages wait.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sms import recording
from sms.account import Account, account
from sms.claims import claim, forget_codes
from sms.gateways.base import (
    BATCH,
    Accepted,
    Gateway,
    GatewayError,
    NumberInvalid,
    Outgoing,
    OutOfCredit,
    Permanent,
    ProviderDisabled,
    Retryable,
)
from sms.kinds import OTP
from sms.models import OutboxMessage, Status
from sms.states import WAIT_FOR_CREDIT, back_off
from sms.wording import Desk, Ready, Skip

log = logging.getLogger(__name__)
MOST_BATCHES = 50
LINKS_REFUSED = "420"
"""Operators let only some accounts send links: the others' messages go without."""


def dispatch_due(*, now: datetime) -> int:
    """Send what is due, codes first; how many were taken in hand. Stops at the first trouble of the provider."""
    chosen = account()
    forget_codes(now=now)
    if chosen.stopped_code:
        return 0
    taken = 0
    for _ in range(MOST_BATCHES):
        batch = claim(now=now)
        taken += len(batch)
        if not batch or not Dispatch(chosen, batch, now=now).run():
            break
    return taken


class Dispatch:
    """One claimed batch on its way out."""

    def __init__(self, chosen: Account, batch: Sequence[OutboxMessage], *, now: datetime) -> None:
        self.account, self.batch, self.now = chosen, batch, now
        self.senders: dict[int, str] = {}
        self.open = {message.pk: message for message in batch}

    def run(self) -> bool:
        """Whether the provider is well and the next batch may follow; everything is recorded either way.

        What an unforeseen fault leaves open stays `sending`: after the lease the provider is asked about it.
        """
        try:
            gateway = self.account.gateway()
            self._ask(gateway)
            self._judge()
            for group in self._groups():
                self._hand_over(gateway, group)
        except GatewayError as error:
            self._stop(error)
            return False
        return True

    def _ask(self, gateway: Gateway) -> None:
        """Of those that may have gone out before, record what the provider knows; the rest of them are sent anew."""
        doubtful = {message.localid: message for message in self.open.values() if message.in_doubt}
        if not doubtful:
            return
        done = []
        for found in gateway.states_by_localid(list(doubtful)):
            message = doubtful.pop(found.localid or 0, None)
            if message is None:
                continue
            recording.accepted(message, Accepted(message.localid, found.provider_id, 0, found.state), now=self.now)
            done.append(message)
        for message in doubtful.values():
            message.in_doubt = False
            if message.message_class == OTP:  # a code is never sent a second time by itself
                recording.ended(message, Status.FAILED, "no_answer", now=self.now)
                done.append(message)
        self._write(done)

    def _judge(self) -> None:
        self.desk = Desk(self.account, self.open.values(), now=self.now)
        done = []
        for message in self.open.values():
            verdict = self.desk.judge(message)
            if isinstance(verdict, Ready):
                recording.worded(message, verdict.text)
                self.senders[message.pk] = verdict.sender
                continue
            if isinstance(verdict, Skip):
                recording.ended(message, Status.SKIPPED, verdict.code, now=self.now)
            else:
                recording.put_back(message, until=verdict.until)
            done.append(message)
        self._write(done)

    def _groups(self) -> Iterator[list[OutboxMessage]]:
        """The open messages by line, no phone twice in a group; without a line, or by template, one by one."""
        by_line: defaultdict[str, list[OutboxMessage]] = defaultdict(list)
        for message in self.open.values():
            by_line[self.senders[message.pk]].append(message)
        for line, messages in by_line.items():
            if line and not any(self._goes_by_template(message) for message in messages):
                yield from _waves(messages)
            else:
                yield from ([message] for message in messages)

    def _hand_over(self, gateway: Gateway, group: list[OutboxMessage]) -> None:
        """Send one group and record the answer. Raises the errors that stop everybody."""
        try:
            answers = {one.localid: one for one in self._call(gateway, group)}
        except (NumberInvalid, Permanent) as refusal:
            if refusal.code == LINKS_REFUSED and self._leave_links_out():
                self._hand_over(gateway, group)
                return
            if len(group) > 1:  # one bad message spoils the call: find it
                middle = len(group) // 2
                self._hand_over(gateway, group[:middle])
                self._hand_over(gateway, group[middle:])
                return
            recording.ended(group[0], Status.FAILED, refusal.code, now=self.now)
            self._write(group)
            return
        except Retryable as trouble:
            for message in group:
                recording.again_later(message, trouble, now=self.now)
            self._write(group)
            raise
        silent = Retryable("no_answer", may_have_sent=True)
        for message in group:
            answer = answers.get(message.localid)
            if answer:
                recording.accepted(message, answer, now=self.now)
            else:
                recording.again_later(message, silent, now=self.now)
        self._write(group)

    def _leave_links_out(self) -> bool:
        """Word the open messages anew without the portal's address; False when that was done before."""
        if not self.desk.link:
            return False
        self.desk.link = ""
        for message in self.open.values():
            verdict = self.desk.judge(message)
            if isinstance(verdict, Ready):
                recording.worded(message, verdict.text)
        return True

    def _call(self, gateway: Gateway, group: list[OutboxMessage]) -> list[Accepted]:
        outgoing = [Outgoing(one.localid, one.phone, one.text, self.senders[one.pk]) for one in group]
        if self._goes_by_template(group[0]):
            code = str(group[0].context.get("code"))
            try:
                return [gateway.send_code(outgoing[0], template=self.account.otp_template, code=code)]
            except Permanent as refusal:
                log.warning("the template of login codes is refused (%s); the code goes as a plain text", refusal.code)
        return gateway.send(outgoing)

    def _goes_by_template(self, message: OutboxMessage) -> bool:
        """Only a login code: the provider's template has its words."""
        return bool(self.account.otp_template) and message.kind == "otp"

    def _stop(self, error: GatewayError) -> None:
        """What was taken but not tried waits; an account that must be mended rests until it is."""
        log.warning("SMS of this club wait: %s", error)
        left = list(self.open.values())
        pause = back_off(1)
        if isinstance(error, OutOfCredit | ProviderDisabled):
            pause = WAIT_FOR_CREDIT
        if isinstance(error, ProviderDisabled) and self.account.is_own:
            recording.stop_account(error, now=self.now)
            pause = timedelta(0)  # they go as soon as the settings are saved anew
        for message in left:
            recording.put_back(message, until=self.now + pause, error=error)
        self._write(left)

    def _write(self, done: Sequence[OutboxMessage]) -> None:
        recording.write(done)
        for message in done:
            del self.open[message.pk]


def _waves(messages: Sequence[OutboxMessage]) -> Iterator[list[OutboxMessage]]:
    """Cut into calls of at most BATCH, no phone twice in one: the answer is told apart by phone."""
    waiting = list(messages)
    while waiting:
        wave: dict[str, OutboxMessage] = {}
        later = []
        for message in waiting:
            if message.phone in wave or len(wave) == BATCH:
                later.append(message)
            else:
                wave[message.phone] = message
        yield list(wave.values())
        waiting = later
