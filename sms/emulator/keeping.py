"""The provider's memory in a file, so that a second start still shows what was sent before."""

import json
import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sms.emulator import wire
from sms.emulator.book import Account, Block, Book, Inbound, Line, Message, Template

log = logging.getLogger(__name__)
VERSION = 1


def save(book: Book, file: Path) -> None:
    """Write everything, whole or not at all."""
    with book.lock:
        state: dict[str, Any] = {
            "version": VERSION,
            "clock_ahead": book.clock_ahead,
            "accounts": [asdict(account) for account in book.accounts.values()],
            "lines": [asdict(line) for line in book.lines.values()],
            "messages": [asdict(message) for message in book.messages.values()],
            "inbound": [asdict(inbound) for inbound in book.inbound.values()],
            "blocks": [asdict(block) for block in book.blocks.values()],
            "templates": [asdict(template) for template in book.templates.values()],
        }
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".new")
    unfinished.write_text(json.dumps(state, ensure_ascii=False), encoding="utf-8")
    unfinished.replace(file)


def load(book: Book, file: Path) -> None:
    """Take up what was saved; a missing file is an empty memory, a broken one is said and passed over."""
    if not file.exists():
        return
    try:
        state = json.loads(file.read_text(encoding="utf-8"))
        if state["version"] != VERSION:
            raise ValueError(f"version {state['version']}")
        _fill(book, state)
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s cannot be read and is begun anew: %s", file, error)


def _fill(book: Book, state: dict[str, Any]) -> None:
    accounts = [Account(**row) for row in state["accounts"]]
    messages = [Message(**row) for row in state["messages"]]
    inbound = [Inbound(**row) for row in state["inbound"]]
    blocks = [Block(**row) for row in state["blocks"]]
    with book.lock:
        book.clock_ahead = float(state["clock_ahead"])
        book.accounts |= {account.key: account for account in accounts}
        book.lines |= {row["number"]: Line(**row) for row in state["lines"]}
        book.templates |= {row["name"].lower(): Template(**row) for row in state["templates"]}
        book.messages = {message.messageid: message for message in messages}
        book.inbound = {row.messageid: row for row in inbound}
        book.blocks = {(block.line, block.phone): block for block in blocks}
        book.by_localid = {
            (message.key, message.localid): message.messageid for message in messages if message.localid is not None
        }
        book.open = {message.messageid for message in messages if message.status not in wire.FINAL}
        book.continue_ids_after(max([*book.messages, *book.inbound], default=0))
