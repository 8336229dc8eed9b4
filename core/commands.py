"""What commands share: the club that an option names, and bringing a file into it."""

import sys
from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS

from core.bulk import BrokenOff
from core.models import Club
from core.money import format_money
from core.tables.reading import Unreadable
from core.tenancy.scope import club_scope
from core.text import latin_digits

SOME_REFUSED, USAGE = 1, 2


def club_named(slug: str) -> Club:
    """The club with this slug. Raises CommandError with the exit code of wrong usage."""
    club = Club.objects.filter(slug=slug).first()
    if club is None:
        raise CommandError(f"there is no club {slug}", returncode=USAGE)
    return club


class ClubCommand(BaseCommand):
    """A command on the rows of clubs: like the servers, it does not start as a role that may bypass the walls."""

    def get_check_kwargs(self, options: dict[str, Any]) -> dict[str | None, Any]:
        """The checks of the database are made too: its walls, and the role at work there."""
        return super().get_check_kwargs(options) | {"databases": [DEFAULT_DB_ALIAS]}


class Counts(Protocol):
    """What an import has done so far."""

    @property
    def refused(self) -> int:
        """How many lines did not go in."""


class ImportCommand(ClubCommand):
    """Brings a file into a club: exit code 0 when all is in, 1 when some lines were refused, 2 for wrong usage."""

    mapped = ""
    """The fields that a column may hold."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--club", required=True, metavar="SLUG")
        parser.add_argument(
            "--map", dest="columns", default="", metavar="FIELD=COLUMN,…", help=f"which columns hold {self.mapped}"
        )
        parser.add_argument("--encoding", help="of a CSV; found out when not given")
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="where the refused lines go; otherwise beside FILE"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        club = club_named(options["club"])
        try:
            with club_scope(club):
                self.bring_in(club, options)
        except Unreadable as error:
            raise CommandError(error.detail, returncode=USAGE) from error

    @abstractmethod
    def bring_in(self, club: Club, options: dict[str, Any]) -> None:
        """Bring the file in, in the club's scope. Raises Unreadable."""

    @contextmanager
    def breakable(self, things: str, how_many: Callable[[], int]) -> Iterator[None]:
        """Who breaks the import off, or a database that is gone, ends it with how many of the things are in by then."""
        try:
            yield
        except (BrokenOff, KeyboardInterrupt) as error:
            why = "interrupted" if isinstance(error, KeyboardInterrupt) else str(error)
            raise CommandError(f"{why}; {how_many()} new {things} are in, run it again to go on") from error

    def conclude(self, said: str, tally: Counts, report: Path) -> None:
        """The last word, and where the refused lines are, if there are any."""
        self.stdout.write(said)
        if tally.refused:
            self.stdout.write(f"The refused lines and why: {report}")
            sys.exit(SOME_REFUSED)


def rial(amount: int) -> str:
    """Money as commands say it, whatever the club's unit."""
    return f"{latin_digits(format_money(amount, 'rial')).replace('٬', ',')} Rial"


def report_beside(path: Path, form: str) -> Path:
    """Where the refused lines of a file go: `list.csv.gz` has its own in `list.refused.csv`."""
    stem = path.name.removesuffix(".gz").rpartition(".")[0] or path.name
    return path.with_name(f"{stem}.refused.{form}")
