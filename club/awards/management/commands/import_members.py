"""Brings a list of customers in from a file: CSV or XLSX, its columns recognised by their headers."""

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext_lazy as _

from club.awards.import_columns import FIELDS
from club.awards.import_report import BadLine, report
from club.awards.importing import MemberImport, Tally, club_terms
from core.bulk import BrokenOff
from core.models import Club
from core.money import format_money
from core.progress import Meter
from core.tables.headers import read_mapping
from core.tables.reading import Table, Unreadable, open_table
from core.tenancy.scope import club_scope
from core.text import latin_digits

SOME_REFUSED, USAGE = 1, 2


class Command(BaseCommand):
    help = (
        "Brings members in from FILE (CSV, CSV.gz or XLSX). Known phones stay untouched, so it is safe to repeat. "
        "Exit code 0: all in; 1: some lines refused, see the report; 2: the file, the club or an option is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--club", required=True, metavar="SLUG")
        parser.add_argument(
            "--map",
            dest="columns",
            default="",
            metavar="FIELD=COLUMN,…",
            help=f"which columns hold {', '.join(FIELDS)}, custom.CODE",
        )
        parser.add_argument("--encoding", help="of a CSV; found out when not given")
        parser.add_argument("--no-welcome", action="store_true", help="send no welcome SMS")
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="where the refused lines go, in FILE's own form"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        club = Club.objects.filter(slug=options["club"]).first()
        if club is None:
            raise CommandError(f"there is no club {options['club']}", returncode=USAGE)
        try:
            with club_scope(club):
                self._import(club, options)
        except Unreadable as error:
            raise CommandError(error.detail, returncode=USAGE) from error

    def _import(self, club: Club, options: dict[str, Any]) -> None:
        terms, mapping = club_terms(datetime.now(UTC)), read_mapping(options["columns"])
        table = open_table(
            options["file"],
            encoding=options["encoding"],
            is_header=lambda cells: terms.known.is_header(cells, mapping),
        )
        refused = Refused(options["report"] or _report_beside(options["file"], table))
        meter = Meter(self.stdout, sys.stdout.isatty(), "lines")

        def after(tally: Tally, bad: Sequence[BadLine]) -> None:
            refused.add(bad)
            meter(tally)

        work = MemberImport(
            table,
            terms.known.understood(table.header, mapping),
            terms,
            "system",
            welcome=not options["no_welcome"],
            dry_run=options["dry_run"],
            after=after,
        )
        try:
            meter.end(work.run())
        except (BrokenOff, KeyboardInterrupt) as error:
            why = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
            raise CommandError(f"{why}; {work.tally.joined} new members are in, run it again to go on") from error
        finally:
            refused.save(table)
        self._conclude(work, club, refused)

    def _conclude(self, work: MemberImport, club: Club, refused: "Refused") -> None:
        tally = work.tally
        money = latin_digits(format_money(tally.credit, "rial")).replace("٬", ",")
        self.stdout.write(
            f"{'Would make' if work.dry_run else 'Made'} {tally.joined} members of {club.slug}, with {tally.points} "
            f"points and {money} Rial of credit; {tally.known} were members already; {tally.refused} lines refused."
        )
        if tally.refused:
            self.stdout.write(f"The refused lines and why: {refused.path}")
            sys.exit(SOME_REFUSED)


class Refused:
    """The refused lines, kept on disk until the report is made of them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept = TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - lives as long as this
        self._count = 0

    def add(self, lines: Sequence[BadLine]) -> None:
        """Keep these; the first one shows whether the report can be written at all. Raises Unreadable."""
        if lines and not self._count:
            self._write(iter(()))
        for line in lines:
            self._kept.write(json.dumps([line.number, line.cells, line.reasons]) + "\n")
        self._count += len(lines)

    def save(self, table: Table) -> None:
        """Make the report, if there is anything to tell."""
        if self._count:
            self._kept.seek(0)
            lines = (BadLine(*json.loads(text)) for text in self._kept)
            self._write(report(table.form, table.header, lines, delimiter=table.delimiter))
        self._kept.close()

    def _write(self, pieces: Iterator[bytes]) -> None:
        try:
            with self.path.open("wb") as file:
                file.writelines(pieces)
        except OSError as error:
            why = _("گزارش %(path)s نوشته نشد: %(why)s")
            raise Unreadable(why, path=self.path, why=error.strerror) from error


def _report_beside(path: Path, table: Table) -> Path:
    stem = path.name.removesuffix(".gz").rpartition(".")[0] or path.name
    return path.with_name(f"{stem}.refused.{table.form}")
