"""The incentive of a first purchase: a personal code of an offer, for who was found qualified, once a lead."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from core.errors import AppError
from core.jalali import day_bounds, local_date
from core.tenancy.scope import club_zone
from crm.leads.models import Lead, LeadSettings
from offers.coupons import NewCoupons, create_coupons

logger = logging.getLogger(__name__)


def give_incentive(lead: Lead, *, actor: str, now: datetime) -> Lead:
    """Issue the club's incentive to a qualified lead, in the running transaction: once, and good for one use.

    A personal code is a member's: who is none yet gets it on joining. No code goes to who had bought before, nor where
    the club has chosen no offer, or its offer takes no codes any more.
    """
    settings = LeadSettings.objects.first()
    may = lead.qualified_at is not None and lead.member_id is not None and lead.coupon_id is None
    if settings is None or settings.incentive_id is None or not may or lead.is_customer:
        return lead
    last_day = local_date(now, club_zone()) + timedelta(days=settings.incentive_days)
    new = NewCoupons(
        offer=settings.incentive_id,
        count=1,
        uses=1,
        per_member=1,
        member=lead.member_id,
        ends_at=day_bounds(last_day, club_zone())[1],
    )
    try:
        coupon = create_coupons(new, actor=actor)[0]
    except AppError as refused:
        logger.warning("no incentive for lead %s: %s", lead.pk, refused.code)
        return lead
    if Lead.objects.filter(pk=lead.pk, coupon=None).update(coupon=coupon):
        lead.coupon = coupon
    return lead
