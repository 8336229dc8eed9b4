"""Importing past purchases: layouts, bad lines, resuming, and the CDNOW logs as they are."""

import gzip
import io
import os
import sys
import time
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from club.catalogue.models import Branch
from club.ledger.models import Entry
from club.members.models import Member
from club.purchases import importing
from club.purchases.import_layouts import Options, open_source
from club.purchases.importing import Import, Refusal, Tally
from club.purchases.models import Purchase
from club.purchases.proof import verify_value
from core.bulk import BrokenOff
from core.models import AuditEntry, Club, DomainEvent
from core.tenancy.scope import club_scope
from sms.models import OutboxMessage
from tests.club.apart import Apart, run_apart
from tests.club.logs import CDNOW_MASTER_LINES, MASTER, NOW, RATE, SAMPLE, imported, refusals, written
from tests.shop import Shop


def everything() -> tuple[int, int, int, int, int]:
    return (
        Purchase.objects.count(),
        Member.objects.count(),
        Entry.objects.count(),
        DomainEvent.objects.count(),
        AuditEntry.objects.count(),
    )


# --- the command ------------------------------------------------------------------------------------------------------

PERSIAN = """\
شماره موبایل,نام,نام خانوادگی,مبلغ,تاریخ,شماره فاکتور,کد شعبه
۰۹۱۲۰۰۰۰۱۰۱,سارا,احمدی,۲۵۰٬۰۰۰,۱۴۰۳/۰۷/۰۱ ۱۸:۳۰,F-2,tajrish
+98 912 000 0101,سارا,احمدی,"100,000",۱۴۰۳/۰۶/۰۱,F-1,
,,,50000,1403/07/02,F-3,
"""


def test_a_persian_csv_goes_in_by_its_headers(tmp_path: Path, club: Club, shop: Shop) -> None:
    Branch.objects.create(code="tajrish", name="تجریش")
    shop.programme(rial_per_point=100_000)

    code, said = imported(written(tmp_path, PERSIAN), club)

    assert code == 0, said
    first, second, nobody = Purchase.objects.order_by("occurred_at")
    assert (first.external_id, second.external_id, nobody.external_id) == ("F-1", "F-2", "F-3")
    assert (first.visit_number, second.visit_number, nobody.visit_number) == (1, 2, None)
    assert (first.net, second.net, second.points_earned) == (1_000_000, 2_500_000, 25)
    assert second.branch is not None and second.branch.code == "tajrish"
    member = Member.objects.get()
    assert (member.phone, member.full_name, member.enrolled_at) == ("09120000101", "سارا احمدی", first.occurred_at)
    assert (member.visits, member.spent_rial, nobody.member_id) == (2, 3_500_000, None)
    assert not OutboxMessage.objects.exists()
    assert all(Purchase.objects.values_list("imported", flat=True))
    assert shop.proven()


def test_columns_are_named_by_a_mapping_and_money_by_a_rate(tmp_path: Path, club: Club) -> None:
    path = written(tmp_path, "who|when|sum\nA-7|2024-01-05|3.25\n")

    code, said = imported(path, club, "--map", "member=who,amount=sum,date=when", "--rate", "800000")

    assert code == 0, said
    assert (Purchase.objects.get().net, Member.objects.get().external_id) == (2_600_000, "A-7")


def test_a_known_member_is_found_and_newest_first_is_no_matter(tmp_path: Path, club: Club, shop: Shop) -> None:
    member = shop.member(card="7001")
    path = written(tmp_path, "card,amount,date\n7001,300,1403/03/01\n7001,200,1403/02/01\n7001,100,1403/01/01\n")

    assert imported(path, club)[0] == 0

    rows = Purchase.objects.order_by("number").values_list("member_id", "net", "visit_number")
    assert list(rows) == [(member.pk, 1000, 1), (member.pk, 2000, 2), (member.pk, 3000, 3)]


BAD = """\
phone,amount,date,id,branch,channel,first_name
09120000101,100000,1403/07/01,1,,,
0912,100000,1403/07/01,2,,,
09120000102,-100000,1403/07/01,3,,,
09120000102,100000,1403/17/01,4,,,
09120000102,100000,1505/07/01,5,,,
09120000102,100000,1403/07/01,6,nowhere,,
09120000102,100000,1403/07/01,7,,pigeon,
09120000102,100000,1403/07/01,1,,,
09120000103,100000,1403/07/01,9,,,{long}
09120000102
09120000104,100000,1403/07/01,11,,,
""".format(long="ن" * 70)


def test_bad_lines_are_reported_with_reasons_and_the_good_ones_go_in(tmp_path: Path, club: Club, shop: Shop) -> None:
    report = tmp_path / "refused.csv"

    code, said = imported(written(tmp_path, BAD), club, report=report)

    assert code == 1
    assert "2 purchases" in said and "9 lines refused" in said and str(report) in said
    assert set(Purchase.objects.values_list("external_id", flat=True)) == {"1", "11"}
    assert sorted(refusals(report)) == [
        (3, "phone"),
        (4, "negative"),
        (5, "date"),
        (6, "validation_error"),
        (7, "branch"),
        (8, "validation_error"),
        (9, "repeated_id"),
        (10, "validation_error"),
        (11, "columns"),
    ]
    assert "منفی" in report.read_text(encoding="utf-8-sig")
    assert report.read_bytes().startswith(b"\xef\xbb\xbf")
    assert shop.proven()


def test_a_file_mended_where_lines_were_refused_brings_only_those_in(tmp_path: Path, club: Club, shop: Shop) -> None:
    """As docs/importing.md says; the mended line is one that another was equal to already."""
    lines = "phone,amount,date\n09120000101,100,1403/07/01\n09120000101,{},1403/07/01\n09120000102,300,{}\n"
    assert imported(written(tmp_path, lines.format("-100", "1403/13/01")), club)[0] == 1

    code, said = imported(written(tmp_path, lines.format("100", "1403/07/02")), club)

    assert code == 0
    assert "Brought in 2 purchases" in said and "1 were in already" in said
    assert sorted(Purchase.objects.values_list("net", flat=True)) == [1_000, 1_000, 3_000]
    assert shop.proven()


def test_the_report_lies_beside_the_file_and_a_wrong_date_format_is_refused_at_once(tmp_path: Path, club: Club) -> None:
    file = tmp_path / "past.csv"
    file.write_text("phone,amount,date\n0912,1,1405/01/01\n", encoding="utf-8")

    with pytest.raises(SystemExit):
        call_command("import_purchases", str(file), "--club", club.slug, stdout=io.StringIO())
    assert (tmp_path / "past.refused.csv").exists()
    assert imported(file, club, date_format="%Q") == (2, "--date-format %Q is no format of strptime")
    assert imported(file, club, date_format="%Y/%m/%d")[0] == 1


def test_a_report_holds_no_formula(tmp_path: Path, club: Club) -> None:
    report = tmp_path / "refused.csv"

    imported(written(tmp_path, 'phone,amount,date\n"=cmd()",1,1403/01/01\n'), club, report=report)

    assert "'=cmd()" in report.read_text(encoding="utf-8-sig")


def test_a_second_import_changes_nothing_and_another_amount_is_refused(tmp_path: Path, club: Club) -> None:
    imported(written(tmp_path, "phone,amount,date,id\n09120000101,100,1403/07/01,A\n"), club)
    before = everything()

    again = imported(written(tmp_path, "phone,amount,date,id\n09120000101,100,1403/07/01,A\n"), club)
    other = imported(written(tmp_path, "phone,amount,date,id\n09120000101,200,1403/07/01,A\n"), club)

    assert (again[0], other[0]) == (0, 1)
    assert refusals(tmp_path / "purchases.refused") == [(2, "conflict")]
    assert everything() == before


def test_what_was_planned_for_emptier_tables_is_planned_anew(
    tmp_path: Path, club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan made when a club's first purchases came in would walk all of them for each of the last."""
    monkeypatch.setattr(importing, "LOOKUP", 4)
    monkeypatch.setattr(importing, "BATCH", 2)
    lines = "".join(f"09120000101,{amount},1403/07/01\n" for amount in range(1, 11))

    with CaptureQueriesContext(connection) as queries:
        imported(written(tmp_path, f"phone,amount,date\n{lines}"), club)

    assert Purchase.objects.count() == 10
    assert sum("DISCARD PLANS" in query["sql"] for query in queries) == 3  # of 4, 4 and 2 lines


def test_a_blocked_member_is_refused_and_others_go_in(tmp_path: Path, club: Club, shop: Shop) -> None:
    blocked = shop.member()
    Member.objects.filter(pk=blocked.pk).update(status="blocked")
    path = written(tmp_path, f"phone,amount,date\n{blocked.phone},1,1403/01/01\n09120000909,1,1403/01/01\n")

    assert imported(path, club)[0] == 1
    assert refusals(tmp_path / "purchases.refused") == [(2, "member_blocked")]
    assert Purchase.objects.count() == 1


def test_a_dry_run_says_what_would_happen_and_writes_nothing(tmp_path: Path, club: Club) -> None:
    before = everything()

    code, said = imported(written(tmp_path, CDNOW_MASTER_LINES), club, "--dry-run")

    assert code == 0
    assert "Would bring in 4 purchases and 3 new members" in said
    assert "357,700 Rial" in said
    assert everything() == before


@pytest.mark.slow
def test_an_import_broken_off_goes_on_where_it_was(tmp_path: Path, club: Club, shop: Shop) -> None:
    shop.tiers()
    path = tmp_path / "part.txt"
    path.write_bytes(b"\n".join(gzip.decompress(SAMPLE.read_bytes()).split(b"\n")[:300]))

    def stop(tally: Tally) -> None:
        if tally.recorded >= 100:
            raise KeyboardInterrupt

    def no_refusal(refusal: Refusal) -> None:
        raise AssertionError(refusal)

    source = open_source(path, Options(), default_rate=10)
    with pytest.raises(KeyboardInterrupt):
        Import(source, "system", NOW, no_refusal, stop).run()
    half = Purchase.objects.count()
    tally = Import(source, "system", NOW, no_refusal, lambda tally: None).run()

    assert 0 < half < 300
    assert (tally.known, tally.recorded, Purchase.objects.count()) == (half, 300 - half, 300)
    assert sum(Member.objects.values_list("visits", flat=True)) == 300
    assert shop.proven()


def test_a_lost_database_breaks_it_off_and_nothing_is_lost_or_doubled(tmp_path: Path, committed_club: Club) -> None:
    path = tmp_path / "part.txt"
    path.write_bytes(b"\n".join(gzip.decompress(SAMPLE.read_bytes()).split(b"\n")[:200]))
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")

    def pull_the_plug(tally: Tally) -> None:
        pid = connection.connection.info.backend_pid
        with psycopg2.connect(urlunsplit(url)) as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    source = open_source(path, Options(), default_rate=10)
    with pytest.raises(BrokenOff):
        Import(source, "system", NOW, pytest.fail, pull_the_plug).run()
    connection.close()
    tally = Import(source, "system", NOW, pytest.fail, lambda tally: None).run()

    assert (tally.known, tally.recorded, Purchase.objects.count()) == (50, 150, 200)
    assert verify_value() == []


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (None, [], "No such file"),
        (b"", [], "خالی است"),
        (b"\x1f\x8b\x08\x00broken", [], "باز نشد"),
        (gzip.compress(b"amount,date\n" + os.urandom(50_000).hex().encode())[:-9_000], [], "باز نشد"),
        ("تلفن,مبلغ\n".encode("cp1256"), ["--encoding", "utf-8"], "رمزگذاری خوانده نمی‌شود"),
        (b"a,b\n1,2\n", [], "ستونی برای amount، date نیست"),
        (b"amount,date\n1,2\n", ["--map", "member=who"], "ستون «who» ندارد"),
        (b"amount,date\n1,2\n", ["--map", "colour=date"], "colour نمی‌شناسیم"),
        (b"amount,date\n1,2\n", ["--map", "amount"], "FIELD=COLUMN نیست"),
        (b"amount,date\n1,2\n", ["--layout", "cdnow-master"], "به شکل cdnow-master نیست"),
        (b"amount,date\n1,2\n", ["--rate", "0"], "--rate"),
        (b"amount,date\n1,2\n", ["--encoding", "klingon"], "klingon شناخته نیست"),
        (b" 00001 19970101  1   11.77\n", ["--rate", "10"], "مضرب ۱۰۰"),
    ],
)
def test_a_wrong_file_or_option_is_one_clear_line(
    tmp_path: Path, club: Club, content: bytes | None, options: list[str], said: str
) -> None:
    path = tmp_path / "file.csv"
    if content is not None:
        path.write_bytes(content)

    code, answer = imported(path, club, *options)

    assert code == 2
    assert said in answer and "\n" not in answer.strip()
    assert not Purchase.objects.exists()


def test_an_unknown_club_is_one_clear_line(tmp_path: Path, club: Club) -> None:
    club.slug = "nowhere"

    assert imported(written(tmp_path, CDNOW_MASTER_LINES), club) == (2, "there is no club nowhere")


# --- the real thing ---------------------------------------------------------------------------------------------------


def total_of(path: Path) -> tuple[int, int]:
    """(purchases, Rial) of a CDNOW file, counted apart from the importer."""
    rows = [line.split() for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    dollars = [Decimal(row[-1]) for row in rows if row and row[0].isdigit()]
    return len(dollars), int(sum(dollars) * RATE)


@pytest.mark.slow
def test_the_whole_sample_goes_in_once(committed_club: Club, tmp_path: Path) -> None:
    """Its first two thousand lines; all of them with `make long`."""
    Shop(committed_club).tiers()
    path = tmp_path / SAMPLE.name
    lines = gzip.decompress(SAMPLE.read_bytes()).split(b"\n")[: None if "LONG" in os.environ else 2_000]
    path.write_bytes(gzip.compress(b"\n".join(lines)))
    members = {line.split()[0] for line in lines if line.strip()}

    code, said = imported(path, committed_club, report=Path("/dev/null"))

    assert code == 0, said
    figures = Purchase.objects.aggregate(net=Sum("net"))["net"], Member.objects.aggregate(s=Sum("spent_rial"))["s"]
    assert (Purchase.objects.count(), figures[0]) == total_of(path)
    assert (Member.objects.count(), figures[1]) == (len(members), figures[0])
    if "LONG" in os.environ:
        assert (len(members), *total_of(path)) == (2_357, 6_919, 2_440_919_400)
    assert not OutboxMessage.objects.exists()
    assert verify_value() == []
    before = everything()

    assert imported(path, committed_club, report=Path("/dev/null"))[0] == 0
    assert everything() == before


@pytest.mark.slow
@pytest.mark.skipif("LONG" not in os.environ, reason="minutes long: `make long` runs it")
@pytest.mark.skipif(not MASTER.exists(), reason=f"the CDNOW master log is not here: set CDNOW_MASTER (tried {MASTER})")
def test_the_whole_master_goes_in_once_within_memory(committed_club: Club) -> None:
    shop = Shop(committed_club)
    shop.tiers()
    shop.programme(rial_per_point=100_000)

    began = time.monotonic()
    child = import_master(committed_club)
    seconds = time.monotonic() - began

    assert child.code == 0, child.said
    with club_scope(committed_club):
        figures = Purchase.objects.count(), Purchase.objects.aggregate(net=Sum("net"))["net"]
        assert figures == total_of(MASTER) == (69_659, 25_003_156_300)
        assert Member.objects.count() == 23_570
        assert verify_value() == []
        before = everything()
    sys.stderr.write(f"\nCDNOW master: {69_659 / seconds:.0f} purchases/s, {child.mebibytes:.0f} MiB\n")
    assert child.mebibytes < 400

    assert import_master(committed_club).code == 0
    assert everything() == before


def import_master(club: Club) -> Apart:
    """The command as a user runs it."""
    return run_apart("import_purchases", str(MASTER), "--club", club.slug)
