"""The campaigns that pages are looked at with: one that is over, one stopped for credit, one for later, a draft, and notices."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from crm.campaigns import running
from crm.campaigns.drafting import create_draft, fingerprint
from crm.campaigns.models import Campaign
from sms.models import OutboxMessage

TEXT = "{club}\n[[{name} عزیز، ]]شب یلدا تا نیمه‌شب بازیم؛ منتظرت هستیم."


def begin_campaigns(actor: str) -> dict[str, Any]:
    """Their ids."""
    now = timezone.now()
    draft = create_draft({"name": "بازگشت زمستانی", "text": TEXT, "control_bp": 1_000}, actor=actor)
    later = create_draft({"name": "نوروز", "text": TEXT, "starts_at": now + timedelta(days=90)}, actor=actor)
    done = create_draft({"name": "یلدا", "text": TEXT, "control_bp": 2_000}, actor=actor)
    stopped = create_draft({"name": "حراج پاییز", "text": TEXT}, actor=actor)
    for campaign in (done, stopped):
        _send(campaign, actor)
    running.stop_for_credit(now=now)
    Campaign.objects.filter(pk=done.pk).update(status="done", error="")
    sent = OutboxMessage.objects.filter(document=done.document)
    sent.update(status="delivered", error_code="", cost_rial=1_200, parts=1)
    sent.filter(pk__in=list(sent.values_list("pk", flat=True)[:2])).update(status="failed", error_code="411")
    _send(later, actor)
    notice = create_draft({"name": "ساعت کار عید", "channel": "panel", "text": TEXT}, actor=actor)
    _send(notice, actor)
    return {
        "campaign_id": done.pk,
        "told_campaign": notice.pk,
        "drafted_campaign": draft.pk,
        "stopped_campaign": stopped.pk,
        "later": later.pk,
    }


def _send(campaign: Campaign, actor: str) -> None:
    now = timezone.now()
    running.send(campaign.pk, key=f"campaign-{campaign.pk}", seen=fingerprint(campaign), actor=actor, now=now)
    running.work(now=now)
