"""A new reward, changing one, and giving one to a list of members."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import actor_of, staff_required
from club.awards.granting import start_grant
from club.awards.naming import known_codes
from club.members.models import Member
from club.rewards.models import Grant, Reward
from club.rewards.selectors import catalogue, rewards
from club.rewards.services import create_reward, update_reward
from club.tiers.models import Tier
from core.errors import AppError, NotFound
from core.idempotency import new_key
from desk.manager.pasted import members_of, tell_unknown
from desk.manager.rewards.forms import GrantForm, RewardForm
from desk.members.listing import Asked, asked_by, fitting


@never_cache
@staff_required("manage_offers")
@require_http_methods(["GET", "HEAD", "POST"])
def reward_new(request: HttpRequest) -> HttpResponseBase:
    """One more."""
    return _page(request, None)


@never_cache
@staff_required("manage_offers")
@require_http_methods(["GET", "HEAD", "POST"])
def reward(request: HttpRequest, reward_id: int) -> HttpResponseBase:
    """One that is there; vouchers given already stay what they are."""
    row: Reward | None = rewards().filter(pk=reward_id).first() if reward_id < 2**63 else None
    if row is None:
        raise NotFound
    return _page(request, row)


def _page(request: HttpRequest, row: Reward | None) -> HttpResponseBase:
    form = RewardForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        known: dict[str, Any] = {"known": known_codes(), "actor": actor_of(request.user), "now": timezone.now()}
        try:
            if row is None:
                create_reward(form.values(), **known)
            elif changes := {name: value for name, value in form.values().items() if value != getattr(row, name)}:
                update_reward(row.code, changes, **known)
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("«%(name)s» ثبت شد.") % {"name": form.cleaned_data["name"]})
            return redirect("desk:rewards")
    heading = row.name if row else _("جایزهٔ تازه")
    context = {"form": form, "row": row, "heading": heading}
    return render(request, "desk/rewards/one.html", context, status=422 if form.errors else 200)


@never_cache
@staff_required("manage_offers")
@require_http_methods(["GET", "HEAD", "POST"])
def reward_grant(request: HttpRequest) -> HttpResponseBase:
    """Give a reward, or a gift of its own name, to many at once."""
    sent = request.POST if request.method == "POST" else None
    form = GrantForm(sent, request.FILES if sent else None, rewards=catalogue(), initial=_initial(request))
    asked, query = _asked(request)
    if asked:
        del form.fields["phones"], form.fields["file"]
    if sent is not None and form.is_valid() and (grant := _granted(request, form, asked)):
        return redirect("desk:grant", grant.pk)
    context = {
        "form": form,
        "key": request.POST.get("key") or new_key(),
        "query": query,
        "fits": fitting(asked, timezone.now()).count() if asked else 0,
    }
    return render(request, "desk/rewards/grant.html", context, status=422 if form.errors else 200)


def _initial(request: HttpRequest) -> dict[str, str]:
    return {"reward": request.GET.get("reward", "")[:32]}


def _asked(request: HttpRequest) -> tuple[Asked | None, str]:
    """The members' list as it was filtered, where it is to be given to those that it shows; with its query."""
    query = request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode()
    values = QueryDict(query[:1_000])
    if "list" not in values:
        return None, ""
    return asked_by(values, {tier.code: tier for tier in Tier.objects.all()}), query[:1_000]


def _granted(request: HttpRequest, form: GrantForm, asked: Asked | None) -> Grant | None:
    typed = form.cleaned_data
    try:
        members, unknown = _members(typed, asked)
        order = form.order(request.POST.get("key", ""))
        grant = start_grant(order, members, actor=actor_of(request.user), now=timezone.now())
    except NotFound:
        raise
    except AppError as refused:
        form.refuse(refused)
        return None
    tell_unknown(request, unknown)
    return grant


def _members(typed: dict[str, Any], asked: Asked | None) -> tuple[list[int], list[str]]:
    """The ids of those who are members, and what of the list is no member's phone."""
    if asked is not None:
        rows = fitting(asked, timezone.now()).filter(status=Member.Status.ACTIVE)
        return list(rows.order_by("pk").values_list("pk", flat=True)), []
    return members_of(typed["phones"], typed["file"])
