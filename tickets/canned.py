"""Canned answers: what is said often, kept once, and filled in for the ticket that it answers."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core import audit
from core.errors import Conflict, NotFound, Text, ValidationFailed
from core.tenancy.scope import current_club
from core.text import clean_name
from sms.templates import PLACEHOLDER, shown
from tickets.checks import checked_text, department_coded
from tickets.models import CannedAnswer, Department, Ticket

LONGEST_TITLE, LONGEST = 80, 4_000
TOO_LONG = gettext_lazy("پاسخ آماده تا ۴٬۰۰۰ نویسه جا دارد.")
MOST = 200
PLACEHOLDERS: dict[str, Text] = {
    "name": gettext_lazy("نام عضو"),
    "number": gettext_lazy("شمارهٔ تیکت"),
    "club": gettext_lazy("نام باشگاه"),
    "agent": gettext_lazy("نام پاسخ‌دهنده"),
}


@dataclass(frozen=True)
class CannedWords:
    """A canned answer as it is written; `department` is a code, blank for all."""

    title: str
    text: str
    department: str = ""


def canned_answers() -> list[CannedAnswer]:
    """All of the club's, by title."""
    return list(CannedAnswer.objects.select_related("department").order_by("title"))


def canned_for(ticket: Ticket) -> list[CannedAnswer]:
    """Those that fit a ticket: its department's own first, then those for all, each by title."""
    rows = CannedAnswer.objects.filter(Q(department=None) | Q(department=ticket.department_id))
    return sorted(rows, key=lambda one: (one.department_id is None, one.title))


def get_canned(canned_id: int) -> CannedAnswer:
    """One of the club's. Raises NotFound."""
    rows = CannedAnswer.objects.select_related("department")
    found = rows.filter(pk=canned_id).first() if 0 < canned_id < 2**63 else None
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def save_canned(words: CannedWords, canned_id: int | None = None, *, actor: str) -> CannedAnswer:
    """Add a canned answer, or change one. Raises ValidationFailed (title, text, department), NotFound, Conflict."""
    row = get_canned(canned_id) if canned_id is not None else CannedAnswer()
    if canned_id is None and CannedAnswer.objects.count() >= MOST:
        raise Conflict(_("بیش از ۲۰۰ پاسخ آماده جا نمی‌شود؛ یکی را پاک کنید."))
    before = _said(row) if row.pk else {}
    department = _department(words.department, row)
    row.title, row.text = _checked(words, department)
    row.department = department
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise ValidationFailed({"title": [_("پاسخ آمادهٔ دیگری همین عنوان را دارد.")]}) from error
    audit.record("ticket.canned", actor=actor, target=f"cannedanswer:{row.pk}", before=before, after=_said(row))
    return row


@transaction.atomic
def delete_canned(canned_id: int, *, actor: str) -> None:
    """Take a canned answer away; what was answered with it stays. Raises NotFound."""
    row = get_canned(canned_id)
    target, before = f"cannedanswer:{row.pk}", _said(row)
    row.delete()
    audit.record("ticket.canned_delete", actor=actor, target=target, before=before, after={})


def filled(text: str, ticket: Ticket, user: User) -> str:
    """The words for this ticket's member from this one of the staff; a name nobody knows is said politely."""
    values = {
        "name": ticket.member.full_name or _("مشتری"),
        "number": ticket.shown_number,
        "club": current_club().name,
        "agent": user.name or current_club().name,
    }
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def in_words(text: str) -> str:
    """The text with each placeholder called as people call it, for a look at it."""
    return PLACEHOLDER.sub(lambda found: f"[{PLACEHOLDERS.get(found[1], found[1])}]", text)


def _checked(words: CannedWords, department: Department | None) -> tuple[str, str]:
    errors: dict[str, list[Text]] = {}
    title, text = clean_name(words.title), ""
    if not title or len(title) > LONGEST_TITLE:
        errors["title"] = [_("عنوان را بنویسید؛ تا ۸۰ نویسه.")]
    if words.department and department is None:
        errors["department"] = [_("چنین چیزی در باشگاه نیست.")]
    try:
        text = checked_text(words.text)
    except ValidationFailed as refused:
        errors |= {name: list(said) for name, said in refused.errors.items()}
    if len(text) > LONGEST:
        errors["text"] = [TOO_LONG]
    elif faults := _faults(text):
        errors["text"] = faults
    if errors:
        raise ValidationFailed(errors)
    return title, text


def _faults(text: str) -> list[Text]:
    unknown = [name for name in PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    if unknown:
        said = _("جای‌گذار %(unknown)s را نمی‌شناسیم؛ این‌ها را می‌توانید بنویسید: %(known)s")
        return [said % {"unknown": shown(unknown), "known": shown(PLACEHOLDERS)}]
    bare = PLACEHOLDER.sub("", text)
    return [_("آکولاد باز یا بسته‌ای تنها مانده است.")] if "{" in bare or "}" in bare else []


def _department(code: str, row: CannedAnswer) -> Department | None:
    """The open department of the code, or the one that it was for already."""
    kept = row.department if row.department is not None and row.department.code == code else None
    return kept or (department_coded(code) if code else None)


def _said(row: CannedAnswer) -> dict[str, str]:
    return {"name": row.title, "text": row.text, "department": row.department.code if row.department else ""}
