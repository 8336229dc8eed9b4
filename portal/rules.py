"""The club's rules: read by everybody, accepted by members, once for each version, before anything else."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.rights import member_known
from accounts.throttle import client_address
from accounts.views import safe_next
from club.members.models import Member, RulesVersion
from club.members.rulebook import (
    RulesChanged,
    accept_rules,
    published_rules,
    published_versions,
    rules_in_force,
    rules_to_accept,
)
from club.members.selectors import member_by_phone
from core.prose import blocks
from core.text import whole_number
from portal.access import member_of


def gate(request: HttpRequest) -> HttpResponseBase | None:
    """Where a member who has rules to accept is sent; None for who has not. What was asked for is not done."""
    if rules_to_accept(member_of(request).pk, timezone.now()) is None:
        return None
    onward = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    url = reverse("portal:rules") + (f"?{urlencode({'next': onward})}" if onward not in ("", "/") else "")
    if getattr(request, "htmx", False):
        answer = HttpResponse(status=403)
        answer["HX-Redirect"] = reverse("portal:rules")
        return answer
    return redirect(url)


@never_cache
@require_safe
def rules(request: HttpRequest) -> HttpResponseBase:
    """The rules in force; a member who has not accepted them does it here."""
    now, member = timezone.now(), _member(request)
    waiting = rules_to_accept(member.pk, now) if member else None
    shown = waiting or rules_in_force(now)
    return _page(
        request, shown, must_accept=waiting is not None, onward=safe_next(request, request.GET.get("next", ""))
    )


@never_cache
@require_safe
def version(request: HttpRequest, number: int) -> HttpResponseBase:
    """A version that holds, held or will hold."""
    return _page(request, published_rules(number), must_accept=False, onward="")


@never_cache
@member_known
@require_POST
def accept(request: HttpRequest) -> HttpResponseBase:
    """Keep the member's yes, and go on to what was asked for."""
    onward = safe_next(request, request.POST.get("next", ""))
    number = whole_number(request.POST.get("number", ""), most=2**31) or 0
    if request.POST.get("agree") != "yes":
        messages.error(request, _("برای ادامه، پذیرفتن قوانین را نشان بزن."))
        return redirect(reverse("portal:rules") + (f"?{urlencode({'next': onward})}" if onward else ""))
    try:
        accept_rules(member_of(request).pk, number, address=client_address(request), now=timezone.now())
    except RulesChanged as refused:
        messages.error(request, refused.detail)
        return redirect("portal:rules")
    messages.success(request, _("پذیرفتی. خوش آمدی."))
    return redirect(onward or "portal:home")


def _page(request: HttpRequest, shown: RulesVersion | None, *, must_accept: bool, onward: str) -> HttpResponseBase:
    others = [one for one in published_versions(timezone.now()) if shown is None or one.rules != shown]
    context = {
        "rules": shown,
        "blocks": blocks(shown.text) if shown else [],
        "others": [] if must_accept else others,
        "must_accept": must_accept,
        "next": onward,
        "member": _member(request),
    }
    return render(request, "portal/rules.html", context)


def _member(request: HttpRequest) -> Member | None:
    return member_by_phone(request.user.phone) if isinstance(request.user, User) else None
