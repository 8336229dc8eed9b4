"""Finding members."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from club.members.agent_codes import agent_codes
from club.members.cards import refuse_blocked
from club.members.models import AgentCode, Member, NameToken, Segment, SegmentMember
from club.members.referral_codes import normal_code
from core.errors import NotFound
from core.phones import InvalidPhone, normalise_phone
from core.tenancy.scope import current_club_id
from core.text import latin_digits, search_key

MOST_MERGED = 50
AFTER_EVERY_LETTER = "\U0010ffff"


@dataclass(frozen=True)
class MemberHit:
    """What a search shows of a member."""

    id: int
    name: str
    phone: str | None
    card: str | None
    tier_code: str
    last_purchase_at: datetime | None
    is_blocked: bool


def get_member(member_id: int) -> Member:
    """The member, or NotFound (also for another club's)."""
    member = Member.objects.filter(pk=member_id).first() if 0 < member_id < 2**63 else None
    if member is None:
        raise NotFound
    return member


def member_by_phone(phone: str) -> Member | None:
    """The member with this phone in any form; None for an unknown or wrong one."""
    try:
        found = Member.objects.select_related("merged_into").filter(phone=normalise_phone(phone)).first()
    except InvalidPhone:
        return None
    return found.merged_into or found if found else None


def records_of(member_id: int) -> list[int]:
    """The ids under which the club has known this member: the own one first, then of records that were merged."""
    return [member_id, *Member.objects.filter(merged_into=member_id).order_by("pk").values_list("pk", flat=True)]


def is_open_code(code: str) -> bool:
    """Whether somebody may still be brought by this referral code, of a member or an agent."""
    given = normal_code(code)
    members = Member.objects.filter(referral_code=given).exclude(status=Member.Status.ERASED)
    return members.exists() or AgentCode.objects.filter(code=given, is_active=True).exists()


def find_members(text: str, *, limit: int = 8) -> list[MemberHit]:
    """Members by phone, last digits, card, external id, or name in any spelling; the newest buyer first."""
    newest_buyer = F("last_purchase_at").desc(nulls_last=True)
    return [hit_of(member) for member in search(text).order_by(newest_buyer, "-id")[:limit]]


def search(text: str) -> QuerySet[Member]:
    """The members that the text finds, as a queryset of the scope's club; none for a text of no use."""
    code = latin_digits(text).strip()
    digits = "".join(code.split()).replace("-", "")
    members: QuerySet[Member] = Member.objects.exclude(status=Member.Status.ERASED)
    if digits.isascii() and digits.lstrip("+").isdigit():
        return _with_survivors(_by_number(Member.objects.all(), digits, code))
    if code.isascii() and code.isprintable() and any(letter.isdigit() for letter in code):
        # "C-1001": no name has digits
        return _with_survivors(Member.objects.filter(_exactly(code)))
    words = search_key(text).split()
    if not words:
        return members.none()
    for word in words[:4]:
        tokens = NameToken.objects.filter(token__gte=word, token__lt=word + AFTER_EVERY_LETTER)
        members = members.filter(pk__in=tokens.values("member_id"))
    return members


def _with_survivors(found: QuerySet[Member]) -> QuerySet[Member]:
    """These records but the erased, and for merged ones who took them over.

    Those are asked for first: a subquery in their place would be joined by reading all members.
    """
    merged = found.filter(merged_into__isnull=False).values_list("merged_into_id", flat=True)
    survivors = [member_id for member_id in merged[:MOST_MERGED] if member_id]
    members = found | Member.objects.filter(pk__in=survivors) if survivors else found
    return members.exclude(status=Member.Status.ERASED)


def _survivors(found: QuerySet[Member]) -> list[int]:
    """Who stands for these records: each itself, and for a merged one who took it over."""
    return list(found.values_list(Coalesce("merged_into_id", "pk"), flat=True))


def _exactly(*codes: str) -> Q:
    return Q(card__in=codes) | Q(external_id__in=codes)


def _by_number(members: QuerySet[Member], digits: str, code: str) -> QuerySet[Member]:
    try:
        phone = normalise_phone(digits)
    except InvalidPhone:
        phone = ""
    if phone:
        return members.filter(phone=phone)
    if len(digits) >= 12:
        return members.filter(_exactly(digits, code))
    if len(digits) < 3:
        return members.none()
    exact = members.filter(_exactly(digits, code))
    tail = digits[::-1]
    by_tail = members.filter(phone_reversed__gte=tail, phone_reversed__lt=tail + "a")
    head = (
        members.filter(phone__gte=digits, phone__lt=digits + "a")
        if digits.startswith("09") and len(digits) > 4
        else None
    )
    return exact | by_tail | head if head is not None else exact | by_tail


def hit_of(member: Member) -> MemberHit:
    """What a search shows of this member."""
    return MemberHit(
        id=member.pk,
        name=member.full_name,
        phone=member.phone,
        card=member.card,
        tier_code=member.tier_code,
        last_purchase_at=member.last_purchase_at,
        is_blocked=member.status == Member.Status.BLOCKED,
    )


def owner_of_code(code: str) -> tuple[int | None, int | None]:
    """Whose referral code this is: the id of a member, or that of an agent whose code is open; else nobody's."""
    wanted = normal_code(code)
    known = Member.objects.filter(referral_code=wanted).first() if wanted else None
    if known is not None:
        return (known.merged_into_id or known.pk, None)
    rows = AgentCode.objects.filter(code=wanted, is_active=True)
    return (None, rows.values_list("agent_id", flat=True).first())


def referrers_codes(rows: Iterable[Member]) -> dict[int, str]:
    """For each of the members the code of who brought them, a member's or an agent's; who came alone is left out."""
    rows = list(rows)
    above = {row.referred_by_id for row in rows if row.referred_by_id}
    codes = dict(Member.objects.filter(pk__in=above).values_list("pk", "referral_code")) if above else {}
    agents = agent_codes({row.agent_code_id for row in rows if row.agent_code_id})
    found = {row.pk: codes.get(row.referred_by_id or 0) or agents.get(row.agent_code_id or 0) for row in rows}
    return {member_id: code for member_id, code in found.items() if code}


def listed(*, phone: str | None = None, card: str | None = None, text: str | None = None) -> QuerySet[Member]:
    """Members by whole phone (in stored form), whole card number and search text; all that are given must hold.

    Raises CardBlocked.
    """
    rows: QuerySet[Member] = search(text) if text else Member.objects.all()
    if phone is not None:
        rows = rows.filter(pk__in=_survivors(Member.objects.filter(phone=phone)))
    if card is None:
        return rows
    refuse_blocked(card)
    return rows.filter(pk__in=_survivors(Member.objects.filter(card=card)))


def segments_of(member_id: int) -> list[Segment]:
    """The segments that the member is in, by name; archived ones hold for nobody."""
    rows = SegmentMember.objects.filter(member=member_id, segment__archived_at=None).values("segment_id")
    return list(Segment.objects.filter(pk__in=rows))


def badges_of(member_id: int) -> list[Segment]:
    """The segments with a badge that the member is in, by name."""
    rows = SegmentMember.objects.filter(member=member_id, segment__archived_at=None).values("segment_id")
    return list(Segment.objects.filter(pk__in=rows).exclude(badge=""))


def segment_codes(member_ids: Collection[int]) -> dict[int, list[str]]:
    """The codes of the segments that each of these members is in, in one query; who is in none is left out."""
    found: dict[int, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(SEGMENTS_OF_MANY, {"club": current_club_id(), "members": list(member_ids)})
        for member_id, code in cursor.fetchall():
            found.setdefault(member_id, []).append(code)
    return found


def members_in(segment_id: int) -> QuerySet[Member]:
    """The members of the segment now; nobody of an archived one."""
    rows = SegmentMember.objects.filter(segment=segment_id, segment__archived_at=None)
    return Member.objects.filter(pk__in=rows.values("member_id")).exclude(status=Member.Status.ERASED)


def open_segments() -> list[Segment]:
    """The segments that are not archived, by name."""
    return list(Segment.objects.filter(archived_at=None))


# The codes of a member `m`, as `segment_codes` has them, within a larger statement.
SEGMENTS_OF_M = """
ARRAY(SELECT s.code FROM members_segmentmember sm
      JOIN members_segment s ON s.club_id = sm.club_id AND s.id = sm.segment_id AND s.archived_at IS NULL
      WHERE sm.club_id = m.club_id AND sm.member_id = m.id ORDER BY s.code)
"""
SEGMENTS_OF_MANY = """
SELECT sm.member_id, s.code FROM members_segmentmember sm
JOIN members_segment s ON s.club_id = sm.club_id AND s.id = sm.segment_id AND s.archived_at IS NULL
WHERE sm.club_id = %(club)s AND sm.member_id = ANY(%(members)s) ORDER BY s.code
"""
