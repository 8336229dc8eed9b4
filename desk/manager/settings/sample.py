"""A real member as the reader of a text that is being written, and values for what is not known of anybody yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from club.ledger.selectors import balances
from club.members.models import Member
from club.members.selectors import find_members, get_member
from club.purchases.awarded import free_goods
from club.purchases.selectors import member_purchases
from club.rewards.nearest import nearest_reward
from club.tiers.ladder import next_step, step_of
from club.tiers.selectors import ladder
from core.jalali import local_date
from core.language import in_language
from core.tenancy.scope import current_club
from sms.kinds import LATIN, MONEY, NUMBER, Kind, name_of

NEWEST_BUYER = ("-last_purchase_at", "-id")


def sample_member(text: str = "") -> Member | None:
    """The one member whom the text finds; without a text, or where it finds nobody, who bought last."""
    if text and (found := find_members(text, limit=1)):
        return get_member(found[0].id)
    buyers = Member.objects.filter(last_purchase_at__isnull=False, status=Member.Status.ACTIVE)
    member: Member | None = buyers.order_by(*NEWEST_BUYER).first() or Member.objects.order_by("-id").first()
    return member


def sample_context(kind: Kind, known: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What a message of the kind would say to a reader of whom this is known; made-up values for the rest."""
    made_up = {MONEY: 250_000, NUMBER: 25}
    context: dict[str, Any] = {name: made_up[how] for name, how in kind.placeholders.items() if how in made_up}
    context |= {name: "example.ir/abc" for name, how in kind.placeholders.items() if how == LATIN}
    context |= {
        "name": _("سارا"),
        "code": "482913",
        "domain": "example.ir",
        "number": 1042,
        "friend": _("نیما"),
        "offers": [_("تولد")],
    }
    context |= {"phone": in_language("09121234567"), "shop_phone": current_club().phone}
    context["reward"] = _("نوشیدنی رایگان")
    context |= {"occasion": str(name_of(kind.code)), "years": 2, "more": 1}
    context["expires"] = (local_date(now, current_club().time_zone) + timedelta(days=30)).isoformat()
    context |= known
    if "tier" in kind.needs and not context.get("tier"):
        context["tier"] = _("نقره‌ای")
    return context


def known_of(member: Member | None, now: datetime) -> dict[str, Any]:
    """The member's name, balances, tier and last purchase, under the names of the placeholders."""
    if member is None:
        return {}
    has, steps = balances(member.pk, now), ladder(member.pk, now)
    held, above = step_of(steps, member.tier_code), next_step(steps, member.tier_code)
    known: dict[str, Any] = {
        "name": member.first_name or member.full_name,
        "points_balance": has.points,
        "credit_balance": has.credit,
        "tier": held.name if held else "",
        "next_tier": above.name if above else "",
        "next_tier_missing": max(0, above.threshold - above.reached) if above else 0,
        "next_tier_metric": above.metric if above else "",
    }
    if nearest := nearest_reward(has.usable_points):
        known |= {"next_reward": nearest.name, "next_reward_missing": nearest.missing}
    for purchase in member_purchases(member.pk, limit=1):
        known |= {"amount": purchase.net, "payable": purchase.payable, "number": purchase.number}
        known |= {"offers": [award["name"] for award in purchase.awards], "free_items": free_goods(purchase.awards)}
        known |= {"points": purchase.points_earned, "credit": purchase.credit_earned, "refunded": purchase.net}
    return known
