"""What the club knows about the member, changed by the member: seen at once by staff, with old and new kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from operator import attrgetter
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
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.languages import language_asked, switch
from accounts.rights import member_required
from club.members.consent import change_consent
from club.members.history import Change, changes_of
from club.members.models import Member
from club.members.own_fields import (
    PREFIX,
    fields_in_use,
    form_fields,
    said_values,
    typed_values,
    value_of,
    without_blanks,
)
from club.members.services import update_member
from core.errors import ValidationFailed
from core.forms import AsShown, JalaliDateField
from core.jalali import format_date
from core.keyset import every
from core.language import NAMES
from core.tables.writing import Column
from core.text import whole_number
from portal.access import member_of
from portal.files import CHUNK, file_links, own_file
from portal.home import standing

ACTS = 20
OWN = ("first_name", "last_name", "city", "email", "gender", "birth_date")
SHOWN = frozenset({*OWN, "custom", "language", "phone", "card", "sms_consent", "email_consent"})
CONSENT_TEXTS = {
    "sms": gettext_lazy("رسید خرید، هدیه‌ها و پیشنهادهای باشگاه را برایم پیامک کنید."),
    "email": gettext_lazy("خبرها و پیشنهادهای باشگاه را برایم ایمیل کنید."),
}


class ProfileForm(AsShown, forms.Form):
    """The member's own data and what the club asks besides; the service says what is wrong, beside its field."""

    first_name = forms.CharField(label=gettext_lazy("نام"), required=False, max_length=60)
    last_name = forms.CharField(label=gettext_lazy("نام خانوادگی"), required=False, max_length=60)
    city = forms.CharField(label=gettext_lazy("شهر"), required=False, max_length=60)
    email = forms.CharField(label=gettext_lazy("ایمیل"), required=False, max_length=254)
    gender = forms.ChoiceField(label=gettext_lazy("جنسیت"), required=False, choices=Member.Gender.choices)
    birth_date = JalaliDateField(label=gettext_lazy("تاریخ تولد"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs["class"] = "select" if isinstance(field, forms.ChoiceField) else "input"
        self.fields["email"].widget.attrs.update({"dir": "ltr", "inputmode": "email", "autocomplete": "email"})


@never_cache
@member_required
@require_safe
def profile(request: HttpRequest) -> HttpResponseBase:
    """What the club knows about the member."""
    member = member_of(request)
    own = fields_in_use(is_shown_to_member=True) if member.custom else []
    context = {
        "member": member,
        "ladder": standing(member, timezone.now()),
        "custom": said_values(own, member.custom),
        "consents": [
            ("sms", CONSENT_TEXTS["sms"], member.sms_consent),
            *([("email", CONSENT_TEXTS["email"], member.email_consent)] if member.email else []),
        ],
    }
    return render(request, "portal/profile.html", context)


@never_cache
@member_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponseBase:
    """The member's own data to change."""
    member = member_of(request)
    own = form_fields(fields_in_use(is_shown_to_member=True, is_asked_at_joining=True))
    initial = {name: getattr(member, name) for name in OWN}
    initial |= {name: member.custom.get(name.removeprefix(PREFIX), "") for name in own}
    form = type("OwnProfileForm", (ProfileForm,), dict(own))(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and _saved(member, form):
            messages.success(request, _("نوشته شد."))
            return redirect("portal:profile")
    return render(request, "portal/profile_edit.html", {"form": form}, status=status)


@never_cache
@member_required
@require_safe
def changes(request: HttpRequest) -> HttpResponseBase:
    """What was changed of the member's own data, when, and whether by the member."""
    member = member_of(request)
    own, before = f"member:{member.pk}", whole_number(request.GET.get("before", ""))
    found = changes_of(member.pk, only=SHOWN, before=before, limit=ACTS + 1)
    acts = list(dict.fromkeys(change.id for change in found))
    rows = [
        (change, in_words(change.field, change.before), in_words(change.field, change.after), change.actor == own)
        for change in _one_by_one(found)
        if change.id in acts[:ACTS]
    ]
    context = {
        "rows": rows,
        "older": acts[ACTS - 1] if len(acts) > ACTS else None,
        "is_first": before is None,
        "files": file_links("portal:changes_file"),
    }
    return render(request, "portal/changes.html", context)


@never_cache
@member_required
@require_safe
def changes_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Every change of the member's own data."""
    member_id = member_of(request).pk
    columns = (
        Column(gettext_lazy("زمان"), attrgetter("at"), "moment"),
        Column(gettext_lazy("چه"), attrgetter("label")),
        Column(gettext_lazy("پیش"), lambda change: in_words(change.field, change.before)),
        Column(gettext_lazy("پس"), lambda change: in_words(change.field, change.after)),
        Column(gettext_lazy("چه کسی"), lambda one: _("خودت") if one.actor == f"member:{member_id}" else _("باشگاه")),
    )
    found = every(lambda before: changes_of(member_id, only=SHOWN, before=before, limit=CHUNK), attrgetter("id"))
    rows = _one_by_one(found)
    return own_file(columns, rows, title=_("تغییرهای حساب من"), name="changes", form=form)


@never_cache
@member_required
@require_POST
def consent(request: HttpRequest) -> HttpResponseBase:
    """Messages allowed or not, over one channel."""
    member, channel = member_of(request), request.POST.get("channel", "")
    given = request.POST.get("given") == "yes"
    try:
        change_consent(
            member.pk,
            channel=channel,
            given=given,
            source="portal",
            actor=f"member:{member.pk}",
            now=timezone.now(),
            text=str(CONSENT_TEXTS.get(channel, "")),
        )
    except ValidationFailed as refused:
        messages.error(request, " ".join(refused.texts))
    return redirect("portal:profile")


@never_cache
@member_required
@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Pages and messages in the language that the member chooses."""
    member, wanted = member_of(request), language_asked(request)
    if member.language != wanted:
        update_member(member.pk, {"language": wanted}, actor=f"member:{member.pk}")
    return switch(request)


def in_words(name: str, value: Any) -> str:
    """A value of the audit as people say it."""
    if value in (None, ""):
        return "—"
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, bool):
        return _("بله") if value else _("نه")
    if name == "language":
        return NAMES.get(str(value), str(value))
    if name == "birth_date":
        return format_date(date.fromisoformat(value))
    return str(Member.Gender(value).label) if name == "gender" else str(value)


def _one_by_one(found: Iterable[Change]) -> Iterator[Change]:
    """The changes with the club's own fields told apart; of those the ones that the member may see."""
    own = fields_in_use(is_shown_to_member=True)
    for change in found:
        if change.field != "custom":
            yield change
            continue
        before, after = (values or {} for values in (change.before, change.after))
        for one in own:
            old, new = value_of(one, before.get(one.code)), value_of(one, after.get(one.code))
            if old != new:
                yield replace(change, field=one.label, before=old, after=new)


def _saved(member: Member, form: ProfileForm) -> bool:
    changed = {name: form.cleaned_data[name] for name in form.changed_data}
    own = typed_values(changed)
    changed = {name: value for name, value in changed.items() if name in OWN}
    if own:
        changed["custom"] = without_blanks({**member.custom, **own})
    try:
        if changed:
            update_member(member.pk, changed, actor=f"member:{member.pk}")
    except ValidationFailed as refused:
        for name, texts in refused.errors.items():
            for text in texts:
                form.add_error(name if name in form.fields else None, text)
        return False
    return True
