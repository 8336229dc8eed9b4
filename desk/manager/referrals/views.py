"""What members bring: figures, who leads, which network, and the referrals that a manager has to judge."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import actor_of, can, staff_required
from core.errors import Conflict, NotFound, ValidationFailed
from core.text import whole_number
from crm.referrals.guards import REASONS
from crm.referrals.models import Referral
from crm.referrals.selectors import cases, channels, count_held, desk_leaders, in_all, rewards_given
from crm.referrals.services import approve, refuse
from desk.files import file_links
from desk.manager.record import actors
from desk.manager.referrals.files import network_name

ROWS = 50
STATES = [choice for choice in Referral.Review.choices if choice[0]]


@never_cache
@staff_required("manage_offers")
@require_safe
def overview(request: HttpRequest) -> HttpResponseBase:
    """Figures of the club, and the referrals that wait or were decided."""
    return _page(request)


def _page(request: HttpRequest, *, status: int = 200, **refused: Any) -> HttpResponseBase:
    """`refused_id`, `typed`, `error`: the referral whose refusal lacks a reason, and what was said instead."""
    asked = request.GET.get("state", "")
    state = asked if asked in dict(STATES) else Referral.Review.HELD.value
    before = whole_number(request.GET.get("before", ""))
    found = cases(state, limit=ROWS + 1, before=before)
    rows = found[:ROWS]
    names = actors([one.referral.decided_by for one in rows])
    networks = channels()
    context = {
        "total": in_all(networks),
        "rewards": rewards_given(),
        "files": file_links(request, "desk:referrals_file"),
        "leaders": desk_leaders(),
        "channels": [(network_name(one.network), one) for one in networks],
        "rows": [
            (one, [REASONS.get(code, code) for code in one.referral.reasons], names.get(one.referral.decided_by, ""))
            for one in rows
        ],
        "older": rows[-1].referral.pk if len(found) > ROWS else None,
        "is_first": before is None,
        "state": state,
        "states": STATES,
        "held": count_held(),
        "may_set": can(request.user, "manage_programme"),
        **refused,
    }
    return render(request, "desk/referrals/overview.html", context, status=status)


@never_cache
@staff_required("manage_offers")
@require_POST
def decide(request: HttpRequest, referral_id: int) -> HttpResponseBase:
    """Let a held referral count, or give nothing for it and say why; whoever comes second is told so."""
    if not Referral.objects.filter(pk=referral_id).exists():
        raise NotFound
    by: dict[str, Any] = {"actor": actor_of(request.user), "now": timezone.now()}
    reason = request.POST.get("reason", "")
    try:
        match request.POST.get("act"):
            case "approve":
                approve(referral_id, **by)
                messages.success(request, _("معرفی پذیرفته شد."))
            case "refuse":
                refuse(referral_id, reason, **by)
                messages.success(request, _("معرفی رد شد و پاداشی ندارد."))
    except ValidationFailed as refused:
        error = " ".join(refused.texts)
        return _page(request, status=422, refused_id=referral_id, typed=reason, error=error)
    except Conflict as refused:
        messages.error(request, str(refused.detail))
    return redirect("desk:referrals")
