"""Whom a campaign reaches, and why it does not reach the others: in SQL, the same for the count and the sending."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, CharField, Count, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.lookups import LessThan

from club.members.models import Member
from club.members.reach import conditions_of
from club.members.selectors import members_in
from core.tenancy.scope import club_zone, current_club_id
from crm.campaigns.models import Campaign, CampaignMember, ContactPolicy
from offers.drawing import Draw
from offers.parsing import parse
from sms.models import Suppression

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


def judged(campaign: Campaign, *, now: datetime, among: Sequence[int] | None = None) -> QuerySet[Any]:
    """The audience, or those of it with the ids `among`, with `outcome`: what becomes of each now.

    The control group is drawn last, of those who would be written to, so that the two groups differ by lot alone.
    """
    rows = audience_of(campaign)
    rows = rows if among is None else rows.filter(pk__in=among)
    return rows.annotate(outcome=_outcome(campaign, now, among))


def count_of(campaign: Campaign, *, now: datetime) -> dict[str, int]:
    """How many would be written to, and how many not for which reason; the reasons that nobody has are missing."""
    rows = judged(campaign, now=now).order_by().values("outcome").annotate(members=Count("pk"))
    return dict(rows.values_list("outcome", "members"))


def _outcome(campaign: Campaign, now: datetime, among: Sequence[int] | None) -> Case:
    """Each rule asks for a set that is made once for the statement, not once for each member."""
    _alive, addressed, agreed, _off = conditions_of(campaign.channel)
    rules = [When(~addressed, then=Value(Outcome.NO_ADDRESS.value))]
    if campaign.channel == Campaign.Channel.SMS:
        off = Q(phone__in=Suppression.objects.values("phone"))
        rules.append(When(off, then=Value(Outcome.OPTED_OUT.value)))
    rules += [
        When(~agreed, then=Value(Outcome.NO_CONSENT.value)),
        When(_told_before(campaign, among), then=Value(Outcome.ALREADY.value)),
    ]
    if campaign.channel != Campaign.Channel.PANEL:  # who opens the panel asks for it
        rules.append(When(_full(now, among), then=Value(Outcome.POLICY.value)))
    rules.append(When(_held_out(campaign), then=Value(Outcome.CONTROL.value)))
    return Case(*rules, default=Value(Outcome.SENT.value), output_field=CharField())


def _told_before(campaign: Campaign, among: Sequence[int] | None) -> Q:
    """Another record of the same person has had this message, and was merged into this one since."""
    merged = Member.objects.filter(merged_into__isnull=False)
    merged = merged if among is None else merged.filter(merged_into__in=among)
    told = CampaignMember.objects.filter(campaign=campaign, outcome=Outcome.SENT, member__in=merged)
    return Q(pk__in=told.values("member__merged_into"))


def _full(now: datetime, among: Sequence[int] | None = None) -> Q:
    """The member has had as many advertising messages by SMS and e-mail in the last seven days as the club sends."""
    only = "" if among is None else "AND member_id = ANY(%s)"
    asked = {"club": current_club_id(), "since": now - WEEK, "most": most_a_week(), "among": list(among or ())}
    names = [*_names(only), *_names(only), "most"]
    return Q(
        pk__in=RawSQL(  # noqa: S611 - of our own words alone
            FULL.replace("/* among */", only), [asked[name] for name in names]
        )
    )


def _names(only: str) -> list[str]:
    return ["club", "since", *(["among"] if only else [])]


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


# Counted is what reached or may yet reach its reader. Both halves are ranges of an index of advertising alone, or, of
# some members, of their own messages.
FULL = """
SELECT member_id FROM (
    SELECT member_id FROM sms_outboxmessage
    WHERE club_id = %s AND message_class = 'advertising' AND created_at > %s AND member_id IS NOT NULL
        AND status IN ('queued', 'sending', 'sent', 'delivered', 'unknown') /* among */
    UNION ALL
    SELECT member_id FROM club_mail_mail
    WHERE club_id = %s AND is_advertising AND created_at > %s AND status IN ('queued', 'sending', 'sent') /* among */
) told GROUP BY member_id HAVING count(*) >= %s
"""
