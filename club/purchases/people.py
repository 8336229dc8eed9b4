"""Members as offers see them outside a purchase: many at once, in a constant number of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection

from club.members.known import Known
from club.members.models import Member
from club.members.selectors import segment_codes
from club.purchases.facts import Figures
from club.purchases.figures import read_figures_of
from core.jalali import local_date
from core.tenancy.scope import club_zone, current_club_id
from offers.asks import Asks
from offers.situation import Person


def people_of(members: Sequence[Member | Known], *, at: datetime, asks: Asks) -> dict[int, Person]:
    """Each of the members as of the moment, by id: their tier and last purchase as they were then."""
    zone = club_zone()
    local = ZoneInfo(zone)
    segments = segment_codes([member.id for member in members])
    found = {member.id: _person(member, local, segments.get(member.id, ())) for member in members}
    later = [member.id for member in members if member.last_purchase_at and member.last_purchase_at > at]
    for member_id, last_purchase, tier in _as_then(later, at):
        last = last_purchase and local_date(last_purchase, zone)
        found[member_id] = replace(found[member_id], last_purchase=last, tier=tier)
    if asks and found:
        for member_id, figures in read_figures_of(list(found), at, asks).items():
            found[member_id] = _with_figures(found[member_id], figures)
    return found


def _person(member: Member | Known, zone: ZoneInfo, segments: Iterable[str]) -> Person:
    last: date | None = member.last_purchase_at.astimezone(zone).date() if member.last_purchase_at else None
    return Person(
        id=member.id,
        visit_number=member.visits,
        is_first_purchase=False,
        tier=member.tier_code,
        segments=frozenset(segments),
        tags=frozenset(member.tags),
        birth_date=member.birth_date,
        last_purchase=last,
        enrolled=member.enrolled_at.astimezone(zone).date(),
        gender=member.gender,
        referred=member.counts_as_referred,
        source=member.source,
        custom=member.custom,
    )


def _with_figures(person: Person, figures: Figures) -> Person:
    return replace(
        person,
        spent=figures.spent,
        visits=figures.visits,
        mean_basket=figures.mean_basket,
        usual_gap=figures.usual_gap,
    )


def _as_then(member_ids: Sequence[int], at: datetime) -> list[tuple[int, datetime | None, str]]:
    if not member_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(AS_THEN, {"club": current_club_id(), "members": list(member_ids), "at": at})
        return list(cursor.fetchall())


AS_THEN = """
SELECT m.id, (
        SELECT max(occurred_at) FROM purchases_purchase p WHERE p.club_id = m.club_id AND p.member_id = m.id
          AND p.occurred_at <= %(at)s AND NOT p.fully_refunded),
    coalesce((
        SELECT to_code FROM members_tierchange t WHERE t.club_id = m.club_id AND t.member_id = m.id AND t.at <= %(at)s
        ORDER BY t.at DESC, t.id DESC LIMIT 1), m.tier_code)
FROM members_member m WHERE m.club_id = %(club)s AND m.id = ANY(%(members)s)
"""
