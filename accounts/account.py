"""A person's own account as staff: who they are here, where they are logged in, and ending that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.devices import device_name
from accounts.models import Role, StaffSession, User
from accounts.rights import roles_of, to_login
from accounts.sessions import end_other_sessions, end_session, sessions_of
from accounts.two_factor import is_on
from core.language import in_language


@dataclass(frozen=True)
class Place:
    """Somewhere the person is logged in."""

    session: StaffSession
    device: str
    is_here: bool


def own_account(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let a view run for whoever is logged in with a password, whatever their role; others go to the login."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User) or request.user.auth_method != "password":
            return to_login(request, "accounts:login")
        return view(request, request.user, *args, **kwargs)

    return guarded


@never_cache
@own_account
@require_safe
def account(request: HttpRequest, user: User) -> HttpResponse:
    """The account page."""
    here = request.session.session_key
    places = [
        Place(one, device_name(one.device), one.session_key == here) for one in sessions_of(user, now=timezone.now())
    ]
    roles = [label for value, label in Role.choices if value in roles_of(user)]
    return render(
        request, "accounts/account.html", {"person": user, "roles": roles, "places": places, "two_factor": is_on(user)}
    )


@own_account
@require_POST
def end_one_session(request: HttpRequest, user: User, session_id: int) -> HttpResponse:
    """End one of one's own sessions."""
    end_session(user, session_id, actor=user.actor, now=timezone.now())
    messages.success(request, _("آن نشست پایان یافت."))
    return redirect("accounts:account")


@own_account
@require_POST
def end_all_others(request: HttpRequest, user: User) -> HttpResponse:
    """End every session of one's own but this one."""
    ended = end_other_sessions(user, but=request.session.session_key, actor=user.actor, now=timezone.now())
    said = _("%(count)s نشست پایان یافت.") % {"count": in_language(ended)} if ended else _("نشست دیگری باز نبود.")
    messages.success(request, said)
    return redirect("accounts:account")
