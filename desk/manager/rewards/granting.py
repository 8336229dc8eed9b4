"""Gifts to lists: what was given and to how many, one that is under way, and stopping, going on with and undoing it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import actor_of, staff_required
from club.awards.grant_runs import ACTIVE, get_grant, go_on, grants, stop, undo
from club.rewards.models import Grant
from club.rewards.selectors import states_of_grant
from core.errors import AppError, NotFound, Text
from core.text import whole_number
from desk.manager.record import actors
from desk.manager.rewards.listing import NAMES

SHOWN = 25
Status = Grant.Status
TONES = {Status.DONE: "ok", Status.FAILED: "bad", Status.STOPPED: "saffron"}
ACTS: dict[str, tuple[Callable[..., None], Text]] = {
    "stop": (stop, gettext_lazy("متوقف شد؛ آنچه داده شده می‌ماند.")),
    "go_on": (go_on, gettext_lazy("ادامه می‌یابد.")),
    "undo": (undo, gettext_lazy("پس گرفته می‌شود؛ آنچه خرج یا استفاده شده می‌ماند.")),
}


@never_cache
@staff_required("manage_offers")
@require_safe
def grant_list(request: HttpRequest) -> HttpResponseBase:
    """Every gift to a list, the newest first."""
    found = grants(SHOWN + 1, before=whole_number(request.GET.get("before", "")))
    rows = found[:SHOWN]
    context = {
        "rows": [(row, TONES.get(Status(row.status), "info")) for row in rows],
        "older": rows[-1].pk if len(found) > SHOWN else None,
        "is_first": not request.GET.get("before"),
    }
    return render(request, "desk/rewards/grants.html", context)


@never_cache
@staff_required("manage_offers")
@require_http_methods(["GET", "HEAD", "POST"])
def grant(request: HttpRequest, grant_id: int) -> HttpResponseBase:
    """One gift to a list: how far it is; a post stops it, goes on with it, or takes back what was not used."""
    row = get_grant(grant_id)
    if request.method == "POST":
        return _act(request, row)
    return render(request, "desk/rewards/grant_run.html", {**_shown(row), "states": _states(row)})


@never_cache
@staff_required("manage_offers")
@require_safe
def progress(request: HttpRequest, grant_id: int) -> HttpResponseBase:
    """How far it is, again and again; the page anew when it is over."""
    row = get_grant(grant_id)
    answer = render(request, "desk/rewards/_grant_progress.html", _shown(row))
    if row.status not in ACTIVE:
        answer["HX-Refresh"] = "true"
    return answer


def _shown(row: Grant) -> dict[str, object]:
    return {
        "grant": row,
        "tone": TONES.get(Status(row.status), "info"),
        "is_active": row.status in ACTIVE,
        "may_go_on": row.status in (Status.STOPPED, Status.FAILED),
        "may_undo": row.status not in ACTIVE and not row.undoing and row.given > 0,
        "left_out": max(0, row.done - row.given) if not row.undoing else 0,
        "kept": max(0, row.given - row.undone) if row.undoing else 0,
        "by": actors([row.actor]).get(row.actor, ""),
    }


def _states(row: Grant) -> list[tuple[str, Text, int]]:
    """What became of its vouchers: (state, label, how many); empty for value, and before any was given."""
    if row.gives != Grant.Gives.VOUCHER or not row.given:
        return []
    counts = states_of_grant(row.pk, at=timezone.now())
    return [(state, label, counts[state]) for state, label in NAMES.items()]


def _act(request: HttpRequest, row: Grant) -> HttpResponseBase:
    act = request.POST.get("act", "")
    if act not in ACTS:
        raise NotFound
    work, said = ACTS[act]
    try:
        work(row.pk, actor=actor_of(request.user))
    except AppError as refused:
        messages.error(request, refused.detail)
    else:
        messages.success(request, str(said))
    return redirect("desk:grant", row.pk)
