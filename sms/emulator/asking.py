"""How a method of the service is asked: its account, its parameters, and the codes that refuse before it is reached."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sms.emulator.book import DAY, Account, Book, Message, line_of
from sms.emulator.wire import Refused

SEND_LIMIT, ASK_LIMIT = 200, 500


@dataclass(frozen=True)
class Call:
    """One request, after its key was found good."""

    book: Book
    account: Account
    params: dict[str, str]

    def need(self, name: str) -> str:
        """The parameter; 400 when it is missing, 406 when it is empty."""
        if name not in self.params:
            raise Refused(400)
        if not self.params[name]:
            raise Refused(406)
        return self.params[name]

    def get(self, name: str, default: str = "") -> str:
        """The parameter or the default."""
        return self.params.get(name, default)

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number; 400 for anything else."""
        text = self.params.get(name, "")
        if not text and default is not None:
            return default
        if not re.fullmatch(r"-?[0-9]{1,19}", text, re.ASCII):
            raise Refused(400)
        return int(text)

    def own_line(self, name: str = "linenumber") -> str:
        """A line of the account; 412 for others'."""
        line = line_of(self.need(name))
        if line not in self.account.lines:
            raise Refused(412)
        return line


Method = Callable[[Call], Any]
METHODS: dict[str, tuple[Method, frozenset[str]]] = {}


def method(path: str, *, verbs: str = "GET POST") -> Callable[[Method], Method]:
    """Register the function as the answer to this path."""

    def register(function: Method) -> Method:
        METHODS[path] = function, frozenset(verbs.split())
        return function

    return register


def perform(book: Book, *, verb: str, key: str, path: str, params: dict[str, str]) -> Any:
    """The entries that answer the request, or Refused."""
    path = path.lower()
    if key == "0" and path == "utils/getdate":
        return _today(book)
    account = book.accounts.get(key)
    if account is None:
        raise Refused(403)
    if not account.enabled:
        raise Refused(401)
    if path not in METHODS:
        raise Refused(404)
    function, verbs = METHODS[path]
    if verb not in verbs:
        raise Refused(405)
    book.settle()
    return function(Call(book, account, params))


@method("utils/getdate")
def get_date(call: Call) -> Any:
    """The service's clock."""
    return _today(call.book)


def words(text: str, limit: int) -> list[str]:
    """A comma list; 414 when it is too long."""
    found = [word.strip() for word in text.split(",") if word.strip()]
    if not found:
        raise Refused(406)
    if len(found) > limit:
        raise Refused(414)
    return found


def json_list(text: str) -> list[Any]:
    """A JSON list; 400 for anything else."""
    try:
        value = json.loads(text)
    except ValueError:
        raise Refused(400) from None
    if not isinstance(value, list):
        raise Refused(400)
    return value


def span(call: Call, *, days: int, newest: float = 0) -> tuple[int, int]:
    """From startdate to enddate, at most so many days long, and not begun before `newest`; 417 otherwise."""
    call.need("startdate")
    start = call.number("startdate")
    end = call.number("enddate", start + days * DAY)
    if not start <= end <= start + days * DAY or start < newest:
        raise Refused(417)
    return start, end


def own_messages(call: Call) -> list[Message]:
    """What the account has sent, the last one first."""
    return [message for message in call.book.newest_first() if message.key == call.account.key]


def own_message(call: Call, word: str) -> Message | None:
    """The account's message of this number; None for nonsense, unknown and others'."""
    message = call.book.messages.get(int(word)) if word.isascii() and word.isdigit() else None
    return message if message and message.key == call.account.key else None


def _today(book: Book) -> dict[str, Any]:
    now = datetime.fromtimestamp(book.now(), UTC)
    return {
        "datetime": f"{now:%Y/%m/%d %H:%M:%S}",
        "year": now.year,
        "month": now.month,
        "day": now.day,
        "hour": now.hour,
        "minute": now.minute,
        "second": now.second,
        "unixtime": int(book.now()),
    }
