"""Reads of missions and wins."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet

from club.missions.models import Mission, MissionWin
from club.missions.rules import Rule, rule_of
from core.errors import NotFound

LARGEST = 2**63 - 1
RULE = ("id", "name", "counts", "target", "window", "again", "days", "of", "tier_code", "icon")
# The live missions as JSON for whoever reads the facts of a purchase; `read_rules` takes it.
LIVE_RULES = """
SELECT jsonb_agg(jsonb_build_object('id', id, 'name', name, 'counts', counts, 'target', target,
    'window', "window", 'again', again, 'days', days, 'of', of, 'tier_code', tier_code, 'icon', icon,
    'starts_at', starts_at, 'ends_at', ends_at) ORDER BY id)
FROM missions_mission WHERE club_id = %(club)s AND status = 'live'
    AND (starts_at IS NULL OR starts_at <= %(at)s) AND (ends_at IS NULL OR ends_at > %(at)s)
"""


def get_mission(mission_id: int, *, lock: bool = False) -> Mission:
    """The mission with this id. Raises NotFound."""
    rows = Mission.objects.select_for_update() if lock else Mission.objects
    mission: Mission | None = rows.filter(pk=mission_id).first() if 0 < mission_id <= LARGEST else None
    if mission is None:
        raise NotFound
    return mission


def missions(*, statuses: Iterable[str] = ()) -> list[Mission]:
    """The missions, newest first, in the states named."""
    rows = Mission.objects.filter(status__in=statuses) if statuses else Mission.objects.all()
    return list(rows.order_by("-id"))


def rules(found: Iterable[Mission]) -> list[Rule]:
    """What the missions ask, for reckoning progress."""
    return [_rule(mission) for mission in found]


def wins_of(member_id: int) -> QuerySet[MissionWin]:
    """What the member has won and still has, newest first."""
    rows: QuerySet[MissionWin] = MissionWin.objects.filter(member=member_id, taken_back=False)
    return rows.select_related("mission").order_by("-occurred_at", "-id")


def won_so_far(mission_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """By mission how often it was filled, and by how many members."""
    rows = MissionWin.objects.filter(mission__in=list(mission_ids), taken_back=False).values("mission")
    found = rows.annotate(times=Count("pk"), members=Count("member", distinct=True))
    return {row["mission"]: {name: row[name] for name in ("times", "members")} for row in found}


def _rule(mission: Mission) -> Rule:
    said: dict[str, Any] = {name: getattr(mission, name) for name in RULE}
    moments = {name: getattr(mission, name) for name in ("starts_at", "ends_at")}
    return rule_of({**said, **{name: value and value.isoformat() for name, value in moments.items()}})
