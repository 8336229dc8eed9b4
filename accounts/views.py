"""Login and logout: staff by phone and password, members and agents by a code."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import check_password
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import LinkForm, OtpCodeForm, OtpPhoneForm, PasswordForm, StaffLoginForm
from accounts.invitations import LinkSpent, person_of_link, use_link
from accounts.models import User
from accounts.otp import RESEND_AFTER, check_code, send_code
from accounts.rights import can, roles_of, to_login
from accounts.second_step import enter
from accounts.services import set_password
from accounts.sessions import close_session, open_session, remember
from accounts.throttle import LOGIN_ADDRESS, LOGIN_PHONE, client_address, count_attempt, forgive
from core.errors import AppError, Throttled, ValidationFailed
from core.language import in_language
from sms.health import can_send_now

PENDING = "otp"
PAGES_BY_RIGHT = (
    ("view_dashboard", "desk:dashboard"),
    ("record_purchase", "desk:till"),
    ("use_agent_panel", "desk:agent"),
    ("answer_tickets", "desk:tickets"),
    ("call_surveys", "desk:calls"),
)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def staff_login(request: HttpRequest) -> HttpResponse:
    """The login page of staff."""
    form = StaffLoginForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            phone, password = form.cleaned_data["phone"], form.cleaned_data["password"]
            try:
                user = _checked_staff(request, phone, password)
            except Throttled as refused:
                form.add_error(None, refused.detail)
                status = refused.http_status
            else:
                if user:
                    back_to = safe_next(request, request.POST.get("next", ""))
                    return enter(request, user, onward=back_to or first_page(user))
                form.add_error(None, _("شماره یا گذرواژه درست نیست."))
    return _page(request, "accounts/login.html", form, status=status, next=_asked_next(request))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def otp_request(request: HttpRequest) -> HttpResponse:
    """Ask for a phone and send it a code; the answer is the same whether anybody knows the phone."""
    form = OtpPhoneForm(request.POST or None)
    status, sends = 200, can_send_now()
    if request.method == "POST":
        status = 422 if sends else 503
        if sends and form.is_valid():
            refused = start_code_login(request, form.cleaned_data["phone"], onward=request.POST.get("next", ""))
            if refused is None:
                return redirect("accounts:member_code")
            form.add_error("phone", refused.detail)
            status = refused.http_status
    return _page(request, "accounts/otp_phone.html", form, status=status, next=_asked_next(request), sends=sends)


def start_code_login(request: HttpRequest, phone: str, *, onward: str) -> Throttled | None:
    """Send the phone a code that `accounts:member_code` takes and then goes `onward`; or what refuses it."""
    now = timezone.now()
    try:
        sent = send_code(phone, address=client_address(request), domain=_host(request), now=now)
    except Throttled as refused:
        if _pending(request).get("phone") != phone:
            return refused
        # The first code is still on its way.
        wait = {"seconds": in_language(refused.data["seconds"])}
        messages.info(request, _("کد پیش‌تر فرستاده شد؛ کد تازه تا %(seconds)s ثانیهٔ دیگر") % wait)
        remember(request, **{PENDING: {**_pending(request), "next": safe_next(request, onward)}})
        return None
    pending = {"id": sent.id, "phone": phone, "sent_at": now.isoformat(), "next": safe_next(request, onward)}
    remember(request, **{PENDING: pending})
    return None


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def otp_verify(request: HttpRequest) -> HttpResponse:
    """Take the code and open a session that reaches the portal and the agent's panel."""
    pending = _pending(request)
    if not pending:
        return redirect("accounts:member_login")
    now = timezone.now()
    form = OtpCodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                check_code(pending["id"], pending["phone"], form.cleaned_data["code"], now=now)
            except AppError as refused:
                form.add_error("code", refused.detail)
                status = refused.http_status
            else:
                user = User.objects.of_phone(pending["phone"])
                if not user.is_active:
                    request.session.pop(PENDING, None)
                    return redirect("accounts:member_login")
                open_session(request, user, method="otp")
                at_work = can(user, "use_agent_panel")
                return HttpResponseRedirect(pending["next"] or _reversed("desk:agent" if at_work else "portal:home"))
    return _page(
        request,
        "accounts/otp_code.html",
        form,
        status=status,
        phone=pending["phone"],
        next=pending["next"],
        sends=can_send_now(),
        resend_seconds=_seconds_to_resend(pending, now),
    )


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session; staff come back to their login, members to theirs."""
    was_staff = getattr(request.user, "auth_method", None) == "password"
    close_session(request)
    return redirect("accounts:login" if was_staff else "accounts:member_login")


@never_cache
@sensitive_post_parameters("present", "password")
@require_http_methods(["GET", "HEAD", "POST"])
def password_change(request: HttpRequest) -> HttpResponse:
    """Change one's own password; every other session of the person ends."""
    user = request.user
    if not isinstance(user, User) or user.auth_method != "password":
        return to_login(request, "accounts:login")  # type: ignore[return-value]
    form = PasswordForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and _changed_password(request, user, form):
            open_session(request, user, method="password")
            messages.success(request, _("گذرواژه عوض شد."))
            return HttpResponseRedirect(first_page(user))
    return _page(request, "accounts/password.html", form, status=status)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def staff_link(request: HttpRequest, token: str) -> HttpResponse:
    """Set a password by a link that came by SMS, and go in. Looking at the page does not use the link up."""
    now = timezone.now()
    try:
        person = person_of_link(token, now=now)
    except LinkSpent as spent:
        return _spent(request, spent)
    form = LinkForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user = use_link(token, form.cleaned_data["password"], now=now)
            except ValidationFailed as refused:
                form.add_error("password", refused.errors["password"])
            except LinkSpent as spent:
                return _spent(request, spent)
            else:
                forgive(LOGIN_PHONE, user.phone)
                return enter(request, user, onward=first_page(user))
    return _page(request, "accounts/link.html", form, status=status, person=person)


def _spent(request: HttpRequest, spent: LinkSpent) -> HttpResponse:
    """Who has set a password comes by the old message again: the way in is shown."""
    return render(request, "accounts/link_spent.html", {"status": spent.http_status}, status=spent.http_status)


def safe_next(request: HttpRequest, asked: str) -> str:
    """The asked address when it lies on this very host, else ""."""
    here = {request.get_host()}
    if asked and url_has_allowed_host_and_scheme(asked, allowed_hosts=here, require_https=request.is_secure()):
        return asked
    return ""


def first_page(user: User) -> str:
    """Where a person of the staff begins, by what they may do."""
    for right, name in PAGES_BY_RIGHT:
        if can(user, right) and (url := _reversed(name, "")):
            return url
    return _reversed("desk:home")


def _checked_staff(request: HttpRequest, phone: str, password: str) -> User | None:
    """The person, or None; each attempt is counted before the password is looked at. Raises Throttled."""
    now = timezone.now()
    count_attempt((LOGIN_PHONE, phone), (LOGIN_ADDRESS, client_address(request)), now=now)
    user = authenticate(request, phone=phone, password=password)
    if not isinstance(user, User) or not roles_of(user):
        return None
    forgive(LOGIN_PHONE, phone)
    return user


def _changed_password(request: HttpRequest, user: User, form: PasswordForm) -> bool:
    try:
        count_attempt((LOGIN_PHONE, user.phone), now=timezone.now())
    except Throttled as refused:
        form.add_error(None, refused.detail)
        return False
    if not check_password(form.cleaned_data["present"], user.password):
        form.add_error("present", _("گذرواژهٔ کنونی درست نیست."))
        return False
    if form.cleaned_data["password"] == form.cleaned_data["present"]:
        form.add_error("password", _("این همان گذرواژهٔ کنونی است؛ گذرواژهٔ تازه‌ای بگذارید."))
        return False
    try:
        set_password(user, form.cleaned_data["password"], actor=user.actor)
    except ValidationFailed as refused:
        form.add_error("password", refused.errors["password"])
        return False
    forgive(LOGIN_PHONE, user.phone)
    return True


def _page(request: HttpRequest, template: str, form: forms.Form, *, status: int, **context: Any) -> HttpResponse:
    """A login page; where something was wrong the field says so to screen readers as well.

    Who is on the way to the desk is an agent or of the staff, and is spoken to as they are.
    """
    to_desk = str(context.get("next", "")).startswith("/desk/")
    return render(request, template, {"form": form, "to_desk": to_desk, **context}, status=status)


def _pending(request: HttpRequest) -> dict[str, Any]:
    pending = request.session.get(PENDING)
    return pending if isinstance(pending, dict) else {}


def _asked_next(request: HttpRequest) -> str:
    return safe_next(request, request.POST.get("next", "") or request.GET.get("next", ""))


def _seconds_to_resend(pending: dict[str, Any], now: datetime) -> int:
    left = datetime.fromisoformat(pending["sent_at"]) + RESEND_AFTER - now
    return max(0, int(left.total_seconds()) + 1) if left.total_seconds() > 0 else 0


def _host(request: HttpRequest) -> str:
    """The host without its port, as WebOTP wants it on the last line of the text."""
    return request.get_host().rsplit(":", 1)[0]


def _reversed(name: str, default: str = "/") -> str:
    """The address of a page of a higher package, which may not be installed."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return default
