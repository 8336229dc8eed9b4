"""Missions in tests, in one line each."""

from datetime import UTC, datetime
from typing import Any

from club.awards.naming import known_codes
from club.missions.models import Mission, MissionWin
from club.missions.services import create_mission, publish_mission

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
POINTS = {"kind": "points_amount", "points": 50}
CREDIT = {"kind": "credit_amount", "amount": 100_000}


def draft(**said: Any) -> Mission:
    """A draft: three purchases bring fifty points, once."""
    values = {"name": "سه خرید", "counts": "visits", "target": 3, "benefit": POINTS, "starts_at": SINCE, **said}
    return create_mission(values, known=known_codes(), actor="user:1", now=SINCE)


def mission(**said: Any) -> Mission:
    """The same, live."""
    return publish_mission(draft(**said).pk, known=known_codes(), actor="user:1", now=SINCE)


def stamp_card(**said: Any) -> Mission:
    """Each third purchase brings fifty points."""
    return mission(**{"again": "each", **said})


def rounds(mission: Mission) -> list[tuple[str, int]]:
    """The rounds that were won and still hold."""
    held = MissionWin.objects.filter(mission=mission, taken_back=False).order_by("window", "number")
    return list(held.values_list("window", "number"))
