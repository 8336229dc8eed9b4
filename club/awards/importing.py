"""Bringing a list of customers in: new phones become members with all they bring along, known ones stay as they are.

Lines go in by batches, each one transaction of a constant number of statements. A batch that was committed is known
when the file comes again, so an import that was broken off goes on where it was, and a second one changes nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice

from django.db import DataError, IntegrityError, InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from club.awards.enrolment import enrol_members
from club.awards.import_columns import CONSENT, PHONE
from club.awards.import_lines import ClubTerms, Faulty, LineReader, Newcomer
from club.awards.import_report import BadLine
from club.ledger.models import Unit
from club.members.consent import keep_answers, weigh_answers
from club.members.models import Card, CustomField, Member
from club.tiers.models import Tier
from core.bulk import TRIES, BrokenOff, first_line, forget_plans, waited_in_vain
from core.errors import AppError
from core.language import in_language
from core.tables.ahead import ahead
from core.tables.headers import folded
from core.tables.reading import Row, Table
from core.tenancy.scope import current_club

BATCH = 1_000
# Of one member only, beside the phone.
ALONE = ("external_id", "card")


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


def _nobody(tally: Tally, bad: Sequence[BadLine]) -> None:
    """Who does not want to hear of it."""


def club_terms(now: datetime) -> ClubTerms:
    """What lines are read by in the club in scope."""
    club = current_club()
    tiers: dict[str, str] = {}
    for code, name in Tier.objects.order_by("-rank").values_list("code", "name"):
        tiers |= {folded(name): code, folded(code): code}
    fields = {one.code: one for one in CustomField.objects.filter(is_active=True).order_by("position", "id")}
    return ClubTerms(club.currency_unit, club.time_zone, tiers, fields, now)


@dataclass(frozen=True)
class Line:
    """A line as it came, what its cells say, and whose it is; `reasons` are why it cannot be anybody's."""

    number: int
    row: list[str]
    cells: Mapping[str, str]
    phone: str
    reasons: tuple[str, ...] = ()


@dataclass
class MemberImport:
    """One run over one table in the club in scope, from behind `tally.done` lines.

    `within` is told, in the transaction of each batch, how far it will then be and what it refused: who keeps a record
    of the run keeps it together with what went in. `after` is told the same when that is committed. `consent` says how
    the people agreed to messages: without it nobody is taken to have done so, whatever the column says.
    """

    table: Table
    places: Mapping[str, int]
    terms: ClubTerms
    actor: str
    consent: str = ""
    welcome: bool = True
    dry_run: bool = False
    within: Listener = _nobody
    after: Listener = _nobody
    tally: Tally = Tally()
    _phones: dict[str, int] = field(default_factory=dict)
    _alone: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.consent or self.dry_run):
            self.places = {name: place for name, place in self.places.items() if name != CONSENT}
        self._reader = LineReader(self.terms, self.places)

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

    def _line(self, row: Row) -> Line:
        number, values = row
        unworked = self.table.unworked(number)
        wrong = {name: unworked[place] for name, place in self.places.items() if place in unworked}
        cells = {name: text for name, text in self._reader.cells(values).items() if name not in wrong}
        if wrong:
            reasons = tuple(self._reader.said(name, why.detail) for name, why in wrong.items())
            return Line(number, values, cells, "", reasons)
        try:
            phone = self._reader.phone(cells)
        except Faulty as faulty:
            return Line(number, values, cells, "", tuple(faulty.reasons))
        first = self._phones.setdefault(phone, number)
        reasons = () if first == number else (self._reader.said(PHONE, _twin(first)),)
        return Line(number, values, cells, phone, reasons)

    def _take(self, lines: Sequence[Line]) -> None:
        for _try in range(TRIES):
            try:
                return self._bring_in(lines)
            except (AppError, IntegrityError, DataError):
                continue  # most likely somebody joined at the same moment, and is known by now
            except OperationalError as error:
                if not waited_in_vain(error):
                    raise
        return self._one_by_one(lines)

    def _one_by_one(self, lines: Sequence[Line]) -> None:
        for line in lines:
            try:
                self._bring_in([line])
            except (AppError, IntegrityError, DataError) as error:
                why = error.detail if isinstance(error, AppError) else _("پایگاه داده این سطر را نپذیرفت.")
                self._bring_in([replace(line, reasons=(why,))])

    def _bring_in(self, lines: Sequence[Line]) -> None:
        """Sort the lines out and write what is new, in one transaction."""
        mine = [line.phone for line in lines if not line.reasons]
        known = set(Member.objects.filter(phone__in=mine).values_list("phone", flat=True))
        fresh = [line for line in lines if not line.reasons and line.phone not in known]
        newcomers, faults = self._newcomers(fresh)
        bad = []
        for line in lines:
            if line.reasons:
                bad.append(BadLine(line.number, line.row, [*line.reasons, *self._reader.faults(line.cells)]))
            elif line.number in faults:
                bad.append(BadLine(line.number, line.row, faults[line.number]))
        tally = self._counted(lines, newcomers, bad)
        with transaction.atomic(durable=True):
            if not self.dry_run:
                forget_plans()
                people = [(one.member, one.openings) for one in newcomers]
                answers = [(one.member, one.consent if self.consent else None) for one in newcomers]
                weigh_answers(answers, now=self.terms.now)
                enrol_members(people, actor=self.actor, now=self.terms.now, welcome=self.welcome, imported=True)
                keep_answers(answers, text=self.consent, actor=self.actor, now=self.terms.now)
            self.within(tally, bad)
        self.tally = tally
        self.after(tally, bad)

    def _newcomers(self, lines: Sequence[Line]) -> tuple[list[Newcomer], dict[int, list[str]]]:
        """Who can become a member, and what is wrong with the others' lines."""
        people: dict[int, Newcomer] = {}
        faults: dict[int, list[str]] = {}
        for line in lines:
            try:
                people[line.number] = self._reader.person(line.cells, line.phone)
            except Faulty as faulty:
                faults[line.number] = faulty.reasons
        for line, name, why in self._not_alone(lines, people):
            faults.setdefault(line.number, []).append(self._reader.said(name, why))
        return [person for number, person in people.items() if number not in faults], faults

    def _not_alone(self, lines: Sequence[Line], people: Mapping[int, Newcomer]) -> Iterable[tuple[Line, str, str]]:
        """The lines whose card or id is another member's already, or another line's."""
        own = [
            (line, name, getattr(people[line.number].member, name))
            for line in lines
            if line.number in people
            for name in ALONE
            if line.cells.get(name)
        ]
        if not own:
            return
        wanted = {name: [value for _line, of, value in own if of == name] for name in ALONE}
        ids = Member.objects.filter(external_id__in=wanted["external_id"]).values_list("external_id", flat=True)
        cards = Card.objects.filter(number__in=wanted["card"]).values_list("number", flat=True)  # lost ones, too
        taken = {*(("external_id", one) for one in ids), *(("card", one) for one in cards)}
        for line, name, value in own:
            first = self._alone.setdefault((name, value), line.number)
            if (name, value) in taken:
                yield line, name, _("از آنِ عضو دیگری است.")
            elif first != line.number:
                yield line, name, _twin(first)

    def _counted(self, lines: Sequence[Line], newcomers: Sequence[Newcomer], bad: Sequence[BadLine]) -> Tally:
        given = [opening for one in newcomers for opening in one.openings]
        before = self.tally
        return replace(
            before,
            lines=max(before.lines, before.done + len(lines)),
            done=before.done + len(lines),
            joined=before.joined + len(newcomers),
            known=before.known + len(lines) - len(newcomers) - len(bad),
            refused=before.refused + len(bad),
            points=before.points + sum(one.amount for one in given if one.unit == Unit.POINTS),
            credit=before.credit + sum(one.amount for one in given if one.unit == Unit.CREDIT),
        )


def _twin(number: int) -> str:
    return _("سطر %(number)s همین فایل هم همین را دارد.") % {"number": in_language(number)}
