"""Bringing a list of customers in: new phones become members with all they bring along, known ones stay as they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from club.awards.enrolment import enrol_members
from club.awards.import_batches import Faulty, Line, ListImport, Tally, twin
from club.awards.import_columns import CONSENT
from club.awards.import_lines import ClubTerms, LineReader, Newcomer
from club.awards.import_report import BadLine
from club.ledger.models import Unit
from club.members.consent import keep_answers, weigh_answers
from club.members.models import Card, CustomField, Member
from club.tiers.models import Tier
from core.bulk import forget_plans
from core.tables.headers import folded
from core.tenancy.scope import current_club

# Of one member only, beside the phone.
ALONE = ("external_id", "card")


def club_terms(now: datetime) -> ClubTerms:
    """What lines are read by in the club in scope."""
    club = current_club()
    tiers: dict[str, str] = {}
    for code, name in Tier.objects.order_by("-rank").values_list("code", "name"):
        tiers |= {folded(name): code, folded(code): code}
    fields = {one.code: one for one in CustomField.objects.filter(is_active=True).order_by("position", "id")}
    return ClubTerms(club.currency_unit, club.time_zone, tiers, fields, now)


@dataclass
class MemberImport(ListImport):
    """One run over one list of customers. `consent` says how the people agreed to messages: without it nobody is taken
    to have done so, whatever the column says.
    """

    terms: ClubTerms
    actor: str
    consent: str = ""
    welcome: bool = True
    _alone: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (self.consent or self.dry_run):
            self.places = {name: place for name, place in self.places.items() if name != CONSENT}
        self._reader = LineReader(self.terms, self.places)

    @property
    def reader(self) -> LineReader:
        """Who reads the lines."""
        return self._reader

    def bring_in(self, lines: Sequence[Line]) -> None:
        """Sort the lines out and write what is new, in one transaction."""
        mine = [line.phone for line in lines if not line.reasons]
        known = set(Member.objects.filter(phone__in=mine).values_list("phone", flat=True))
        fresh = [line for line in lines if not line.reasons and line.phone not in known]
        newcomers, faults = self._newcomers(fresh)
        bad = []
        for line in lines:
            if line.reasons:
                bad.append(line.refused([*line.reasons, *self._reader.faults(line.cells)]))
            elif line.number in faults:
                bad.append(line.refused(faults[line.number]))
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
        self.told(tally, bad)

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
                yield line, name, twin(first)

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
