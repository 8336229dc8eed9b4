"""Lists sent from a page: kept, checked and brought in by a worker from a row that outlives it.

The row says all: what it waits for, how far it is and who works on it. A worker that dies is followed by another, which
goes on behind the last batch; what a batch changed and how far it came are one transaction.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

from celery import Task
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from club.awards.import_batches import ListImport, Tally
from club.awards.import_columns import CONSENT, NO_HEADER, PHONE, is_person
from club.awards.import_report import BadLine
from club.awards.import_subjects import MEMBERS, Subject, subject_of
from club.awards.models import ImportFault, ImportFile, ImportRun
from core import audit
from core.bulk import BrokenOff
from core.errors import AppError, Conflict, NotFound, Text, ValidationFailed
from core.language import PERSIAN, in_language, is_persian
from core.rows import insert_rows
from core.runs import TakenOver, claim, end, mine, waiting, wake_later
from core.tables.headers import recognised
from core.tables.reading import Unreadable, open_table
from core.tenancy.scope import current_club
from core.text import clean_name

Status = ImportRun.Status
MOST_BYTES = 10 << 20
SHOWN = 8  # rows of the file that are kept to be shown
LEAST_CONSENT, MOST_CONSENT = 3, 500
COUNTS = ("lines", "done", "joined", "known", "refused", "points", "credit")
# From which states each act may be done.
STOPPABLE = (Status.WAITING, Status.RUNNING)
CHECKABLE = (Status.DRAFT, Status.CHECKED, Status.STOPPED)


class AnotherRuns(Conflict):
    """One file at a time: two at once would only be slower, and neither's counts right."""

    message = _("یک فایل دیگر در حال بررسی یا ورود است؛ پس از پایان آن دوباره امتحان کنید.")


def upload(name: str, content: IO[bytes], *, actor: str, now: datetime, subject: str = MEMBERS) -> ImportRun:
    """Keep the file and have it checked; where no column is the phone's, it waits for somebody to name one.

    It waits too while another file runs. `subject` is what it is a list of. Raises ValidationFailed (file).
    """
    data = content.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValidationFailed({"file": [_("فایل بزرگ‌تر از ۱۰ مگابایت است؛ آن را تکه کنید یا فشرده (gz) بفرستید.")]})
    known = subject_of(subject).known()
    try:
        with _on_disk(data) as path:
            table = open_table(path, is_header=known.is_header)
    except Unreadable as error:
        raise ValidationFailed({"file": [error.detail]}) from error
    places = recognised(table.header, known.names)
    if PHONE not in places and is_person(table.header):
        raise ValidationFailed({"file": [NO_HEADER]})
    with transaction.atomic():
        run = ImportRun.objects.create(
            subject=subject,
            file_name=Path(name).name[-200:] or "?",
            form=table.form,
            encoding=table.encoding,
            delimiter=table.delimiter,
            header=table.header,
            head=[cells for _number, cells in table.head[:SHOWN]],
            places=known.understood(table.header) if PHONE in places else places,
            lines=table.lines,
            language=_language(),
            actor=actor,
        )
        ImportFile.objects.create(run=run, content=data)
        if PHONE in places:
            with suppress(AnotherRuns):
                _set_waiting(run.pk, (Status.DRAFT,), writes=False)
    return get_run(run.pk, subject=subject)


def choose_columns(run_id: int, places: Mapping[str, int]) -> ImportRun:
    """Read the columns otherwise, and check anew. Raises NotFound, ValidationFailed, AnotherRuns, Conflict."""
    run = _any_run(run_id)
    known = subject_of(run.subject).known().names
    if PHONE not in places:
        raise ValidationFailed({"columns": [_("بگویید کدام ستون شمارهٔ موبایل است.")]})
    if not places.keys() <= known.keys() or not all(0 <= place < len(run.header) for place in places.values()):
        raise ValidationFailed({"columns": [_("چنین ستونی نیست.")]})
    with transaction.atomic():
        if not run.writes:
            _set_waiting(run_id, CHECKABLE, writes=False, places=dict(places), language=_language())
        else:
            raise Conflict(_("ورود این فایل آغاز شده است؛ ستون‌ها دیگر عوض نمی‌شوند."))
    return _any_run(run_id)


def start(run_id: int, *, actor: str, welcome: bool = False, consent: str = "", pass_over: bool = False) -> ImportRun:
    """Bring a checked file in. Raises NotFound, AnotherRuns, Conflict where it is not checked or was brought in.

    `consent` says how the people of a list with a column of consents agreed; without it, Raises ValidationFailed
    (consent) unless that column is to be passed over.
    """
    run = _any_run(run_id)
    asked = CONSENT in run.places and not pass_over
    words = clean_name(consent) if asked else ""
    if asked and not MOST_CONSENT >= len(words) >= LEAST_CONSENT:
        raise ValidationFailed({"consent": [_asked_for(words)]})
    with transaction.atomic():
        changes = {"welcome": welcome, "consent": words, "language": _language(), "actor": actor}
        _set_waiting(run_id, (Status.CHECKED,), writes=True, **changes)
        noted: dict[str, Any] = {"file": run.file_name, "lines": run.lines, "new": run.joined}
        if run.subject == MEMBERS:
            noted |= {"welcome": welcome, "consent": words}
        _note(run, "import", actor=actor, after=noted)
    return _any_run(run_id)


def _asked_for(words: str) -> Text:
    if len(words) > MOST_CONSENT:
        return _("این متن بلندتر از ۵۰۰ نویسه است.")
    return _("بنویسید رضایت این افراد چگونه گرفته شده است، یا بگویید ستون اجازهٔ پیامک نادیده بماند.")


def _language() -> str:
    """Of whoever asks for it now: the reasons are written in it."""
    return PERSIAN if is_persian() else "en"


def stop(run_id: int, *, actor: str) -> ImportRun:
    """Stop a run after the batch that it is at. Raises NotFound, Conflict where it does not run."""
    _move(run_id, STOPPABLE, status=Status.STOPPED)
    run = _any_run(run_id)
    _note(run, "import_stop", actor=actor)
    return run


def go_on(run_id: int, *, actor: str) -> ImportRun:
    """Go on with a run that was stopped, behind the lines that are done. Raises NotFound, AnotherRuns, Conflict."""
    with transaction.atomic():
        _move(run_id, (Status.STOPPED,), status=Status.WAITING)
        _note(_any_run(run_id), "import_go_on", actor=actor)
        wake_later(_task)
    return _any_run(run_id)


def drop(run_id: int, *, actor: str) -> None:
    """Throw a file away that does not run; who came in by it stays. Raises NotFound, Conflict."""
    run = _any_run(run_id)
    with transaction.atomic():
        deleted, _each = ImportRun.objects.filter(pk=run_id).exclude(status__in=STOPPABLE).delete()
        if not deleted:
            raise Conflict(_("این فایل در حال ورود است؛ نخست آن را متوقف کنید."))
        before = {"file": run.file_name, "new": run.joined if run.writes else 0}
        _note(run, "import_drop", actor=actor, before=before)


def get_run(run_id: int, *, subject: str = MEMBERS) -> ImportRun:
    """The run of this subject; NotFound for an unknown id, another club's too."""
    run = _any_run(run_id)
    if run.subject != subject:
        raise NotFound
    return run


def _any_run(run_id: int) -> ImportRun:
    run = ImportRun.objects.filter(pk=run_id).first() if 0 < run_id < 2**63 else None
    if run is None:
        raise NotFound
    return run


def runs(limit: int, *, before: int | None = None, subject: str = MEMBERS) -> list[ImportRun]:
    """The newest runs of the club; `before` is the id of the last one already shown."""
    rows = ImportRun.objects.filter(subject=subject).order_by("-id")
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])


def faults(run_id: int, *, chunk: int = 1_000) -> Iterator[BadLine]:
    """The lines that did not go in, in the order of the file, a piece at a time."""
    last = 0
    while rows := list(ImportFault.objects.filter(run=run_id, number__gt=last).order_by("number")[:chunk]):
        yield from (BadLine(row.number, row.cells, row.reasons) for row in rows)
        last = rows[-1].number


def _set_waiting(run_id: int, allowed: Sequence[str], **changes: object) -> None:
    """Put it in the queue from the beginning, and wake a worker."""
    ImportFault.objects.filter(run=run_id).delete()
    blank = dict.fromkeys((name for name in COUNTS if name != "lines"), 0)
    _move(run_id, allowed, status=Status.WAITING, error="", finished_at=None, deaths=0, **blank, **changes)
    wake_later(_task)


def _note(
    run: ImportRun,
    act: str,
    *,
    actor: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    subject: Subject = subject_of(run.subject)
    target = f"{subject.thing}:{run.pk}"
    audit.record(f"{subject.code}.{act}", actor=actor, target=target, before=before or {}, after=after or {})


def _move(run_id: int, allowed: Sequence[str], **changes: object) -> None:
    _any_run(run_id)
    try:
        with transaction.atomic():
            moved = ImportRun.objects.filter(pk=run_id, status__in=allowed).update(**changes)
    except IntegrityError as error:
        raise AnotherRuns from error
    if not moved:
        raise Conflict(_("وضعیت این فایل در این میان عوض شده است؛ صفحه را تازه کنید."))


def _task() -> "Task[Any, Any]":
    from club.awards.tasks import bring_in

    return bring_in


# --- the worker's side ------------------------------------------------------------------------------------------------


def work(*, now: datetime) -> str:
    """Do the run that waits in this club, or was left by a worker that is gone; what became of it, in a word."""
    run = claim(ImportRun.objects.filter(waiting()))
    if run is None:
        return "nothing to bring in"
    with translation.override(run.language or current_club().language):
        return _do(run, now)


def _do(run: ImportRun, now: datetime) -> str:
    keeper = _Keeper(run)
    try:
        with _file_of(run) as path:
            tally = _import(run, path, keeper, now).run()
    except TakenOver:
        return f"import {run.pk}: stopped, or another's"
    except BrokenOff as error:
        return f"import {run.pk}: {error}"
    except AppError as error:
        keeper.end(Status.FAILED, error=error.detail[:500])
        return f"import {run.pk}: {error.code}"
    keeper.end(Status.DONE if run.writes else Status.CHECKED, **_counts(tally))
    if run.writes:
        told = {name: value for name, value in _counts(tally).items() if value or name not in ("points", "credit")}
        _note(run, "imported", actor=run.actor, after=told)
    return f"import {run.pk}: {tally.joined} joined, {tally.known} known, {tally.refused} refused"


def _import(run: ImportRun, path: Path, keeper: "_Keeper", now: datetime) -> ListImport:
    table = open_table(path, encoding=run.encoding or None, is_header=lambda cells: _is_header(cells, run.header))
    return subject_of(run.subject).importer(
        run,
        table,
        now,
        dry_run=not run.writes,
        within=keeper.keep,
        tally=Tally(**{name: getattr(run, name) for name in COUNTS}),
    )


def _is_header(cells: Sequence[str], header: Sequence[str]) -> bool:
    return list(cells[: len(header)]) == list(header)


class _Keeper:
    """Keeps how far a run has come, as long as it is this worker's."""

    def __init__(self, run: ImportRun) -> None:
        self.mine = mine(run)
        self.run = run

    def keep(self, tally: Tally, bad: Sequence[BadLine]) -> None:
        """In the transaction of the batch. Raises TakenOver, which undoes the batch."""
        if not self.mine.update(heartbeat_at=timezone.now(), **_counts(tally)):
            raise TakenOver
        rows = [(self.run.pk, line.number, line.cells, line.reasons) for line in bad]
        insert_rows(ImportFault, ("run_id", "number", "cells", "reasons"), rows)

    def end(self, status: str, **changes: object) -> None:
        """The run is over."""
        end(self.run, status, **changes)


def _counts(tally: Tally) -> dict[str, int]:
    return {name: value for name, value in asdict(tally).items() if name in COUNTS}


@contextmanager
def _file_of(run: ImportRun) -> Iterator[Path]:
    kept = ImportFile.objects.filter(run=run).first()
    if kept is None:
        raise Unreadable(_("فایل پس از %(days)s روز پاک شده است؛ دوباره بفرستیدش."), days=in_language(days_kept()))
    with _on_disk(bytes(kept.content)) as path:
        yield path


@contextmanager
def _on_disk(data: bytes) -> Iterator[Path]:
    with NamedTemporaryFile(prefix="import-") as file:
        file.write(data)
        file.flush()
        yield Path(file.name)


def days_kept() -> int:
    """How long after its import a file is kept."""
    return int(settings.IMPORT_FILES_DAYS)


def forget_old(now: datetime) -> int:
    """Throw away the files and refused lines of imports that are long over; the runs stay with their counts.

    One that nobody ended counts from when it was sent; one that waits or runs is left alone.
    """
    since = now - timedelta(days=days_kept())
    is_over = Q(run__finished_at__lt=since) | Q(run__finished_at=None, created_at__lt=since)
    ids = list(ImportFile.objects.filter(is_over).exclude(run__status__in=STOPPABLE).values_list("run_id", flat=True))
    ImportFault.objects.filter(run__in=ids).delete()
    ImportRun.objects.filter(pk__in=ids).update(head=[])
    return ImportFile.objects.filter(run__in=ids).delete()[0]
