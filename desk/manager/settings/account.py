"""The SMS account: its key and lines, what is left on it, and a message to see whether it works."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.rights import actor_of, staff_required
from accounts.throttle import SMS_TEST, count_attempt
from core.errors import AppError, Throttled
from core.forms import PhoneField, set_choices
from core.secrets import Secret
from core.tenancy.scope import current_club, current_club_id
from desk.manager.fields import HourField, LineField
from desk.manager.settings.forms import SettingsForm
from sms.account import Account, account, account_of
from sms.editing import ACCOUNT_FIELDS, account_with, back_to_shared_account, change_account
from sms.gateways.base import GatewayError
from sms.health import trouble
from sms.models import SmsSettings, Status
from sms.polling import ask_now
from sms.provider_codes import explain
from sms.selectors import get_test
from sms.testing import send_test
from sms.trial import is_worth_a_trial, try_account
from sms.wording import portal_link

STILL_MOVING = {Status.QUEUED, Status.SENDING, Status.SENT}
HELD = "sms_key"
"""In the session: a key that was typed and not saved yet, sealed, and the word by which its form asks for it."""
ANYWAY, SHARED = "anyway", "shared"
"""What is asked before it is done: saving what could not be tried, and leaving one's own account."""


class AccountForm(SettingsForm):
    """The account; its key is taken, never shown."""

    tried: Account
    """The account as it would be, once what was typed is valid."""

    gateway = forms.ChoiceField(label=gettext_lazy("سرویس‌دهنده"), required=False)
    api_key = forms.CharField(
        label=gettext_lazy("کلید API"),
        required=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "dir": "ltr"}),
    )
    sender_line = LineField(
        label=gettext_lazy("خط فرستنده"), required=False, max_length=20, validators=[SmsSettings.line_digits]
    )
    advertising_line = LineField(
        label=gettext_lazy("خط تبلیغاتی"),
        required=False,
        max_length=20,
        validators=[SmsSettings.line_digits],
        help_text=gettext_lazy("خالی: همان خط فرستنده، اگر خدماتی نباشد"),
    )
    otp_template = forms.SlugField(
        label=gettext_lazy("نام الگوی کد ورود"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("الگویی که در پنل سرویس‌دهنده تأیید شده است؛ خالی: کد با متن خودتان می‌رود"),
    )
    window_from = HourField(label=gettext_lazy("تبلیغ از ساعت"))
    window_to = HourField(label=gettext_lazy("تبلیغ تا ساعت"))
    is_service_line = forms.BooleanField(
        label=gettext_lazy("خط فرستنده خدماتی است"),
        required=False,
        help_text=gettext_lazy("به کسانی هم می‌رسد که پیامک تبلیغاتی را بسته‌اند؛ تبلیغ از آن فرستاده نمی‌شود."),
    )

    def __init__(self, data: Any, *, chosen: SmsSettings, held: Secret | None = None) -> None:
        super().__init__(data)
        self.chosen, self.held = chosen, held
        same = gettext_lazy("همان که برای همه است")
        set_choices(self, "gateway", [("", same), *SmsSettings.Gateway.choices])
        self.fields["otp_template"].widget.attrs["dir"] = "ltr"
        self.initial = {name: getattr(chosen, name) for name in ACCOUNT_FIELDS}
        if chosen.api_key:
            self.initial["gateway"] = chosen.gateway or settings.SMS_GATEWAY
            self.fields["api_key"].help_text = _("کلیدی گذاشته شده است و نشان داده نمی‌شود؛ خالی: همان می‌ماند")
        else:
            self.fields["api_key"].help_text = _("از پنل سرویس‌دهنده بردارید؛ پس از ذخیره دیگر نشان داده نمی‌شود")

    def clean(self) -> dict[str, Any]:
        """A key belongs to a provider, and a provider needs one."""
        cleaned = super().clean()
        gateway = cleaned.get("gateway")
        if gateway == "" and self.key():
            self.add_error("gateway", _("برای کلید خودتان سرویس‌دهنده را برگزینید."))
        try:
            self.tried = account_with(self.chosen, self.values(), api_key=self.key())
        except AppError as refused:
            self.refuse(refused)
        else:
            if gateway == SmsSettings.Gateway.KAVENEGAR and not self.tried.api_key:
                self.add_error("api_key", explain("no_key"))
        return cleaned

    def key(self) -> Secret | None:
        """The key typed now, or just before; None for the one there is."""
        typed: str = self.cleaned_data.get("api_key", "").strip()
        return Secret.of(typed) if typed else self.held

    def values(self) -> dict[str, Any]:
        """The settings as they were typed, so far as they can be read."""
        return {name: self.cleaned_data[name] for name in ACCOUNT_FIELDS if name in self.cleaned_data}

    @property
    def leaves_own_account(self) -> bool:
        """Whether the club's own key is given up for the account that is for all."""
        return bool(self.chosen.api_key) and self.cleaned_data.get("gateway") == ""


class TestForm(SettingsForm):
    """To whom the test goes."""

    phone = PhoneField(label=gettext_lazy("به کدام شماره؟"))


@never_cache
@sensitive_post_parameters("api_key")
@staff_required("manage_sms")
@require_http_methods(["GET", "HEAD", "POST"])
def sms_account(request: HttpRequest) -> HttpResponse:
    """The account and its lines; what is new is tried with the provider before it is saved."""
    chosen, _made = SmsSettings.objects.get_or_create()
    form = AccountForm(request.POST or None, chosen=chosen, held=_held(request))
    asked = ""
    if request.method == "POST":
        _miss_held(request, form)
        if form.is_valid():
            asked = _asked_before_saving(form, request.POST.get("act", ""))
        if not asked and form.is_valid() and _saved(request, form):
            request.session.pop(HELD, None)
            return redirect("desk:settings_messages" if form.leaves_own_account else "desk:settings_sms_test")
    context = {
        "heading": _("حساب پیامک"),
        "form": form,
        "chosen": chosen,
        "trouble": trouble(now=timezone.now()),
        "addresses": _addresses(chosen),
        "asked": asked,
        "shared_sends": account_of(SmsSettings()).can_send,
        "held": _hold(request, form),
    }
    return render(request, "desk/settings/sms_account.html", context, status=422 if form.errors or asked else 200)


@never_cache
@staff_required("manage_sms")
@require_http_methods(["GET", "HEAD", "POST"])
def sms_test(request: HttpRequest) -> HttpResponse:
    """Send one message and go where its fate is seen."""
    form = TestForm(request.POST or None)
    if isinstance(request.user, User):
        form.initial["phone"] = request.user.phone
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                count_attempt((SMS_TEST, str(current_club_id())), now=timezone.now())
            except Throttled as refused:
                form.add_error("phone", refused.detail)
                status = refused.http_status
            else:
                sent = send_test(form.cleaned_data["phone"], now=timezone.now(), actor=actor_of(request.user))
                return redirect("desk:settings_sms_tested", sent.message_id)
    context = {"heading": _("پیامک آزمایشی"), "form": form, "account": account()}
    return render(request, "desk/settings/sms_test.html", context, status=status)


@never_cache
@staff_required("manage_sms")
@require_safe
def sms_tested(request: HttpRequest, message_id: int) -> HttpResponse:
    """What the provider said of the test, and whether it has arrived; the page asks again until that is known."""
    message = ask_now(get_test(message_id).pk, now=timezone.now())
    context = {"heading": _("پیامک آزمایشی"), "message": message, "moves": message.status in STILL_MOVING}
    part = bool(getattr(request, "htmx", False))
    return render(request, "desk/settings/_sms_tested.html" if part else "desk/settings/sms_tested.html", context)


@never_cache
@staff_required("manage_sms")
@require_safe
def sms_balance(request: HttpRequest) -> HttpResponse:
    """What is left on the provider's account, asked for at this moment."""
    chosen = account()
    context: dict[str, Any] = {
        "heading": _("ماندهٔ حساب پیامک"),
        "is_ready": chosen.can_send and trouble(now=timezone.now()) is None,
    }
    try:
        context["balance"] = chosen.gateway().balance()
    except GatewayError as refused:
        context["refused"] = explain(refused.code)
    part = bool(getattr(request, "htmx", False))
    return render(request, "desk/settings/_sms_balance.html" if part else "desk/settings/sms_balance.html", context)


def _asked_before_saving(form: AccountForm, act: str) -> str:
    """Which act must be asked for first, "" for none; what the provider refuses is said in the form."""
    if form.leaves_own_account:
        return "" if act == SHARED else SHARED
    now, then = account_of(form.chosen), form.tried
    refused = try_account(then) if is_worth_a_trial(now, then) else None
    if refused is None or (refused.may_go_on and act == ANYWAY):
        return ""
    form.add_error(refused.field or None, str(refused.text))
    return ANYWAY if refused.may_go_on else ""


def _saved(request: HttpRequest, form: AccountForm) -> bool:
    actor = actor_of(request.user)
    try:
        if form.leaves_own_account:
            back_to_shared_account(form.values(), actor=actor)
            messages.success(request, _("کلید باشگاه پاک شد؛ از این پس با حسابی می‌فرستید که برای همه است."))
        else:
            change_account(form.values(), api_key=form.key(), actor=actor)
            messages.success(request, _("تنظیم پیامک ثبت شد؛ با یک پیامک آزمایشی ببینید کار می‌کند."))
    except AppError as refused:
        form.refuse(refused)
        return False
    return True


def _held(request: HttpRequest) -> Secret | None:
    """The key that was typed in this form before and could not be saved then."""
    kept, word = request.session.get(HELD), request.POST.get("held")
    return Secret(kept["sealed"]) if isinstance(kept, dict) and word and kept["word"] == word else None


def _miss_held(request: HttpRequest, form: AccountForm) -> None:
    """Say so where the form counts on a key that is no longer held: without it another account would be saved."""
    if request.POST.get("held") and form.held is None and not request.POST.get("api_key"):
        form.add_error("api_key", _("کلید را دوباره بنویسید."))


def _hold(request: HttpRequest, form: AccountForm) -> str:
    """Keep a typed key that was not refused, sealed, for the next try of the form; the word for asking it back."""
    key = form.key() if form.is_bound and "api_key" not in form.errors else None
    if key is None:
        request.session.pop(HELD, None)
        return ""
    word = token_urlsafe(9)
    request.session[HELD] = {"word": word, "sealed": key.sealed}
    return word


def _addresses(chosen: SmsSettings) -> list[tuple[str, str, str]]:
    """What is typed into the provider's panel for each line: id, label, address; none while they cannot be read."""
    if not chosen.callback_secret.is_readable:
        return []
    host, secret = portal_link(current_club()), chosen.callback_secret.text
    return [
        ("status", _("نشانی گزارش رسیدن"), host + reverse("sms:status_callback", args=[secret])),
        ("inbound", _("نشانی پیامک‌های رسیده"), host + reverse("sms:inbound_callback", args=[secret])),
    ]
