"""Writing notices: by a person for many or for one, by the system about a document, and taking them back."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import ALL_RIGHTS
from club.members.models import Member
from club.members.segment_models import Segment
from core import audit
from core.errors import Conflict, Text, ValidationFailed
from core.forgetting import forget_person
from core.tenancy.scope import current_club_id
from core.text import clean_name, persian_letters
from crm.notices.models import Notice, NoticeRead
from crm.notices.selectors import Shown, get_notice

LONGEST, LONGEST_LINK = 600, 300
SYSTEM = "system"
# A place of the panel itself, or an address that is safe to follow.
LINK = re.compile(r"/(?!/)[^\s\\\x00]*|https://[^\s\\\x00]+")


@dataclass(frozen=True)
class Draft:
    """A notice as somebody writes it. `starts_at` of None is now; what ends is gone from panels then."""

    audience: str
    text: str
    link: str = ""
    member_id: int | None = None
    segment_id: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True)
class Note:
    """What the system tells one member about a document."""

    member_id: int
    text: str
    document: str
    link: str = ""
    ends_at: datetime | None = None


def drafted(draft: Draft, *, author: str, now: datetime) -> Notice:
    """The notice that the draft comes to, not saved. Raises ValidationFailed by field."""
    errors: dict[str, list[Text]] = {}
    text = "\n".join(clean_name(line) for line in draft.text.strip().splitlines())
    if not text:
        errors["text"] = [_("متن را بنویسید.")]
    elif len(text) > LONGEST:
        errors["text"] = [_("متن بیش از ۶۰۰ نویسه است؛ کوتاهش کنید.")]
    link = draft.link.strip()
    if link and (len(link) > LONGEST_LINK or not LINK.fullmatch(link)):
        errors["link"] = [_("پیوند با https:// آغاز می‌شود، یا با / برای صفحه‌ای از همین پنل.")]
    if draft.audience not in Notice.Audience.values:
        errors["audience"] = [_("یکی از گزینه‌ها را برگزینید.")]
    is_for_one = draft.audience == Notice.Audience.MEMBER
    if is_for_one and not Member.objects.filter(pk=draft.member_id or 0, status=Member.Status.ACTIVE).exists():
        errors["member"] = [_("عضوی را برگزینید که فعال است.")]
    is_for_some = draft.audience == Notice.Audience.SEGMENT
    if is_for_some and not Segment.objects.filter(pk=draft.segment_id or 0, archived_at=None).exists():
        errors["segment"] = [_("گروهی را برگزینید که بایگانی نشده است.")]
    starts_at = draft.starts_at or now
    if draft.ends_at and draft.ends_at <= max(starts_at, now):
        errors["ends_at"] = [_("پایان باید پس از آغاز و پس از اکنون باشد.")]
    if errors:
        raise ValidationFailed(errors)
    return Notice(
        audience=draft.audience,
        member_id=draft.member_id if is_for_one else None,
        segment_id=draft.segment_id if is_for_some else None,
        text=persian_letters(text),
        link=link,
        starts_at=starts_at,
        ends_at=draft.ends_at,
        author=author,
    )


@transaction.atomic
def publish_notice(draft: Draft, *, actor: str, now: datetime) -> Notice:
    """Show it from its start on, on every panel it is for. Raises ValidationFailed by field."""
    notice = drafted(draft, author=actor, now=now)
    notice.save()
    audit.record("notice.publish", actor=actor, target=f"notice:{notice.pk}", before={}, after=_told(notice))
    return notice


@transaction.atomic
def withdraw_notice(notice_id: int, *, actor: str, now: datetime) -> Notice:
    """Take it off every panel; who read it has read it. Raises NotFound, Conflict where that was done."""
    notice = get_notice(notice_id)
    rows = Notice.objects.filter(pk=notice.pk, withdrawn_at=None)
    if not rows.update(withdrawn_at=now, withdrawn_by=actor):
        raise Conflict(_("این اعلان پیش‌تر پس گرفته شده است."))
    audit.record("notice.withdraw", actor=actor, target=f"notice:{notice.pk}", before=_told(notice), after={})
    notice.refresh_from_db()
    return notice


def notify(member_id: int, text: Text, *, document: str, now: datetime, link: str = "") -> None:
    """Tell one member about a document on the panel, in the running transaction; once, however often it is called."""
    notify_many([Note(member_id, str(text), document, link)], now=now)


def notify_many(notes: Iterable[Note], *, now: datetime) -> int:
    """The same for many in one statement; how many were told now and not before. Every note names its document."""
    rows = list(notes)
    if not rows:
        return 0
    if any(not row.document or not row.text.strip() for row in rows):
        raise ValueError("a notice of the system says something, of a document")
    with connection.cursor() as cursor:
        cursor.execute(
            NOTIFY,
            {
                "club": current_club_id(),
                "members": [row.member_id for row in rows],
                "texts": [row.text[:LONGEST] for row in rows],
                "links": [row.link for row in rows],
                "documents": [row.document for row in rows],
                "ends": [row.ends_at for row in rows],
                "now": now,
                "author": SYSTEM,
            },
        )
        return int(cursor.rowcount)


def withdraw_told(document: str, *, by: str, at: datetime, most: int) -> int:
    """Take what members were told of the document off their panels, so many at most; how many notices."""
    some = Notice.objects.filter(document=document, member__isnull=False, withdrawn_at=None).values("pk")[:most]
    return Notice.objects.filter(pk__in=some).update(withdrawn_at=at, withdrawn_by=by)


def notify_staff(
    text: Text, *, document: str, now: datetime, right: str = "", user: User | None = None, link: str = ""
) -> None:
    """Tell the staff (who have the right; or one of them) about a document, once. KeyError for no right of ours."""
    if right and right not in ALL_RIGHTS:
        raise KeyError(right)
    notice = Notice(
        audience=Notice.Audience.STAFF,
        text=str(text)[:LONGEST],
        link=link,
        right=right,
        user=user,
        document=document,
        author=SYSTEM,
        starts_at=now,
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=True)


def seen(shown: Sequence[Shown], *, at: datetime, member: Member | None = None, user: User | None = None) -> None:
    """Note that this reader has had these notices before the eyes; those that were read stay as they are."""
    rows = [NoticeRead(notice_id=one.id, member=member, user=user, read_at=at) for one in shown if one.is_new]
    if rows:
        NoticeRead.objects.bulk_create(rows, ignore_conflicts=True)


def hand_over(source_id: int, into_id: int) -> None:
    """What the one was told and has read is the other's from now on, in the running transaction; again is nothing new.

    What both were told of one document stays the other's own.
    """
    read = NoticeRead.objects.filter(member=source_id)
    ids = list(read.values_list("notice_id", "read_at"))
    rows = [NoticeRead(notice_id=notice_id, member_id=into_id, read_at=read_at) for notice_id, read_at in ids]
    NoticeRead.objects.bulk_create(rows, ignore_conflicts=True)
    read.delete()
    known = Notice.objects.filter(member=into_id).exclude(document="").values("document")
    told = Notice.objects.filter(member=source_id)
    told.filter(document__in=known).delete()
    told.update(member=into_id)


def forget(record_ids: Sequence[int]) -> None:
    """Remove what was told to these records of one person alone, and what they read, in the running transaction."""
    NoticeRead.objects.filter(member__in=record_ids).delete()
    told = Notice.objects.filter(member__in=record_ids)
    by_people = told.exclude(author=SYSTEM).values_list("pk", flat=True)
    forget_person(targets=[f"notice:{notice_id}" for notice_id in by_people], member_ids=[], phones=[])
    told.delete()


def forget_told(documents: Sequence[str], beginnings: Sequence[str]) -> None:
    """Remove what the system told the staff of these documents, and of those that begin so, in the transaction."""
    wanted = Q(document__in=documents)
    for beginning in beginnings:
        wanted |= Q(document__startswith=beginning)
    Notice.objects.filter(wanted, audience=Notice.Audience.STAFF, author=SYSTEM).delete()


def _told(notice: Notice) -> dict[str, str]:
    said = {
        "audience": notice.audience,
        "member": str(notice.member_id or ""),
        "segment": notice.segment.code if notice.segment else "",
        "text": notice.text,
        "link": notice.link,
        "starts_at": notice.starts_at.isoformat(),
        "ends_at": notice.ends_at.isoformat() if notice.ends_at else "",
    }
    return {name: value for name, value in said.items() if value}


NOTIFY = """
INSERT INTO notices_notice
       (club_id, audience, member_id, "right", text, link, starts_at, ends_at, document, author, withdrawn_by)
SELECT %(club)s, 'member', n.member_id, '', n.text, n.link, %(now)s, n.ends_at, n.document, %(author)s, ''
FROM unnest(%(members)s::bigint[], %(texts)s::text[], %(links)s::text[], %(documents)s::text[],
            %(ends)s::timestamptz[]) AS n (member_id, text, link, document, ends_at)
ON CONFLICT DO NOTHING
"""
