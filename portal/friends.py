"""Friends that a member names to the club by name and mobile number, and what became of each."""

from __future__ import annotations

from datetime import datetime, timedelta
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

from accounts.rights import actor_of, member_required
from accounts.throttle import FRIENDS, count_attempt
from club.members.models import Member
from club.members.services import ReferralRefused
from core.errors import Throttled, ValidationFailed
from core.forms import PersianForm, PhoneField
from core.text import whole_number
from crm.leads.models import Lead
from crm.leads.selectors import named_by, named_since
from crm.leads.services import DuplicateLead, NewLead, register_lead
from portal.access import member_of

ROWS = 20
A_DAY = 10
"""So many friends a member names in a day at most; refused attempts are counted apart, as they tell who is known."""


class FriendForm(PersianForm):
    """Who the friend is."""

    name = forms.CharField(label=gettext_lazy("نام دوستت"), max_length=120)
    phone = PhoneField(label=gettext_lazy("موبایلش"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs |= {"class": "input", "autocomplete": "off"}


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def friends(request: HttpRequest) -> HttpResponseBase:
    """The form, and the friends that were named, the newest first."""
    member, before = member_of(request), whole_number(request.GET.get("before", ""))
    form = FriendForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _named(request, member, form):
        messages.success(request, _("ثبت شد. همین که عضو شود، به نام تو می‌نشیند."))
        return redirect("portal:friends")
    rows = named_by(member.pk, limit=ROWS + 1, before=before)
    context = {
        "form": form,
        "friends": rows[:ROWS],
        "older": rows[ROWS - 1].pk if len(rows) > ROWS else None,
        "is_first": before is None,
    }
    return render(request, "portal/friends.html", context, status=422 if form.errors else 200)


def _named(request: HttpRequest, member: Member, form: FriendForm) -> bool:
    """Register the friend; what hinders is said at its field."""
    now, typed = timezone.now(), form.cleaned_data
    if not _may_name(member, now=now):
        form.add_error(None, _("امروز به اندازه معرفی کرده‌ای؛ فردا دوباره بیا."))
        return False
    new = NewLead(phone=typed["phone"], name=typed["name"], channel=Lead.Channel.PORTAL.value)
    try:
        register_lead(new, actor=actor_of(request.user), now=now, referrer_id=member.pk)
    except ReferralRefused as refused:
        form.add_error("phone", refused.detail)
    except DuplicateLead:
        # One answer for all, so that nobody learns here who is a member and who else has named them.
        form.add_error("phone", _("این شماره را نمی‌شود معرفی کرد؛ شاید پیش‌تر معرفی شده یا خودش عضو است."))
    except ValidationFailed as refused:
        for name, texts in refused.errors.items():
            form.add_error(name if name in form.fields else None, list(texts))
    return form.is_valid()


def _may_name(member: Member, *, now: datetime) -> bool:
    if named_since(member.pk, now - timedelta(days=1)) >= A_DAY:
        return False
    try:
        count_attempt((FRIENDS, f"{member.pk}"), now=now)
    except Throttled:
        return False
    return True
