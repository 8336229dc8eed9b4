"""What a panel shows: the notices of one reader, how many of them are new, and how far a notice has come.

A notice to everybody is one row, so each reader's are looked for in two places: what is for many and what is the
reader's own. Both are ranges of an index, whatever the number of members.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import StaffRole, User
from accounts.rights import RIGHTS, rights_of
from club.members.models import Member
from club.members.segment_models import SegmentMember
from core.errors import NotFound
from crm.notices.models import Notice, NoticeRead

NEW_FOR = timedelta(days=90)
"""What nobody has looked at for so long is not called new any more."""
SHOWN = 100
"""So many stand on a panel; older ones are past."""


@dataclass(frozen=True)
class Shown:
    """A notice as its reader sees it."""

    id: int
    text: str
    link: str
    at: datetime
    ends_at: datetime | None
    is_new: bool


@dataclass(frozen=True)
class Reach:
    """How many a notice is for as of now, and how many of them have read it."""

    readers: int
    read: int

    @property
    def percent(self) -> int:
        """Of a hundred readers so many have read it."""
        return min(100, round(100 * self.read / self.readers)) if self.readers else 0


def new_for_member(member: Member, *, at: datetime) -> int:
    """How many notices the member has not seen yet; one query."""
    many, own = (rows.filter(_is_new(at)) for rows in _of_member(member, at))
    unseen = Exists(_read_by_member(member))
    return many.exclude(unseen).values("pk").union(own.exclude(unseen).values("pk"), all=True).count()


def notices_of_member(member: Member, *, at: datetime) -> list[Shown]:
    """What the member's panel shows, the newest first."""
    many, own = (rows.annotate(is_read=Exists(_read_by_member(member))) for rows in _of_member(member, at))
    return _shown([*many.order_by("-starts_at", "-pk")[:SHOWN], *own.order_by("-starts_at", "-pk")[:SHOWN]], at)


def new_for_staff(user: User, *, at: datetime) -> int:
    """How many notices to the staff this person has not seen yet; one query."""
    return _of_staff(user, at).filter(_is_new(at)).exclude(Exists(_read_by_user(user))).count()


def notices_of_staff(user: User, *, at: datetime) -> list[Shown]:
    """What the desk shows this person, the newest first."""
    rows = _of_staff(user, at).annotate(is_read=Exists(_read_by_user(user)))
    return _shown(list(rows.order_by("-starts_at", "-pk")[:SHOWN]), at)


def written(*, before: int | None = None, limit: int) -> list[Notice]:
    """Notices that people wrote, the newest first; what the system tells is each reader's own business."""
    rows = Notice.objects.filter(author__startswith="user:", document="").select_related("member", "segment")
    return list((rows.filter(pk__lt=before) if before else rows).order_by("-pk")[:limit])


def get_notice(notice_id: int) -> Notice:
    """The notice, or NotFound (also for another club's)."""
    notice = (
        Notice.objects.select_related("member", "segment").filter(pk=notice_id).first()
        if 0 < notice_id < 2**63
        else None
    )
    if notice is None:
        raise NotFound
    return notice


def reaches(notices: Sequence[Notice]) -> dict[int, Reach]:
    """For how many each notice is and how many have read it; a query for each audience and two for all."""
    rows = NoticeRead.objects.filter(notice__in=[one.pk for one in notices]).values("notice")
    read = dict(rows.annotate(n=Count("pk")).values_list("notice", "n"))
    known: dict[tuple[str, str, int | None], int] = {}
    found = {}
    for one in notices:
        kind = ("one", "", None) if one.member_id or one.user_id else (one.audience, one.right, one.segment_id)
        if kind not in known:
            known[kind] = readers_of(one)
        found[one.pk] = Reach(known[kind], read.get(one.pk, 0))
    return found


def readers_of(notice: Notice) -> int:
    """For how many people a notice is, saved or not, as of now."""
    if notice.audience == Notice.Audience.MEMBER or notice.user_id:
        return 1
    if notice.audience == Notice.Audience.STAFF:
        roles = [role for role, rights in RIGHTS.items() if not notice.right or notice.right in rights]
        staff = StaffRole.objects.filter(is_active=True, role__in=roles)
        return staff.values("user_id").distinct().count()
    return members_of(notice).count()


def members_of(notice: Notice) -> QuerySet[Member]:
    """The members whom a notice to many is for, as of now."""
    members = Member.objects.filter(status=Member.Status.ACTIVE)
    if notice.audience == Notice.Audience.SEGMENT:
        return members.filter(pk__in=SegmentMember.objects.filter(segment=notice.segment_id).values("member"))
    return members


def _open(at: datetime) -> Q:
    return Q(withdrawn_at=None, starts_at__lte=at) & (Q(ends_at=None) | Q(ends_at__gt=at))


def _is_new(at: datetime) -> Q:
    return Q(starts_at__gt=at - NEW_FOR)


def _of_member(member: Member, at: datetime) -> tuple[QuerySet[Notice], QuerySet[Notice]]:
    """What is for many, this member among them, and what is the member's own.

    Whoever joins is not met by what was said to others before, unless it has an end and so still counts.
    """
    still_counts = Q(starts_at__gte=member.enrolled_at) | Q(ends_at__isnull=False)
    held = SegmentMember.objects.filter(segment=OuterRef("segment"), member=member, segment__archived_at=None)
    meant = Q(audience=Notice.Audience.ALL) | Q(Exists(held), audience=Notice.Audience.SEGMENT)
    many = Notice.objects.filter(_open(at), still_counts, meant, member=None)
    return many, Notice.objects.filter(_open(at), member=member)


def _of_staff(user: User, at: datetime) -> QuerySet[Notice]:
    theirs = Q(user=None) & Q(right__in=["", *sorted(rights_of(user))]) | Q(user=user)
    return Notice.objects.filter(_open(at), theirs, member=None, audience=Notice.Audience.STAFF)


def _read_by_member(member: Member) -> QuerySet[NoticeRead]:
    return NoticeRead.objects.filter(notice=OuterRef("pk"), member=member)


def _read_by_user(user: User) -> QuerySet[NoticeRead]:
    return NoticeRead.objects.filter(notice=OuterRef("pk"), user=user)


def _shown(rows: list[Notice], at: datetime) -> list[Shown]:
    rows.sort(key=lambda row: (row.starts_at, row.pk), reverse=True)
    return [
        Shown(
            row.pk,
            row.text,
            row.link,
            row.starts_at,
            row.ends_at,
            is_new=not row.is_read and row.starts_at > at - NEW_FOR,  # type: ignore[attr-defined]
        )
        for row in rows[:SHOWN]
    ]
