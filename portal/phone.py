"""A member's own mobile changed: a code to the new number first, then the change; the old number is told."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms import OtpCodeForm, OtpPhoneForm
from accounts.models import User
from accounts.otp import check_code, send_code
from accounts.rights import member_required
from accounts.sessions import open_session, remember
from accounts.throttle import client_address
from club.members.reaching import change_phone
from core.errors import AppError, Throttled
from portal.access import member_of
from sms.health import can_send_now

PENDING = "new_phone"


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_phone(request: HttpRequest) -> HttpResponseBase:
    """Ask for the new number and send it a code; whose it is already is said only to who has it."""
    form = OtpPhoneForm(request.POST or None)
    status, sends = 200, can_send_now()
    if request.method == "POST":
        status = 422 if sends else 503
        if sends and form.is_valid() and _send(request, form):
            return redirect("portal:phone_code")
    context = {"form": form, "member": member_of(request), "sends": sends}
    return render(request, "portal/phone.html", context, status=status)


@never_cache
@sensitive_post_parameters("code")
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def prove_phone(request: HttpRequest) -> HttpResponseBase:
    """Take the code and change the number; this browser stays logged in, all others of the old number do not."""
    pending = _pending(request)
    if not pending:
        return redirect("portal:phone")
    form = OtpCodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and _changed(request, form, pending):
            messages.success(request, _("شماره‌ات عوض شد."))
            return redirect("portal:profile")
    return render(request, "portal/phone_code.html", {"form": form, "phone": pending["phone"]}, status=status)


def _send(request: HttpRequest, form: OtpPhoneForm) -> bool:
    phone, host = form.cleaned_data["phone"], request.get_host().rsplit(":", 1)[0]
    if phone == member_of(request).phone:
        form.add_error("phone", _("این همان شمارهٔ کنونی است."))
        return False
    try:
        sent = send_code(phone, address=client_address(request), domain=host, now=timezone.now())
    except Throttled as refused:
        form.add_error("phone", refused.detail)
        return False
    remember(request, **{PENDING: {"id": sent.id, "phone": phone}})
    return True


def _changed(request: HttpRequest, form: OtpCodeForm, pending: dict[str, Any]) -> bool:
    member, phone = member_of(request), pending["phone"]
    try:
        check_code(pending["id"], phone, form.cleaned_data["code"], now=timezone.now())
        change_phone(member.pk, phone, actor=f"member:{member.pk}")
    except AppError as refused:
        form.add_error("code", refused.detail)
        return False
    open_session(request, User.objects.of_phone(phone), method="otp")
    return True


def _pending(request: HttpRequest) -> dict[str, Any]:
    pending = request.session.get(PENDING)
    return pending if isinstance(pending, dict) else {}
