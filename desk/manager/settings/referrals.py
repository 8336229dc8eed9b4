"""What bringing a friend earns, and how the members' pages speak of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import actor_of, staff_required
from core.errors import ValidationFailed
from core.forms import MoneyField, WholeField
from crm.referrals.rules import Terms
from crm.referrals.terms import (
    LONGEST_TEXT,
    MOST_DAYS,
    MOST_FRIENDS,
    MOST_PER_DAY,
    NAMES,
    change_page,
    change_terms,
    referral_page,
    terms_at,
)
from desk.manager.fields import HundredthsField
from desk.manager.settings.forms import SettingsForm

FIRST, EVERY = "first", "every"


class ReferralForm(SettingsForm):
    """The terms of the reward, the guards against made-up friends, and the words of the members' page."""

    units = {
        "hold_days": gettext_lazy("روز"),
        "most_friends": gettext_lazy("دوست"),
        "most_a_day": gettext_lazy("عضو در روز"),
    }
    is_on = forms.BooleanField(label=gettext_lazy("به معرف پاداش داده شود"), required=False)
    percent_bp = HundredthsField(
        label=gettext_lazy("چند درصد از خرید"),
        help_text=gettext_lazy("از مبلغ پس از تخفیف و بی مالیات؛ به اعتبار معرف می‌رود."),
    )
    of = forms.ChoiceField(
        label=gettext_lazy("از کدام خرید دوست"),
        choices=[(FIRST, gettext_lazy("تنها نخستین خرید")), (EVERY, gettext_lazy("هر خرید"))],
    )
    hold_days = WholeField(
        label=gettext_lazy("چند روز پس از خرید داده شود"),
        most=MOST_DAYS,
        help_text=gettext_lazy("صفر: همان دم. به اندازهٔ مهلت برگشت کالا بگذارید تا برای خرید برگشتی پاداشی نرود."),
    )
    most_friends = WholeField(
        label=gettext_lazy("هر معرف برای چند دوست"),
        least=1,
        most=MOST_FRIENDS,
        required=False,
        help_text=gettext_lazy("خالی: بی سقف"),
    )
    min_amount_rial = MoneyField(
        label=gettext_lazy("کمترین خرید"), help_text=gettext_lazy("خرید کمتر از این پاداشی نمی‌آورد."), max_rial=10**15
    )
    most_a_day = WholeField(
        label=gettext_lazy("بررسی شود اگر یک معرف بیش از این آورد"),
        least=1,
        most=MOST_PER_DAY,
        help_text=gettext_lazy("از آن پس هر که همان روز بیاید در صف بررسی می‌ماند."),
    )
    share_text = forms.CharField(
        label=gettext_lazy("متنی که اعضا می‌فرستند"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("خالی: متن آماده. پیوند خود عضو پس از آن می‌آید."),
    )
    shows_leaders = forms.BooleanField(label=gettext_lazy("برترین معرف‌ها در پنل اعضا دیده شوند"), required=False)

    def terms(self) -> Terms:
        """What was asked for; only of a valid form."""
        values: dict[str, Any] = {name: self.cleaned_data[name] for name in NAMES if name != "every_purchase"}
        return Terms(**values, every_purchase=self.cleaned_data["of"] == EVERY)


@never_cache
@staff_required("manage_programme")
@require_http_methods(["GET", "HEAD", "POST"])
def referral_settings(request: HttpRequest) -> HttpResponseBase:
    """Look at the terms and change them from now on."""
    now, page = timezone.now(), referral_page()
    held = terms_at(now)
    initial = {
        **asdict(held),
        "of": EVERY if held.every_purchase else FIRST,
        "share_text": page.share_text,
        "shows_leaders": page.shows_leaders,
    }
    form = ReferralForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            _change(form, actor=actor_of(request.user))
        except ValidationFailed as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("پاداش معرفی ثبت شد؛ از خرید بعدی به کار می‌رود."))
            return redirect("desk:settings_referrals")
    status = 422 if form.errors else 200
    context = {"form": form, "heading": _("پاداش معرفی")}
    return render(request, "desk/settings/referrals.html", context, status=status)


@transaction.atomic
def _change(form: ReferralForm, *, actor: str) -> None:
    change_terms(form.terms(), actor=actor, now=timezone.now())
    said = {name: form.cleaned_data[name] for name in ("share_text", "shows_leaders")}
    change_page(**said, actor=actor)
