"""Rewards taken for a member by the staff: what is within reach, taking one, handing it out, and undoing one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import actor_of, can, staff_required
from club.awards.redeeming import RedeemOrder, cancel_redemption, redeem
from club.ledger.selectors import balances
from club.members.models import Member
from club.purchases.mission_steps import gift_words
from club.rewards.models import Redemption, Reward
from club.rewards.selectors import catalogue, get_redemption, open_vouchers, times_taken
from core.errors import AppError, NotFound
from core.errors_page import LOST, from_database
from core.idempotency import check_key, new_key
from core.text import whole_number
from desk.members.card import member_here

UNDO_WITHIN = timedelta(minutes=15)
TILL = "till"


@dataclass(frozen=True)
class Choice:
    """A reward as the staff see it for a member with so many points; `why_not` where points alone do not bring it."""

    reward: Reward
    has: int
    why_not: str = ""
    gives: str = ""

    @property
    def missing(self) -> int:
        """How many points are missing."""
        return max(0, self.reward.points - self.has)

    @property
    def left(self) -> int:
        """What is left of the points then."""
        return self.has - self.reward.points

    @property
    def can_be_had(self) -> bool:
        """Whether it can be taken now."""
        return not self.missing and not self.why_not

    @property
    def is_thing(self) -> bool:
        """Whether it is handed over the counter."""
        return self.reward.benefit is None


def choices(member: Member, has: int) -> list[Choice]:
    """The club's rewards for this member, what can be had first."""
    found = catalogue()
    taken = times_taken(member.pk) if any(row.per_member is not None for row in found) else {}
    gives = gift_words(row.offer_id for row in found)
    rows = [Choice(row, has, _why_not(row, member, taken.get(row.pk, 0)), gives[row.offer_id]) for row in found]
    return sorted(rows, key=lambda row: (not row.can_be_had, bool(row.why_not), row.missing))


def _why_not(reward: Reward, member: Member, times: int) -> str:
    if member.status != Member.Status.ACTIVE:
        return _("عضو مسدود است")
    if reward.left == 0:
        return _("تمام شد")
    if reward.per_member is not None and times >= reward.per_member:
        return _("سهمش را گرفته است")
    return ""


def may_undo(voucher: Redemption, user: Any, now: datetime) -> bool:
    """Whether this person may cancel it: any for whoever manages rewards, else what one took oneself just now."""
    is_own = voucher.actor == actor_of(user) and now - voucher.occurred_at <= UNDO_WITHIN
    return voucher.state_at(now) == Redemption.Status.ISSUED and (is_own or can(user, "manage_offers"))


@never_cache
@staff_required("record_purchase")
@require_safe
def member_rewards(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """The club's rewards for the member, and what they hold of them already."""
    member, now = member_here(member_id), timezone.now()
    has = balances(member.pk, now).usable_points
    context = {
        "member": member,
        "has": has,
        "rows": choices(member, has),
        "vouchers": [(row, may_undo(row, request.user, now)) for row in open_vouchers(member.pk, at=now)],
        "back": request.GET.get("back", "")[:10],
    }
    return render(request, "desk/members/rewards.html", context)


@never_cache
@staff_required("record_purchase")
@require_http_methods(["GET", "HEAD", "POST"])
def member_reward(request: HttpRequest, member_id: int, reward_id: int) -> HttpResponseBase:
    """One reward before it is taken: what it costs and what is left; a press takes it for the member, once."""
    member, now = member_here(member_id), timezone.now()
    back = (request.POST if request.method == "POST" else request.GET).get("back", "")[:10]
    rows = choices(member, balances(member.pk, now).usable_points)
    choice = next((row for row in rows if row.reward.pk == reward_id), None)
    if choice is None:
        raise NotFound
    refused, status = "", 200
    if request.method == "POST":
        try:
            return _taken(request, member, choice, now, back)
        except LOST as lost:
            error: AppError = from_database(lost)
        except AppError as known:
            error = known
        refused, status = error.detail, 422 if error.http_status == 400 else error.http_status
    key = request.POST.get("key") or new_key()
    context = {"member": member, "choice": choice, "refused": refused, "key": key, "back": back}
    return render(request, "desk/members/reward.html", context, status=status)


def _taken(request: HttpRequest, member: Member, choice: Choice, now: datetime, back: str) -> HttpResponseBase:
    price, hand_out = whole_number(request.POST.get("price", "")) or 0, bool(request.POST.get("hand_out"))
    order = RedeemOrder(member.pk, choice.reward.code, price=price, handed_out=hand_out and choice.is_thing)
    receipt = redeem(order, actor=actor_of(request.user), key=check_key(request.POST.get("key", "")), now=now)
    named = {"reward": choice.reward.name, "code": receipt.coupon}
    if order.handed_out:
        said = _("«%(reward)s» گرفته شد؛ تحویل دهید.") % named
    elif receipt.status == Redemption.Status.USED:
        said = _("«%(reward)s» گرفته و همان دم داده شد.") % named
    else:
        said = _("«%(reward)s» گرفته شد؛ کدش %(code)s است.") % named
    messages.success(request, said)
    return _back(member.pk, back)


@never_cache
@staff_required("record_purchase")
@require_POST
def member_voucher_cancel(request: HttpRequest, member_id: int, redemption_id: int) -> HttpResponseBase:
    """Take back what was taken a moment ago, its points with it."""
    member, now = member_here(member_id), timezone.now()
    voucher = get_redemption(redemption_id)
    if voucher.member_id != member.pk:
        raise NotFound
    if not may_undo(voucher, request.user, now):
        messages.error(request, _("این جایزه را این‌جا نمی‌شود لغو کرد؛ با مدیر هماهنگ کنید."))
        return _back(member.pk, request.POST.get("back", ""))
    try:
        with transaction.atomic(durable=True):
            cancel_redemption(voucher.pk, actor=actor_of(request.user), now=now, member_id=member.pk)
    except AppError as refused:
        messages.error(request, refused.detail)
    else:
        messages.success(request, _("جایزه لغو شد و امتیازش برگشت."))
    return _back(member.pk, request.POST.get("back", ""))


def _back(member_id: int, back: str) -> HttpResponseBase:
    if back == TILL:
        return redirect(f"{reverse('desk:till')}?member={member_id}")
    return redirect("desk:member_rewards", member_id)
