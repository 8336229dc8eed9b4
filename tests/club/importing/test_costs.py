"""What a long list costs: queries, plans, time and memory."""

import os
import sys
import time
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from club.members.models import CustomField, Member
from club.purchases.proof import verify_value
from core.models import Club
from core.tenancy.scope import club_scope
from sms.models import OutboxMessage
from tests.accounts.cast import person, signed_in
from tests.club.apart import run_apart
from tests.club.importing.conftest import everything, refused, run_of, written
from tests.club.lists import customers
from tests.desk.plans import analyse, lists, pages_of
from tests.shop import Shop


def test_two_thousand_lines_take_as_many_queries_as_two_batches(
    tmp_path: Path, cafe: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cost(count: int, first: int) -> int:
        path = written(
            tmp_path,
            "phone,name,birthday,tags,external_id,points,points until,credit\n"
            + "".join(
                f"09{first + number},سارا احمدی,1370/01/01,ویژه,{first + number},5,1420/01/01,100\n"
                for number in range(count)
            ),
        )
        work = run_of(path)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert work.run().joined == count
        return len(queries)

    few = cost(10, 121_000_000)

    assert few <= 25
    assert cost(2_000, 122_000_000) == 2 * few
    assert Member.objects.count() == 2_010
    assert cafe.proven()


@pytest.mark.slow
def test_the_proof_of_what_just_came_in_waits_for_no_statistics(tmp_path: Path, committed_club: Club) -> None:
    Shop(committed_club).tiers()
    CustomField.objects.create(code="coffee", label="قهوه")
    run_of(customers(tmp_path / "c.xlsx", 3_000)).run()

    began = time.monotonic()
    assert verify_value() == []

    # Half a second; with each entry compared with each document it was a minute, and an hour for 50,000.
    assert time.monotonic() - began < 15


@pytest.mark.slow
@pytest.mark.skipif("LONG" not in os.environ, reason="a minute long: `make long` runs it")
def test_fifty_thousand_customers_go_in_once_within_memory(tmp_path: Path, committed_club: Club) -> None:
    Shop(committed_club).tiers()
    CustomField.objects.create(code="coffee", label="قهوه")
    path, report = customers(tmp_path / "c.xlsx", 50_000, bad_every=50), tmp_path / "refused.xlsx"
    command = ("import_members", str(path), "--club", committed_club.slug, "--report", str(report))

    began = time.monotonic()
    child = run_apart(*command)
    seconds = time.monotonic() - began

    sys.stderr.write(
        f"\n50,000 customers: {seconds:.0f} s, {child.processor_seconds:.0f} s of them its own processor's, "
        f"{child.mebibytes:.0f} MiB\n"
    )
    assert child.code == 1, child.said
    assert "Made 49000 members" in child.said and "1000 lines refused" in child.said
    # Its own work only, so that a busy machine does not decide: with the database's it is about twice as much.
    assert child.processor_seconds < 45
    assert child.mebibytes < 300
    with club_scope(committed_club):
        assert Member.objects.count() == OutboxMessage.objects.count() == 49_000
        assert len(refused(report)) == 1_001
        assert verify_value() == []
        analyse()
        browser = signed_in(person("owner"), committed_club)
        for url in (url for url in lists() if "purchase" not in url):
            began = time.monotonic()
            first, deep = pages_of(browser, url, deep=100)
            sys.stderr.write(f"{url}: 100 pages in {time.monotonic() - began:.1f} s\n")
            assert deep.queries - first.queries in {0, 1} and not first.reads_everything, url
            assert not deep.reads_everything and deep.most_read <= 1_100, f"{url}: {deep.plan}"
        before = everything()

    again = run_apart(*command)

    assert again.code == 1 and "49000 were members already; 1000 lines refused" in again.said
    with club_scope(committed_club):
        assert everything() == before
