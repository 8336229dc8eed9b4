"""The leads that pages are looked at with: in several stages, one late, one won by a purchase and one lost."""

from datetime import timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone

from club.awards import import_runs
from club.members.models import Member
from club.purchases.orders import PurchaseOrder
from club.purchases.services import record_purchase
from core.events import consume_all
from crm.leads.assigning import experts
from crm.leads.importing import LEADS
from crm.leads.services import NewLead, lose_lead, move_lead, register_lead, update_lead
from crm.leads.settings import Rule, add_rule

PHONE = "0935770{:04}"
KNOWN = PHONE.format(1)


def register_leads(referrer_id: int, actor: str) -> dict[str, Any]:
    """One of each kind."""
    now = timezone.now()
    act: dict[str, Any] = {"actor": actor, "now": now}
    today = timezone.localdate()
    owner = experts()[0].pk
    new = NewLead(
        phone=KNOWN, name="شرکت مهندسی پایدارسازان آریا گستر خاورمیانه", kind="company", email="info@example.com",
        source="نمایشگاه", expected_rial=2_500_000_000, owner_id=owner, next_activity="فرستادن پیش‌فاکتور",
        next_activity_on=today - timedelta(days=2), note="قهوهٔ جلسه‌ها\nماهی صد کیلو",
    )  # fmt: skip
    first = register_lead(new, **act)
    move_lead(first.pk, "proposal", **act)
    free = register_lead(NewLead(phone=PHONE.format(2), name="مینا راد"), referrer_id=referrer_id, **act)
    update_lead(free.pk, {"owner_id": None}, actor=actor)
    plan = {"next_activity": "تماس دوباره", "next_activity_on": today + timedelta(days=3)}
    register_lead(NewLead(phone=PHONE.format(3), name="رضا کیا", expected_rial=40_000_000, **plan), **act)
    lost = register_lead(NewLead(phone=PHONE.format(4), name="آموزشگاه فردا", kind="institute"), **act)
    lose_lead(lost.pk, "گران بود", "کافهٔ روبه‌رو", **act)
    buyer = Member.objects.filter(visits=0, status="active", phone__isnull=False, merged_into=None).order_by("pk")[0]
    won = register_lead(NewLead(phone=buyer.phone or "", name="خریدار تازه"), **act)
    record_purchase(PurchaseOrder(member_id=buyer.pk, amount=900_000, quiet=True), actor=actor, key="lead", now=now)
    consume_all()
    add_rule(Rule(owner, source="نمایشگاه"), actor=actor)
    return {
        "lead_id": first.pk,
        "free_lead": free.pk,
        "won_lead": won.pk,
        "lost_lead": lost.pk,
        "lead_run_id": _import_leads(act),
    }


def _import_leads(act: dict[str, Any]) -> int:
    """A list of leads that was checked: some are new, one is known, a line has a kind that there is not."""
    lines = ["نام,موبایل,نوع,مبلغ پیش‌بینی", f"پایدارسازان,{KNOWN},شرکت,", f"هتل سپید,{PHONE.format(8)},هتل,"]
    lines += [f"شهرداری منطقه,{PHONE.format(6)},سازمان دولتی,۲۰۰۰۰۰۰۰", f"زهرا امینی,{PHONE.format(7)},شخص,"]
    sent = BytesIO("\n".join(lines).encode())
    run = import_runs.upload("بانک مشتریان بالقوه.csv", sent, subject=LEADS, **act)
    import_runs.work(now=act["now"])
    return run.pk
