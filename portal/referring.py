"""The short link `/r/CODE`: who invites is remembered in a signed cookie until the visitor has joined."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from club.members.selectors import member_by_phone
from club.programme.selectors import programme_at
from core.models import Club
from core.tenancy.scope import current_club, current_club_id
from crm.referrals.links import Inviter, count_click, device_of, inviter_of, network_of, note_device, source_of

COOKIE, DEVICE = "invited", "browser"
KEPT_SECONDS = 30 * 24 * 3_600
DEVICE_SECONDS = 365 * 24 * 3_600
# Programs that fetch a link to draw its picture in a chat, or to search: nobody has looked at it yet.
MACHINES = re.compile(
    r"bot|crawl|spider|preview|facebookexternalhit|whatsapp/|curl|wget|python-|okhttp|slurp|skype",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Invited:
    """What the cookie remembers: by whose code, from which network."""

    code: str
    network: str = ""


@never_cache
@require_safe
def follow(request: HttpRequest, referral_code: str) -> HttpResponseBase:
    """The page that a link opens: who invites, and the way to join; a code of nobody still lets one join."""
    inviter, network = inviter_of(referral_code), network_of(request.GET.get("s", ""))
    if inviter and isinstance(request.user, User) and member_by_phone(request.user.phone):
        return redirect("portal:home")
    context = {
        "inviter": inviter,
        "source": source_of(network) if inviter else "",
        "programme": programme_at(timezone.now()),
        "is_closed": current_club().joining == Club.Joining.CLOSED,
    }
    response = render(request, "portal/invited.html", context, status=200 if inviter else 404)
    if inviter:
        if _is_new_look(request, inviter):
            count_click(inviter.code, network)
        _remember(response, COOKIE, {"code": inviter.code, "network": network}, KEPT_SECONDS)
        keep_browser(request, response, browser_of(request))
    return response


def invited(request: HttpRequest) -> Invited | None:
    """By whom the visitor was invited; None for who was not, or too long ago."""
    said = _recall(request, COOKIE, KEPT_SECONDS)
    return Invited(str(said.get("code", "")), network_of(str(said.get("network", "")))) if said else None


def inviter_to(request: HttpRequest) -> Inviter | None:
    """The same as who it is now, while the code still brings somebody."""
    found = invited(request)
    return inviter_of(found.code) if found else None


def browser_of(request: HttpRequest) -> str:
    """What this browser is called by its own cookie; a new name where it has none, for `keep_browser` to give it."""
    return _named(request) or secrets.token_urlsafe(16)


def keep_browser(request: HttpRequest, response: HttpResponseBase, name: str) -> None:
    """Give the browser its name, where it has none yet."""
    if not _named(request):
        _remember(response, DEVICE, {"id": name}, DEVICE_SECONDS)


def _named(request: HttpRequest) -> str:
    return str(_recall(request, DEVICE, DEVICE_SECONDS).get("id") or "")


def note_browser(request: HttpRequest, response: HttpResponseBase, member_id: int) -> None:
    """Remember with which browser the member shared the link."""
    name = browser_of(request)
    note_device(member_id, device_of(name))
    keep_browser(request, response, name)


def forget_invitation(response: HttpResponseBase) -> None:
    """Whoever has joined was invited once and for all."""
    response.delete_cookie(COOKIE, samesite="Lax")


def _is_new_look(request: HttpRequest, inviter: Inviter) -> bool:
    """Whether a person looks at this link for the first time in this browser."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    agent = request.headers.get("User-Agent", "")
    if request.method != "GET" or "prefetch" in purpose or MACHINES.search(agent):
        return False
    known = invited(request)
    return known is None or known.code != inviter.code


def _remember(response: HttpResponseBase, name: str, value: dict[str, Any], seconds: int) -> None:
    sealed = signing.dumps(value, salt=_salt(name))
    options: dict[str, Any] = {"max_age": seconds, "httponly": True, "samesite": "Lax"}
    response.set_cookie(name, sealed, secure=settings.HTTPS_ONLY, **options)


def _recall(request: HttpRequest, name: str, seconds: int) -> dict[str, Any]:
    try:
        said = signing.loads(request.COOKIES.get(name, ""), salt=_salt(name), max_age=seconds)
    except signing.BadSignature:
        return {}
    return said if isinstance(said, dict) else {}


def _salt(name: str) -> str:
    """One host may serve several clubs in turn: each has its own."""
    return f"portal.{name}.{current_club_id()}"
