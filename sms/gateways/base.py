"""What every SMS provider is to us: send a batch, ask what became of it, read replies; and five ways of refusing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

BATCH = 200
"""The most messages in one call to send."""
ASK_BATCH = 500
"""The most messages in one call for their states."""


@dataclass(frozen=True)
class Outgoing:
    """One SMS to send; `localid` is what the provider knows a repetition by."""

    localid: int
    phone: str
    text: str
    sender: str = ""


@dataclass(frozen=True)
class Accepted:
    """The provider took this one: its number there, its price, and its state already now."""

    localid: int
    provider_id: int
    cost_rial: int
    state: int


@dataclass(frozen=True)
class StateOf:
    """What became of a message; `state` is the provider's number, see `sms.states`."""

    provider_id: int
    state: int
    localid: int | None = None


@dataclass(frozen=True)
class Reply:
    """A message that somebody sent to our line."""

    provider_id: int
    phone: str
    line: str
    text: str
    at: datetime | None = None


class Gateway(Protocol):
    """An account at a provider. Every method raises a GatewayError and nothing else."""

    name: str

    def send(self, messages: Sequence[Outgoing]) -> list[Accepted]:
        """Hand over at most BATCH messages; those missing in the answer are in doubt."""

    def send_code(self, message: Outgoing, *, template: str, code: str) -> Accepted:
        """Hand over one login code by an approved template of the provider."""

    def states(self, provider_ids: Sequence[int]) -> list[StateOf]:
        """What became of these, by the provider's numbers."""

    def states_by_localid(self, localids: Sequence[int]) -> list[StateOf]:
        """What became of these, by our numbers; a message it never took has no answer."""

    def balance(self) -> int | None:
        """What is left on the account, in Rial; None where nothing is counted."""

    def check_line(self, line: str) -> None:
        """Ask whether the line is the account's; code 412 says that it is not. Nothing is sent."""

    def replies(self, line: str) -> list[Reply]:
        """Messages to our line that were not read before; reading them marks them read."""


class GatewayError(Exception):
    """The provider did not do it. `code` is its number or a word of ours; the text never holds the key."""

    def __init__(self, code: str, text: str = "", *, may_have_sent: bool = False) -> None:
        super().__init__(f"{code}: {text}" if text else code)
        self.code = code
        self.text = text
        self.may_have_sent = may_have_sent
        """True when the request went out and no clear answer came back: ask by localid before sending again."""


class Retryable(GatewayError):
    """Try the same again later: the provider is busy, limits us, or is not to be reached."""


class NumberInvalid(GatewayError):
    """A receptor in the call is no phone."""


class OutOfCredit(GatewayError):
    """The account is empty: nothing goes out until it is charged."""


class ProviderDisabled(GatewayError):
    """Key, line or access is wrong: nothing goes out until the settings change."""


class Permanent(GatewayError):
    """This text or call will never be taken as it is."""
