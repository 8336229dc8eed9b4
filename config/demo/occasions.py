"""What the demo café rewards besides purchases: birthdays, joining, a story on Instagram; and traces of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from club.awards.naming import known_codes
from config.demo.cast import DemoClub
from crm.occasions.activities import Activity, add_type, record_activity
from offers.services import create_offer, move_offer

STORY = ("story", "استوری اینستاگرام")
OFFERS: tuple[dict[str, Any], ...] = (
    {
        "name": "هدیهٔ روز تولد",
        "summary": "روز تولدت ۵۰ هزار تومان اعتبار می‌گیری.",
        "goal": "thank",
        "trigger": "birthday",
        "benefit": {"kind": "credit_amount", "amount": 500_000},
    },
    {
        "name": "هدیهٔ عضویت",
        "summary": "با عضو شدن ۵۰ امتیاز می‌گیری.",
        "goal": "acquire",
        "trigger": "enrolment",
        "benefit": {"kind": "points_amount", "points": 50},
    },
    {
        "name": "استوری با ما",
        "summary": "با هر استوری ۲۰ امتیاز می‌گیری؛ روزی یک بار.",
        "goal": "grow",
        "trigger": f"event:{STORY[0]}",
        "benefit": {"kind": "points_amount", "points": 20},
        "limits": {"per_member_per_day": 1},
    },
)


def define_occasions(plan: DemoClub, *, now: datetime) -> None:
    """The type of activity and the offers that answer to occasions; the café's alone."""
    if plan.trade != "cafe":
        return
    add_type(code=STORY[0], name=STORY[1], actor="system")
    known = known_codes()
    for said in OFFERS:
        move_offer(create_offer(said, known=known, actor="system").pk, "publish", actor="system", now=now)


def live_occasions(plan: DemoClub, members: Sequence[int], *, actor: str, now: datetime) -> None:
    """Stories of a few members; noted once, however often the story is told."""
    if plan.trade != "cafe":
        return
    for member_id in members:
        order = Activity(member_id, STORY[0], note="عکس لاته با برگ پاییزی", quiet=True)
        record_activity(order, actor=actor, key=f"demo:{plan.slug}:story:{member_id}", now=now)
