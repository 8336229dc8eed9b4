"""Brings a list of customers in from a file: CSV or XLSX, its columns recognised by their headers."""

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext_lazy as _

from club.awards.import_batches import Tally
from club.awards.import_columns import CONSENT, FIELDS
from club.awards.import_report import BadLine, report
from club.awards.import_runs import MOST_CONSENT
from club.awards.importing import MemberImport, club_terms
from core.commands import ImportCommand, report_beside, rial
from core.models import Club
from core.progress import Meter
from core.tables.headers import read_mapping
from core.tables.reading import Table, Unreadable, open_table
from core.text import clean_name


class Command(ImportCommand):
    help = (
        "Brings members in from FILE (CSV, CSV.gz or XLSX). Known phones stay untouched, so it is safe to repeat. "
        "Exit code 0: all in; 1: some lines refused, see the report; 2: the file, the club or an option is wrong."
    )
    mapped = f"{', '.join(FIELDS)}, custom.CODE"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--no-welcome", action="store_true", help="send no welcome SMS")
        parser.add_argument(
            "--consent", default="", metavar="TEXT", help="how these people agreed to SMS; without it nobody has"
        )

    def bring_in(self, club: Club, options: dict[str, Any]) -> None:
        """The lines that are new, and a report of the others in FILE's own form."""
        terms, mapping = club_terms(datetime.now(UTC)), read_mapping(options["columns"])
        table = open_table(
            options["file"],
            encoding=options["encoding"],
            is_header=lambda cells: terms.known.is_header(cells, mapping),
        )
        places, consent = terms.known.understood(table.header, mapping), clean_name(options["consent"])
        if CONSENT in places and not consent:
            self.stdout.write("The column of consent is passed over: say by --consent how these people agreed to SMS.")
        refused = Refused(options["report"] or report_beside(options["file"], table.form))
        meter = Meter(self.stdout, terminal=sys.stdout.isatty(), what="lines")

        def after(tally: Tally, bad: Sequence[BadLine]) -> None:
            refused.add(bad)
            meter(tally)

        work = MemberImport(
            table,
            places,
            terms,
            "system",
            consent=consent[:MOST_CONSENT],
            welcome=not options["no_welcome"],
            dry_run=options["dry_run"],
            after=after,
        )
        try:
            with self.breakable("members", lambda: work.tally.joined):
                meter.end(work.run())
        finally:
            refused.save(table)
        tally = work.tally
        said = (
            f"{'Would make' if work.dry_run else 'Made'} {tally.joined} members of {club.slug}, with {tally.points} "
            f"points and {rial(tally.credit)} of credit; {tally.known} were members already; "
            f"{tally.refused} lines refused."
        )
        self.conclude(said, tally, refused.path)


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
