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


SPOKEN_ACTIONS = {
    "api_key.create": _("ساختن کلید API"),
    "api_key.revoke": _("باطل کردن کلید API"),
    "club.joining": _("تغییر راه عضویت"),
    "join.approve": _("پذیرفتن درخواست عضویت"),
    "join.invite": _("ساختن دعوت‌نامه"),
    "join.refuse": _("رد درخواست عضویت"),
    "join.revoke": _("باطل کردن دعوت‌نامه"),
    "ledger.adjust": _("تغییر دستی امتیاز یا اعتبار"),
    "ledger.reverse": _("برگرداندن سند دستی"),
    "list.export": _("گرفتن فایل فهرست"),
    "member.card_blocked": _("بستن کارت عضو"),
    "member.card_issued": _("دادن کارت به عضو"),
    "member.consent": _("تغییر رضایت عضو"),
    "member.enrol": _("عضو کردن"),
    "member.erase": _("پاک کردن مشخصات عضو"),
    "member.merge": _("یکی کردن دو عضو"),
    "members.import": _("آغاز ورود اعضا از فایل"),
    "members.import_drop": _("پاک کردن فایل ورود"),
    "members.import_stop": _("توقف ورود اعضا"),
    "members.imported": _("پایان ورود اعضا از فایل"),
    "member.note_added": _("نوشتن یادداشت عضو"),
    "member.note_changed": _("تغییر یادداشت عضو"),
    "member.note_pinned": _("سنجاق کردن یادداشت عضو"),
    "member.note_unpinned": _("برداشتن سنجاق یادداشت عضو"),
    "member.referred": _("ثبت معرف عضو"),
    "member.standing": _("تغییر وضعیت عضو"),
    "member.tier_floor": _("تغییر کف سطح"),
    "member.update": _("تغییر عضو"),
    "programme.change": _("تغییر برنامه"),
    "programme.withdraw": _("پس گرفتن تغییر برنامه"),
    "purchase.refund": _("برگشت خرید"),
    "tier.move": _("جابه‌جایی سطح"),
    "rules.drop": _("پاک کردن پیش‌نویس قوانین"),
    "rules.publish": _("انتشار قوانین"),
    "club.logo": _("عوض کردن لوگو"),
    "smstemplate.default": _("بازگشت به متن پیش‌فرض پیامک"),
    "staff.end_role": _("پایان نقش"),
    "staff.end_sessions": _("پایان نشست‌ها"),
    "staff.give_role": _("دادن نقش"),
    "staff.move_role": _("تغییر شعبهٔ نقش"),
    "staff.recovery_code": _("ورود با کد بازیابی"),
    "staff.send_link": _("فرستادن پیوند گذرواژه"),
    "staff.set_password": _("گذاشتن گذرواژه"),
    "staff.two_factor_off": _("خاموش کردن ورود دومرحله‌ای"),
    "staff.two_factor_on": _("روشن کردن ورود دومرحله‌ای"),
}
SPOKEN_ACTS = {
    "create": _("ساختن"),
    "add": _("افزودن"),
    "update": _("تغییر"),
    "change": _("تغییر"),
    "delete": _("پاک کردن"),
}
SPOKEN_THINGS = {
    "product": _("کالا"),
    "group": _("گروه کالا"),
    "branch": _("شعبه"),
    "tier": _("سطح"),
    "club": _("باشگاه"),
    "customfield": _("فیلد عضو"),
    "joininvitation": _("دعوت‌نامه"),
    "joinrequest": _("درخواست عضویت"),
    "rules": _("قوانین"),
    "rulesversion": _("نسخهٔ قوانین"),
    "smstemplate": _("متن پیامک"),
    "smssettings": _("تنظیم پیامک"),
    "suppression": _("شمارهٔ بی‌پیامک"),
    "list": _("فهرست"),
    "member": _("عضو"),
    "import": _("ورود اعضا"),
    "purchase": _("خرید"),
    "refund": _("برگشت"),
    "user": _("کاربر"),
    "programme": _("برنامه"),
    "api_key": _("کلید API"),
}


SPOKEN_VALUES = {
    "unit": _("چه"),
    "delta": _("تغییر"),
    "reason": _("دلیل"),
    "role": _("نقش"),
    "phone": _("موبایل"),
    "name": _("نام"),
    "status": _("وضعیت"),
    "logo": _("لوگو"),
}


def action(entry: AuditEntry) -> str:
    """What was done, in words."""
    if entry.action in SPOKEN_ACTIONS:
        return str(SPOKEN_ACTIONS[entry.action])
    subject, _dot, verb = entry.action.partition(".")
    if subject == "admin":
        verb, _underscore, subject = verb.partition("_")
    if verb in SPOKEN_ACTS and subject in SPOKEN_THINGS:
        return f"{SPOKEN_ACTS[verb]} {SPOKEN_THINGS[subject]}"
    return entry.action


def target(entry: AuditEntry) -> str:
    """What it was done to, in words."""
    name = getattr(entry, "target_name", None) or named([entry.target]).get(entry.target)
    if name:
        return name.text
    kind, _colon, number = entry.target.partition(":")
    return f"{SPOKEN_THINGS.get(kind, kind)} {persian_digits(number)}".strip()


def linked_target(entry: AuditEntry) -> SafeString | str:
    """What it was done to, linked where there is such a record."""
    name = getattr(entry, "target_name", None) or named([entry.target]).get(entry.target)
    return format_html('<a href="{}">{}</a>', name.url, name.text) if name else target(entry)


def changed(entry: AuditEntry) -> SafeString:
    """Every value before and after."""
    names = sorted({*entry.before, *entry.after})
    rows = ((label(entry, name), _shown(entry, name, entry.before), _shown(entry, name, entry.after)) for name in names)
    body = format_html_join("", "<tr><th scope='row'>{}</th><td>{}</td><td>{}</td></tr>", rows)
    return format_html(
        "<table><thead><tr><th>{}</th><th>{}</th><th>{}</th></tr></thead><tbody>{}</tbody></table>",
        _("چه"),
        _("پیش"),
        _("پس"),
        body,
    )


def label(entry: AuditEntry, name: str) -> Text:
    """What people call a value of the document: as in its form; without a Persian word, as it is written."""
    kind, _colon, _number = entry.target.partition(":")
    if name in SPOKEN_VALUES:
        return SPOKEN_VALUES[name]
    if kind == "programme" and name in ALL_SETTINGS:
        return ALL_SETTINGS[name].label
    fields = (field for model in apps.get_models() if model._meta.model_name == kind for field in model._meta.fields)
    said = next((str(field.verbose_name) for field in fields if field.name == name), "")
    return island(name) if said.isascii() else said


def _shown(entry: AuditEntry, name: str, values: dict[str, Any]) -> SafeString | Text:
    value = values.get(name)
    if entry.target == "programme" and name in ALL_SETTINGS and name in values:
        return ALL_SETTINGS[name].shown(values)
    if isinstance(value, bool):
        return _("بله") if value else _("نه")
    return "—" if value in (None, "", [], {}) else format_html("<bdi>{}</bdi>", persian_digits(value))


@admin.register(AuditEntry, site=site)
class AuditAdmin(SeenAdmin):
    """Who did what, and when."""

    list_display = (
        at("created_at", _("زمان")),
        actor_column(_("چه کسی")),
        column(_("چه کاری"), action, order="action"),
        column(_("روی چه"), linked_target),
    )
    list_filter = (CreatedFilter,)
    ordering = ("-created_at", "-id")
    fields = readonly_fields = (*list_display, column(_("تغییرها"), changed))

    def title_of(self, row: Any) -> str:
        """By what was done to what."""
        return f"{action(row)} · {target(row)}"

    def export_columns(self) -> list[tables.Column]:
        """With the values before and after."""
        before = tables.Column(_("پیش"), lambda row: changes(row.before))
        return [*super().export_columns(), before, tables.Column(_("پس"), lambda row: changes(row.after))]

    def prepare(self, rows: list[Any]) -> None:
        """Names of who acted, and on what."""
        with_names(rows)
        found = named(row.target for row in rows)
        for row in rows:
            row.target_name = found.get(row.target)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The audit has no history but itself."""
        return HttpResponseRedirect(reverse("admin:core_auditentry_changelist"))
