"""The SMS account: its key and lines, what is left on it, and a message to see whether it works."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.rights import actor_of, staff_required
from accounts.throttle import SMS_TEST, count_attempt
from core.errors import AppError, Throttled
from core.forms import PhoneField
from core.tenancy.scope import current_club, current_club_id
from desk.manager.fields import HourField, LineField
from desk.manager.settings.forms import SettingsForm
from sms.account import account
from sms.editing import ACCOUNT_FIELDS, change_account
from sms.gateways.base import GatewayError
from sms.models import SmsSettings, Status
from sms.polling import ask_now
from sms.provider_codes import explain
from sms.selectors import get_test
from sms.testing import send_test
from sms.wording import portal_link

STILL_MOVING = {Status.QUEUED, Status.SENDING, Status.SENT}


class AccountForm(SettingsForm):
    """The account; its key is taken, never shown."""

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
    forget_key = forms.BooleanField(label=gettext_lazy("کلید باشگاه برداشته شود"), required=False)

    def __init__(self, data: Any, *, chosen: SmsSettings) -> None:
        super().__init__(data)
        same = gettext_lazy("همان که برای همه است")
        self.fields["gateway"].choices = [("", same), *SmsSettings.Gateway.choices]  # type: ignore[attr-defined]
        self.fields["otp_template"].widget.attrs["dir"] = "ltr"
        self.initial = {name: getattr(chosen, name) for name in ACCOUNT_FIELDS}
        if chosen.api_key:
            self.fields["api_key"].help_text = _("کلیدی گذاشته شده است و نشان داده نمی‌شود؛ خالی: همان می‌ماند")
        else:
            self.fields["api_key"].help_text = _("از پنل سرویس‌دهنده بردارید؛ پس از ذخیره دیگر نشان داده نمی‌شود")
            del self.fields["forget_key"]

    def key(self) -> str | None:
        """The key typed now, "" for none any more, None for the one there is."""
        typed: str = self.cleaned_data["api_key"].strip()
        return "" if self.cleaned_data.get("forget_key") else typed or None


class TestForm(SettingsForm):
    """To whom the test goes."""

    phone = PhoneField(label=gettext_lazy("به کدام شماره؟"))


@never_cache
@staff_required("manage_sms")
@require_http_methods(["GET", "HEAD", "POST"])
def sms_account(request: HttpRequest) -> HttpResponse:
    """The account and its lines."""
    chosen, _made = SmsSettings.objects.get_or_create()
    form = AccountForm(request.POST or None, chosen=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            values = {name: form.cleaned_data[name] for name in ACCOUNT_FIELDS}
            change_account(values, api_key=form.key(), actor=actor_of(request.user))
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("تنظیم پیامک ثبت شد؛ با یک پیامک آزمایشی ببینید کار می‌کند."))
            return redirect("desk:settings_sms_test")
    context = {
        "heading": _("حساب پیامک"),
        "form": form,
        "chosen": chosen,
        "addresses": _addresses(chosen),
    }
    return render(request, "desk/settings/sms_account.html", context, status=422 if form.errors else 200)


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
    context: dict[str, Any] = {"heading": _("ماندهٔ حساب پیامک")}
    try:
        context["balance"] = account().gateway().balance()
    except GatewayError as refused:
        context["refused"] = explain(refused.code)
    part = bool(getattr(request, "htmx", False))
    return render(request, "desk/settings/_sms_balance.html" if part else "desk/settings/sms_balance.html", context)


def _addresses(chosen: SmsSettings) -> list[tuple[str, str, str]]:
    """What is typed into the provider's panel for each line: id, label, address; none while they cannot be read."""
    if not chosen.callback_secret.is_readable:
        return []
    host, secret = portal_link(current_club()), chosen.callback_secret.text
    return [
        ("status", _("نشانی گزارش رسیدن"), host + reverse("sms:status_callback", args=[secret])),
        ("inbound", _("نشانی پیامک‌های رسیده"), host + reverse("sms:inbound_callback", args=[secret])),
    ]
