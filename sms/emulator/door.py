"""A JSON door of the emulator's own, below `/_/`: to look at everything, and to set up what a test or a demo needs."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sms.emulator import wire
from sms.emulator.book import Account, Line, Message, Template, line_of, receptor_of
from sms.emulator.faults import Fault
from sms.emulator.wire import Answer

if TYPE_CHECKING:
    from sms.emulator.server import Emulator

Request = dict[str, Any]


def open_door(emulator: "Emulator", *, verb: str, name: str, body: Request) -> Answer:
    """Answer one request below `/_/`; 404 for an unknown one, 400 with the reason for a wrong one."""
    act = ACTS.get((verb, name))
    if act is None:
        return _json({"error": "unknown", "known": [" ".join(known) for known in ACTS]}, 404)
    try:
        with emulator.book.lock:
            return _json(act(emulator, body))
    except wire.Refused as refused:
        return _json({"error": wire.CODES[refused.code]}, 400)
    except (KeyError, ValueError, TypeError) as error:
        return _json({"error": f"{type(error).__name__}: {error}"}, 400)


def shown(message: Message) -> dict[str, Any]:
    """A message with all the provider knows of it."""
    return message.entry() | {"parts": message.parts, "kind": message.kind, "localid": message.localid}


def messages(emulator: "Emulator", body: Request) -> Any:
    """The messages, the last one first; of one `receptor`, up to `limit`."""
    emulator.book.settle()
    receptor = receptor_of(body["receptor"]) if body.get("receptor") else ""
    found = [shown(message) for message in emulator.book.newest_first() if not receptor or message.receptor == receptor]
    return {"messages": found[: int(body.get("limit", 100))]}


def calls(emulator: "Emulator", body: Request) -> Any:
    """The calls that came in, the last one last, without their keys."""
    return {"calls": list(emulator.calls)}


def told(emulator: "Emulator", body: Request) -> Any:
    """Callbacks made, the last one first, and those that wait."""
    return {
        "told": [asdict(delivery) for delivery in emulator.teller.told],
        "waiting": [asdict(delivery) for delivery in emulator.teller.waiting],
    }


def accounts(emulator: "Emulator", body: Request) -> Any:
    """The accounts."""
    return {"accounts": [asdict(account) for account in emulator.book.accounts.values()]}


def set_account(emulator: "Emulator", body: Request) -> Any:
    """Open or change the account `key`: any field of it; `config` is merged."""
    book = emulator.book
    account = book.accounts.get(body["key"]) or Account(body["key"])
    config = account.config | body.get("config", {})
    changed = Account(**(asdict(account) | body | {"config": config}))
    if not changed.key:
        raise ValueError("a key has at least one character")
    return asdict(book.add_account(changed))


def set_line(emulator: "Emulator", body: Request) -> Any:
    """Set `status_url` and `inbound_url` of the line `number`."""
    line = Line(line_of(body["number"]), body.get("status_url", ""), body.get("inbound_url", ""))
    emulator.book.lines[line.number] = line
    emulator.book.changes += 1
    return asdict(line)


def set_template(emulator: "Emulator", body: Request) -> Any:
    """Put in the template `name`: `text`, `approved`."""
    template = Template(**body)
    emulator.book.templates[template.name.lower()] = template
    emulator.book.changes += 1
    return asdict(template)


def add_failure(emulator: "Emulator", body: Request) -> Any:
    """Let something go wrong: see `faults.Fault`."""
    fault = Fault(**body)
    emulator.faults.add(fault)
    return asdict(fault)


def clear_failures(emulator: "Emulator", body: Request) -> Any:
    """Let nothing go wrong any more."""
    emulator.faults.clear()
    return {}


def move_clock(emulator: "Emulator", body: Request) -> Any:
    """Push the clock forward by `advance` seconds."""
    emulator.book.clock_ahead += float(body["advance"])
    emulator.book.settle()
    emulator.teller.hurry()
    return {"now": emulator.book.now()}


def set_pace(emulator: "Emulator", body: Request) -> Any:
    """How fast and how dear: any field of `book.Pace`."""
    for name, value in body.items():
        setattr(emulator.book.pace, name, type(getattr(emulator.book.pace, name))(value))
    return asdict(emulator.book.pace)


def write_in(emulator: "Emulator", body: Request) -> Any:
    """A subscriber, `from`, sends `message` to the line `to`."""
    inbound = emulator.book.receive(
        phone=receptor_of(body["from"]), line=line_of(body["to"]), text=str(body["message"])
    )
    return asdict(inbound)


def set_status(emulator: "Emulator", body: Request) -> Any:
    """Give the message `messageid` the state `status` now, and tell it."""
    message = emulator.book.messages[int(body["messageid"])]
    message.forced = int(body["status"])
    if message.forced not in wire.STATES:
        raise ValueError("no such state")
    emulator.book.move(message, message.forced)
    return shown(message)


def forget(emulator: "Emulator", body: Request) -> Any:
    """Begin anew: no messages, replies, blocks, failures; accounts, lines and templates stay."""
    book = emulator.book
    book.messages.clear()
    book.inbound.clear()
    book.blocks.clear()
    book.by_localid.clear()
    book.open.clear()
    book.changes += 1
    emulator.faults.clear()
    emulator.calls.clear()
    return {}


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(status, "application/json; charset=utf-8", json.dumps(value, ensure_ascii=False).encode())


ACTS: dict[tuple[str, str], Callable[["Emulator", Request], Any]] = {
    ("GET", "messages"): messages,
    ("GET", "calls"): calls,
    ("GET", "callbacks"): told,
    ("GET", "accounts"): accounts,
    ("POST", "accounts"): set_account,
    ("POST", "lines"): set_line,
    ("POST", "templates"): set_template,
    ("POST", "failures"): add_failure,
    ("DELETE", "failures"): clear_failures,
    ("POST", "clock"): move_clock,
    ("POST", "pace"): set_pace,
    ("POST", "inbound"): write_in,
    ("POST", "status"): set_status,
    ("POST", "reset"): forget,
}
