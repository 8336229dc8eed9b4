"""Sends nothing: writes what it would send to the log. For development and for a club that has no account yet."""

import logging
from collections.abc import Sequence

from sms.gateways.base import Accepted, Outgoing, Reply, StateOf

log = logging.getLogger("sms.console")
DELIVERED = 10


class Console:
    """An account that costs nothing and delivers at once, to the log."""

    name = "console"

    def send(self, messages: Sequence[Outgoing]) -> list[Accepted]:
        """Write each text to the log."""
        for message in messages:
            log.info("SMS to %s:\n%s", message.phone, message.text)
        return [Accepted(message.localid, message.localid, 0, DELIVERED) for message in messages]

    def send_code(self, message: Outgoing, *, template: str, code: str) -> Accepted:
        """Write the text of the code to the log."""
        return self.send([message])[0]

    def states(self, provider_ids: Sequence[int]) -> list[StateOf]:
        """All were delivered."""
        return [StateOf(number, DELIVERED, number) for number in provider_ids]

    def states_by_localid(self, localids: Sequence[int]) -> list[StateOf]:
        """All were delivered."""
        return self.states(localids)

    def balance(self) -> int | None:
        """A log costs nothing."""
        return None

    def check_line(self, line: str) -> None:
        """Any line is as good as none."""

    def replies(self, line: str) -> list[Reply]:
        """Nobody answers a log."""
        return []
