"""A tier given by hand: for good, or up to a day; and taken off again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import actor_of, staff_required
from club.tiers.granting import given_by_hand
from club.tiers.models import Tier
from club.tiers.services import set_tier_floor
from core.errors import ValidationFailed
from core.forms import JalaliDateField, set_choices
from core.jalali import day_bounds, last_day
from core.tenancy.scope import club_zone
from desk.members.card import member_here

FIELDS = {"tier_floor": "tier", "until": "last_day"}


class TierForm(forms.Form):
    """Which tier, and its last day."""

    tier = forms.ChoiceField(
        label=gettext_lazy("سطح"),
        required=False,
        help_text=gettext_lazy("سطح عضو از این پایین‌تر نمی‌آید؛ بالا رفتن با خرید مثل همیشه است."),
    )
    last_day = JalaliDateField(
        label=gettext_lazy("تا پایان روز"),
        required=False,
        help_text=gettext_lazy("خالی: همیشه. پس از این روز، عضو به سطحی می‌رود که خریدهایش به آن می‌رسد."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        tiers = [(tier.code, tier.name) for tier in Tier.objects.order_by("rank")]
        set_choices(self, "tier", [("", _("بدون سطح دستی")), *tiers])
        for field in self.fields.values():
            field.widget.attrs["class"] = "select" if isinstance(field, forms.ChoiceField) else "input"

    def clean(self) -> dict[str, Any]:
        """A day belongs to a tier."""
        cleaned = super().clean() or {}
        if cleaned.get("last_day") and not cleaned.get("tier") and not self.has_error("tier"):
            self.add_error("tier", _("سطحی برگزینید که تا این روز بماند."))
        return cleaned


@never_cache
@staff_required("adjust_value")
@require_http_methods(["GET", "HEAD", "POST"])
def member_tier(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """Give the member a tier, or take off what was given."""
    member, status = member_here(member_id), 200
    given = given_by_hand(member_id)
    now_given = {
        "tier": given.code if given else member.tier_floor,
        "last_day": last_day(given.until, club_zone()) if given else None,
    }
    form = TierForm(request.POST or None, initial=now_given)
    if request.method == "POST":
        if form.is_valid() and _done(request, form, member_id):
            messages.success(request, _("نوشته شد."))
            return redirect("desk:member", member_id)
        status = 422
    summary = [(f"id_{name}", text) for name, texts in form.errors.items() for text in texts]
    context = {"member": member, "form": form, "summary": summary}
    return render(request, "desk/members/tier.html", context, status=status)


def _done(request: HttpRequest, form: TierForm, member_id: int) -> bool:
    code, day = form.cleaned_data["tier"] or None, form.cleaned_data["last_day"]
    until = day_bounds(day, club_zone())[1] if day else None
    try:
        set_tier_floor(member_id, code, actor=actor_of(request.user), at=timezone.now(), until=until)
    except ValidationFailed as refused:
        for name, texts in refused.errors.items():
            for text in texts:
                form.add_error(FIELDS.get(name), text)
        return False
    return True
