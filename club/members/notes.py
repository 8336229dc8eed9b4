"""What the staff write about a member: notes, and tags one by one. Every word is kept in the audit."""

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.members.models import Member, Note
from club.members.services import update_member
from core import audit
from core.errors import Conflict, NotFound, ValidationFailed
from core.text import clean_name

LONGEST_NOTE = 1000
MOST_NOTES = 100
LONGEST_TAG = 40


class NotTheAuthor(Conflict):
    """A note is changed by who wrote it alone."""

    message = _("یادداشت را تنها نویسنده‌اش عوض می‌کند؛ یادداشت تازه‌ای بنویسید.")


@transaction.atomic
def add_note(member_id: int, text: str, *, actor: str) -> Note:
    """Write a note about the member. Raises NotFound, ValidationFailed (text), Conflict where there are too many."""
    member = _locked(member_id)
    text = _checked(text)
    if Note.objects.filter(member=member).count() >= MOST_NOTES:
        raise Conflict(_("برای این عضو جای یادداشت دیگری نیست؛ یکی از یادداشت‌های پیشین را عوض کنید."))
    note: Note = Note.objects.create(member=member, text=text, author=actor)
    _audit(note, "member.note_added", actor, before="", after=text)
    return note


@transaction.atomic
def change_note(member_id: int, note_id: int, text: str, *, actor: str) -> Note:
    """Give one's own note other words. Raises NotFound, ValidationFailed (text), NotTheAuthor."""
    note = _note(member_id, note_id)
    if note.author != actor:
        raise NotTheAuthor
    before, note.text = note.text, _checked(text)
    if note.text != before:
        Note.objects.filter(pk=note.pk).update(text=note.text, changed_at=Now())
        _audit(note, "member.note_changed", actor, before=before, after=note.text)
    return note


@transaction.atomic
def pin_note(member_id: int, note_id: int, *, is_pinned: bool, actor: str) -> Note:
    """Keep a note above the others, or no longer. Raises NotFound."""
    note = _note(member_id, note_id)
    if note.is_pinned != is_pinned:
        note.is_pinned = is_pinned
        note.save(update_fields=["is_pinned"])
        action = "member.note_pinned" if is_pinned else "member.note_unpinned"
        _audit(note, action, actor, before="", after=note.text)
    return note


def notes_of(member_id: int) -> list[Note]:
    """The notes about a member: the pinned ones first, then the newest."""
    return list(Note.objects.filter(member=member_id).order_by("-is_pinned", "-id"))


@transaction.atomic
def add_tag(member_id: int, tag: str, *, actor: str) -> Member:
    """Give the member one more tag. Raises NotFound, ValidationFailed (tag)."""
    member, tag = _locked(member_id), clean_name(tag)
    if not tag:
        raise ValidationFailed({"tag": [_("برچسب را بنویسید.")]})
    if len(tag) > LONGEST_TAG:
        raise ValidationFailed({"tag": [_("برچسب بلندتر از ۴۰ نویسه است.")]})
    if tag in member.tags:
        return member
    try:
        return update_member(member_id, {"tags": [*member.tags, tag]}, actor=actor)
    except ValidationFailed:
        raise ValidationFailed({"tag": [_("برچسب‌های این عضو از اندازه گذشت.")]}) from None


@transaction.atomic
def remove_tag(member_id: int, tag: str, *, actor: str) -> Member:
    """Take a tag away; one that is not there is none. Raises NotFound."""
    member, tag = _locked(member_id), clean_name(tag)
    if tag not in member.tags:
        return member
    return update_member(member_id, {"tags": [each for each in member.tags if each != tag]}, actor=actor)


def _locked(member_id: int) -> Member:
    rows = Member.objects.select_for_update().exclude(status=Member.Status.ERASED)
    member: Member | None = rows.filter(pk=member_id).first() if 0 < member_id < 2**63 else None
    if member is None:
        raise NotFound
    return member


def _note(member_id: int, note_id: int) -> Note:
    member = _locked(member_id)
    note: Note | None = Note.objects.filter(pk=note_id, member=member).first() if 0 < note_id < 2**63 else None
    if note is None:
        raise NotFound
    return note


def _checked(text: str) -> str:
    lines = [clean_name(line) for line in text.splitlines()]
    text = "\n".join(lines).strip("\n")
    if not text:
        raise ValidationFailed({"text": [_("یادداشت را بنویسید.")]})
    if len(text) > LONGEST_NOTE:
        raise ValidationFailed({"text": [_("یادداشت بلندتر از ۱۰۰۰ نویسه است.")]})
    return text


def _audit(note: Note, action: str, actor: str, *, before: str, after: str) -> None:
    audit.record(action, actor=actor, target=f"member:{note.member_id}", before={"note": before}, after={"note": after})
