"""An import that was broken off, overtaken or refused goes on, and loses and doubles nothing."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from club.awards import import_batches, importing
from club.awards.enrolment import enrol_member, enrol_members
from club.awards.import_batches import Tally
from club.members.models import CustomField, Member
from club.purchases.proof import verify_value
from core.bulk import BrokenOff
from core.models import Club
from sms.models import OutboxMessage
from tests.club.importing.conftest import run_of, written
from tests.club.lists import customers
from tests.shop import Shop
from tests.threads import in_threads


def test_an_import_broken_off_goes_on_where_it_was(tmp_path: Path, cafe: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_batches, "BATCH", 10)
    path = customers(tmp_path / "c.xlsx", 60, bad_every=20)

    def stop(tally: Tally, bad: object) -> None:
        if tally.done >= 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_of(path, after=stop).run()
    half = Member.objects.count()
    tally = run_of(path).run()

    assert 0 < half < 57
    assert (tally.known, tally.joined, tally.refused, tally.done) == (half, 57 - half, 3, 60)
    assert OutboxMessage.objects.filter(kind="welcome").count() == Member.objects.count() == 57
    assert cafe.proven()


def test_a_run_with_a_record_goes_on_behind_the_lines_that_are_done(
    tmp_path: Path, cafe: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_batches, "BATCH", 10)
    lines = ["phone", *(f"0912000{number:04}" for number in range(25)), "09120000003", "09120009999"]
    path = written(tmp_path, "\n".join(lines))
    kept: list[Tally] = []

    def keep(tally: Tally, bad: object) -> None:
        if len(kept) == 2:
            raise KeyboardInterrupt
        kept.append(tally)

    with pytest.raises(KeyboardInterrupt):
        run_of(path, within=keep).run()
    tally = run_of(path, tally=kept[-1]).run()

    assert (tally.done, tally.joined, tally.known, tally.refused) == (27, 26, 0, 1)
    assert Member.objects.count() == 26


def test_what_is_told_within_is_undone_with_its_batch(tmp_path: Path, cafe: Shop) -> None:
    def refuse(tally: Tally, bad: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_of(customers(tmp_path / "c.xlsx", 5), within=refuse).run()

    assert not Member.objects.exists() and not OutboxMessage.objects.exists()


def test_a_line_that_the_database_refuses_costs_only_itself(
    tmp_path: Path, cafe: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def picky(people: Any, **options: Any) -> None:
        if any(member.phone == "09120000003" for member, _openings in people):
            raise IntegrityError("no")
        enrol_members(people, **options)

    monkeypatch.setattr(importing, "enrol_members", picky)
    told: list[int] = []

    tally = run_of(
        customers(tmp_path / "c.xlsx", 6), after=lambda _tally, bad: told.extend(line.number for line in bad)
    ).run()

    assert (tally.joined, tally.refused, tally.done, told) == (5, 1, 6, [5])
    assert Member.objects.count() == 5


def test_somebody_who_joins_at_the_same_moment_is_a_member_already(
    tmp_path: Path, committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    club = committed_shop.club
    phones = [f"0912{os.getpid():07}", f"0913{os.getpid():07}"]

    def join() -> None:
        enrol_member(actor="user:1", now=timezone.now(), phone=phones[0], first_name="زودتر")

    def late(people: Any, **options: Any) -> None:
        if not Member.objects.filter(phone=phones[0]).exists():
            in_threads(club, [join])
        enrol_members(people, **options)

    monkeypatch.setattr(importing, "enrol_members", late)

    tally = run_of(written(tmp_path, "phone,name\n" + "".join(f"{phone},x\n" for phone in phones))).run()

    assert (tally.known, tally.joined, tally.refused) == (1, 1, 0)
    assert Member.objects.get(phone=phones[0]).first_name == "زودتر"
    assert verify_value() == []


def test_a_lost_database_breaks_it_off_and_nothing_is_lost_or_doubled(
    tmp_path: Path, committed_club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_batches, "BATCH", 10)
    path = customers(tmp_path / "c.xlsx", 30)
    Shop(committed_club).tiers()
    CustomField.objects.create(code="coffee", label="قهوه")
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")

    def pull_the_plug(tally: Tally, bad: object) -> None:
        pid = connection.connection.info.backend_pid
        with psycopg2.connect(urlunsplit(url)) as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    with pytest.raises(BrokenOff):
        run_of(path, after=pull_the_plug).run()
    connection.close()
    tally = run_of(path).run()

    assert (tally.known, tally.joined, Member.objects.count()) == (10, 20, 30)
    assert verify_value() == []
