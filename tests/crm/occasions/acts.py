"""Occasions in tests, in one line each."""

from datetime import date, datetime
from typing import Any

from club.ledger.book import lock_book
from club.members.models import Member
from core import events
from core.jalali import day_bounds
from crm.occasions.activities import Activity, ActivityReceipt, record_activity
from crm.occasions.models import Occasion
from tests.shop import NOON, Shop

FIFTY = {"kind": "points_amount", "points": 50}


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
