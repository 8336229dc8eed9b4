"""The campaigns of the demo clubs: one that is over with its report, one for later, and a draft."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from config.demo.cast import DemoClub
from crm.campaigns import running
from crm.campaigns.drafting import create_draft, fingerprint
from crm.campaigns.models import Campaign, CampaignMember
from sms.models import OutboxMessage

AGO = timedelta(days=21)
PRICE = 1_290
SPOKEN: dict[str, tuple[dict[str, Any], ...]] = {
    "cafe": (
        {
            "name": "عصرانهٔ پاییزی",
            "text": "{club}\n[[{name} عزیز، ]]عصرهای پاییز قهوه و کیک روز آماده است. منتظرت هستیم.",
            "control_bp": 2_000,
        },
        {
            "name": "شب یلدا",
            "text": "{club}\n[[{name} عزیز، ]]یلدا تا نیمه‌شب بازیم؛ {points_balance} امتیازت را همان شب خرج کن.",
            "control_bp": 1_000,
        },
        {"name": "نوشیدنی تازهٔ زمستان", "text": "{club}\n[[{name} عزیز، ]]هات‌چاکلت تازه رسید."},
    ),
    "shop": (
        {
            "name": "حراج پایان فصل",
            "text": "{club}\n[[{name} عزیز، ]]حراج پایان فصل آغاز شد. تا پنجشنبه منتظرت هستیم.",
            "control_bp": 2_000,
        },
    ),
}


def hold_campaigns(plan: DemoClub, *, actor: str, now: datetime) -> None:
    """Say what the club says to its members; said once, however often the story is told."""
    if Campaign.objects.exists():
        return
    over, *others = (create_draft(said, actor=actor) for said in SPOKEN[plan.trade])
    _send(over, actor, now)
    _let_it_be_over(over)
    for campaign in others[:1]:
        _send_later(campaign, actor, now)


def _send(campaign: Campaign, actor: str, now: datetime) -> None:
    key, seen = f"demo-campaign-{campaign.pk}", fingerprint(campaign)
    running.send(campaign.pk, key=key, seen=seen, actor=actor, now=now)
    running.work(now=now)


def _send_later(campaign: Campaign, actor: str, now: datetime) -> None:
    campaign.starts_at = (now + timedelta(days=5)).replace(minute=0, second=0, microsecond=0)
    campaign.save(update_fields=["starts_at"])
    _send(campaign, actor, now)


def _let_it_be_over(campaign: Campaign) -> None:
    """It was sent weeks ago, and the provider has told of every message since; none of them leaves the machine now."""
    at = timezone.now() - AGO
    sent = OutboxMessage.objects.filter(document=campaign.document)
    told = {"created_at": at, "sent_at": at, "final_at": at, "parts": 2, "cost_rial": 2 * PRICE}
    sent.update(status="delivered", error_code="", **told)
    few = list(sent.order_by("pk").values_list("pk", flat=True)[::12])
    sent.filter(pk__in=few).update(status="undelivered", error_code="state_11")
    CampaignMember.objects.filter(campaign=campaign).update(at=at)
    Campaign.objects.filter(pk=campaign.pk).update(began_at=at, finished_at=at, created_at=at, heartbeat_at=at)
