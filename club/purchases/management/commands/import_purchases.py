"""Brings past purchases in from a file: CSV with a mapping, or the CDNOW logs as they are."""

import csv
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils.translation import gettext_lazy as _

from club.purchases.import_layouts import LAYOUTS, Options, open_source
from club.purchases.importing import Import, Refusal
from core.commands import USAGE, ImportCommand, report_beside, rial
from core.models import Club
from core.money import UNITS
from core.progress import Meter
from core.tables.headers import read_mapping
from core.tables.reading import Unreadable
from core.tables.writing import safe_text


class Command(ImportCommand):
    help = (
        "Brings past purchases in from FILE (CSV, CDNOW or XLSX). Safe to repeat: what is in stays as it is. "
        "Exit code 0: all in; 1: some lines refused, see the report; 2: the file, the club or an option is wrong."
    )
    mapped = "phone, member, card, amount, date, id, branch, channel, …"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--layout", choices=LAYOUTS, help="sniffed when not given")
        parser.add_argument("--rate", type=int, help="how many Rial one unit of the file's money is")
        parser.add_argument("--date-format", help="as in strptime; otherwise ISO, YYYYMMDD or Jalali")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rate"] is not None and options["rate"] < 1:
            raise CommandError("--rate is 1 Rial or more", returncode=USAGE)
        if options["date_format"] is not None and not _is_date_format(options["date_format"]):
            raise CommandError(f"--date-format {options['date_format']} is no format of strptime", returncode=USAGE)
        super().handle(*args, **options)

    def bring_in(self, club: Club, options: dict[str, Any]) -> None:
        """The purchases that are new, and a report of the lines that were refused."""
        source = open_source(
            options["file"],
            Options(
                layout=options["layout"],
                columns=read_mapping(options["columns"]),
                rate=options["rate"],
                date_format=options["date_format"],
                encoding=options["encoding"],
                zone=club.time_zone,
            ),
            default_rate=UNITS[club.currency_unit].rial,
        )
        with ExitStack() as files:
            report = Report(options["report"] or report_beside(options["file"], "csv"), files)
            meter = Meter(self.stdout, terminal=sys.stdout.isatty(), what="purchases")
            work = Import(source, "system", datetime.now(UTC), report, meter, options["dry_run"])
            with self.breakable("purchases", lambda: work.tally.recorded):
                meter.end(work.run())
        tally = work.tally
        said = (
            f"{'Would bring in' if work.dry_run else 'Brought in'} {tally.recorded} purchases and {tally.members} new "
            f"members; {tally.known} were in already; {tally.refused} lines refused. "
            f"The file's purchases in {club.slug}: {rial(tally.amount)}."
        )
        self.conclude(said, tally, report.path)


class Report:
    """The refused lines as CSV, made with the first of them; a mark at its head lets spreadsheets read Persian."""

    def __init__(self, path: Path, files: ExitStack) -> None:
        self.path = path
        self._files = files
        self._writer: Any = None

    def __call__(self, refusal: Refusal) -> None:
        if self._writer is None:
            try:
                file = self._files.enter_context(self.path.open("w", encoding="utf-8-sig", newline=""))
            except OSError as error:
                why = _("گزارش %(path)s نوشته نشد: %(why)s")
                raise Unreadable(why, path=self.path, why=error.strerror) from error
            self._writer = csv.writer(file)
            self._writer.writerow(["line", "text", "reason", "code"])
        self._writer.writerow([refusal.number, safe_text(refusal.text), refusal.reason, refusal.code])


def _is_date_format(text: str) -> bool:
    """Whether a day written in the format can be read by it."""
    try:
        datetime.strptime(datetime(2026, 11, 22, tzinfo=UTC).strftime(text), text)  # noqa: DTZ007 - only tried
    except ValueError:
        return False
    return "%" in text
