"""Sending what waits in the outbox of the club in scope.

Claim, ask where in doubt, judge, send, record. The provider is called outside every transaction, by threads that touch
no database, so that some calls are under way while the next batch is prepared; what it says is written at once. A lost
provider costs one call, and the messages wait.
"""

import logging
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import local

from sms import recording
from sms.account import Account, account
from sms.claims import CLAIM, claim, forget_codes
from sms.gateways.base import (
    ASK_BATCH,
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
    StateOf,
)
from sms.kinds import OTP
from sms.models import OutboxMessage, Status
from sms.states import WAIT_FOR_CREDIT, back_off
from sms.wording import Desk, Ready, Skip

log = logging.getLogger(__name__)
MOST_BATCHES = 50
AT_MOST = MOST_BATCHES * CLAIM
"""Messages that one run takes in hand."""
MOST_FLIGHTS = 4
"""Calls to the provider that one dispatcher has under way at once."""
LINKS_REFUSED = "420"
"""Operators let only some accounts send links: the others' messages go without."""


def dispatch_due(*, now: datetime, when_many: Callable[[], object] | None = None) -> int:
    """Send what is due, codes first; how many were taken in hand. Stops at the first trouble of the provider.

    `when_many` is called once, when there is more than one claim takes: another worker may come to help.
    """
    chosen = account()
    forget_codes(now=now)
    if chosen.stopped_code:
        return 0
    with ThreadPoolExecutor(MOST_FLIGHTS, thread_name_prefix="sms") as pool:
        return Run(chosen, pool, now=now, when_many=when_many).run()


@dataclass
class Flight:
    """One call to the provider that is under way: whose batch, which messages, and its answer."""

    dispatch: "Dispatch"
    group: list[OutboxMessage]
    answer: Future[list[Accepted]]


class Run:
    """One dispatcher at work: some calls under way at once, while the database is asked and told by this thread alone.

    It begins with one call, and has twice as many under way after each that went well: a lost provider costs one.
    """

    def __init__(
        self, chosen: Account, pool: ThreadPoolExecutor, *, now: datetime, when_many: Callable[[], object] | None = None
    ) -> None:
        self.account, self.pool, self.now, self.when_many = chosen, pool, now, when_many
        self.ready: deque[tuple[Dispatch, list[OutboxMessage]]] = deque()
        self.flights: deque[Flight] = deque()
        self.dispatches: list[Dispatch] = []
        self.most, self.lines = 1, local()

    def run(self) -> int:
        """Go on until nothing is due or the provider is in trouble; how many messages were taken."""
        taken = 0
        for _batch in range(MOST_BATCHES):
            batch = claim(now=self.now)
            taken += len(batch)
            if not batch or not self._take(batch):
                break
            if len(batch) >= CLAIM and self.when_many:
                self.when_many()
                self.when_many = None
        while self.flights and self._land():
            pass
        return taken

    def gateway(self) -> Gateway:
        """The provider, over a connection of the running thread's own, kept for the whole run."""
        if not hasattr(self.lines, "gateway"):
            self.lines.gateway = self.account.gateway()
        found: Gateway = self.lines.gateway
        return found

    def _take(self, batch: Sequence[OutboxMessage]) -> bool:
        """Let the batch fly, and land calls until there is room for one more; whether the provider is well."""
        dispatch = Dispatch(self.account, batch, self.gateway, now=self.now)
        self.dispatches = [*(one for one in self.dispatches if one.open), dispatch]
        try:
            self.ready.extend((dispatch, group) for group in dispatch.groups())
        except GatewayError as error:
            self._stop(error)
            return False
        self._launch()
        while len(self.flights) >= self.most:
            if not self._land():
                return False
        return True

    def _launch(self) -> None:
        while self.ready and len(self.flights) < self.most:
            dispatch, group = self.ready.popleft()
            self.flights.append(Flight(dispatch, group, self.pool.submit(dispatch.call, group)))

    def _land(self) -> bool:
        """Record the oldest call, and let others fly in its place; whether the provider is well."""
        flight = self.flights.popleft()
        try:
            flight.dispatch.hand_over(flight.group, flight.answer.result)
        except GatewayError as error:
            self._stop(error)
            return False
        self.most = min(2 * self.most, MOST_FLIGHTS)
        self._launch()
        return True

    def _stop(self, error: GatewayError) -> None:
        """What flies is landed, whatever it brings; what was taken but not tried waits."""
        while self.flights:
            flight = self.flights.popleft()
            try:
                flight.dispatch.hand_over(flight.group, flight.answer.result)
            except GatewayError as other:
                log.warning("another call met the same trouble: %s", other)
        self.ready.clear()
        for dispatch in self.dispatches:
            dispatch.stop(error)
        if isinstance(error, OutOfCredit):
            recording.wait_for_credit(error, until=self.now + WAIT_FOR_CREDIT)


class Dispatch:
    """One claimed batch on its way out.

    What an unforeseen fault leaves open stays `sending`: after the lease the provider is asked about it.
    """

    def __init__(
        self, chosen: Account, batch: Sequence[OutboxMessage], gateway: Callable[[], Gateway], *, now: datetime
    ) -> None:
        self.account, self.gateway, self.now = chosen, gateway, now
        self.senders: dict[int, str] = {}
        self.open = {message.pk: message for message in batch}

    def groups(self) -> Iterator[list[OutboxMessage]]:
        """What is to be sent, call by call; the rest is recorded. Raises what stops everybody."""
        self._ask()
        self._judge()
        return self._groups()

    def _ask(self) -> None:
        """Of those that may have gone out before, record what the provider knows; the rest of them are sent anew."""
        doubtful = {message.localid: message for message in self.open.values() if message.in_doubt}
        if not doubtful:
            return
        done = []
        for found in self._known_of(list(doubtful)):
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

    def _known_of(self, localids: Sequence[int]) -> Iterator[StateOf]:
        for place in range(0, len(localids), ASK_BATCH):
            yield from self.gateway().states_by_localid(localids[place : place + ASK_BATCH])

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

    def hand_over(self, group: list[OutboxMessage], answer: Callable[[], list[Accepted]]) -> None:
        """Record what the call for this group answers. Raises the errors that stop everybody."""
        try:
            answers = {one.localid: one for one in answer()}
        except (NumberInvalid, Permanent) as refusal:
            if refusal.code == LINKS_REFUSED and self._leave_links_out():
                self._again(group)
                return
            if len(group) > 1:  # one bad message spoils the call: find it
                middle = len(group) // 2
                self._again(group[:middle])
                self._again(group[middle:])
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
            accepted = answers.get(message.localid)
            if accepted:
                recording.accepted(message, accepted, now=self.now)
            else:
                recording.again_later(message, silent, now=self.now)
        self._write(group)

    def _again(self, group: list[OutboxMessage]) -> None:
        self.hand_over(group, lambda: self.call(group))

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

    def call(self, group: list[OutboxMessage]) -> list[Accepted]:
        """Hand the group over; it touches no database, so that any thread may. Raises GatewayError."""
        gateway = self.gateway()
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

    def stop(self, error: GatewayError) -> None:
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
