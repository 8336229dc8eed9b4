"""Many advertising messages, a worker and a broker of their own that can be killed, and what the provider counted."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time as clock
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.db import connection
from django.utils import timezone
from kombu import Connection

from config import servers
from config.servers import Home
from core.models import Club
from core.rows import insert_rows
from sms.emulator.server import Emulator
from sms.models import OutboxMessage, SmsSettings, SmsTemplate, Status, random_localid

PROJECT = Path(__file__).resolve().parents[2]
LINE, ADVERTISING_LINE = "10004346", "30005006"
PATIENCE = 120.0


def advertise(provider: Emulator, messages: int) -> None:
    """The club in scope may advertise all day, and the provider remembers so many messages."""
    provider.book.kept = 2 * messages
    provider.act("accounts", key=provider.key, credit=10**12)
    SmsSettings.objects.create(
        gateway="kavenegar",
        api_key=provider.key,
        sender_line=LINE,
        advertising_line=ADVERTISING_LINE,
        window_from=clock(0),
        window_to=clock(23, 59, 59, 999_999),
    )


def prepare(provider: Emulator, messages: int) -> None:
    """The club in scope may advertise, and has so many messages waiting, each to a phone of its own."""
    advertise(provider, messages)
    SmsTemplate.objects.create(kind="welcome", message_class="advertising", text="{name}، تا جمعه ۲۰٪ تخفیف در {club}.")
    names = ("kind", "message_class", "phone", "context", "document", "localid")
    insert_rows(
        OutboxMessage,
        names,
        # No phone ends as those do that the emulator lets fail.
        [
            ("welcome", "advertising", f"0912{10 * number + 9:07}", {"name": f"سارا {number}"}, "", random_localid())
            for number in range(messages)
        ],
    )


def waiting() -> int:
    """Messages that have not left yet."""
    return OutboxMessage.objects.filter(status__in=[Status.QUEUED, Status.SENDING]).count()


def assert_each_was_sent_once(provider: Emulator, messages: int) -> None:
    """By the provider's own count, and by ours."""
    with provider.book.lock:
        taken = list(provider.book.messages.values())
    by_phone = Counter(message.receptor for message in taken)
    by_localid = Counter(message.localid for message in taken)
    assert (len(by_phone), set(by_phone.values())) == (messages, {1})
    assert (len(by_localid), set(by_localid.values())) == (messages, {1})
    rows = dict(OutboxMessage.objects.values_list("localid", "phone"))
    assert {message.localid: message.receptor for message in taken} == rows
    assert not OutboxMessage.objects.exclude(status__in=[Status.SENT, Status.DELIVERED]).exists()
    assert not OutboxMessage.objects.filter(provider_id=None).exists()


def lease_is_over() -> int:
    """As if ten minutes had passed since a dispatcher died; how many messages it had in hand."""
    return OutboxMessage.objects.filter(status=Status.SENDING).update(next_attempt_at=timezone.now())


def wait_until(fact: Any) -> None:
    """Until it is true; a fault after two minutes."""
    end = time.monotonic() + PATIENCE
    while not fact():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


class House:
    """A broker and a worker beside the test database, in processes of their own."""

    def __init__(self, folder: Path, provider: Emulator) -> None:
        self.home = Home(folder, lasting=False)
        for each in (self.home.root, self.home.logs, self.home.sockets):
            each.mkdir(parents=True, exist_ok=True)
        database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        self.environment = {
            **os.environ,
            "DATABASE_URL": urlunsplit(database),
            "REDIS_URL": self.home.urls()["REDIS_URL"],
            "KAVENEGAR_BASE_URL": provider.base_url,
            "SMS_GATEWAY": "kavenegar",
        }
        self.worker: subprocess.Popen[bytes] | None = None

    def start_broker(self) -> None:
        servers._start_valkey(self.home)

    def kill_broker(self) -> None:
        """It forgets all it knew."""
        for owner, process in servers._started:
            if owner == self.home:
                process.kill()
                process.wait()
        servers._started[:] = [(owner, process) for owner, process in servers._started if owner != self.home]
        self.home.valkey_socket.unlink(missing_ok=True)

    def start_worker(self, *, hands: int = 2) -> None:
        command = [sys.executable, "-m", "celery", "-A", "config.celery", "worker", "--concurrency", str(hands)]
        with (self.home.logs / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(
                [*command, "--loglevel", "INFO", "--without-gossip", "--without-mingle"],
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill_worker(self) -> None:
        """With -9, it and its children."""
        if self.worker:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker.wait()
            self.worker = None

    def ask(self, task: str, **said: Any) -> None:
        """Put a message to the broker as `apply_async` does."""
        from config.celery import app

        url = self.environment["REDIS_URL"].replace("unix://", "redis+socket://")
        with Connection(url) as line:
            app.send_task(task, kwargs=said, connection=line)

    def log(self) -> str:
        return servers.tail(self.home.logs / "worker.log", 40)


@contextmanager
def house(folder: Path, provider: Emulator, club: Club) -> Iterator[House]:
    """Broker and worker for the time of the block; no row of the club's messages is left behind."""
    found = House(folder, provider)
    try:
        found.start_broker()
        yield found
    finally:
        found.kill_worker()
        found.kill_broker()
        OutboxMessage.objects.all().delete()
