"""The missions of the demo clubs: a stamp card, and one for each month; the purchases of their history fill them."""

from datetime import datetime, timedelta
from typing import Any

from club.awards.naming import known_codes
from club.missions.services import create_mission, publish_mission
from config.demo.cast import DemoClub

BEFORE = timedelta(days=60)
MISSIONS: dict[str, tuple[dict[str, Any], ...]] = {
    "cafe": (
        {
            "name": "ده فنجان قهوه",
            "about": "ده فنجان که نوشیدی، یازدهمی مهمان مایی.",
            "counts": "units",
            "of": ["coffee"],
            "target": 10,
            "again": "each",
            "benefit": {"kind": "free_item", "product": "espresso", "quantity": 1},
            "badge": "رفیق کافه",
            "icon": "coffee",
        },
        {
            "name": "چهار خرید در ماه",
            "counts": "visits",
            "target": 4,
            "window": "month",
            "again": "window",
            "benefit": {"kind": "points_amount", "points": 50},
            "badge": "همیشگی",
            "icon": "trophy",
        },
    ),
    "shop": (
        {
            "name": "سه گروه را ببین",
            "counts": "groups",
            "target": 3,
            "benefit": {"kind": "points_amount", "points": 80},
            "badge": "کاوشگر",
            "icon": "medal",
        },
    ),
}


def define_missions(plan: DemoClub, *, now: datetime) -> None:
    """What members of the club have been filling for two months."""
    begun: dict[str, Any] = {"known": known_codes(), "actor": "system", "now": now - BEFORE}
    for values in MISSIONS[plan.trade]:
        publish_mission(create_mission(values, **begun).pk, **begun)
