"""`manage.py kavenegar_emulator`: the SMS provider on this machine, with the phones on which messages arrive."""

import os
import signal
import socket
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from core.tenancy.scope import cross_club
from sms.emulator.book import line_of
from sms.emulator.server import DEMO_KEYS, Emulator
from sms.models import SmsSettings

ADDRESSES_KNOWN_SECONDS = 3.0


class Command(BaseCommand):
    help = "Emulate Kavenegar's REST service: nothing leaves this machine, phones are shown at /, the panel at /panel."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8090)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--listener", type=int, help="the number of a listening socket that is handed down instead")
        parser.add_argument(
            "--state",
            type=Path,
            default=Path(settings.DATA_DIR) / "kavenegar_emulator.json",
            help="where messages are kept for the next start",
        )
        parser.add_argument("--forget", action="store_true", help="keep nothing, and begin with nothing")
        parser.add_argument("--keys", default=",".join(DEMO_KEYS), help="API keys that are accepted, a comma list")

    def handle(self, *args: Any, port: int, host: str, state: Path, keys: str, **options: Any) -> None:
        names = tuple(word.strip() for word in keys.split(",") if word.strip())
        if not names:
            raise CommandError("--keys needs at least one key")
        try:
            emulator = Emulator(
                port=port,
                host=host,
                listener=None if options["listener"] is None else socket.socket(fileno=options["listener"]),
                state=None if options["forget"] else state,
                keys=names,
                addresses=ClubAddresses(os.environ.get("PUBLIC_URL", "")),
            )
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used: {error.strerror or error}. Choose one with --port."
            ) from None
        emulator.start()
        try:
            for request in (signal.SIGINT, signal.SIGTERM):
                signal.signal(request, _interrupt)
            # Inside the try: whoever reads this line may stop the program at once.
            self.stdout.write(f"The SMS emulator answers at {emulator.base_url}/ (key {names[0]})")
            emulator.wait()
        except KeyboardInterrupt:
            self.stdout.write("Stopping the SMS emulator")
        finally:
            emulator.stop()


class ClubAddresses:
    """Where the clubs of this machine want to hear of a line: what a manager would type into the provider's panel."""

    def __init__(self, public_url: str) -> None:
        self.public = urlsplit(public_url)
        self._known: dict[str, tuple[float, list[tuple[str, str]]]] = {}

    def __call__(self, line: str) -> list[tuple[str, str]]:
        """Pairs of (status address, inbound address) of the clubs that send from this line."""
        if not self.public.netloc:
            return []
        found = self._known.get(line)
        if found is None or time.monotonic() - found[0] > ADDRESSES_KNOWN_SECONDS:
            found = self._known[line] = (time.monotonic(), self._ask(line))
        return found[1]

    def _ask(self, line: str) -> list[tuple[str, str]]:
        try:
            with cross_club("the emulator calls back the clubs that send from a line"):
                rows = list(
                    SmsSettings.objects.values_list("club__slug", "callback_secret", "sender_line", "advertising_line")
                )
        finally:
            if not connection.in_atomic_block:  # one of many short-lived threads asks, and seldom
                connection.close()
        return [
            (f"{base}/status", f"{base}/inbound")
            for slug, secret, sender, advertising in rows
            if line in {line_of(sender or settings.KAVENEGAR_SENDER), line_of(advertising)}
            for base in [f"{self.public.scheme}://{slug}.{self.public.netloc}/sms/callback/{secret.text}"]
        ]


def _interrupt(signum: int, frame: object) -> None:
    for request in (signal.SIGINT, signal.SIGTERM):  # an impatient second one must not break the stopping in order
        signal.signal(request, signal.SIG_IGN)
    raise KeyboardInterrupt
