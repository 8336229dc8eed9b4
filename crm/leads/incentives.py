"""The incentive of a first purchase: a personal code of an offer, for who was found qualified, once a lead."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from club.members.models import Member
from club.members.reaching import in_language_of
from core.errors import AppError
from core.jalali import day_bounds, last_day, local_date
from core.tenancy.scope import club_zone
from crm.leads.models import Lead, LeadSettings
from offers.coupons import NewCoupons, create_coupons
from offers.models import Coupon, Offer
from sms import outbox

logger = logging.getLogger(__name__)


def give_incentive(lead: Lead, *, actor: str, now: datetime) -> Lead:
    """Issue the club's incentive to a qualified lead, in the running transaction: once, good for one use, and told.

    A personal code is a member's: who is none yet gets it on joining. No code goes to who has bought, nor where the
    club has chosen no offer, or its offer takes no codes any more.
    """
    settings = LeadSettings.objects.select_related("incentive").first()
    may = lead.qualified_at is not None and lead.member_id is not None and lead.coupon_id is None
    if settings is None or settings.incentive is None or not may or lead.is_customer:
        return lead
    member = _who_has_not_bought(lead.member_id or 0)
    if member is None:
        return lead
    until = local_date(now, club_zone()) + timedelta(days=settings.incentive_days)
    new = NewCoupons(
        offer=settings.incentive.pk,
        count=1,
        uses=1,
        per_member=1,
        member=member.pk,
        ends_at=day_bounds(until, club_zone())[1],
    )
    try:
        coupon = create_coupons(new, actor=actor)[0]
    except AppError as refused:
        logger.warning("no incentive for lead %s: %s", lead.pk, refused.code)
        return lead
    if Lead.objects.filter(pk=lead.pk, coupon=None).update(coupon=coupon):
        lead.coupon = coupon
        _tell(lead, member, settings.incentive, coupon)
    return lead


def awaits_code(lead: Lead) -> bool:
    """Whether a qualified lead gets the club's code as soon as it is a member."""
    may = lead.qualified_at is not None and lead.member_id is None and lead.coupon_id is None
    return may and lead.status == Lead.Status.OPEN and LeadSettings.objects.filter(incentive__isnull=False).exists()


def _who_has_not_bought(member_id: int) -> Member | None:
    """Locked: who buys at this moment has bought once the row is ours, though the purchase is told later."""
    rows = Member.objects.select_for_update(no_key=True).filter(status=Member.Status.ACTIVE, first_purchase_at=None)
    return rows.filter(pk=member_id).first()


def _tell(lead: Lead, member: Member, offer: Offer, coupon: Coupon) -> None:
    if not member.phone:
        return
    ends_at = min(filter(None, (coupon.ends_at, offer.ends_at)), default=None)
    context = {
        "name": member.first_name,
        "offer": offer.name,
        "code": coupon.code,
        "expires": last_day(ends_at, club_zone()).isoformat() if ends_at else "",
        **in_language_of(member),
    }
    outbox.enqueue("lead_code", phone=member.phone, member_id=member.pk, document=lead.document, context=context)
