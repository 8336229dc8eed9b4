"""A member's card for the staff: who it is, what they have and what of it ends, how they buy, what to remember."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.rights import Person, actor_of
from club.ledger.models import Unit
from club.ledger.selectors import Balances, Ending, balances, next_ending, not_yet_usable
from club.members.consent import consents_of
from club.members.models import AgentCode, Member, RulesAcceptance, Segment
from club.members.notes import notes_of
from club.members.own_fields import fields_in_use, value_of
from club.members.rulebook import last_acceptance
from club.members.scores import MemberScore, score_of
from club.members.selectors import get_member, open_segments, segments_of
from club.purchases.mission_standings import Badge, Standing, badges_of, standings_of
from club.purchases.models import Purchase
from club.purchases.selectors import favourite_group, member_purchases
from club.tiers.ladder import Step, next_step, step_of
from club.tiers.selectors import TierEnd, end_of_tier, ladder
from core.errors import NotFound, Text
from core.jalali import last_day, local_date
from core.money import UNITS, round_half_up
from core.tenancy.scope import current_club
from crm.referrals.links import CHANNEL, NETWORKS
from desk.manager.record import actors
from desk.members.timeline import FIRST_SEEN, Happening, happenings
from tickets.models import Ticket
from tickets.selectors import open_complaints

LAST_PURCHASES = 5
LATEST = 8
SOURCES: dict[str, Text] = {
    "till": _("صندوق"),
    "import": _("ورود داده"),
    "api": _("برنامهٔ دیگر"),
    "portal": _("پنل عضو"),
    "join": _("صفحهٔ عضویت"),
    "counter": _("کد روی پیشخوان"),
    "invitation": _("دعوت‌نامه"),
    CHANNEL: _("معرفی"),
}


def source_in_words(source: str) -> Text:
    """Where a member came from, as people say it; with the counter or the invitation, where it is known."""
    kind, _colon, which = source.partition(":")
    if not which or kind not in SOURCES:
        return SOURCES.get(source, source)
    named = NETWORKS.get(which, which) if kind == CHANNEL else which
    return _("%(source)s، %(which)s") % {"source": SOURCES[kind], "which": named}


CONSENT_SOURCES: dict[str, Text] = {
    "sms": _("با پیامک خودش"),
    "portal": _("در پنل عضو"),
    "join": _("هنگام عضویت"),
    "staff": _("به دست کارکنان"),
    "import": _("از فایل ورود اعضا"),
}
MOST_CONSENTS = 10


@dataclass(frozen=True)
class Said:
    """A yes or no to messages as it is shown: over which channel, when, where, and the words."""

    channel: str
    given: bool
    at: datetime
    source: Text
    words: str


@dataclass(frozen=True)
class Part:
    """A part of what the member has with a day of its own: the last one it is good for, or the first one."""

    amount: int
    is_points: bool
    day: date
    is_ending: bool
    is_idle: bool = False
    """Whether each purchase moves its end."""


@dataclass(frozen=True)
class Written:
    """A note as it is shown."""

    id: int
    text: str
    is_pinned: bool
    author: str
    at: datetime
    is_own: bool
    was_changed: bool


@dataclass(frozen=True)
class Way:
    """The tier that is held, and the way to the next one."""

    held: Step | None
    following: Step | None
    reached: int
    missing: int
    ends: TierEnd | None
    floor: Step | None
    """The tier below which a hand keeps the member for good."""
    has_tiers: bool


@dataclass(frozen=True)
class MemberCard:
    """Everything the page shows, ready."""

    member: Member
    balances: Balances
    parts: tuple[Part, ...]
    way: Way
    average: int
    favourite: str
    purchases: list[Purchase]
    notes: tuple[Written, ...]
    custom: tuple[tuple[str, Any, bool], ...]
    source: Text
    referrer: Member | None
    agent: AgentCode | None
    consents: tuple[Said, ...]
    accepted: RulesAcceptance | None
    latest: list[Happening]
    missions: list[Standing]
    badges: list[Badge]
    score: MemberScore | None
    segments: list[Segment]
    complaints: list[tuple[Ticket, bool]]
    """Those that wait for their end, and whether the reader may open them."""
    lists: list[Segment]
    """Those that the member could be put on."""


def member_here(member_id: int) -> Member:
    """The member whose page it is; NotFound for an unknown id, another club's, or one that was erased."""
    member = get_member(member_id)
    if member.status == Member.Status.ERASED:
        raise NotFound
    return member


def card_of(member: Member, *, user: Person, now: datetime) -> MemberCard:
    """The card at the moment; `user` is who looks at it and may change own notes."""
    visits, inside = member.visits, segments_of(member.pk)
    return MemberCard(
        member=member,
        balances=balances(member.pk, now),
        parts=_parts(member.pk, now),
        way=_way(member, now),
        missions=standings_of(member, at=now),
        badges=badges_of(member.pk),
        score=score_of(member.pk),
        average=round_half_up(member.spent_rial, visits, step=UNITS[current_club().currency_unit].rial)
        if visits
        else 0,
        favourite=favourite_group(member.pk),
        purchases=member_purchases(member.pk, limit=LAST_PURCHASES),
        notes=_notes(member.pk, actor_of(user)),
        custom=_custom(member),
        source=source_in_words(member.source),
        referrer=member.referred_by,
        agent=member.agent_code,
        consents=tuple(
            Said(row.get_channel_display(), row.given, row.at, CONSENT_SOURCES.get(row.source, row.source), row.text)
            for row in consents_of(member.pk)[:MOST_CONSENTS]
        ),
        accepted=last_acceptance(member.pk),
        latest=happenings(member.pk, FIRST_SEEN, limit=LATEST),
        segments=inside,
        complaints=open_complaints(member.pk, user),
        lists=[one for one in open_segments() if not one.is_live and one not in inside],
    )


def _parts(member_id: int, now: datetime) -> tuple[Part, ...]:
    zone = current_club().time_zone
    ends = [_part(row, last_day(row.expires_at, zone), is_ending=True) for row in next_ending(member_id, now).values()]
    begins = [_part(row, local_date(row.expires_at, zone), is_ending=False) for row in not_yet_usable(member_id, now)]
    return tuple(sorted([*ends, *begins], key=lambda part: part.day))


def _part(row: Ending, day: date, *, is_ending: bool) -> Part:
    return Part(row.amount, row.unit == Unit.POINTS, day, is_ending, row.is_idle)


def _way(member: Member, now: datetime) -> Way:
    steps = ladder(member.pk, now)
    held, following = step_of(steps, member.tier_code), next_step(steps, member.tier_code)
    ends, floor = end_of_tier(member.pk, steps, member.tier_code, member.tier_floor), step_of(steps, member.tier_floor)
    if following is None:
        return Way(held, None, 0, 0, ends, floor, bool(steps))
    reached = max(0, min(following.reached, following.threshold))
    return Way(held, following, reached, following.threshold - reached, ends, floor, has_tiers=True)


def _notes(member_id: int, reader: str) -> tuple[Written, ...]:
    rows = notes_of(member_id)
    names = actors(row.author for row in rows) if rows else {}
    return tuple(
        Written(
            id=row.pk,
            text=row.text,
            is_pinned=row.is_pinned,
            author=names[row.author],
            at=row.changed_at or row.written_at,
            is_own=row.author == reader,
            was_changed=row.changed_at is not None,
        )
        for row in rows
    )


def _custom(member: Member) -> tuple[tuple[str, Any, bool], ...]:
    """Label, value and whether it is a day of the club's own fields; also of those that have no value yet."""
    return tuple((own.label, value_of(own, member.custom.get(own.code)), own.kind == "date") for own in fields_in_use())
