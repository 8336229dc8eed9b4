"""Kavenegar over its own Python package, with the faults of its one method that talks to the network mended.

The package speaks https to one host without a time-out, hides the error number in bytes, lets a KeyError out of a
strange answer and puts the key of the account into its exceptions. All of its calls go through `_request`, which is
replaced here.
"""

import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

import requests
from kavenegar import KavenegarAPI
from urllib3.exceptions import NameResolutionError, NewConnectionError

from core.phones import InvalidPhone, normalise_phone
from sms.gateways.base import (
    Accepted,
    GatewayError,
    NumberInvalid,
    Outgoing,
    OutOfCredit,
    Permanent,
    ProviderDisabled,
    Reply,
    Retryable,
    StateOf,
)

T = TypeVar("T")
TIMEOUTS = (3, 10)
"""Seconds to connect, and to wait for each piece of the answer."""
UNKNOWN_TO_PROVIDER = 100
REFUSALS: dict[int, type[GatewayError]] = {
    **dict.fromkeys((409, 429, 451), Retryable),
    411: NumberInvalid,
    418: OutOfCredit,
    **dict.fromkeys((401, 403, 407, 412, 416, 427), ProviderDisabled),
}


class Client(KavenegarAPI):  # type: ignore[misc]
    """The package's client with time-outs, a base address, numeric errors, and a key that nobody gets to read."""

    def __init__(self, api_key: str, *, base_url: str) -> None:
        super().__init__(api_key)
        self.base_url = base_url.rstrip("/")
        self.session = requests.Session()

    def __repr__(self) -> str:
        return f"<Kavenegar at {self.base_url}>"

    __str__ = __repr__

    def line_blocked_list(self, params: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A method that the package lacks."""
        return self._request("line/blocked", "list", params)

    def _request(self, action: str, method: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The entries of the answer, always as a list; a GatewayError for everything else."""
        url = f"{self.base_url}/{self.version}/{quote(self.apikey, safe='')}/{action}/{method}.json"
        data = {name: _written(method, value) for name, value in (params or {}).items()}
        trouble: GatewayError
        try:
            response = self.session.post(url, headers=self.headers, data=data, timeout=TIMEOUTS, allow_redirects=False)
            return self._entries(response)
        except requests.RequestException as error:  # its text holds the address, and so the key
            trouble = _network_trouble(error)
        except GatewayError as error:
            trouble = error
        raise trouble

    def _entries(self, response: requests.Response) -> list[dict[str, Any]]:
        answer = _read(response.content)
        if answer is None:
            code = f"http_{response.status_code}" if response.status_code >= 400 else "bad_answer"
            raise Retryable(code, may_have_sent=True)
        status, message, entries = answer
        if status != 200:
            refusal = REFUSALS.get(status, Permanent)
            raise refusal(str(status), message.replace(self.apikey, "…")[:200])
        rows = entries if isinstance(entries, list) else [entries]
        return [row for row in rows if isinstance(row, dict)]


def _read(content: bytes) -> tuple[int, str, Any] | None:
    """Status, message and entries of an answer; None when it is none."""
    try:
        body = json.loads(content)
        return int(body["return"]["status"]), str(body["return"].get("message") or ""), body.get("entries")
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


class Kavenegar:
    """An account at Kavenegar."""

    name = "kavenegar"

    def __init__(self, api_key: str, *, base_url: str) -> None:
        if not api_key:
            raise ProviderDisabled("no_key")
        self.client = Client(api_key, base_url=base_url)

    def send(self, messages: Sequence[Outgoing]) -> list[Accepted]:
        """Hand over the messages, no phone twice among them; without a sender, one message and the default line."""
        if len({message.phone for message in messages}) < len(messages):
            raise ValueError("a phone twice in one call: the answer does not say which was which")
        if all(message.sender for message in messages):
            answer = self.client.sms_sendarray(
                {
                    "receptor": [message.phone for message in messages],
                    "sender": [message.sender for message in messages],
                    "message": [message.text for message in messages],
                    "localmessageids": [message.localid for message in messages],
                }
            )
        else:
            (only,) = messages
            answer = self.client.sms_send({"receptor": only.phone, "message": only.text, "localid": only.localid})
        return _matched(messages, answer)

    def send_code(self, message: Outgoing, *, template: str, code: str) -> Accepted:
        """Hand over a code by the verify service: first in line, and not filtered."""
        answer = self.client.verify_lookup({"receptor": message.phone, "template": template, "token": code})
        accepted = _parsed(lambda row: _accepted(message, row), answer)
        if not accepted:
            raise Retryable("bad_answer", may_have_sent=True)
        return accepted[0]

    def states(self, provider_ids: Sequence[int]) -> list[StateOf]:
        """What became of these messages, so far as the provider says."""
        answer = self.client.sms_status({"messageid": list(provider_ids)})
        return _parsed(lambda row: StateOf(int(row["messageid"]), int(row["status"])), answer)

    def states_by_localid(self, localids: Sequence[int]) -> list[StateOf]:
        """What became of these, by our numbers; those it does not know are left out."""
        answer = self.client.sms_statuslocalmessageid({"localid": list(localids)})
        found = _parsed(lambda row: StateOf(int(row["messageid"]), int(row["status"]), int(row["localid"])), answer)
        return [one for one in found if one.state != UNKNOWN_TO_PROVIDER]

    def balance(self) -> int | None:
        """What is left on the account, in Rial."""
        found = _parsed(lambda row: int(row["remaincredit"]), self.client.account_info())
        if not found:
            raise Retryable("bad_answer")
        return found[0]

    def check_line(self, line: str) -> None:
        """Ask who blocked the line today: that is told of one's own lines alone, and marks nothing as read."""
        self.client.line_blocked_list({"linenumber": line})

    def replies(self, line: str) -> list[Reply]:
        """Unread messages to the line; they are read then."""
        return _parsed(_reply, self.client.sms_receive({"linenumber": line, "isread": 0}))


def _written(method: str, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return json.dumps(value) if method == "sendarray" else ",".join(str(one) for one in value)
    return value


def _network_trouble(error: requests.RequestException) -> GatewayError:
    """What went wrong on the way, without the error's own words; whether the request can have arrived."""
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    never_left = isinstance(error, requests.ConnectTimeout) or isinstance(
        cause, NewConnectionError | NameResolutionError
    )
    if never_left:
        return Retryable("network")
    return Retryable("timeout" if isinstance(error, requests.Timeout) else "network", may_have_sent=True)


def _parsed(read: Callable[[dict[str, Any]], T], rows: Sequence[dict[str, Any]]) -> list[T]:
    """The rows that can be read; what is missing of the others stays in doubt."""
    found = []
    for row in rows:
        try:
            found.append(read(row))
        except (KeyError, ValueError, TypeError, InvalidPhone):
            continue
    return found


def _matched(messages: Sequence[Outgoing], rows: Sequence[dict[str, Any]]) -> list[Accepted]:
    """Which answer is whose: by receptor, never by place, for the provider answers in an order of its own."""
    by_phone = {message.phone: message for message in messages}
    found: dict[int, Accepted] = {}

    def read(row: dict[str, Any]) -> Accepted:
        return _accepted(by_phone[normalise_phone(str(row["receptor"]))], row)

    for accepted in _parsed(read, rows):
        found.setdefault(accepted.localid, accepted)
    return list(found.values())


def _accepted(message: Outgoing, row: dict[str, Any]) -> Accepted:
    return Accepted(message.localid, int(row["messageid"]), int(row.get("cost") or 0), int(row["status"]))


def _reply(row: dict[str, Any]) -> Reply:
    return Reply(
        provider_id=int(row["messageid"]),
        phone=str(row["sender"]),
        line=str(row.get("receptor") or ""),
        text=str(row.get("message") or ""),
        at=datetime.fromtimestamp(int(row["date"]), UTC) if row.get("date") else None,
    )


class HideKey(logging.Filter):
    """Keeps the account's key out of the address that urllib3 writes to its log at level DEBUG."""

    key_in_path = re.compile(r"(/v1/)[^/\s\"]+")

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record passes, without the key."""
        record.msg, record.args = self.key_in_path.sub(r"\1…", record.getMessage()), ()
        return True


logging.getLogger("urllib3.connectionpool").addFilter(HideKey())
