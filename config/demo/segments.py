"""The segments of the demo clubs, as the nights of a month have counted them, with a benefit for the loyal."""

from datetime import datetime, timedelta
from typing import Any

from club.awards.naming import known_codes
from club.members.models import Member, Segment
from config.demo.cast import DemoClub
from core.money import UNITS
from core.tenancy.scope import current_club
from crm.segments.ready import BY_CODE
from crm.segments.recounting import recount
from crm.segments.services import create_segment, put_list
from offers.services import create_offer
from reports.effect.forecasting import publish_offer
from reports.rfm.scoring import score_members

NIGHTS = 30
GUESTS = 6
BIG = 1_500_000
"""So much in three months, in the unit of the club."""


def divide_members(plan: DemoClub, *, actor: str, now: datetime) -> None:
    """Divide the members; done once, however often the story is told."""
    if Segment.objects.exists():
        return
    made = [_made(code, actor, now) for code in ("loyal", "lapsing", "big")]
    for ago in range(NIGHTS, -1, -1):
        night = now - timedelta(days=ago)
        score_members(now=night)
        for segment in made:
            segment.refresh_from_db()
            recount(segment, now=night)
    guests = {"name": "مهمان‌های افتتاحیه", "kind": "static", "code": "opening", "description": "از دفتر مهمان‌ها"}
    listed = create_segment(guests, actor=actor, now=now)
    first = Member.objects.order_by("pk").values_list("pk", flat=True)[:GUESTS]
    put_list(listed.pk, list(first), whole=True, actor=actor, now=now)
    _thank(actor, now)


def _made(code: str, actor: str, now: datetime) -> Segment:
    ready = BY_CODE[code]
    rules: dict[str, Any] = dict(ready.rules)
    if code == "big":
        rules["value"] = BIG * UNITS[current_club().currency_unit].rial
    said = {"name": str(ready.name), "kind": "live", "code": code, "badge": ready.badge, "rules": {"all": [rules]}}
    return create_segment(said, actor=actor, now=now)


def _thank(actor: str, now: datetime) -> None:
    said = {
        "name": "سپاس از وفاداران",
        "summary": "برای تو که همیشه هستی: ۳ درصد اعتبار بیشتر در هر خرید",
        "trigger": "purchase",
        "goal": "thank",
        "stacking": "always",
        "when": {"all": [{"fact": "segment", "op": "eq", "value": "loyal"}]},
        "benefit": {"kind": "credit_percent", "percent": 3},
    }
    publish_offer(create_offer(said, known=known_codes(), actor=actor).pk, actor=actor, now=now)
