"""Whom a campaign reaches, and why it does not reach the others: in SQL, the same for the count and the sending."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual, LessThan

from club.members.models import Member
from club.members.reach import conditions_of
from club.members.selectors import members_in
from core.tenancy.scope import club_zone
from crm.campaigns.models import Campaign, CampaignMember, ContactPolicy
from offers.drawing import Draw
from offers.parsing import parse
from sms.kinds import ADVERTISING
from sms.models import OutboxMessage, Status

Outcome = CampaignMember.Outcome
WEEK = timedelta(days=7)
USUAL_MOST = 2


def most_a_week() -> int:
    """How many advertising messages a member gets in seven days."""
    found = ContactPolicy.objects.values_list("most_a_week", flat=True).first()
    return USUAL_MOST if found is None else found


def audience_of(campaign: Campaign) -> QuerySet[Member]:
    """The active members that the campaign is meant for."""
    if campaign.audience == Campaign.Audience.SEGMENT:
        rows = members_in(campaign.segment_id) if campaign.segment_id else Member.objects.none()
    else:
        rows = Member.objects.all()
    return rows.filter(status=Member.Status.ACTIVE)


def judged(campaign: Campaign, *, now: datetime) -> QuerySet[Any]:
    """The audience with `outcome`: what becomes of each now.

    The control group is drawn last, of those who would be written to, so that the two groups differ by lot alone.
    """
    return audience_of(campaign).annotate(outcome=_outcome(campaign, now))


def count_of(campaign: Campaign, *, now: datetime) -> dict[str, int]:
    """How many would be written to, and how many not for which reason; the reasons that nobody has are missing."""
    rows = judged(campaign, now=now).order_by().values("outcome").annotate(members=Count("pk"))
    return dict(rows.values_list("outcome", "members"))


def _outcome(campaign: Campaign, now: datetime) -> Case:
    _alive, addressed, agreed, off = conditions_of(campaign.channel)
    rules = [
        When(~addressed, then=Value(Outcome.NO_ADDRESS.value)),
        When(off, then=Value(Outcome.OPTED_OUT.value)),
        When(~agreed, then=Value(Outcome.NO_CONSENT.value)),
    ]
    if campaign.pk:
        rules.append(When(_told_before(campaign), then=Value(Outcome.ALREADY.value)))
    rules += [
        When(_full(now), then=Value(Outcome.POLICY.value)),
        When(_held_out(campaign), then=Value(Outcome.CONTROL.value)),
    ]
    return Case(*rules, default=Value(Outcome.SENT.value), output_field=CharField())


def _told_before(campaign: Campaign) -> Q:
    """Another record of the same person has had this message, and was merged into this one since."""
    other = CampaignMember.objects.filter(campaign=campaign, outcome=Outcome.SENT, member__merged_into=OuterRef("pk"))
    return Q(Exists(other))


def _full(now: datetime) -> Q:
    """The member has had as many advertising messages in the last seven days as the club sends."""
    since = now - WEEK
    texts = OutboxMessage.objects.filter(
        member_id=OuterRef("pk"), message_class=ADVERTISING, created_at__gt=since
    ).exclude(status=Status.SKIPPED)
    others = CampaignMember.objects.filter(member=OuterRef("pk"), outcome=Outcome.SENT, at__gt=since)
    others = others.exclude(campaign__channel=Campaign.Channel.SMS)
    return Q(GreaterThanOrEqual(_number_of(texts, "member_id") + _number_of(others, "member"), Value(most_a_week())))


def with_room(members: QuerySet[Member], *, now: datetime) -> QuerySet[Member]:
    """Those of the members who have had fewer advertising messages in the last seven days than the club sends."""
    return members.exclude(_full(now))


def _held_out(campaign: Campaign) -> Q:
    """Drawn for the control group, of the campaign or of the offer that it tells of."""
    held = LessThan(Draw(campaign.document), Value(campaign.control_bp))
    out = Q(held)
    if campaign.offer and (share := parse(campaign.offer.terms, zone=club_zone).control_bp):
        out |= Q(LessThan(Draw(campaign.offer.pk), Value(share)))
    return out


def _number_of(rows: QuerySet[Any], member: str) -> Coalesce:
    counted = rows.order_by().values(member).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))
