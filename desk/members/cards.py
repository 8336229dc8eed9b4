"""A member's cards for the staff: a lost one blocked, a new one given and printed."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import actor_of, staff_required
from club.members.cards import LONGEST_REASON, block_card, cards_of, issue_card
from club.members.models import Card, Member
from core.errors import AppError, NotFound, ValidationFailed
from core.qr import qr_svg
from core.text import clean_name
from desk.manager.record import actors
from desk.members.card import member_here


@dataclass(frozen=True)
class Issued:
    """A card as it is listed, with the names of who gave and who blocked it."""

    card: Card
    giver: str
    blocker: str


@never_cache
@staff_required("issue_cards")
@require_http_methods(["GET", "HEAD", "POST"])
def member_cards(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """Every card of the member; the open one is blocked, or replaced by a new one, with a reason."""
    member = member_here(member_id)
    if request.method != "POST":
        return _page(request, member)
    act, reason = request.POST.get("act", ""), clean_name(request.POST.get("reason", ""))
    try:
        _refuse(request, member, reason)
        if act == "block":
            block_card(member.pk, actor=actor_of(request.user), reason=reason)
        else:
            issue_card(member.pk, actor=actor_of(request.user), reason=reason)
    except NotFound:
        raise
    except AppError as refused:
        status = 422 if refused.http_status == 400 else refused.http_status
        return _page(request, member_here(member_id), typed=reason, refused=refused, status=status)
    if act == "block":
        messages.success(request, _("کارت بسته شد و دیگر جایی کار نمی‌کند."))
        return redirect("desk:member_cards", member.pk)
    messages.success(request, _("کارت تازه داده شد؛ چاپش کنید یا شماره را بخوانید."))
    return redirect("desk:member_card_print", member.pk)


@never_cache
@staff_required("issue_cards")
@require_safe
def print_card(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """The open card in the size of a bank card, for a printer."""
    member = member_here(member_id)
    if not member.card:
        return redirect("desk:member_cards", member.pk)
    context = {"member": member, "qr": qr_svg(member.card), "print_now": "print" in request.GET}
    return render(request, "desk/members/card_print.html", context)


def _refuse(request: HttpRequest, member: Member, reason: str) -> None:
    """A form that another overtook gives no second card; a card that is taken away is taken for a reason."""
    if request.POST.get("seen", "") != (member.card or ""):
        raise ValidationFailed({"seen": [_("کارت این عضو در این میان عوض شد؛ اکنون را ببینید.")]})
    if member.card and not reason:
        raise ValidationFailed({"reason": [_("دلیل را بنویسید")]})


def _page(
    request: HttpRequest, member: Member, *, typed: str = "", refused: AppError | None = None, status: int = 200
) -> HttpResponse:
    cards = cards_of(member.pk)
    names = actors({name for card in cards for name in (card.issued_by, card.blocked_by) if name})
    errors = refused.errors if isinstance(refused, ValidationFailed) else {}
    context = {
        "member": member,
        "cards": [Issued(card, names.get(card.issued_by, ""), names.get(card.blocked_by, "")) for card in cards],
        "qr": qr_svg(member.card) if member.card else "",
        "typed": typed,
        "reason_errors": errors.get("reason", []),
        "general": [text for name, texts in errors.items() if name != "reason" for text in texts]
        or ([refused.detail] if refused and not errors else []),
        "longest": LONGEST_REASON,
    }
    return render(request, "desk/members/cards.html", context, status=status)
