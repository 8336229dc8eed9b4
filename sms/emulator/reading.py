"""The methods that read: outbox, inbox, blocked numbers, the account."""

from collections.abc import Sequence
from typing import Any

from sms.emulator import wire
from sms.emulator.asking import ASK_LIMIT, SEND_LIMIT, Call, method, own_message, own_messages, span, words
from sms.emulator.book import DAY, Block, Inbound, Message, receptor_of
from sms.emulator.wire import Paged, Refused

PAGE, INBOX_CALL, UNBLOCK_LIMIT = 200, 100, 50
OUTBOX_DAYS, INBOX_DAYS = 4, 60


def _need_allowed_ip(call: Call) -> None:
    if not call.account.ip_allowed:
        raise Refused(407)


# Outbox


@method("sms/select")
def select(call: Call) -> Any:
    """Messages by the service's numbers."""
    _need_allowed_ip(call)
    found = [own_message(call, word) for word in words(call.need("messageid"), ASK_LIMIT)]
    return [message.entry() for message in found if message]


@method("sms/selectoutbox")
def select_outbox(call: Call) -> Any:
    """Messages of a day, up to 500."""
    _need_allowed_ip(call)
    return [message.entry() for message in _within(call)[:ASK_LIMIT]]


@method("sms/latestoutbox")
def latest_outbox(call: Call) -> Any:
    """The last messages."""
    _need_allowed_ip(call)
    size = call.number("pagesize", ASK_LIMIT)
    if not 0 < size <= ASK_LIMIT:
        raise Refused(400)
    return [message.entry() for message in _of_sender(call, own_messages(call))[:size]]


@method("sms/countoutbox")
def count_outbox(call: Call) -> Any:
    """How many messages and parts there were, and their cost."""
    found = _within(call)
    if call.get("status"):
        found = [message for message in found if message.status == call.number("status")]
    start, end = span(call, days=1)
    return [
        {
            "startdate": start,
            "enddate": end,
            "sumpart": sum(message.parts for message in found),
            "sumcount": len(found),
            "cost": sum(message.cost for message in found),
        }
    ]


def _within(call: Call) -> list[Message]:
    start, end = span(call, days=1, newest=call.book.now() - OUTBOX_DAYS * DAY)
    return [message for message in _of_sender(call, own_messages(call)) if start <= message.date <= end]


def _of_sender(call: Call, messages: Sequence[Message]) -> list[Message]:
    sender = call.get("sender")
    return [message for message in messages if not sender or message.sender == sender]


# Inbox


@method("sms/receive")
def receive(call: Call) -> Any:
    """Up to 100 messages to a line; reading the unread ones marks them read."""
    found = _inbox(call, call.own_line(), is_read=_is_read(call))[:INBOX_CALL]
    for inbound in found:
        inbound.is_read = True
    return [inbound.entry() for inbound in found]


@method("sms/inboxpaged")
def inbox_paged(call: Call) -> Any:
    """Messages to a line by pages of 200; for unread ones the total leaves out what this answer holds."""
    line, is_read = call.own_line(), _is_read(call)
    found = _inbox(call, line, is_read=is_read)
    if call.get("startdate"):
        start, end = span(call, days=2)
        found = [inbound for inbound in found if start <= inbound.date <= end]
    page = call.number("pagenumber", 1)
    shown = found[(page - 1) * PAGE : page * PAGE]
    for inbound in shown:
        inbound.is_read = True
    total = len(found) if is_read else len(found) - len(shown)
    return Paged([inbound.entry() for inbound in shown], total, page, PAGE)


@method("sms/countinbox")
def count_inbox(call: Call) -> Any:
    """How many messages came within a day."""
    start, end = span(call, days=1, newest=call.book.now() - INBOX_DAYS * DAY)
    line = call.own_line() if call.get("linenumber") else ""
    found = [inbound for inbound in call.book.inbound.values() if start <= inbound.date <= end]
    found = [inbound for inbound in found if (inbound.line == line if line else inbound.line in call.account.lines)]
    if call.get("isread"):
        found = [inbound for inbound in found if inbound.is_read == _is_read(call)]
    return [{"startdate": start, "enddate": end, "sumcount": len(found)}]


def _is_read(call: Call) -> bool:
    value = call.need("isread")
    if value not in {"0", "1"}:
        raise Refused(400)
    return value == "1"


def _inbox(call: Call, line: str, *, is_read: bool) -> list[Inbound]:
    return [inbound for inbound in call.book.inbound.values() if inbound.line == line and inbound.is_read == is_read]


# Blocked numbers


@method("line/blocked/list")
def blocked_list(call: Call) -> Any:
    """Who blocked the line since a date, or today."""
    line = call.own_line()
    now = call.book.now()
    since = call.number("startdate", int(now - now % DAY))
    found = [block for block in call.book.blocks.values() if block.line == line and block.date >= since]
    if call.get("blockreason"):
        found = [block for block in found if block.reason == call.number("blockreason")]
    page = call.number("pagenumber", 1)
    shown = found[(page - 1) * PAGE : page * PAGE]
    entries = [{"number": block.phone, "blockreason": block.reason, "date": int(block.date)} for block in shown]
    return Paged(entries, len(found), page, PAGE)


@method("line/blocked/add", verbs="POST")
def blocked_add(call: Call) -> Any:
    """Block up to 200 numbers."""
    line, answer = call.own_line(), []
    for phone in _receptors(call, SEND_LIMIT):
        existed = call.book.is_blocked(line, phone)
        call.book.blocks.setdefault((line, phone), Block(line, phone, 0, call.book.now()))
        answer.append(_block_state(line, phone, "AlreadyExists" if existed else "Active"))
    call.book.changes += 1
    return answer


@method("line/blocked/exists")
def blocked_exists(call: Call) -> Any:
    """Whether the numbers are blocked."""
    line = call.own_line()
    return [
        _block_state(line, phone, "Active" if call.book.is_blocked(line, phone) else "NotExists")
        for phone in _receptors(call, SEND_LIMIT)
    ]


@method("line/blocked/remove", verbs="DELETE")
def blocked_remove(call: Call) -> Any:
    """Unblock up to 50 numbers; who wrote «لغو۱۱» stays blocked."""
    line = call.own_line()
    for phone in _receptors(call, UNBLOCK_LIMIT):
        block = call.book.blocks.get((line, phone))
        if block and block.reason != 2:
            del call.book.blocks[line, phone]
    call.book.changes += 1
    return {"message": wire.CODES[wire.ACCEPTED]}


def _receptors(call: Call, limit: int) -> list[str]:
    found = call.need("receptor").split(",")
    if len(found) > limit:
        raise Refused(604)
    return [receptor_of(text) for text in found]


def _block_state(line: str, phone: str, status: str) -> dict[str, str]:
    return {"linenumber": line, "receptor": phone, "status": status}


# Account


@method("account/info")
def account_info(call: Call) -> Any:
    """What is left."""
    return {"remaincredit": call.account.credit, "expiredate": int(call.book.now()) + 365 * DAY, "type": "master"}


@method("account/config")
def account_config(call: Call) -> Any:
    """The settings, after changing those that were given."""
    config = call.account.config
    for name in ("apilogs", "dailyreport", "debugmode", "defaultsender", "mincreditalarm", "resendfailed"):
        if call.get(name):
            config[name] = call.get(name)
    call.book.changes += 1
    return dict(config)
