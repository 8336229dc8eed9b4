"""Joining the club from its own page: a phone that is proven by a code, then what the club asks, then the portal.

Whether a phone is a member's is not told before its owner has proven it: a known one just logs in.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import OtpPhoneForm
from accounts.models import User
from accounts.rights import actor_of
from accounts.throttle import client_address
from accounts.views import start_code_login
from club.members.joining import LONGEST_CODE, InvitationSpent, Joiner, open_invitation, request_of
from club.members.models import RulesVersion
from club.members.own_fields import fields_in_use, form_fields, typed_values, without_blanks
from club.members.rulebook import RulesChanged, rules_in_force
from club.members.selectors import member_by_phone
from club.programme.selectors import programme_at
from core.errors import AppError, ValidationFailed
from core.forms import JalaliDateField, PersianForm
from core.models import Club
from core.prose import blocks
from core.tenancy.scope import current_club
from core.text import clean_name
from crm.referrals.joining import join_by_browser
from crm.referrals.links import device_of, source_of
from portal.profile import CONSENT_TEXTS
from portal.referring import browser_of, forget_invitation, invited, inviter_to, keep_browser
from sms.health import can_send_now

LONGEST_SOURCE = 40


class JoinForm(OtpPhoneForm):
    """The phone to which a code goes; where the club is joined by invitation, its code as well."""

    invite = forms.CharField(
        label=gettext_lazy("کد دعوت"),
        max_length=LONGEST_CODE,
        widget=forms.TextInput(attrs={"class": "input input-lg", "dir": "ltr", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("کد دعوت را بنویسید.")},
    )

    def __init__(self, *args: Any, by_invitation: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not by_invitation:
            del self.fields["invite"]

    def clean_invite(self) -> str:
        """A code that still lets somebody in."""
        code: str = self.cleaned_data["invite"]
        if open_invitation(code, now=timezone.now()) is None:
            raise forms.ValidationError(InvitationSpent().detail)
        return code


class DetailsForm(PersianForm):
    """Who joins, as much as wanted; the fields of the club's own come between."""

    first_name = forms.CharField(label=gettext_lazy("نام"), required=False, max_length=60)
    last_name = forms.CharField(label=gettext_lazy("نام خانوادگی"), required=False, max_length=60)
    birth_date = JalaliDateField(
        label=gettext_lazy("تاریخ تولد"), required=False, help_text=gettext_lazy("تا تولدت را تبریک بگوییم.")
    )
    sms_consent = forms.BooleanField(label=CONSENT_TEXTS["sms"], required=False)
    rules_number = forms.IntegerField(widget=forms.HiddenInput, required=False)
    agree = forms.BooleanField(error_messages={"required": gettext_lazy("برای عضویت، قوانین را بپذیر.")})

    def __init__(self, *args: Any, own: dict[str, forms.Field], rules: RulesVersion | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.own, self.rules = list(own), rules
        if rules is None:
            del self.fields["rules_number"], self.fields["agree"]
        self.fields |= own
        for field in self.fields.values():
            if not isinstance(field, forms.BooleanField):
                field.widget.attrs.setdefault("class", "select" if isinstance(field, forms.ChoiceField) else "input")
        self.fields["first_name"].widget.attrs["autocomplete"] = "given-name"
        self.fields["last_name"].widget.attrs["autocomplete"] = "family-name"
        self.fields["birth_date"].widget.attrs["autocomplete"] = "bday"

    def clean(self) -> dict[str, Any]:
        """What was read is what holds now."""
        cleaned = super().clean() or {}
        if self.rules and cleaned.get("agree") and cleaned.get("rules_number") != self.rules.number:
            self.add_error("agree", RulesChanged().detail)
        return cleaned

    @property
    def asked(self) -> list[forms.BoundField]:
        """What is typed; what is agreed to stands apart."""
        return [self[name] for name in ("first_name", "last_name", "birth_date", *self.own)]

    def joiner(self, phone: str, **more: Any) -> Joiner:
        """Who joins; only of a valid form."""
        cleaned = self.cleaned_data
        person = {name: cleaned[name] for name in ("first_name", "last_name", "birth_date", "sms_consent")}
        custom = without_blanks(typed_values(cleaned))
        number = self.rules.number if self.rules else None
        text = str(CONSENT_TEXTS["sms"])
        return Joiner(phone, custom=custom, consent_text=text, rules_number=number, **person, **more)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponseBase:
    """Ask for a phone and send it a code; the answer is the same whether anybody knows the phone."""
    if isinstance(request.user, User) and request.user.auth_method == "otp":
        return redirect(_details_url(request))
    way = current_club().joining
    if way == Club.Joining.CLOSED:
        return render(request, "portal/join_closed.html")
    invitation = request.GET.get("invite", "")
    form = JoinForm(
        request.POST if request.method == "POST" else None,
        by_invitation=way == Club.Joining.INVITED,
        initial={"invite": invitation},
    )
    status, sends = 200, can_send_now()
    if request.method == "POST":
        status = 422 if sends else 503
        if sends and form.is_valid():
            onward = _details_url(request, invite=form.cleaned_data.get("invite", ""))
            refused = start_code_login(request, form.cleaned_data["phone"], onward=onward)
            if refused is None:
                return redirect("accounts:member_code")
            form.add_error("phone", refused.detail)
            status = refused.http_status
    now = timezone.now()
    context = {
        "form": form,
        "sends": sends,
        "way": way,
        "inviter": inviter_to(request),
        "is_invited": bool(invitation) and open_invitation(invitation, now=now) is not None,
        "programme": programme_at(now),
    }
    return render(request, "portal/join.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest) -> HttpResponseBase:
    """What the club asks of who has proven a phone and is no member yet; then a member, or one who waits."""
    if not isinstance(request.user, User):
        return redirect(_join_url(request))
    phone = request.user.phone
    if member_by_phone(phone):
        return redirect("portal:home")
    if current_club().joining == Club.Joining.CLOSED:
        return render(request, "portal/join_closed.html")
    if request_of(phone):
        return redirect("portal:join_wait")
    own = form_fields(fields_in_use(is_asked_at_joining=True))
    rules = rules_in_force(timezone.now())
    form = DetailsForm(request.POST if request.method == "POST" else None, own=own, rules=rules)
    status = 200
    if request.method == "POST":
        status = 422
        browser = browser_of(request)
        if form.is_valid() and (to := _joined(request, form, phone, browser)):
            response = redirect(to)
            keep_browser(request, response, browser)
            forget_invitation(response)
            return response
    context = {"form": form, "phone": phone, "rules": rules, "blocks": blocks(rules.text) if rules else []}
    return render(request, "portal/join_details.html", context, status=status)


@never_cache
@require_safe
def wait(request: HttpRequest) -> HttpResponseBase:
    """Where a request stands; who has been let in goes on to the portal."""
    if not isinstance(request.user, User):
        return redirect("portal:join")
    asked = request_of(request.user.phone)
    if asked is None:
        return redirect(_details_url(request))
    return render(request, "portal/join_wait.html", {"asked": asked})


def _network(request: HttpRequest) -> str:
    known = invited(request)
    return known.network if known else ""


def _joined(request: HttpRequest, form: DetailsForm, phone: str, browser: str) -> str | None:
    """Where to go on; None where the form says what is wrong."""
    told = {"source": _source(request), "invitation": _invite(request), "address": client_address(request)}
    told["device"] = device_of(browser)
    if by := inviter_to(request):
        told |= {"referrer": by.code, "source": source_of(_network(request))}
    try:
        joined = join_by_browser(form.joiner(phone, **told), actor=actor_of(request.user), now=timezone.now())
    except ValidationFailed as refused:
        for name, texts in refused.errors.items():
            for text in texts:
                form.add_error(name if name in form.fields else None, text)
        return None
    except AppError as refused:
        form.add_error(None, refused.detail)
        return None
    if joined.request:
        return "portal:join_wait"
    if joined.member and joined.member.is_referred:
        messages.success(request, _("با دعوت دوستت آمدی؛ خوش آمدی."))
        return "portal:home"
    messages.success(request, _("عضو شدی. خوش آمدی."))
    return "portal:home"


def _join_url(request: HttpRequest) -> str:
    return _with_origin(reverse("portal:join"), source=_source(request), invite=_invite(request))


def _details_url(request: HttpRequest, *, invite: str = "") -> str:
    return _with_origin(reverse("portal:join_details"), source=_source(request), invite=invite or _invite(request))


def _with_origin(url: str, **origin: str) -> str:
    """The address with where the visitor comes from: logging in keeps nothing of the session before."""
    query = urlencode({name: value for name, value in origin.items() if value})
    return f"{url}?{query}" if query else url


def _source(request: HttpRequest) -> str:
    return clean_name(request.GET.get("source", ""))[:LONGEST_SOURCE] or "join"


def _invite(request: HttpRequest) -> str:
    return clean_name(request.GET.get("invite", ""))[:LONGEST_CODE]
