"""Leads of the demo clubs' sales expert: one in each stage, one late, one lost to a rival; the last is nobody's."""

from datetime import datetime, timedelta
from typing import Any

from config.demo.cast import DemoClub
from core.jalali import local_date
from core.money import UNITS
from core.tenancy.scope import current_club
from crm.leads.services import NewLead, lose_lead, move_lead, register_lead, update_lead
from crm.leads.stages import open_stages

FIRST_LEAD = 980  # beyond all who are in the story
# Name, kind, source, expected amount in the club's unit, what to do next and in how many days; one for each stage.
LEADS: tuple[tuple[str, str, str, int, str, int], ...] = (
    ("مینا راد", "person", "اینستاگرام", 400_000, "", 0),
    ("شرکت نرم‌افزاری پگاه", "company", "نمایشگاه", 12_000_000, "زنگ برای قرار حضوری", 2),
    ("آموزشگاه زبان فردا", "institute", "معرفی مشتری", 6_500_000, "فرستادن پیش‌فاکتور", 1),
    ("شهرداری ناحیهٔ ۳", "public_body", "مناقصه", 30_000_000, "پیگیری پیشنهاد قیمت", -2),
    ("رضا کیا", "person", "رهگذر", 900_000, "جواب نهایی", 4),
)


def register_leads(plan: DemoClub, *, now: datetime) -> None:
    """What the staff have been working on for two weeks."""
    unit, today = UNITS[current_club().currency_unit].rial, local_date(now)
    act: dict[str, Any] = {"actor": "system"}
    for place, (stage, lead) in enumerate(zip(open_stages(), LEADS, strict=True)):
        name, kind, source, amount, to_do, days = lead
        new = NewLead(
            phone=_phone(plan, place),
            name=name,
            kind=kind,
            source=source,
            expected_rial=amount * unit,
            next_activity=to_do,
            next_activity_on=today + timedelta(days=days) if to_do else None,
        )
        made = register_lead(new, now=now - timedelta(days=14 - place), **act)
        move_lead(made.pk, stage.code, now=now - timedelta(days=2), **act)
    update_lead(made.pk, {"owner_id": None}, **act)
    gone = NewLead(
        phone=_phone(plan, len(LEADS)),
        name="هتل آسمان",
        kind="company",
        source="نمایشگاه",
        expected_rial=4_000_000 * unit,
    )
    lost = register_lead(gone, now=now - timedelta(days=30), **act)
    lose_lead(lost.pk, "قیمت بالا بود", "کافه سپید", now=now - timedelta(days=9), **act)


def _phone(plan: DemoClub, place: int) -> str:
    return f"0912000{plan.first_phone + FIRST_LEAD + place}"
