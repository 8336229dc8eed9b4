"""How the club looks and how it is reached: name, logo and colour with a preview; receipt, contact, unit, zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import actor_of, staff_required
from core.branding import DARK, LIGHT, contrast, is_colour, tokens
from core.contact import instagram_name, telegram_name, whatsapp_number
from core.errors import AppError, NotFound, Text
from core.forms import ContactField, NumberTextField, PhoneField, set_choices
from core.looks import change_club, remove_logo, set_logo
from core.money import UNIT_CHOICES
from core.tenancy.scope import current_club
from desk.manager.settings.forms import SettingsForm

ZONES: dict[str, Text] = {
    "Asia/Tehran": gettext_lazy("تهران"),
    "Asia/Kabul": gettext_lazy("کابل"),
    "Asia/Dushanbe": gettext_lazy("دوشنبه (تاجیکستان)"),
    "Asia/Baghdad": gettext_lazy("بغداد"),
    "Asia/Dubai": gettext_lazy("دبی"),
    "Europe/Istanbul": gettext_lazy("استانبول"),
    "Europe/Berlin": gettext_lazy("برلین"),
    "Europe/London": gettext_lazy("لندن"),
    "America/Toronto": gettext_lazy("تورنتو"),
    "America/Los_Angeles": gettext_lazy("لس‌آنجلس"),
}


class WhatsappField(ContactField):
    """A telephone number in any form; cleans to digits with the country's code, as wa.me takes them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read=whatsapp_number, **options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """A keyboard of digits."""
        return {**super().widget_attrs(widget), "inputmode": "tel"}

    def prepare_value(self, value: Any) -> Any:
        """An Iranian number as people know it."""
        if isinstance(value, str) and re.fullmatch(r"989\d{9}", value):
            return PhoneField().prepare_value("0" + value[2:])
        return value


class LookForm(SettingsForm):
    """Name and colour."""

    name = forms.CharField(label=gettext_lazy("نام باشگاه"), max_length=80)
    tagline = forms.CharField(
        label=gettext_lazy("شرح کوتاه"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("زیر نام در صفحهٔ ورود اعضا"),
    )
    brand_colour = forms.CharField(
        label=gettext_lazy("رنگ"), max_length=7, widget=forms.TextInput(attrs={"type": "color"})
    )

    def clean_brand_colour(self) -> str:
        """A colour as #rrggbb."""
        colour: str = self.cleaned_data["brand_colour"].lower()
        if not is_colour(colour):
            raise forms.ValidationError(_("رنگ را مانند ‎#0e7c86 بنویسید."))
        return colour


class ContactForm(SettingsForm):
    """What stands on receipts, how the club is reached, and how it counts money and days."""

    receipt_footer = forms.CharField(
        label=gettext_lazy("پانویس رسید"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("پایین هر رسید و فاکتور؛ مانند شرط برگشت کالا"),
    )
    address = forms.CharField(label=gettext_lazy("نشانی پستی"), required=False, max_length=200)
    phone = NumberTextField(label=gettext_lazy("تلفن"), required=False, max_length=30)
    whatsapp = WhatsappField(
        label=gettext_lazy("واتساپ"), required=False, help_text=gettext_lazy("خالی: دکمهٔ واتساپ در پنل عضو نمی‌آید")
    )
    telegram = ContactField(label=gettext_lazy("تلگرام"), read=telegram_name)
    instagram = ContactField(label=gettext_lazy("اینستاگرام"), read=instagram_name)
    currency_unit = forms.ChoiceField(
        label=gettext_lazy("واحد پول در نمایش"), help_text=gettext_lazy("تنها نمایش عوض می‌شود، نه مبلغ‌ها.")
    )
    time_zone = forms.ChoiceField(
        label=gettext_lazy("ساعت محلی"), help_text=gettext_lazy("روز و ماه باشگاه با این ساعت شمرده می‌شود.")
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        zones = {**ZONES, (held := current_club().time_zone): ZONES.get(held, held)}
        set_choices(self, "currency_unit", UNIT_CHOICES)
        set_choices(self, "time_zone", list(zones.items()))


@dataclass(frozen=True)
class Colour:
    """What a colour comes to: whether it was moved to be read, and the least contrast of text in each theme."""

    chosen: str
    is_moved: bool
    light: int
    dark: int


@never_cache
@staff_required("manage_club")
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest) -> HttpResponseBase:
    """Name and colour, with what they come to in both themes."""
    return _page(request, LookForm, "desk/settings/look.html", _("نام و رنگ"), "desk:settings_look")


@never_cache
@staff_required("manage_club")
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponseBase:
    """Receipt, contact, unit and zone."""
    return _page(request, ContactForm, "desk/settings/contact.html", _("رسید و تماس"), "desk:settings_contact")


@staff_required("manage_club")
@require_POST
def look_preview(request: HttpRequest) -> HttpResponse:
    """The part of the page that follows what is typed."""
    form = LookForm(request.POST)
    return render(request, "desk/settings/_look_preview.html", {"colour": _colour(form), "form": form})


@staff_required("manage_club")
@require_safe
def look_css(request: HttpRequest, colour: str) -> HttpResponse:
    """The tokens of a colour for the two samples of the preview; NotFound for what is none."""
    if not is_colour(f"#{colour}"):
        raise NotFound
    light, dark = tokens(f"#{colour}")
    blocks = (("light", light), ("dark", dark))
    css = "\n".join(
        f'[data-look="{theme}"] {{ ' + " ".join(f"{name}: {value};" for name, value in rules.items()) + " }"
        for theme, rules in blocks
    )
    response = HttpResponse(css, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "private, max-age=3600"
    return response


@staff_required("manage_club")
@require_POST
def logo(request: HttpRequest) -> HttpResponseBase:
    """Take a picture as logo, or take the logo away."""
    sent = request.FILES.get("logo")
    try:
        if request.POST.get("act") == "remove":
            remove_logo(actor=actor_of(request.user))
            messages.success(request, _("لوگو برداشته شد."))
        elif sent is None:
            messages.error(request, _("فایل لوگو را برگزینید."))
        else:
            set_logo(sent.read(), actor=actor_of(request.user))
            messages.success(request, _("لوگو ثبت شد."))
    except AppError as refused:
        messages.error(request, refused.detail)
    return redirect("desk:settings_look")


def _page(request: HttpRequest, kind: type[SettingsForm], template: str, heading: str, route: str) -> HttpResponseBase:
    club = current_club()
    form = kind(request.POST or None, initial={name: getattr(club, name) for name in kind.base_fields})
    if request.method == "POST" and request.POST.get("act", "save") == "save" and form.is_valid():
        try:
            change_club(form.cleaned_data, actor=actor_of(request.user))
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("ثبت شد."))
            return redirect(route)
    context = {"heading": heading, "form": form, "colour": _colour(form) if isinstance(form, LookForm) else None}
    return render(request, template, context, status=422 if form.errors else 200)


def _colour(form: LookForm) -> Colour:
    typed = str(form["brand_colour"].value() or "").lower()
    chosen = typed if is_colour(typed) else current_club().brand_colour
    light, dark = tokens(chosen)
    return Colour(
        chosen=chosen[1:],
        is_moved=light["--brand"] != chosen,
        light=_tenths(light, LIGHT["surface"]),
        dark=_tenths(dark, DARK["surface"]),
    )


def _tenths(theme: dict[str, str], ground: str) -> int:
    """The least contrast of the theme's texts, in tenths, rounded down."""
    pairs = (theme["--brand-on"], theme["--brand"]), (theme["--brand-text"], ground), ("#ffffff", theme["--hero"])
    return int(min(contrast(*pair) for pair in pairs) * 10)
