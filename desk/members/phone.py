"""A member's mobile changed by the staff: a code goes to the new number first, and the old one is told."""

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
from accounts.otp import check_code, send_code
from accounts.rights import actor_of, can, staff_required
from accounts.sessions import remember
from accounts.throttle import client_address
from club.members.models import Member
from club.members.reaching import change_phone
from club.members.selectors import member_by_phone
from core.errors import AppError, Throttled
from desk.members.card import member_here
from sms.health import can_send_now

PENDING = "member_phone"


@never_cache
@staff_required("edit_members")
@require_http_methods(["GET", "HEAD", "POST"])
def new_phone(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """Ask for the new number and send it a code."""
    member, form, status, taken_by = member_here(member_id), OtpPhoneForm(request.POST or None), 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid():
            taken_by = _whose(form.cleaned_data["phone"], member)
            if _fits(form, member, taken_by) and _send(request, form, member):
                return redirect("desk:member_phone_code", member.pk)
    context = {
        "member": member,
        "form": form,
        "taken_by": taken_by,
        "may_merge": can(request.user, "merge_members"),
        "sends": can_send_now(),
    }
    return render(request, "desk/members/phone.html", context, status=status)


@never_cache
@sensitive_post_parameters("code")
@staff_required("edit_members")
@require_http_methods(["GET", "HEAD", "POST"])
def prove_phone(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """Take the code that the member reads out, and change the number."""
    member, pending = member_here(member_id), _pending(request, member_id)
    if not pending:
        return redirect("desk:member_phone", member.pk)
    form, status = OtpCodeForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and _changed(request, form, member, pending):
            messages.success(request, _("شماره عوض شد؛ به شمارهٔ پیشین خبر می‌رود."))
            return redirect("desk:member", member.pk)
    context = {"member": member, "form": form, "phone": pending["phone"]}
    return render(request, "desk/members/phone_code.html", context, status=status)


def _whose(phone: str, member: Member) -> Member | None:
    """The other member who has this number already."""
    known = member_by_phone(phone)
    return known if known and known.pk != member.pk else None


def _fits(form: OtpPhoneForm, member: Member, taken_by: Member | None) -> bool:
    if form.cleaned_data["phone"] == member.phone:
        form.add_error("phone", _("این همان شمارهٔ کنونی است."))
    elif taken_by:
        form.add_error("phone", _("این شماره از آنِ عضو دیگری است."))
    return not form.errors


def _send(request: HttpRequest, form: OtpPhoneForm, member: Member) -> bool:
    phone = form.cleaned_data["phone"]
    try:
        sent = send_code(phone, address=client_address(request), kind="phone_proof", now=timezone.now())
    except Throttled as refused:
        form.add_error("phone", refused.detail)
        return False
    remember(request, **{PENDING: {"id": sent.id, "phone": phone, "member": member.pk}})
    return True


def _changed(request: HttpRequest, form: OtpCodeForm, member: Member, pending: dict[str, Any]) -> bool:
    try:
        check_code(pending["id"], pending["phone"], form.cleaned_data["code"], now=timezone.now())
        change_phone(member.pk, pending["phone"], actor=actor_of(request.user))
    except AppError as refused:
        form.add_error("code", refused.detail)
        return False
    del request.session[PENDING]
    return True


def _pending(request: HttpRequest, member_id: int) -> dict[str, Any]:
    """The number that waits for its code, of this member alone."""
    pending = request.session.get(PENDING)
    return pending if isinstance(pending, dict) and pending.get("member") == member_id else {}
