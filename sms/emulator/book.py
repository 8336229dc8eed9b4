"""What the emulated provider knows: accounts, lines, messages, replies, blocks, templates, and the time.

Every time is in Unix seconds of the emulator's own clock, which tests may push forward. Money is in Rial.
Nothing here locks: whoever touches the book holds `book.lock`.
"""

import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from core.phones import InvalidPhone, normalise_phone
from core.text import latin_digits
from sms import parts
from sms.emulator import wire

FIRST_ID = 8_792_343
KEPT_MESSAGES = 5_000
DAY = 86_400
STATUS_KNOWN, LOCALID_KNOWN = 2 * DAY, DAY // 2

# The last two digits of a receptor choose how its messages end; all others are delivered.
ENDINGS = {
    "01": wire.DELIVERED,
    "02": wire.UNDELIVERED,
    "03": wire.BLOCKED,
    "04": wire.FAILED,
    "05": wire.HANDED_OVER,
}


@dataclass
class Account:
    """A customer of the provider, known by its key."""

    key: str
    enabled: bool = True
    credit: int = 100_000_000
    lines: list[str] = field(default_factory=list)
    advanced: bool = True
    """May use verify/lookup; 426 otherwise."""
    ip_allowed: bool = True
    """May read the outbox; 407 otherwise."""
    owner_only: str = ""
    """In test mode: the one number it may send to; 501 for others."""
    links_refused: bool = False
    tags: list[str] = field(default_factory=list)
    config: dict[str, str] = field(
        default_factory=lambda: {
            "apilogs": "justfaults",
            "dailyreport": "disabled",
            "debugmode": "disabled",
            "defaultsender": "",
            "mincreditalarm": "100000",
            "resendfailed": "disabled",
        }
    )

    @property
    def default_line(self) -> str:
        """The sender of a message that names none."""
        return self.config["defaultsender"] or (self.lines[0] if self.lines else "")


@dataclass
class Message:
    """One message to one number."""

    messageid: int
    key: str
    sender: str
    receptor: str
    message: str
    date: float
    """When it is, or was, to leave."""
    cost: int
    parts: int
    status: int
    kind: str = "sms"
    localid: int | None = None
    tag: str = ""
    forced: int | None = None
    """A state that somebody set by hand; the clock leaves it alone."""

    def entry(self) -> dict[str, Any]:
        """As the service shows it; the localid is not echoed."""
        return {
            "messageid": self.messageid,
            "message": self.message,
            "status": self.status,
            "statustext": wire.STATES[self.status],
            "sender": self.sender,
            "receptor": self.receptor,
            "date": int(self.date),
            "cost": self.cost,
        }


@dataclass
class Inbound:
    """A message that a subscriber sent to a line."""

    messageid: int
    line: str
    phone: str
    message: str
    date: float
    is_read: bool = False

    def entry(self) -> dict[str, Any]:
        """As sms/receive shows it."""
        return {
            "messageid": self.messageid,
            "message": self.message,
            "sender": self.phone,
            "receptor": self.line,
            "date": int(self.date),
        }


@dataclass
class Line:
    """A number of ours with the addresses set for it in the panel."""

    number: str
    status_url: str = ""
    inbound_url: str = ""


@dataclass
class Block:
    """A subscriber who does not get messages of a line. Reason: 0 service, 1 panel, 2 «لغو۱۱», 3 admin, 10 unknown."""

    line: str
    phone: str
    reason: int
    date: float


@dataclass
class Template:
    """A text for verify/lookup, with %token, %token2, %token3, %token10 and %token20."""

    name: str
    text: str
    approved: bool = True


@dataclass
class Pace:
    """How fast things go, and what they cost."""

    queue_seconds: float = 0.5
    final_seconds: float = 2.0
    unicode_rial: int = 1_270
    latin_rial: int = 3_100
    max_length: int = 900
    retry_seconds: float = 120.0
    retries: int = 30


class Book:
    """Everything the provider remembers; changes that others should hear of go to `on_status` and `on_inbound`."""

    def __init__(self, pace: Pace | None = None) -> None:
        self.lock = threading.RLock()
        self.pace = pace or Pace()
        self.accounts: dict[str, Account] = {}
        self.lines: dict[str, Line] = {}
        self.messages: dict[int, Message] = {}
        self.inbound: dict[int, Inbound] = {}
        self.blocks: dict[tuple[str, str], Block] = {}
        self.templates: dict[str, Template] = {}
        self.by_localid: dict[tuple[str, int], int] = {}
        self.open: set[int] = set()
        self.kept = KEPT_MESSAGES
        self.clock_ahead = 0.0
        self.changes = 0
        self.on_status: Callable[[Message], None] = lambda message: None
        self.on_inbound: Callable[[Inbound], None] = lambda inbound: None
        self._ids = itertools.count(FIRST_ID)

    def now(self) -> float:
        """The emulator's time."""
        return time.time() + self.clock_ahead

    def next_id(self) -> int:
        """A number greater than all before, for messages and replies alike."""
        return next(self._ids)

    def continue_ids_after(self, last: int) -> None:
        """Go on counting after what was loaded."""
        self._ids = itertools.count(max(last + 1, FIRST_ID))

    def add_account(self, account: Account) -> Account:
        """Open or replace an account; its lines exist from now on."""
        self.accounts[account.key] = account
        for number in account.lines:
            self.lines.setdefault(number, Line(number))
        self.changes += 1
        return account

    def add_message(self, message: Message) -> Message:
        """Take a message; its cost leaves the account at once. Whoever takes some settles afterwards, once for all."""
        self.messages[message.messageid] = message
        self.accounts[message.key].credit -= message.cost
        if message.localid is not None:
            self.by_localid[message.key, message.localid] = message.messageid
        self.open.add(message.messageid)
        self._forget_oldest()
        self.changes += 1
        return message

    def known_localid(self, key: str, localid: int | None) -> Message | None:
        """The message that this account sent under this localid."""
        return None if localid is None else self.messages.get(self.by_localid.get((key, localid), 0))

    def is_blocked(self, line: str, phone: str) -> bool:
        """Whether the subscriber refuses this line."""
        return (line, phone) in self.blocks

    def settle(self) -> None:
        """Bring every open message to the state the time asks for, tell of changes, and give money back."""
        now = self.now()
        for messageid in sorted(self.open):
            message = self.messages[messageid]
            status = self._status_at(message, now)
            if status == message.status:
                continue
            self.move(message, status)

    def move(self, message: Message, status: int) -> None:
        """Change the state of one message, with what follows from it."""
        if status in wire.MONEY_BACK and message.status not in wire.MONEY_BACK:
            self.accounts[message.key].credit += message.cost
        message.status = status
        if status in wire.FINAL:
            self.open.discard(message.messageid)
        self.changes += 1
        if status not in {wire.QUEUED, wire.SCHEDULED}:
            self.on_status(message)

    def receive(self, *, phone: str, line: str, text: str) -> Inbound:
        """A subscriber writes to a line: «11» blocks the line for him, «12» opens it again."""
        inbound = Inbound(self.next_id(), line, phone, text, self.now())
        self.inbound[inbound.messageid] = inbound
        wish = re.sub(r"[\s\u200c]+", "", latin_digits(text))
        if wish in {"11", "لغو11"}:
            self.blocks[line, phone] = Block(line, phone, 2, self.now())
        elif wish == "12":
            self.blocks.pop((line, phone), None)
        self.changes += 1
        self.on_inbound(inbound)
        return inbound

    def newest_first(self) -> Iterator[Message]:
        """All messages, the last one first."""
        return iter(sorted(self.messages.values(), key=lambda message: -message.messageid))

    def _status_at(self, message: Message, now: float) -> int:
        if message.forced is not None:
            return message.forced
        if self.accounts[message.key].config["debugmode"] == "enabled" and message.status == wire.QUEUED:
            return wire.CANCELLED
        age = now - message.date
        if age < 0:
            return wire.SCHEDULED
        if age < self.pace.queue_seconds:
            return wire.QUEUED
        is_lookup = message.kind == "lookup"
        handed_over = wire.HANDED_OVER_LOOKUP if is_lookup else wire.HANDED_OVER
        if age < self.pace.final_seconds:
            return handed_over
        if not is_lookup and self.is_blocked(message.sender, message.receptor):
            return wire.BLOCKED
        end = ENDINGS.get(message.receptor[-2:], wire.DELIVERED)
        if is_lookup and end == wire.BLOCKED:  # a block of advertising does not filter codes
            return wire.DELIVERED
        return handed_over if end == wire.HANDED_OVER else end

    def _forget_oldest(self) -> None:
        while len(self.messages) > self.kept:
            oldest = self.messages.pop(next(iter(self.messages)))
            self.open.discard(oldest.messageid)
            if oldest.localid is not None:
                self.by_localid.pop((oldest.key, oldest.localid), None)


def receptor_of(text: str) -> str:
    """The number in its stored form; 411 for what is no mobile number."""
    if not re.fullmatch(r"(?:\+98|0098|0)?9[0-9]{9}", text.strip(), re.ASCII):
        raise wire.Refused(411)
    try:
        return normalise_phone(text)
    except InvalidPhone:
        raise wire.Refused(411) from None


def line_of(text: str) -> str:
    """A line without the country code in front: `+9810004346` and `009810004346` are 10004346."""
    return re.sub(r"^(?:\+98|0098)", "", text.strip())


def cost_of(text: str, pace: Pace) -> tuple[int, int]:
    """Parts of the text and their price."""
    return parts.parts(text), parts.price(text, unicode_rial=pace.unicode_rial, latin_rial=pace.latin_rial)
