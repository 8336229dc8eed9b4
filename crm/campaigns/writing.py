"""A batch of a campaign, in a transaction of the worker: who gets the message, the gift of each, and the message."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from club.awards.granting import grant_more
from club.members.holding import hold_members
from club.members.models import Member
from core.rows import insert_rows
from core.tenancy.scope import current_club
from crm.campaigns import audience
from crm.campaigns.models import Campaign, CampaignMember
from crm.campaigns.wording import KIND, code_ends_at, contexts, notice_ends_at, speaker
from crm.mail import outbox as mails
from crm.notices.services import Note, notify_many
from offers.codes import random_code
from offers.models import Coupon
from sms import outbox
from sms.account import account
from sms.states import opens_at

Outcome, Gives = CampaignMember.Outcome, Campaign.Gives
Said = Mapping[int, Mapping[str, Any]]
CODE_LENGTH = 8
"""Letters of a code: it is its member's alone, and typed at the till."""


def write_batch(campaign: Campaign, *, size: int, at: datetime) -> list[int]:
    """Decide, give and write for the next members behind the last batch; their ids, none where there are no more."""
    ahead = audience.audience_of(campaign).filter(pk__gt=campaign.reached).order_by("pk").values_list("pk", flat=True)
    ids = list(ahead[:size])
    if not ids:
        return []
    hold_members(ids)
    judged = audience.judged(campaign, now=at, among=ids).order_by("pk")
    outcomes = dict(judged.values_list("pk", "outcome"))
    known = set(CampaignMember.objects.filter(campaign=campaign, member__in=ids).values_list("member", flat=True))
    members = [member for member in Member.objects.filter(pk__in=outcomes).order_by("pk") if member.pk not in known]
    chosen = [member for member in members if outcomes[member.pk] == Outcome.SENT]
    messages = _tell(campaign, chosen, at)
    rows = [(campaign.pk, one.pk, outcomes[one.pk], messages.get(one.pk), at) for one in members]
    insert_rows(CampaignMember, ("campaign_id", "member_id", "outcome", "message_id", "at"), rows)
    return ids


def _tell(campaign: Campaign, members: Sequence[Member], at: datetime) -> dict[int, int]:
    """Give each its gift and write its message; the ids of the messages by member."""
    if not members:
        return {}
    ends_at = code_ends_at(campaign, at)
    codes = _codes(campaign, members, ends_at)
    if campaign.grant:
        grant_more(campaign.grant, [member.pk for member in members], at=at)
    said = contexts(campaign, members, codes, ends_at=ends_at, at=at)
    return BY_CHANNEL[campaign.channel](campaign, members, said, at)


def _by_sms(campaign: Campaign, members: Sequence[Member], said: Said, at: datetime) -> dict[int, int]:
    letters = [outbox.Letter(one.phone or "", said[one.pk], one.pk, campaign.document) for one in members]
    ids = outbox.enqueue_many(KIND.code, letters, not_before=_opening(at))
    return dict(zip([member.pk for member in members], ids, strict=True))


def _by_mail(campaign: Campaign, members: Sequence[Member], said: Said, at: datetime) -> dict[int, int]:
    say = speaker()
    letters = [
        mails.Letter(pk, say(campaign.subject, known), say(campaign.text, known), campaign.document)
        for pk, known in said.items()
    ]
    return mails.enqueue_many(letters, not_before=_opening(at))


def _by_notice(campaign: Campaign, members: Sequence[Member], said: Said, at: datetime) -> dict[int, int]:
    say = speaker()
    ends_at = notice_ends_at(campaign, at)
    notify_many(
        [Note(pk, say(campaign.text, known), campaign.document, ends_at=ends_at) for pk, known in said.items()], now=at
    )
    return {}


def _opening(at: datetime) -> datetime:
    """When advertising may leave next."""
    return opens_at(at, account().window, current_club().time_zone) or at


BY_CHANNEL: dict[str, Callable[[Campaign, Sequence[Member], Said, datetime], dict[int, int]]] = {
    Campaign.Channel.SMS: _by_sms,
    Campaign.Channel.EMAIL: _by_mail,
    Campaign.Channel.PANEL: _by_notice,
}


def _codes(campaign: Campaign, members: Sequence[Member], ends_at: datetime | None) -> dict[int, str]:
    """A code of the offer for each, used once and by nobody else."""
    if campaign.gives != Gives.COUPON or campaign.offer_id is None:
        return {}
    drawn = _free_codes(len(members))
    rows = [
        (campaign.offer_id, code, 1, member.pk, ends_at, campaign.document, campaign.actor)
        for member, code in zip(members, drawn, strict=True)
    ]
    insert_rows(Coupon, ("offer_id", "code", "uses", "member_id", "ends_at", "document", "actor"), rows)
    return {member.pk: code for member, code in zip(members, drawn, strict=True)}


def _free_codes(count: int) -> list[str]:
    codes: dict[str, None] = {}
    while len(codes) < count:
        fresh = [random_code(CODE_LENGTH) for _code in range(count - len(codes))]
        taken = set(Coupon.objects.filter(key__in=fresh).values_list("key", flat=True))
        codes |= dict.fromkeys(code for code in fresh if code not in taken)
    return list(codes)
