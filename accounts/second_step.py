"""The pages of the second factor: after the password, its setting up, and its end."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import two_factor
from accounts.account import own_account
from accounts.models import User
from accounts.rights import roles_of
from accounts.sessions import open_session, proof_of, remember
from core.errors import AppError
from core.qr import qr_svg

PENDING = "second_step"
WAITS_SECONDS = 600


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label=gettext_lazy("کد برنامهٔ رمزساز"),
        max_length=40,
        error_messages={"required": gettext_lazy("کد را بنویسید."), "max_length": gettext_lazy("کد درست نیست.")},
        widget=forms.TextInput(
            attrs={"class": "input input-lg", "dir": "ltr", "autocomplete": "one-time-code", "autocapitalize": "none"}
        ),
    )


def enter(request: HttpRequest, user: User, *, onward: str) -> HttpResponse:
    """Let in who gave the right password, or ask for the second factor first. No session is open until then."""
    on = two_factor.is_on(user)
    if not on and not two_factor.is_asked_of(user):
        open_session(request, user, method="password")
        return HttpResponseRedirect(onward)
    pending = {"user": user.pk, "proof": proof_of(user), "at": timezone.now().timestamp(), "next": onward}
    request.session.flush()
    remember(request, **{PENDING: pending})
    return redirect("accounts:second_step" if on else "accounts:two_factor")


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Take the code that follows the password."""
    user = _waiting(request, now=timezone.now())
    if user is None:
        return redirect("accounts:login")
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                two_factor.check(user, form.cleaned_data["code"], now=timezone.now())
            except AppError as refused:
                form.add_error("code", refused.detail)
                status = refused.http_status
            else:
                onward = request.session[PENDING]["next"]
                open_session(request, user, method="password")
                return HttpResponseRedirect(onward)
    return render(request, "accounts/second_step.html", {"form": form}, status=status)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Set it up: for who is in, and for who must before they come in."""
    waiting = _waiting(request, now=timezone.now())
    user = waiting or _inside(request)
    if user is None:
        return redirect("accounts:login")
    if two_factor.is_on(user):
        return redirect("accounts:second_step" if waiting else "accounts:account")
    form, status = CodeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                codes = two_factor.confirm(user, form.cleaned_data["code"], now=timezone.now())
            except AppError as refused:
                form.add_error("code", refused.detail)
                status = refused.http_status
            else:
                onward = request.session[PENDING]["next"] if waiting else ""
                if waiting:
                    open_session(request, user, method="password")
                return render(request, "accounts/recovery_codes.html", {"codes": codes, "onward": onward})
    key = two_factor.begin(user)
    context: dict[str, Any] = {
        "form": form,
        "key": " ".join(re.findall(".{4}", key)),
        "qr": qr_svg(two_factor.address_of(user, key)),
    }
    return render(request, "accounts/two_factor.html", {**context, "must": waiting is not None}, status=status)


@own_account
@sensitive_post_parameters("code")
@require_POST
def turn_off(request: HttpRequest, user: User) -> HttpResponse:
    """Switch one's own off, with a code."""
    try:
        two_factor.turn_off(user, request.POST.get("code", "")[:40], now=timezone.now())
        messages.success(request, _("ورود دومرحله‌ای خاموش شد."))
    except AppError as refused:
        messages.error(request, refused.detail)
    return redirect("accounts:account")


def _waiting(request: HttpRequest, *, now: datetime) -> User | None:
    """Who gave the password in this browser a moment ago, if it is still theirs and they still work here."""
    pending = request.session.get(PENDING)
    if not isinstance(pending, dict) or not 0 <= now.timestamp() - pending["at"] < WAITS_SECONDS:
        return None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    return user if user and proof_of(user) == pending["proof"] and roles_of(user) else None


def _inside(request: HttpRequest) -> User | None:
    user = request.user
    return user if isinstance(user, User) and user.auth_method == "password" else None
