"""The segments that pages are looked at with: a live one with a badge and some past, a list, one put away."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from club.members.models import SegmentDay
from core.jalali import local_date
from crm.segments.recounting import recount
from crm.segments.services import archive_segment, create_segment, put_list
from tests.offering import publish


def divide(member_id: int, actor: str) -> dict[str, Any]:
    """Make them; the ids of the live one and of the list."""
    now = timezone.now()
    by: dict[str, Any] = {"actor": actor, "now": now}
    rules = {"all": [{"fact": "spent_in_days", "op": "gte", "value": 1_000_000, "of": 90}]}
    loyal = create_segment(
        {"name": "وفاداران", "kind": "live", "rules": rules, "badge": "gold", "code": "faithful"}, **by
    )
    recount(loyal, now=now)
    for days in range(1, 20):
        day = local_date(now) - timedelta(days=days)
        SegmentDay.objects.create(segment=loyal, day=day, size=9 - days % 4, entered=days % 3, left=days % 2)
    listed = create_segment({"name": "مهمان‌های افتتاحیه", "kind": "static", "description": "از دفتر مهمان‌ها"}, **by)
    put_list(listed.pk, [member_id], whole=False, **by)
    old = create_segment({"name": "یلدای پارسال", "kind": "static"}, **by)
    archive_segment(old.pk, **by)
    publish(
        "قهوهٔ وفاداری",
        {"kind": "credit_percent", "percent": 3},
        when={"fact": "segment", "op": "has", "value": "faithful"},
    )
    return {"segment_id": loyal.pk, "listed_segment": listed.pk}
