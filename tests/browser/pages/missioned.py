"""The missions that pages are looked at with: a card half full, one won with a code, a draft and one that ended."""

from typing import Any

from django.utils import timezone

from club.awards.naming import known_codes
from club.missions.models import Mission
from club.missions.services import create_mission, end_mission, publish_mission
from club.purchases.orders import PurchaseOrder
from club.purchases.services import record_purchase

POINTS = {"kind": "points_amount", "points": 100}
OFF = {"kind": "discount_percent", "percent": 10}
LIVE: tuple[dict[str, Any], ...] = (
    {"name": "کارت مهر", "counts": "visits", "target": 10, "again": "each", "benefit": POINTS, "badge": "پایدار"},
    {"name": "ماه پررونق", "counts": "spent", "target": 90_000_000, "window": "month", "benefit": POINTS},
    {"name": "نخستین قدم", "counts": "visits", "target": 1, "again": "each", "benefit": OFF, "icon": "medal"},
)


def begin_missions(member_id: int, actor: str) -> dict[str, Any]:
    """Live, and filled by what the member has bought since a year and buys now."""
    now = timezone.now()
    begun: dict[str, Any] = {"actor": actor, "known": known_codes(), "now": now}
    since = now.replace(year=now.year - 1)
    for values in LIVE:
        publish_mission(create_mission({**values, "starts_at": since}, **begun).pk, **begun)
    ended = publish_mission(create_mission({**LIVE[0], "name": "مأموریت پارسال"}, **begun).pk, **begun)
    end_mission(ended.pk, actor=actor, now=now)
    draft = create_mission({**LIVE[0], "name": "پیش‌نویس"}, **begun)
    record_purchase(PurchaseOrder(member_id=member_id, amount=400_000), actor=actor, key="filled", now=now)
    live = Mission.objects.get(name="کارت مهر")
    return {"mission_id": live.pk, "drafted_mission": draft.pk, "ended_mission": ended.pk}
