"""Sending the outbox: two workers against the same calls without a database, and against a task for each message.

A stub on this machine answers `sms/sendarray` after `--wait` milliseconds, as a provider near by does, in a process of
its own. `bare` hands the same batches of 200 over with the same client, one after the other; `drain` is two processes
that dispatch until the outbox is empty; `single` is the form in which each message is a task: read it, word it, hand it
over, save it (measured on `--part`, by two processes as well). All in one run, on one database. See docs/benchmarks.md.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
from benchmarks.processor import cpu_of, cpu_of_postgres  # noqa: E402
from benchmarks.stage import database  # noqa: E402

CLUB, KIND, LINE = "benchmark", "benchmark", "30005006"
WORKERS = 2
ROUNDS = 3
"""Of bare loop and drain in turn; the one in the middle is told."""
TEXT = "{name} عزیز، تا پایان هفته ۲۰٪ تخفیف روی همهٔ کفش‌ها در {club}. سر صندوق موبایلتان را بگویید."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--part", type=int, default=400, help="messages of the form with a task for each")
    parser.add_argument("--wait", type=float, default=25, help="milliseconds that the stub takes to answer")
    parser.add_argument("--role", choices=["stub", "drain", "single"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role == "stub":
        asyncio.run(serve(options.wait / 1000))
        return
    if options.role:
        at_work(options.role)
        return
    with database() as environment, stub(options.wait) as address:
        os.environ.update(environment, KAVENEGAR_BASE_URL=address, SMS_GATEWAY="kavenegar")
        prepare()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        found = measured(options.messages, options.part)
    if options.json:
        print(json.dumps(found))
        return
    for name, figure in found.items():
        print(f"{name:24} {figure}")


def prepare() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from sms.kinds import ADVERTISING, Kind, register
    from sms.kinds import TEXT as A_TEXT

    register(Kind(KIND, "سنجش", ADVERTISING, TEXT, {"name": A_TEXT}))


def measured(messages: int, part: int) -> dict[str, Any]:
    from datetime import time as clock

    from core.services import create_club
    from core.tenancy.scope import club_scope
    from sms.models import SmsSettings

    with club_scope(create_club(slug=CLUB, name="سنجش")):
        SmsSettings.objects.create(
            gateway="kavenegar",
            api_key="benchmark",
            advertising_line=LINE,
            window_from=clock(0),
            window_to=clock(23, 59, 59),
        )
        fill(part)
        single, _cpu, _database = raced("single")
        rounds = []
        for _each in range(ROUNDS):
            fill(messages)
            bare = bare_loop()
            drain, cpu, of_database = raced("drain")
            rounds.append((messages / drain / bare, messages / drain, bare, cpu, of_database))
        left = waiting()
    ratio, rate, bare, cpu, of_database = sorted(rounds)[ROUNDS // 2]
    return {
        "drain_per_second": round(rate),
        "bare_ratio": round(ratio, 2),
        "single_ratio": round(rate / (part / single), 1),
        "bare_per_second": round(bare),
        "single_per_second": round(part / single, 1),
        "worker_cpu_us": round(1e6 * cpu / messages),
        "database_cpu_us": round(1e6 * of_database / messages),
        "not_sent": left,
    }


def fill(messages: int) -> None:
    from django.db import connection

    from sms.outbox import Letter, enqueue_many

    for place in range(0, messages, 10_000):
        numbers = range(place, min(place + 10_000, messages))
        enqueue_many(KIND, [Letter(f"0912{n:07}", {"name": f"سارا {n}"}) for n in numbers])
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE sms_outboxmessage")


def waiting() -> int:
    from sms.models import OutboxMessage, Status

    return int(OutboxMessage.objects.exclude(status=Status.SENT).count())


def bare_loop() -> float:
    """Messages a second of the same batches and texts, handed over one after the other without any database."""
    from django.conf import settings
    from django.utils import timezone

    from sms.account import account
    from sms.gateways.base import BATCH, Outgoing
    from sms.gateways.kavenegar import Kavenegar
    from sms.models import WAITING, OutboxMessage
    from sms.wording import Desk, Ready

    rows = list(OutboxMessage.objects.filter(status__in=WAITING).order_by("pk"))
    desk, outgoing = Desk(account(), rows, now=timezone.now()), []
    for row in rows:
        verdict = desk.judge(row)
        assert isinstance(verdict, Ready), verdict
        outgoing.append(Outgoing(row.localid, row.phone, verdict.text, verdict.sender))
    gateway = Kavenegar("benchmark", base_url=settings.KAVENEGAR_BASE_URL)
    began = time.perf_counter()
    for place in range(0, len(outgoing), BATCH):
        answers = gateway.send(outgoing[place : place + BATCH])
        assert len(answers) == len(outgoing[place : place + BATCH])
    return len(outgoing) / (time.perf_counter() - began)


def raced(role: str) -> tuple[float, float, float]:
    """Seconds until both workers have found nothing more, their CPU and the database's."""
    command = [sys.executable, __file__, "--role", role]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _each in range(WORKERS)
    ]
    for worker in workers:
        heard(worker, "ready")
    database_before, began = cpu_of_postgres(), time.perf_counter()
    before = sum(cpu_of(worker.pid) for worker in workers)
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        heard(worker, "done")
    seconds = time.perf_counter() - began
    cpu = sum(cpu_of(worker.pid) for worker in workers) - before
    of_database = cpu_of_postgres() - database_before
    for worker in workers:
        assert worker.stdin
        worker.stdin.close()
        worker.wait(30)
    return seconds, cpu, of_database


def heard(worker: subprocess.Popen[str], word: str) -> None:
    assert worker.stdout
    if worker.stdout.readline().strip() != word:
        raise SystemExit("a worker has died")


def at_work(role: str) -> None:
    """One worker: ready, told to go, done."""
    prepare()
    from core.models import Club
    from core.tenancy.scope import club_scope

    with club_scope(Club.objects.get(slug=CLUB).pk):
        work = {"drain": drained, "single": singly}[role]
        waiting()  # its connection is open
        print("ready", flush=True)
        sys.stdin.readline()
        work()
        print("done", flush=True)
        sys.stdin.read()


def drained() -> None:
    from django.utils import timezone

    from sms.services import dispatch_due

    while dispatch_due(now=timezone.now()):
        pass


def singly() -> None:
    """A task for each message, as one would write it first: read, word, hand over, save."""
    from django.db import transaction
    from django.utils import timezone

    from sms.account import account
    from sms.gateways.base import Outgoing
    from sms.models import WAITING, OutboxMessage, Status
    from sms.wording import Desk, Ready

    while True:
        now = timezone.now()
        with transaction.atomic():
            due = OutboxMessage.objects.filter(status__in=WAITING, attempts=0).order_by("pk")
            message = due.select_for_update(skip_locked=True).first()
            if message is None:
                return
            message.attempts = 1
            message.save(update_fields=["attempts"])
        chosen = account()
        verdict = Desk(chosen, [message], now=now).judge(message)
        assert isinstance(verdict, Ready)
        outgoing = Outgoing(message.localid, message.phone, verdict.text, verdict.sender)
        [answer] = chosen.gateway().send([outgoing])
        message.status, message.provider_id, message.cost_rial = Status.SENT, answer.provider_id, answer.cost_rial
        message.text, message.sent_at = verdict.text, now
        message.save()


# --- the stub ---------------------------------------------------------------------------------------------------------


@contextmanager
def stub(wait: float) -> Iterator[str]:
    """Its address; it ends with the block."""
    command = [sys.executable, __file__, "--role", "stub", "--wait", str(wait)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)


async def serve(wait: float) -> None:
    """Answer each `sms/sendarray` as accepted, in another order than asked, after the wait."""
    numbers = iter(range(1_000_000, 10**12))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            body = await reader.readexactly(length)
            field = next(part for part in body.split(b"&") if part.startswith(b"receptor="))
            receptors = json.loads(unquote_to_bytes(field[9:].replace(b"+", b" ")))
            entries = [
                {
                    "messageid": next(numbers),
                    "message": "متن پیام همان‌گونه که فرستاده شد، تا پاسخ به همان درازی باشد",
                    "status": 1,
                    "statustext": "در صف ارسال",
                    "sender": LINE,
                    "receptor": phone,
                    "date": 1_700_000_000,
                    "cost": 1_270,
                }
                for phone in reversed(receptors)
            ]
            said = {"return": {"status": 200, "message": "تایید شد"}, "entries": entries}
            body = json.dumps(said, ensure_ascii=False).encode()
            await asyncio.sleep(wait)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ")
            writer.write(str(len(body)).encode() + b"\r\n\r\n" + body)
            await writer.drain()

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0, limit=2**22)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    main()
