"""SMS: what is sent and with which words, how it went of late, and each kind's text with what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import actor_of, staff_required
from core.errors import AppError, NotFound, Text
from core.language import PERSIAN
from core.languages import clubs_language
from core.tenancy.scope import current_club
from desk.manager.settings.forms import SettingsForm
from desk.manager.settings.sample import known_of, sample_context, sample_member
from sms.account import account
from sms.editing import back_to_default, set_words
from sms.health import trouble
from sms.kinds import ADVERTISING, KINDS, OTP, Kind, name_of
from sms.kinds import known as known_kind
from sms.lint import lint
from sms.models import MessageClass
from sms.preview import Preview, preview
from sms.selectors import is_sent, own_words, price_of_part, sent_since
from sms.templates import faults, shown
from sms.wording import default_text, portal_link

WEEK = timedelta(days=7)
PLACEHOLDERS: dict[str, Text] = {
    "club": gettext_lazy("نام باشگاه"),
    "link": gettext_lazy("نشانی پنل عضو"),
    "occasion": gettext_lazy("نام مناسبت"),
    "friend": gettext_lazy("نام دوست معرفی‌شده"),
    "referral_link": gettext_lazy("پیوند معرفی خود عضو"),
    "years": gettext_lazy("چندمین سال"),
    "reference": gettext_lazy("شمارهٔ پیگیری بانک"),
    "owed": gettext_lazy("مبلغ مانده برای پرداخت"),
    "more": gettext_lazy("هدیه‌های دیگر"),
    "name": gettext_lazy("نام عضو"),
    "amount": gettext_lazy("مبلغ خرید"),
    "payable": gettext_lazy("پرداختی"),
    "number": gettext_lazy("شمارهٔ خرید یا تیکت"),
    "points": gettext_lazy("امتیاز این بار"),
    "credit": gettext_lazy("اعتبار این بار"),
    "points_balance": gettext_lazy("ماندهٔ امتیاز"),
    "credit_balance": gettext_lazy("ماندهٔ اعتبار"),
    "points_returned": gettext_lazy("امتیاز برگشته"),
    "credit_returned": gettext_lazy("اعتبار برگشته"),
    "refunded": gettext_lazy("مبلغ برگشت"),
    "offer": gettext_lazy("نام پیشنهاد"),
    "offers": gettext_lazy("نام پیشنهادها"),
    "free_items": gettext_lazy("کالاهای رایگان"),
    "tier": gettext_lazy("سطح"),
    "old_tier": gettext_lazy("سطحی که تمام شد"),
    "missing": gettext_lazy("آنچه برای آن سطح کم است"),
    "new_tier": gettext_lazy("سطح تازه، اگر عوض شد"),
    "next_tier": gettext_lazy("سطح بعد"),
    "next_tier_missing": gettext_lazy("مانده تا سطح بعد"),
    "next_reward": gettext_lazy("جایزهٔ بعد"),
    "next_reward_missing": gettext_lazy("امتیاز مانده تا جایزهٔ بعد"),
    "reward": gettext_lazy("جایزه"),
    "mission": gettext_lazy("مأموریت"),
    "gift": gettext_lazy("هدیه"),
    "coupon": gettext_lazy("کد"),
    "expires": pgettext_lazy("placeholder", "پایان مهلت"),
    "code": gettext_lazy("کد"),
    "gift_card": gettext_lazy("از کارت هدیه یا به آن"),
    "gift_card_left": gettext_lazy("ماندهٔ کارت هدیه"),
    "ends": gettext_lazy("آخرین روز کارت"),
    "domain": pgettext_lazy("placeholder", "دامنه"),
    "phone": gettext_lazy("شمارهٔ تازه"),
    "address": gettext_lazy("پیوند"),
    "shop_phone": gettext_lazy("تلفن باشگاه"),
}


class WordsForm(SettingsForm):
    """The text of a kind, and who reads it in the preview."""

    text = forms.CharField(
        label=gettext_lazy("متن پیامک"), max_length=900, strip=False, widget=forms.Textarea(attrs={"rows": 9})
    )
    enabled = forms.BooleanField(label=gettext_lazy("این پیامک فرستاده شود"), required=False)
    reader = forms.CharField(
        label=gettext_lazy("نمونه برای کدام عضو؟"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("نام، موبایل یا چهار رقم آخر؛ خالی: آخرین خریدار"),
    )

    def __init__(self, data: Any, *, kind: Kind, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        own = current_club().language
        self.fields["text"].widget.attrs |= {"lang": own, "dir": "rtl" if own == PERSIAN else "ltr"}
        self.kind = kind
        if kind.message_class == OTP:
            del self.fields["enabled"]

    def clean_text(self) -> str:
        """A text of which words can be made."""
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        if found := faults(self.kind, text):
            raise forms.ValidationError(found)
        return text


@dataclass(frozen=True)
class Row:
    """A kind of message in the list."""

    code: str
    name: Text
    message_class: Text
    words: str
    is_own: bool
    is_on: bool
    may_switch: bool


@never_cache
@staff_required("manage_sms")
@require_safe
def kinds(request: HttpRequest) -> HttpResponse:
    """Every message with its words, the account, and what became of the last week's."""
    now, own = timezone.now(), own_words()
    known = known_of(sample_member(), now)
    rows = []
    for code, kind in KINDS.items():
        if kind.carried:
            continue
        template = own.get(code)
        text = template.text if template else default_text(kind)
        rows.append(
            Row(
                code=code,
                name=kind.name,
                message_class=MessageClass(template.message_class if template else kind.message_class).label,
                words=text if faults(kind, text) else preview_of(kind, text, known).words.replace("\n", " · "),
                is_own=template is not None,
                is_on=is_sent(kind, own),
                may_switch=kind.message_class != OTP,
            )
        )
    context = {
        "heading": _("پیامک‌ها"),
        "rows": rows,
        "account": account(),
        "trouble": trouble(now=now),
        "sent": sent_since(now - WEEK),
    }
    return render(request, "desk/settings/messages.html", context)


@never_cache
@staff_required("manage_sms")
@require_http_methods(["GET", "HEAD", "POST"])
def words(request: HttpRequest, kind: str) -> HttpResponse:
    """The words of one kind, seen as a member would read them before they are saved."""
    known = _kind(kind)
    template = own_words().get(kind)
    form = _form(request, known)
    if request.POST.get("act") == "save" and form.is_valid():
        try:
            enabled = form.cleaned_data.get("enabled", True)
            set_words(known, text=form.cleaned_data["text"], enabled=enabled, actor=actor_of(request.user))
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("متن «%(name)s» ثبت شد.") % {"name": name_of(kind)})
            return redirect("desk:occasion_told", kind) if "-" in kind else redirect("desk:settings_messages")
    context = {
        **_seen(form, known),
        "heading": name_of(kind),
        "form": form,
        "kind": known,
        "is_own": template is not None,
        "placeholders": [(shown([name]), PLACEHOLDERS.get(name, name)) for name in known.known],
        "needed": shown(known.needs),
    }
    return render(request, "desk/settings/message.html", context, status=422 if form.errors else 200)


@staff_required("manage_sms")
@require_POST
def words_preview(request: HttpRequest, kind: str) -> HttpResponse:
    """The part of the page that follows what is typed."""
    known = _kind(kind)
    form = _form(request, known)
    return render(request, "desk/settings/_message_preview.html", {"form": form, **_seen(form, known)})


@staff_required("manage_sms")
@require_POST
def words_switch(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Send this kind, or do not."""
    known, on = _kind(kind), request.POST.get("on") == "1"
    template = own_words().get(kind)
    try:
        set_words(
            known, text=template.text if template else default_text(known), enabled=on, actor=actor_of(request.user)
        )
        said = _("«%(name)s» از این پس فرستاده می‌شود.") if on else _("«%(name)s» دیگر فرستاده نمی‌شود.")
        messages.success(request, said % {"name": name_of(kind)})
    except AppError as refused:
        messages.error(
            request, " ".join(str(text) for texts in getattr(refused, "errors", {}).values() for text in texts)
        )
    return redirect("desk:settings_messages")


@staff_required("manage_sms")
@require_POST
def words_default(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Back to the words the kind began with."""
    known = _kind(kind)
    back_to_default(known, actor=actor_of(request.user))
    messages.success(request, _("از این پس متن پیش‌فرض «%(name)s» فرستاده می‌شود.") % {"name": name_of(kind)})
    return redirect("desk:settings_message", kind)


def _form(request: HttpRequest, kind: Kind) -> WordsForm:
    template = own_words().get(kind.code)
    initial = {
        "text": template.text if template else default_text(kind),
        "enabled": template.enabled if template else kind.begins_on,
    }
    return WordsForm(request.POST or None, kind=kind, initial=initial)


def _seen(form: WordsForm, kind: Kind) -> dict[str, Any]:
    """What the typed text comes to for a real member; no preview while it cannot be read."""
    now = timezone.now()
    reader = sample_member(str(form["reader"].value() or ""))
    text = str(form["text"].value() or "").replace("\r\n", "\n")
    seen = None if faults(kind, text) else preview_of(kind, text, known_of(reader, now))
    price = price_of_part(now)
    cost = price * seen.parts if seen and price is not None else None
    return {
        "seen": seen,
        "reader": reader,
        "cost": cost,
        "faults": [] if seen else faults(kind, text),
        "findings": lint(seen.words, club_name=current_club().name) if seen and _is_advertising(kind) else [],
    }


def _is_advertising(kind: Kind) -> bool:
    """Whether operators look through it; a club may have put a kind into that class."""
    template = own_words().get(kind.code)
    return (template.message_class if template else kind.message_class) == ADVERTISING


def preview_of(kind: Kind, text: str, known: dict[str, Any]) -> Preview:
    """What the text of the kind comes to for a reader of whom this is known."""
    club = current_club()
    with clubs_language():  # the club writes its texts in its language, whoever looks at them
        context = sample_context(kind, known, timezone.now())
        return preview(kind, text, context, club_name=club.name, unit=club.currency_unit, link=portal_link(club))


def _kind(code: str) -> Kind:
    known, (_family, dash, _which) = known_kind(code), code.partition("-")
    if known is None or known.carried or (dash and name_of(code) == known.name):
        raise NotFound
    return known
