"""Bringing the lines of a list in by batches, each one transaction of a constant number of statements.

A batch that was committed is known when the file comes again, so an import that was broken off goes on where it was,
and a second one changes nothing. What a line is worth is said by who inherits.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Protocol

from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.utils.translation import gettext as _

from club.awards.import_columns import PHONE
from club.awards.import_report import BadLine
from core.bulk import TRIES, BrokenOff, first_line, waited_in_vain
from core.errors import AppError, Text
from core.language import in_language
from core.tables.ahead import ahead
from core.tables.reading import Row, Table

BATCH = 1_000


class Faulty(Exception):
    """The line cannot go in; every reason, for people."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = list(reasons)


@dataclass(frozen=True)
class Tally:
    """How far an import has come: `done` of about `lines` lines. Opening value in points and Rial."""

    lines: int = 0
    done: int = 0
    joined: int = 0
    known: int = 0
    refused: int = 0
    points: int = 0
    credit: int = 0


Listener = Callable[[Tally, Sequence[BadLine]], None]


def nobody(tally: Tally, bad: Sequence[BadLine]) -> None:
    """Who does not want to hear of it."""


@dataclass(frozen=True)
class Line:
    """A line as it came, what its cells say, and whose it is; `reasons` are why it cannot be anybody's."""

    number: int
    row: list[str]
    cells: Mapping[str, str]
    phone: str
    reasons: tuple[str, ...] = ()

    def refused(self, reasons: Sequence[str]) -> BadLine:
        """The line for the report."""
        return BadLine(self.number, self.row, list(reasons))


class Reader(Protocol):
    """What a line's cells mean."""

    def cells(self, row: Sequence[str]) -> dict[str, str]:
        """What stands in each field's column, where it is filled."""

    def phone(self, cells: Mapping[str, str]) -> str:
        """The phone in its stored form. Raises Faulty."""

    def said(self, name: str, text: Text) -> str:
        """The reason with the name of its field."""


@dataclass
class ListImport(ABC):
    """One run over one table in the club in scope, from behind `tally.done` lines.

    `within` is told, in the transaction of each batch, how far it will then be and what it refused: who keeps a record
    of the run keeps it together with what went in. `after` is told the same when that is committed.
    """

    table: Table
    places: Mapping[str, int]
    dry_run: bool = field(default=False, kw_only=True)
    within: Listener = field(default=nobody, kw_only=True)
    after: Listener = field(default=nobody, kw_only=True)
    tally: Tally = field(default=Tally(), kw_only=True)
    _phones: dict[str, int] = field(default_factory=dict, init=False)

    @property
    @abstractmethod
    def reader(self) -> Reader:
        """Who reads the lines."""

    @abstractmethod
    def bring_in(self, lines: Sequence[Line]) -> None:
        """Sort the lines out and write what is new, in one transaction, in which `within` is told."""

    def run(self) -> Tally:
        """Bring in what is left. Raises Unreadable, BrokenOff; what was committed stays."""
        self.tally = replace(self.tally, lines=max(self.table.lines, self.tally.done))
        rows = ahead(self.table.rows())
        for row in islice(rows, self.tally.done):
            self._line(row)  # nobody may stand in a line that is done and in one that is not
        try:
            while batch := list(islice(rows, BATCH)):
                self._take([self._line(row) for row in batch])
        except (OperationalError, InterfaceError) as error:
            raise BrokenOff(first_line(error)) from error
        self.tally = replace(self.tally, lines=self.tally.done)
        return self.tally

    def told(self, tally: Tally, bad: Sequence[BadLine]) -> None:
        """The batch is committed."""
        self.tally = tally
        self.after(tally, bad)

    def _line(self, row: Row) -> Line:
        number, values = row
        unworked = self.table.unworked(number)
        wrong = {name: unworked[place] for name, place in self.places.items() if place in unworked}
        cells = {name: text for name, text in self.reader.cells(values).items() if name not in wrong}
        if wrong:
            reasons = tuple(self.reader.said(name, why.detail) for name, why in wrong.items())
            return Line(number, values, cells, "", reasons)
        try:
            phone = self.reader.phone(cells)
        except Faulty as faulty:
            return Line(number, values, cells, "", tuple(faulty.reasons))
        first = self._phones.setdefault(phone, number)
        reasons = () if first == number else (self.reader.said(PHONE, twin(first)),)
        return Line(number, values, cells, phone, reasons)

    def _take(self, lines: Sequence[Line]) -> None:
        for _try in range(TRIES):
            try:
                return self.bring_in(lines)
            except (AppError, IntegrityError, DataError):
                continue  # most likely somebody came at the same moment, and is known by now
            except OperationalError as error:
                if not waited_in_vain(error):
                    raise
        return self._one_by_one(lines)

    def _one_by_one(self, lines: Sequence[Line]) -> None:
        for line in lines:
            try:
                self.bring_in([line])
            except (AppError, IntegrityError, DataError) as error:
                why = error.detail if isinstance(error, AppError) else _("پایگاه داده این سطر را نپذیرفت.")
                self.bring_in([replace(line, reasons=(why,))])


def twin(number: int) -> str:
    """Why the second of two lines with the same does not go in."""
    return _("سطر %(number)s همین فایل هم همین را دارد.") % {"number": in_language(number)}
