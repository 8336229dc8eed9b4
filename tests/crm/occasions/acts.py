"""Occasions in tests, in one line each."""

from datetime import date, datetime, timedelta
from typing import Any

from club.ledger.book import lock_book
from club.members.models import Member
from core import events
from core.jalali import day_bounds, from_jalali, local_date
from crm.occasions.activities import Activity, ActivityReceipt, record_activity
from crm.occasions.models import Occasion
from sms.editing import set_words
from sms.kinds import kind_of
from sms.models import OutboxMessage
from sms.wording import default_text
from tests.shop import NOON, Shop

FIFTY = {"kind": "points_amount", "points": 50}
TODAY = local_date(NOON)  # 1 Azar 1405
YALDA = from_jalali(1405, 9, 30)


def morning(day: date) -> datetime:
    """When the daily jobs run, near enough."""
    return day_bounds(day)[0].replace(minute=40)


def points(member: Member) -> int:
    return lock_book(member.pk, lock=False).points.balance


def occasions(member: Member) -> list[str]:
    rows = Occasion.objects.filter(member=member).order_by("pk")
    return [f"{row.key}{':' + str(len(row.awards)) if row.awards else ''}" for row in rows]


def did(shop: Shop, member: Member, kind: str, *, key: str = "", **more: Any) -> ActivityReceipt:
    shop.keys += 1
    order = Activity(member.pk, kind, **more)
    return record_activity(order, actor="user:1", key=key or f"did-{shop.keys}", now=NOON)


def hear() -> None:
    """Let every consumer read what there is."""
    events.consume_all()


def switch(code: str, *, on: bool = True) -> None:
    kind = kind_of(code)
    set_words(kind, text=default_text(kind), enabled=on, actor="user:1")


def told(kind: str) -> list[tuple[int, dict[str, Any]]]:
    rows = OutboxMessage.objects.filter(kind=kind).order_by("pk")
    return [(row.member_id, row.context) for row in rows]


def who(kind: str) -> list[int]:
    return [member for member, _context in told(kind)]


def day(offset: int) -> datetime:
    return NOON + timedelta(days=offset)
