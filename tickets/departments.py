"""The departments of the office: what they are called, their order, their people and head, and leaving one off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core import audit
from core.errors import Conflict, NotFound, Text, ValidationFailed
from core.text import clean_name
from tickets import states
from tickets.assigning import supporters
from tickets.models import Department, DepartmentPerson, Ticket

LONGEST, MOST = 60, 30


@dataclass(frozen=True)
class DepartmentWords:
    """A department as a manager writes it; `people` and `head_id` are users. `department_id` None is a new one."""

    name: str
    people: Sequence[int] = ()
    head_id: int | None = None
    department_id: int | None = None


@transaction.atomic
def save_department(words: DepartmentWords, *, actor: str) -> Department:
    """Add a department at the end, or change one. Raises ValidationFailed (name, people, head), NotFound."""
    rows = _locked()
    row = _one(rows, words.department_id) if words.department_id is not None else _new(rows)
    before = _said(row) if row.pk else {}
    people = set(words.people)
    name = _checked(words, people, row, rows)
    row.name, row.head_id = name, words.head_id
    row.save()
    kept = DepartmentPerson.objects.filter(department=row)
    kept.exclude(user__in=people).delete()
    missing = people - set(kept.values_list("user_id", flat=True))
    DepartmentPerson.objects.bulk_create([DepartmentPerson(department=row, user_id=pk) for pk in sorted(missing)])
    audit.record("ticket.department", actor=actor, target=f"department:{row.pk}", before=before, after=_said(row))
    return row


@transaction.atomic
def shift_department(department_id: int, *, by: int, actor: str) -> None:
    """Move a department one place to the beginning (-1) or the end (1); at its end it stays. Raises NotFound."""
    rows = _locked()
    place = rows.index(_one(rows, department_id))
    other = place + (1 if by > 0 else -1)
    if not 0 <= other < len(rows):
        return
    rows[place], rows[other] = rows[other], rows[place]
    for position, row in enumerate(rows):
        if row.position != position:
            Department.objects.filter(pk=row.pk).update(position=position)
    said = {"position": place + 1}, {"position": other + 1}
    audit.record("ticket.department", actor=actor, target=f"department:{department_id}", before=said[0], after=said[1])


@transaction.atomic
def archive_department(department_id: int, *, actor: str, now: datetime) -> None:
    """Let a department take no new tickets; old ones keep it. Raises NotFound, Conflict while it has open ones."""
    row = _one(_locked(), department_id)
    if Ticket.objects.filter(department=row, status__in=states.OPEN).exists():
        raise Conflict(_("این واحد هنوز تیکت باز دارد؛ نخست آن‌ها را ببندید یا به واحد دیگری بسپارید."))
    Department.objects.filter(pk=row.pk).update(archived_at=now)
    audit.record("ticket.department_archive", actor=actor, target=f"department:{row.pk}", before={}, after={})


def _locked() -> list[Department]:
    rows = Department.objects.select_for_update().filter(archived_at=None)
    return sorted(rows.order_by("pk"), key=lambda row: (row.position, row.pk))


def _one(rows: Sequence[Department], department_id: int) -> Department:
    found = next((row for row in rows if row.pk == department_id), None)
    if found is None:
        raise NotFound
    return found


def _new(rows: Sequence[Department]) -> Department:
    number = (Department.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    return Department(code=f"d{number}", position=max((row.position for row in rows), default=-1) + 1)


def _checked(words: DepartmentWords, people: set[int], row: Department, rows: Sequence[Department]) -> str:
    errors: dict[str, list[Text]] = {}
    name, staff = clean_name(words.name), {user.pk for user in supporters()}
    if not name or len(name) > LONGEST:
        errors["name"] = [_("نام واحد را بنویسید؛ تا ۶۰ نویسه.")]
    elif any(one.name == name and one.pk != row.pk for one in rows):
        errors["name"] = [_("واحد دیگری همین نام را دارد.")]
    elif words.department_id is None and len(rows) >= MOST:
        errors["name"] = [_("بیش از ۳۰ واحد جا نمی‌شود؛ یکی را بایگانی کنید.")]
    if people - staff:
        errors["people"] = [_("این همکار به تیکت‌ها پاسخ نمی‌دهد؛ کس دیگری را برگزینید.")]
    if words.head_id is not None and words.head_id not in staff:
        errors["head"] = [_("این همکار به تیکت‌ها پاسخ نمی‌دهد؛ کس دیگری را برگزینید.")]
    if errors:
        raise ValidationFailed(errors)
    return name


def _said(row: Department) -> dict[str, str]:
    people = DepartmentPerson.objects.filter(department=row).order_by("pk").values_list("user_id", flat=True)
    head = f"user:{row.head_id}" if row.head_id else ""
    return {"name": row.name, "head": head, "people": " ".join(f"user:{pk}" for pk in people)}
