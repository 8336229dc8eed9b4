"""What the demo café rewards besides purchases: birthdays, joining, a story on Instagram; and traces of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from club.awards.naming import known_codes
from club.members.models import CustomField, Member
from club.members.services import update_member
from config.demo.cast import DemoClub
from core.jalali import local_date
from core.tenancy.scope import club_zone
from crm.occasions.activities import Activity, add_type, record_activity
from offers.services import create_offer, move_offer
from sms.editing import set_words
from sms.kinds import kind_of
from sms.wording import default_text

MARRIED = timedelta(days=4 * 365 - 5)
"""Some days short of four years: the anniversary comes soon."""
STORY = ("story", "استوری اینستاگرام")
WEDDING = ("wedding", "سالگرد ازدواج")
TOLD = ("named_day-mothers_day", "named_day-yalda", "own_day-wedding", "anniversary")
"""What the café tells its members of, beyond what every club does."""
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
    {
        "name": "یلدا و روز مادر",
        "summary": "شب یلدا و روز مادر ۱۵٪ خریدت اعتبار می‌شود.",
        "goal": "thank",
        "trigger": "purchase",
        "when": {"fact": "named_day", "op": "in", "value": ["yalda", "mothers_day"]},
        "benefit": {"kind": "credit_percent", "percent": 15},
    },
)


def define_occasions(plan: DemoClub, *, now: datetime) -> None:
    """The type of activity, the day of the members' own and what is told; the offers that answer. The café's alone."""
    if plan.trade != "cafe":
        return
    CustomField.objects.create(code=WEDDING[0], label=WEDDING[1], kind=CustomField.Kind.DATE, position=9)
    for code in TOLD:
        set_words(kind_of(code), text=default_text(kind_of(code)), enabled=True, actor="system")
    add_type(code=STORY[0], name=STORY[1], actor="system")
    known = known_codes()
    for said in OFFERS:
        move_offer(create_offer(said, known=known, actor="system").pk, "publish", actor="system", now=now)


def live_occasions(plan: DemoClub, members: Sequence[int], *, actor: str, now: datetime) -> None:
    """Stories and weddings of a few members; noted once, however often the story is told."""
    if plan.trade != "cafe":
        return
    for member in Member.objects.filter(pk__in=members).order_by("pk"):
        wedding = local_date(now, club_zone()) - MARRIED
        update_member(member.pk, {"custom": {**member.custom, WEDDING[0]: wedding.isoformat()}}, actor=actor)
    for member_id in members:
        order = Activity(member_id, STORY[0], note="عکس لاته با برگ پاییزی", quiet=True)
        record_activity(order, actor=actor, key=f"demo:{plan.slug}:story:{member_id}", now=now)
