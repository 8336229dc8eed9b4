"""What a list that a page sends may be of: customers here; what higher packages bring in registers with us."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from club.awards.import_batches import ListImport
from club.awards.import_columns import Known
from club.awards.importing import MemberImport, club_terms
from club.awards.models import ImportRun
from core.tables.reading import Table

MEMBERS = "members"


@dataclass(frozen=True)
class Subject:
    """What a list is of: which columns it may have, and who brings its lines in.

    `code` begins the names of its acts in the audit (`members.import`), `thing` is what the audit calls a run.
    `importer` takes the run, its table and the present, and by keyword `dry_run`, `within` and `tally`.
    """

    code: str
    thing: str
    known: Callable[[], Known]
    importer: Callable[..., ListImport]


_subjects: dict[str, Subject] = {}


def register(subject: Subject) -> None:
    """Let lists of this subject be brought in."""
    _subjects[subject.code] = subject


def subject_of(code: str) -> Subject:
    """The subject of this code. An unknown one is a mistake in the program: KeyError."""
    return _subjects[code]


def _known() -> Known:
    return club_terms(timezone.now()).known


def _members(run: ImportRun, table: Table, now: datetime, **more: Any) -> MemberImport:
    return MemberImport(table, run.places, club_terms(now), run.actor, consent=run.consent, welcome=run.welcome, **more)


register(Subject(MEMBERS, "import", _known, _members))
