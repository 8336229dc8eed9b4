"""SMS: the club's own words, what was sent and why not, who wants none, the account."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from core.errors import ValidationFailed
from core.forms import PhoneField, set_choices
from core.language import in_language
from core.phones import InvalidPhone, normalise_phone
from core.secrets import Secret
from core.templatetags.club_ui import money_unit, number
from core.tenancy.scope import current_club
from core.text import latin_digits
from desk.manager.fields import HourField, LineField
from desk.manager.filters import CreatedFilter, OfMemberFilter
from desk.manager.listing import NOTHING
from desk.manager.record import ClubForm, RecordAdmin, SeenAdmin, at, column, count, phone_column
from sms import kinds
from sms.account import account_of
from sms.editing import ACCOUNT_FIELDS, account_with
from sms.models import InboundMessage, OutboxMessage, SmsSettings, SmsTemplate, Status, Suppression
from sms.templates import shown
from sms.trial import is_worth_a_trial, try_account
from sms.wording import default_text, portal_link

TONES = {
    Status.DELIVERED: "ok",
    Status.SENT: "ok",
    Status.UNDELIVERED: "bad",
    Status.BLOCKED: "bad",
    Status.FAILED: "bad",
    Status.UNKNOWN: "saffron",
}


class TemplateForm(ClubForm):
    """The club's words for a kind of message, beginning with the words it has."""

    kind = forms.ChoiceField(label=_("پیام"))

    class Meta:
        model = SmsTemplate
        fields = ["kind", "message_class", "text", "enabled"]
        widgets = {"text": forms.Textarea(attrs={"rows": 9, "cols": 60})}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        taken = set(SmsTemplate.objects.exclude(pk=self.instance.pk).values_list("kind", flat=True))
        free = [(code, known.name) for code, known in kinds.KINDS.items() if code not in taken]
        if self.instance.kind and self.instance.kind not in kinds.KINDS:  # one of a family
            free.append((self.instance.kind, str(self.instance)))
        if "kind" in self.fields:
            set_choices(self, "kind", free)
            self.fields["kind"].disabled = self.instance.pk is not None
        known = kinds.known(self.instance.kind or str(self.initial.get("kind", "")))
        if known and "text" in self.fields:
            self.initial["text"] = self.initial.get("text") or default_text(known)
            if not self.instance.pk:
                self.initial["message_class"] = known.message_class
            needed = format_html(" · {} <bdi class='ltr'>{}</bdi>", _("باید باشد:"), shown(known.needs))
            self.fields["text"].help_text = format_html(
                "{} <bdi class='ltr'>{}</bdi>{} · {}",
                _("جای‌گذارها:"),
                shown(known.known),
                needed if known.needs else "",
                _("آنچه در [[…]] است، اگر خالی باشد نوشته نمی‌شود."),
            )


@admin.register(SmsTemplate, site=site)
class TemplateAdmin(RecordAdmin):
    """Texts of the club; kinds without one are sent with the default text."""

    form = TemplateForm
    change_list_template = "admin/sms_templates.html"
    list_display = (
        column(_("پیام"), lambda row: str(row), order="kind"),
        "message_class",
        column(_("متن"), lambda row: format_html("<bdi>{}</bdi>", row.text[:80])),
        "enabled",
        at("updated_at", _("آخرین تغییر")),
    )
    ordering = ("kind",)
    change_form_template = "admin/sms_text.html"
    delete_confirmation_template = "admin/sms_text_default.html"

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Ask whether the default text shall be sent again, and show it."""
        row = self.get_object(request, object_id)
        known = kinds.known(row.kind) if row else None
        default = default_text(known) if known else ""
        context = {"title": _("بازگشت به متن پیش‌فرض"), "default_text": default, **(extra_context or {})}
        return super().delete_view(request, object_id, context)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        """Back to the list, which tells that the default text is sent from now on."""
        self.message_user(request, _("از این پس متن پیش‌فرض «%(name)s» فرستاده می‌شود.") % {"name": obj_display})
        return HttpResponseRedirect(reverse("admin:sms_smstemplate_changelist"))

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **options: Any) -> HttpResponse:
        """With a way back to the default text in the place of a deletion."""
        options["extra_context"] = {**(options.get("extra_context") or {}), "show_delete": False}
        return super().change_view(request, object_id, *args, **options)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With the kinds that still have their default text."""
        own = set(SmsTemplate.objects.values_list("kind", flat=True))
        default = [(code, known.name) for code, known in kinds.KINDS.items() if code not in own]
        return super().changelist_view(request, {**(extra_context or {}), "default_kinds": default})


def status_tag(message: OutboxMessage) -> SafeString:
    """The state, in a word and a colour."""
    return format_html(
        '<span class="tag tag-{}">{}</span>', TONES.get(Status(message.status), "plain"), message.get_status_display()
    )


def words(message: OutboxMessage) -> str:
    """The text that was sent; of what opens a door to its reader only that it was one."""
    known = kinds.known(message.kind)
    if message.message_class == kinds.OTP or (known and known.secret):
        return "••••••"
    return message.text or str(_("هنوز نوشته نشده است"))


class MessageOfMemberFilter(OfMemberFilter):
    """Messages to one member."""

    field = "member_id"


@admin.register(OutboxMessage, site=site)
class OutboxAdmin(SeenAdmin):
    """Every SMS on its way and after."""

    list_display = (
        at("created_at", _("ثبت")),
        phone_column("phone", _("گیرنده")),
        column(_("پیام"), lambda row: row.kind_name),
        column(_("وضعیت"), status_tag),
        count("parts", _("بخش")),
        column(_("هزینه"), lambda row: money_unit(row.cost_rial), kind="money", value=attrgetter("cost_rial")),
        column(_("چرا نه"), lambda row: row.error_text or None),
    )
    list_filter = (MessageOfMemberFilter, "status", "message_class", CreatedFilter)
    search_fields = ("phone",)
    search_help_text = _("شمارهٔ موبایل")
    ordering = ("-id",)
    fields = readonly_fields = (
        *list_display,
        column(_("متن"), words),
        at("sent_at", _("فرستادن")),
        at("final_at", _("پایان")),
        column(_("تلاش"), lambda row: number(row.attempts), kind="number", value=attrgetter("attempts")),
        column(_("شناسهٔ سرویس‌دهنده"), lambda row: row.provider_id),
        # Words of ours in its place are said in full above.
        column(_("کد خطا"), lambda row: row.error_code if row.error_code.isdecimal() else None),
    )

    def title_of(self, row: Any) -> str:
        """By what it says to whom."""
        return f"{row.kind_name} · {in_language(row.phone)}"

    def get_search_results(self, request: HttpRequest, queryset: Any, term: str) -> tuple[Any, bool]:
        """By a whole phone in any form."""
        if not term.strip():
            return queryset, False
        try:
            return queryset.filter(phone=normalise_phone(latin_digits(term.replace("\x00", "")))), False
        except InvalidPhone:
            return queryset.none(), False


class SuppressionForm(ClubForm):
    """A phone that asked for silence."""

    phone = PhoneField(label=_("شماره"))

    class Meta:
        model = Suppression
        fields = ["phone"]


@admin.register(Suppression, site=site)
class SuppressionAdmin(RecordAdmin):
    """Phones to which no message goes; codes of login still do."""

    form = SuppressionForm
    list_display = (phone_column("phone", _("شماره")), "reason", at("since", _("از")))
    list_filter = ("reason",)
    search_fields = ("phone",)
    ordering = ("-since",)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Added or left, not edited."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A phone is asked for; one that is there is shown."""
        return self.list_display if obj else ["phone"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is there is read."""
        return self.list_display if obj else ()


@admin.register(InboundMessage, site=site)
class InboundAdmin(SeenAdmin):
    """What members wrote to the line."""

    list_display = (
        at("received_at", _("دریافت")),
        phone_column("phone", _("فرستنده")),
        column(_("متن"), lambda row: row.text),
    )
    ordering = ("-id",)
    fields = readonly_fields = list_display


class SettingsForm(ClubForm):
    """The account; its key is taken, never shown."""

    api_key = forms.CharField(
        label=_("کلید API"),
        required=False,
        max_length=200,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "dir": "ltr"}),
        help_text=_("خالی: همان که هست می‌ماند"),
    )
    sender_line = LineField(label=_("خط فرستنده"), required=False, max_length=20, validators=[SmsSettings.line_digits])
    advertising_line = LineField(
        label=_("خط تبلیغاتی"), required=False, max_length=20, validators=[SmsSettings.line_digits]
    )
    window_from = HourField(label=_("تبلیغ از ساعت"))
    window_to = HourField(label=_("تبلیغ تا ساعت"))
    forget_key = forms.BooleanField(label=_("کلید باشگاه برداشته شود"), required=False)

    class Meta:
        model = SmsSettings
        fields = [
            "gateway",
            "api_key",
            "sender_line",
            "is_service_line",
            "advertising_line",
            "otp_template",
            "window_from",
            "window_to",
        ]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.known_key = self.instance.api_key
        if "api_key" in self.fields and self.known_key:
            self.fields["api_key"].help_text = _("کلیدی گذاشته شده است؛ خالی: همان می‌ماند")

    def clean_api_key(self) -> str | Secret:
        """The key typed now, else the one there is."""
        typed: str = self.cleaned_data["api_key"]
        return typed or self.known_key

    def clean(self) -> dict[str, Any]:
        """A key may be taken away; whatever else changes is tried with the provider first."""
        cleaned = super().clean() or {}
        if cleaned.get("forget_key"):
            cleaned["api_key"] = ""
        elif self.known_key and "gateway" in self.changed_data and not cleaned.get("gateway"):
            self.add_error("forget_key", _("برای بازگشت به حسابی که برای همه است کلید باشگاه را هم بردارید."))
        if not self.errors:
            self._try(cleaned)
        return cleaned

    def _try(self, cleaned: dict[str, Any]) -> None:
        values = {name: cleaned[name] for name in ACCOUNT_FIELDS}
        try:
            tried = account_with(self.instance, values, api_key=cleaned["api_key"])
        except ValidationFailed:  # the record says so by itself
            return
        now = account_of(self.instance)
        refused = try_account(tried) if tried.is_own and is_worth_a_trial(now, tried) else None
        if refused:
            self.add_error(refused.field or None, str(refused.text))
        if refused and refused.may_go_on:
            self.add_error(None, _("در صفحهٔ «حساب پیامک» می‌توانید بی آزمودن ثبت کنید."))


@admin.register(SmsSettings, site=site)
class SettingsAdmin(RecordAdmin):
    """The one account of the club."""

    is_alone = True
    form = SettingsForm
    fieldsets = (
        (None, {"fields": ["gateway", "api_key", "forget_key", "state"]}),
        (_("خط‌ها"), {"fields": ["sender_line", "is_service_line", "advertising_line", "otp_template"]}),
        (_("ساعت پیام‌های تبلیغاتی"), {"fields": ["window_from", "window_to"]}),
        (_("برای پنل سرویس‌دهنده"), {"fields": ["status_address", "inbound_address"]}),
    )
    readonly_fields = ("state", "status_address", "inbound_address")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Its row is made when it is looked at."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is but one."""
        row, _made = SmsSettings.objects.get_or_create()
        return HttpResponseRedirect(reverse("admin:sms_smssettings_change", args=[row.pk]))

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Back to the form."""
        return HttpResponseRedirect(reverse("admin:sms_smssettings_change", args=[obj.pk]))

    @admin.display(description=_("نشانی گزارش رسیدن"))
    def status_address(self, row: SmsSettings) -> SafeString:
        """Where the provider tells what became of messages; to be typed into its panel, for each line."""
        return _address(row, "sms:status_callback")

    @admin.display(description=_("نشانی پیامک‌های رسیده"))
    def inbound_address(self, row: SmsSettings) -> SafeString:
        """Where the provider tells what members wrote."""
        return _address(row, "sms:inbound_callback")

    @admin.display(description=_("وضعیت سرویس‌دهنده"))
    def state(self, row: SmsSettings) -> SafeString:
        """Whether sending has stopped, and why."""
        if not row.stopped_at:
            return format_html("{}", NOTHING)
        return format_html('<span class="tag tag-bad">{}</span> {}', _("ایستاده"), row.stopped_text)


def _address(row: SmsSettings, name: str) -> SafeString:
    if not row.callback_secret.is_readable:
        return format_html("{}", _("خوانده نمی‌شود؛ با ذخیرهٔ این صفحه نشانی تازه‌ای ساخته می‌شود."))
    path = reverse(name, args=[row.callback_secret.text])
    return format_html('<bdi dir="ltr">{}{}</bdi>', portal_link(current_club()), path)
