"""What points bring: the catalogue with what is within reach, and taking one; vouchers are in `vouchers`."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import member_required
from club.awards.redeeming import RedeemOrder, redeem
from club.ledger.selectors import balances
from club.members.models import Member
from club.purchases.mission_steps import gift_words
from club.rewards.models import Reward
from club.rewards.selectors import catalogue, closed_vouchers, open_vouchers, rewards, times_taken
from core.errors import AppError, NotFound
from core.idempotency import check_key, new_key
from core.text import whole_number
from offers.pictures import icon_of
from portal.access import member_of

CLOSED_SHOWN = 10


@dataclass(frozen=True)
class Tile:
    """A reward as the member sees it: `missing` points to it, `why_not` where points alone do not bring it.

    `gives` says what it brings; empty for a thing whose name says it all.
    """

    reward: Reward
    has: int
    why_not: str = ""
    gives: str = ""

    @property
    def icon(self) -> str:
        return icon_of(self.reward.kind)

    @property
    def missing(self) -> int:
        return max(0, self.reward.points - self.has)

    @property
    def reached(self) -> int:
        return min(self.has, self.reward.points)

    @property
    def can_be_had(self) -> bool:
        return not self.missing and not self.why_not


@never_cache
@member_required
@require_safe
def reward_list(request: HttpRequest) -> HttpResponseBase:
    """The catalogue, what can be had first, and the member's vouchers."""
    member, now = member_of(request), timezone.now()
    closed = closed_vouchers(member.pk, at=now, limit=CLOSED_SHOWN)
    context = {
        "tiles": tiles_of(member),
        "points": balances(member.pk, now).usable_points,
        "vouchers": [(row, icon_of(row.kind)) for row in open_vouchers(member.pk, at=now)],
        "closed": [(row, row.state_at(now)) for row in closed],
    }
    return render(request, "portal/rewards.html", context)


def tiles_of(member: Member) -> list[Tile]:
    """The rewards of the club as far as this member is from each: what can be had now stands first."""
    found = catalogue()
    if not found:
        return []
    has = balances(member.pk, timezone.now()).usable_points
    taken = times_taken(member.pk)
    gives = gift_words(row.offer_id for row in found)
    tiles = [Tile(row, has, _why_not(row, taken.get(row.pk, 0)), gives[row.offer_id]) for row in found]
    return sorted(tiles, key=lambda tile: (not tile.can_be_had, bool(tile.why_not), tile.missing))


def _why_not(reward: Reward, times: int) -> str:
    if reward.left == 0:
        return _("تمام شد")
    if reward.per_member is not None and times >= reward.per_member:
        return _("سهمت را گرفته‌ای")
    return ""


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def reward(request: HttpRequest, reward_id: int) -> HttpResponseBase:
    """One reward: what it costs and what is left then; a press takes it, once."""
    member = member_of(request)
    tile = next((one for one in tiles_of(member) if one.reward.pk == reward_id), None)
    if tile is None:
        if not rewards().filter(pk=reward_id).exists():
            raise NotFound
        messages.info(request, _("این جایزه دیگر داده نمی‌شود."))
        return redirect("portal:rewards")
    refused, status = "", 200
    if request.method == "POST":
        price = whole_number(request.POST.get("price", "")) or 0
        order = RedeemOrder(member.pk, tile.reward.code, price=price)
        try:
            key = check_key(request.POST.get("key", ""))
            receipt = redeem(order, actor=f"member:{member.pk}", key=key, now=timezone.now())
        except AppError as error:
            refused, status = error.detail, 422 if error.http_status == 400 else error.http_status
        else:
            return redirect("portal:voucher", receipt.id)
    context = {"tile": tile, "refused": refused, "key": new_key(), "left": tile.has - tile.reward.points}
    return render(request, "portal/reward.html", context, status=status)
