"""The club itself: its name, colour and receipt."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from accounts.rights import can
from core.branding import is_colour, tokens
from core.contact import instagram_name, telegram_name, whatsapp_number
from core.forms import ContactField, NumberTextField
from core.models import Club
from core.money import UNIT_CHOICES
from core.tenancy.middleware import forget_hosts
from core.tenancy.scope import current_club_id
from desk.manager.record import OwnForm, RecordAdmin


class ClubForm(OwnForm):
    """How the club looks and what its receipts say."""

    currency_unit = forms.ChoiceField(
        label=_("واحد پول در نمایش"), choices=UNIT_CHOICES, help_text=_("تنها نمایش عوض می‌شود، نه مبلغ‌ها.")
    )

    phone = NumberTextField(label=_("تلفن"), required=False, max_length=30)
    whatsapp = ContactField(
        label=_("واتساپ"), read=whatsapp_number, help_text=_("دکمهٔ گفت‌وگو در پنل عضو؛ خالی: دکمه‌ای نیست.")
    )
    telegram = ContactField(label=_("تلگرام"), read=telegram_name, help_text=_("نام کانال یا گفت‌وگو، بی @"))
    instagram = ContactField(label=_("اینستاگرام"), read=instagram_name, help_text=_("نام صفحه، بی @"))

    class Meta:
        model = Club
        fields = [
            "name",
            "tagline",
            "brand_colour",
            "currency_unit",
            "language",
            "address",
            "phone",
            "whatsapp",
            "telegram",
            "instagram",
            "receipt_footer",
            "asks_two_factor",
        ]
        widgets = {
            "brand_colour": forms.TextInput(attrs={"type": "color", "data-brand": "", "class": "vColour"}),
        }

    def clean_brand_colour(self) -> str:
        """A colour as #rrggbb."""
        colour: str = self.cleaned_data["brand_colour"].lower()
        if not is_colour(colour):
            raise forms.ValidationError(_("رنگ را مانند ‎#0e7c86 بنویسید."))
        return colour


@admin.register(Club, site=site)
class ClubAdmin(RecordAdmin):
    """The one club of this host."""

    is_alone = True
    form = ClubForm
    change_form_template = "admin/club.html"

    @property
    def media(self) -> forms.Media:
        """With the script of the preview."""
        return super().media + forms.Media(js=["js/brand-preview.js"])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The club in scope: the table has no club of its own, so it is named here."""
        return super().get_queryset(request).filter(pk=current_club_id())

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Clubs are made elsewhere."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A club stays."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is but one."""
        return HttpResponseRedirect(reverse("admin:core_club_change", args=[current_club_id()]))

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Back to the form: the new colour is seen at once."""
        return HttpResponseRedirect(reverse("admin:core_club_change", args=[obj.pk]))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Hosts are looked up anew, with the new name and colour."""
        super().save_model(request, obj, form, change)
        forget_hosts()

    def get_urls(self) -> list[URLPattern]:
        """The address of the preview of a colour."""
        own = path("colour/", site.admin_view(self.colour_view), name="core_club_colour")
        return [own, *super().get_urls()]

    def colour_view(self, request: HttpRequest) -> HttpResponse:
        """The tokens that a colour comes to, before it is saved: light and dark."""
        colour = request.GET.get("colour", "").lower()
        if not is_colour(colour) or not can(request.user, "manage_club"):
            return JsonResponse({}, status=400)
        light, dark = tokens(colour)
        return JsonResponse({"light": light, "dark": dark})
