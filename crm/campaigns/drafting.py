"""Campaigns before they are sent: made, changed, thrown away, looked at for what is missing."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from club.awards.granting import GrantOrder, open_grant
from club.members.segment_models import Segment
from club.rewards.models import Grant
from core import audit
from core.errors import Conflict, NotFound, Text, ValidationFailed
from core.money import BP
from core.reading import MOST_RIAL
from core.tenancy.scope import current_club
from core.text import clean_name, persian_letters
from crm.campaigns import states
from crm.campaigns.models import Campaign
from crm.campaigns.wording import code_ends_at, faults, says_an_end
from offers.models import Offer
from sms.lint import lint, stops

Gives = Campaign.Gives
CHOICES = {"channel": Campaign.Channel.values, "audience": Campaign.Audience.values, "gives": Gives.values}
LIMITS: dict[str, tuple[int, int]] = {
    "control_bp": (0, BP // 2),
    "valid_days": (1, 3_650),
    "effect_days": (1, 90),
    "notice_days": (1, 365),
}
LONGEST_NAME, LONGEST_SUBJECT, LONGEST_TEXT, LONGEST_NOTICE = 80, 150, 900, 500
MOST_AHEAD = timedelta(days=365)
FIELDS = (
    *("name", "channel", "audience", "segment_id", "subject", "text", "control_bp", "gives", "amount", "valid_days"),
    *("offer_id", "effect_days", "notice_days", "starts_at"),
)


def get_campaign(campaign_id: int, *, lock: bool = False) -> Campaign:
    """The campaign; NotFound for an unknown id, another club's too."""
    rows = Campaign.objects.select_for_update(of=("self",)) if lock else Campaign.objects
    known = 0 < campaign_id < 2**63
    campaign = rows.select_related("offer", "grant", "segment").filter(pk=campaign_id).first() if known else None
    if campaign is None:
        raise NotFound
    return campaign


@transaction.atomic
def create_draft(values: Mapping[str, Any], *, actor: str) -> Campaign:
    """A draft of these fields. Shares are basis points, moments aware. Raises ValidationFailed by field."""
    campaign = Campaign(actor=actor)
    _take(campaign, values)
    campaign.save()
    audit.record("campaign.create", actor=actor, target=campaign.document, before={}, after=describe(campaign))
    return campaign


@transaction.atomic
def update_draft(campaign_id: int, values: Mapping[str, Any], *, actor: str) -> Campaign:
    """Change the named fields of a draft. Raises NotFound, Conflict once it was sent, ValidationFailed by field."""
    campaign = _draft(campaign_id)
    before = describe(campaign)
    _take(campaign, values)
    campaign.save()
    after = describe(campaign)
    if after != before:
        audit.record("campaign.update", actor=actor, target=campaign.document, before=before, after=after)
    return campaign


@transaction.atomic
def delete_draft(campaign_id: int, *, actor: str) -> None:
    """Throw a draft away. Raises NotFound, Conflict once it was sent."""
    campaign = _draft(campaign_id)
    audit.record("campaign.delete", actor=actor, target=campaign.document, before=describe(campaign), after={})
    campaign.delete()


@transaction.atomic
def bring_back(campaign_id: int, *, actor: str, now: datetime) -> Campaign:
    """Make a draft again of what waits for its time, or stopped before anything of it was written.

    Raises NotFound, Conflict once something was.
    """
    campaign = get_campaign(campaign_id, lock=True)
    if not may_come_back(campaign):
        raise Conflict(_("از این کارزار پیام نوشته شده است و دیگر پیش‌نویس نمی‌شود."))
    grant, campaign.grant = campaign.grant, None
    campaign.status, campaign.error, campaign.asked, campaign.deaths = Campaign.Status.DRAFT, "", 0, 0
    campaign.began_at = campaign.stopped_at = campaign.finished_at = campaign.figured_at = None
    if campaign.starts_at and campaign.starts_at <= now:
        campaign.starts_at = None
    campaign.save()
    if grant:  # opened for nobody yet; the next sending opens one as it will be then
        grant.delete()
    audit.record("campaign.to_draft", actor=actor, target=campaign.document, before={}, after={"name": campaign.name})
    return campaign


def may_come_back(campaign: Campaign) -> bool:
    """Whether nothing of it was written, and nobody has it in hand."""
    return states.may("to_draft", campaign.status) and not campaign.done


def describe(campaign: Campaign) -> dict[str, Any]:
    """What the draft says, as the audit keeps it."""
    said = {name: getattr(campaign, name) for name in FIELDS}
    starts = said.pop("starts_at")
    return {**said, **({"starts_at": starts.isoformat()} if starts else {})}


def fingerprint(campaign: Campaign) -> str:
    """What a page showed of the draft, so that nobody sends what another has changed meanwhile."""
    return hashlib.sha256(json.dumps(describe(campaign), sort_keys=True, default=str).encode()).hexdigest()[:32]


def check_ready(campaign: Campaign, *, now: datetime) -> None:
    """Raises ValidationFailed by field where the draft cannot be sent as it is."""
    errors = problems(campaign, now=now)
    if errors:
        raise ValidationFailed(errors)


def problems(campaign: Campaign, *, now: datetime) -> dict[str, list[Text]]:
    """What keeps the draft from being sent, by field."""
    errors: dict[str, list[Text]] = {}
    if found := [*faults(campaign.text, campaign.gives), *_stopped_by(campaign)]:
        errors["text"] = list(found)
    elif says_an_end(campaign.text) and code_ends_at(campaign, max(now, campaign.starts_at or now)) is None:
        errors["text"] = [_("کدها پایانی ندارند؛ {expires} را در [[…]] بگذارید یا «کد تا چند روز» را پر کنید.")]
    errors |= _of_channel(campaign)
    if campaign.audience == Campaign.Audience.SEGMENT and (campaign.segment is None or campaign.segment.archived_at):
        errors["segment_id"] = [_("گروهی را برگزینید که بایگانی نشده است.")]
    if campaign.gives == Gives.COUPON and (campaign.offer is None or not _brings_codes(campaign.offer)):
        errors["offer_id"] = [_("پیشنهادی فعال را برگزینید که با کد داده می‌شود.")]
    if campaign.gives in (Gives.POINTS, Gives.CREDIT) and not 0 < campaign.amount <= MOST_RIAL:
        errors["amount"] = [_("بنویسید به هر نفر چقدر داده شود.")]
    if campaign.starts_at and campaign.starts_at > now + MOST_AHEAD:
        errors["starts_at"] = [_("زمان فرستادن تا یک سال دیگر است.")]
    return errors


def _of_channel(campaign: Campaign) -> dict[str, list[Text]]:
    """What the channel needs and the draft lacks."""
    is_notice, is_mail = (campaign.channel == one for one in (Campaign.Channel.PANEL, Campaign.Channel.EMAIL))
    if is_notice and len(campaign.text) > LONGEST_NOTICE:
        return {"text": [_("متن اعلان تا ۵۰۰ نویسه است؛ کوتاهش کنید.")]}
    if is_mail and (not campaign.subject or faults(campaign.subject, campaign.gives, is_whole=False)):
        return {"subject": [_("موضوع ایمیل را بنویسید؛ جای‌گذارهایش همان‌های متن است.")]}
    return {}


def _stopped_by(campaign: Campaign) -> list[str]:
    """Why operators would not let the text through, whoever reads it."""
    if campaign.channel != Campaign.Channel.SMS:
        return []
    name = current_club().name
    return [one.text for one in stops(lint(campaign.text.replace("{club}", name), club_name=name))]


def open_gift(campaign: Campaign, *, actor: str, now: datetime) -> Grant | None:
    """The gift by which points or credit of the campaign are given, in the running transaction."""
    if campaign.gives not in (Gives.POINTS, Gives.CREDIT):
        return None
    order = GrantOrder(
        key=f"campaign-{campaign.pk}", gives=campaign.gives, amount=campaign.amount, reason=campaign.name
    )
    return open_grant(order, actor=actor, now=now)


def _draft(campaign_id: int) -> Campaign:
    campaign = get_campaign(campaign_id, lock=True)
    if campaign.status not in states.MOVES["change"]:
        raise Conflict(_("این کارزار فرستاده شده است و دیگر عوض نمی‌شود."))
    return campaign


def _brings_codes(offer: Offer) -> bool:
    return bool(offer.code_required and offer.status == Offer.Status.LIVE and not offer.made_for)


def _take(campaign: Campaign, values: Mapping[str, Any]) -> None:
    had_codes = campaign.gives == Gives.COUPON
    for name, value in values.items():
        if name not in FIELDS:
            raise KeyError(name)
        setattr(campaign, name, value)
    campaign.name, campaign.subject = clean_name(campaign.name), clean_name(campaign.subject)
    campaign.text = persian_letters(campaign.text.replace("\r\n", "\n")).strip()
    if errors := _wrong(campaign):
        raise ValidationFailed(errors)
    if campaign.channel != Campaign.Channel.EMAIL:
        campaign.subject = ""
    if campaign.audience != Campaign.Audience.SEGMENT:
        campaign.segment_id = None
    if campaign.gives not in (Gives.POINTS, Gives.CREDIT):
        campaign.amount = 0
    if campaign.gives != Gives.COUPON:
        campaign.valid_days = None
        if had_codes and "offer_id" not in values:  # a draft that announces an offer keeps it
            campaign.offer_id = None


def _wrong(campaign: Campaign) -> dict[str, list[Text]]:
    """What cannot be kept, by field."""
    errors: dict[str, list[Text]] = {}
    if not 0 < len(campaign.name) <= LONGEST_NAME:
        errors["name"] = [_("نامی تا ۸۰ نویسه بنویسید.")]
    if len(campaign.subject) > LONGEST_SUBJECT:
        errors["subject"] = [_("موضوعی تا ۱۵۰ نویسه بنویسید.")]
    if not 0 < len(campaign.text) <= LONGEST_TEXT:
        errors["text"] = [_("متنی تا ۹۰۰ نویسه بنویسید.")]
    for name, choices in CHOICES.items():
        if getattr(campaign, name) not in choices:
            errors[name] = [_("یکی از گزینه‌ها را برگزینید.")]
    for name, (least, most) in LIMITS.items():
        value = getattr(campaign, name)
        if value is not None and not least <= value <= most:
            errors[name] = [_("این عدد در بازه نیست.")]
    if campaign.offer_id is not None and not Offer.objects.filter(pk=campaign.offer_id, made_for="").exists():
        errors["offer_id"] = [_("چنین پیشنهادی نیست.")]
    if campaign.segment_id is not None and not Segment.objects.filter(pk=campaign.segment_id).exists():
        errors["segment_id"] = [_("چنین گروهی نیست.")]
    return errors
