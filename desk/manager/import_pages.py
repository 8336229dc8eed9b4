"""What pages of lists on their way in have in common: the file that was sent, its columns, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from club.awards import import_runs
from club.awards.import_columns import PHONE, Known
from club.awards.models import ImportRun
from core.errors import ValidationFailed
from core.language import in_language
from desk.manager.record import actors

FAULTS, SAMPLES = 10, 3
Status = ImportRun.Status
ACTIVE = (Status.WAITING, Status.RUNNING)
TONES = {Status.DONE: "ok", Status.FAILED: "bad", Status.STOPPED: "saffron", Status.CHECKED: "info"}


@dataclass(frozen=True)
class FileColumn:
    """A column of the file as the page shows it: its header, some of its cells, and what it was understood to be."""

    place: int
    header: str
    samples: list[str]
    field: str
    label: str


def sent_file(request: HttpRequest) -> tuple[str, IO[bytes]]:
    """Name and content of the file that was sent. Raises ValidationFailed (file)."""
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile) or sent.file is None:
        raise ValidationFailed({"file": [_("فایل را برگزینید.")]})
    return sent.name or "", sent.file


def chosen_columns(request: HttpRequest, run: ImportRun) -> dict[int, str]:
    """The field that was chosen for each place; blank is passed over."""
    return {place: request.POST.get(f"c{place}", "") for place in range(len(run.header))}


def places_of(chosen: Mapping[int, str], known: Known) -> dict[str, int]:
    """The place of each field that was chosen. Raises ValidationFailed (columns) where two columns have one."""
    taken = [field for field in chosen.values() if field]
    twice = next((field for field in taken if taken.count(field) > 1), None)
    if twice:
        label = known.label(twice) if twice in known.names else twice
        raise ValidationFailed({"columns": [_("دو ستون «%(label)s» نام گرفته‌اند.") % {"label": label}]})
    return {field: place for place, field in chosen.items() if field}


def shown_run(
    run: ImportRun, known: Known, *, chosen: Mapping[int, str] | None = None, error: str = ""
) -> dict[str, Any]:
    """One file for its page: how its columns are understood, or were chosen, and the first lines that were refused."""
    columns = _columns(run, chosen, known)
    return {
        "run": run,
        "tone": TONES.get(Status(run.status), "plain"),
        "is_active": run.status in ACTIVE,
        "columns": columns,
        "read": [column for column in columns if column.field],
        "passed_over": [column.header for column in columns if not column.field and column.header.strip()],
        "must_choose": run.status == Status.DRAFT and PHONE not in run.places,
        "choices": known.choices,
        "days_kept": in_language(import_runs.days_kept()),
        "can_choose": run.status in import_runs.CHECKABLE and not run.writes,
        "error": error,
        "faults": list(islice(import_runs.faults(run.pk, chunk=FAULTS), FAULTS)),
        "actor": actors([run.actor])[run.actor],
    }


def _columns(run: ImportRun, chosen: Mapping[int, str] | None, known: Known) -> list[FileColumn]:
    labels = dict(known.choices)
    fields = {place: field for field, place in run.places.items()} if chosen is None else chosen
    return [
        FileColumn(
            place,
            header,
            [row[place] for row in run.head if place < len(row) and row[place].strip()][:SAMPLES],
            fields.get(place, ""),
            labels.get(fields.get(place, ""), ""),
        )
        for place, header in enumerate(run.header)
    ]
