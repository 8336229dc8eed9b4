"""How the club rewards: the settings of the programme in force from a day on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import site
from accounts.rights import actor_of
from club.programme.models import ProgrammeVersion
from club.programme.rules import Programme
from club.programme.selectors import programme_at
from club.programme.services import change_programme, withdraw_change
from core.errors import AppError
from core.forms import JalaliDateField
from core.jalali import day_bounds, local_date
from core.templatetags.club_ui import jalali_time
from core.tenancy.scope import current_club
from desk.manager.record import ServiceAdmin, ServiceForm, actor_column, at, column, with_names
from desk.manager.settings.terms import ASKED, CHAPTERS
from desk.manager.settings.versions import differences, since, state_tag, with_states


class ProgrammeForm(ServiceForm):
    """All settings as they are, and from when the changed ones hold."""

    effective_from = JalaliDateField(
        label=_("از روز"), required=False, help_text=_("خالی: از همین حالا. خریدهای پیشین هرگز عوض نمی‌شوند.")
    )

    class Meta:
        model = ProgrammeVersion
        fields: list[str] = []

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now = timezone.now()
        present = programme_at(self.now)
        self.fields["effective_from"].first = local_date(self.now, current_club().time_zone)  # type: ignore[attr-defined]
        for name, setting in ASKED.items():
            self.fields[name] = setting.field()
            self.initial[name] = getattr(present, name)
        self.say_units()

    def clean(self) -> dict[str, Any]:
        """Something is changed."""
        cleaned = super().clean() or {}
        if not self.errors and not self._changed():
            self.add_error(None, _("چیزی عوض نشده است."))
        return cleaned

    def _changed(self) -> dict[str, Any]:
        return {name: value for name, value in self.changes().items() if name in ASKED}

    def act(self) -> ProgrammeVersion:
        """Put the changes in force."""
        change_programme(self._changed(), effective_from=self._start(), actor=self.actor)
        newest: ProgrammeVersion = ProgrammeVersion.objects.order_by("-id")[0]
        return newest

    def _start(self) -> datetime:
        day, zone = self.cleaned_data.get("effective_from"), current_club().time_zone
        return self.now if day is None or day == local_date(self.now, zone) else day_bounds(day, zone)[0]


def moment(version: Any) -> str:
    """From when it holds: a moment, and for the club's first settings the beginning."""
    return since(version) if version.is_first else jalali_time(version.effective_from, "numeric")


@admin.register(ProgrammeVersion, site=site)
class ProgrammeAdmin(ServiceAdmin):
    """Versions of the programme: a new one is added, an old one is only read."""

    form = ProgrammeForm
    list_display = (
        column(_("از"), moment, order="effective_from", kind="moment", value=lambda row: row.effective_from),
        column(_("وضعیت"), state_tag),
        column(_("چه عوض شد"), differences),
        actor_column(_("چه کسی")),
        at("created_at", _("ثبت")),
    )
    ordering = ("-effective_from", "-id")
    actions = ("withdraw",)
    actions_selection_counter = False

    @admin.action(description=_("پس گرفتن تغییری که هنوز در راه است"))
    def withdraw(self, request: HttpRequest, queryset: Any) -> None:
        """Each chosen change that is not in force yet, or why not."""
        for version in queryset.order_by("effective_from", "id"):
            try:
                withdraw_change(version.pk, actor=actor_of(request.user), now=timezone.now())
            except AppError as refused:
                self.message_user(request, f"{jalali_time(version.effective_from)}: {refused.detail}", messages.ERROR)
            else:
                self.message_user(request, _("تغییر %s پس گرفته شد.") % jalali_time(version.effective_from))

    def title_of(self, row: Any) -> str:
        """By its first moment."""
        return str(_("از %(moment)s") % {"moment": jalali_time(row.effective_from)})

    def audit_target(self, obj: Any) -> str:
        """All versions are of one programme."""
        return "programme"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was in force stays as it was."""
        return False

    def prepare(self, rows: list[Any]) -> None:
        """Each version beside the one before it; who wrote it."""
        with_states(rows, now=timezone.now())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002
        """All fields of the form are its own."""
        if obj is not None:
            return super().get_form(request, obj, change=change, **{**options, "fields": []})
        return type("ProgrammeForm", (ProgrammeForm,), {"actor": actor_of(request.user), "Meta": ProgrammeForm.Meta})

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A version as it is; a new one by subject."""
        if obj is not None:
            return [(None, {"fields": ["start", "settings_shown", "author"]})]
        groups = [(one.title, {"fields": [setting.name for setting in one.settings]}) for one in CHAPTERS]
        return [(None, {"fields": ["effective_from"]}), *groups]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A version is only read."""
        return ("start", "settings_shown", "author") if obj else ()

    @admin.display(description=_("از"))
    def start(self, version: ProgrammeVersion) -> str:
        """The moment from which it holds."""
        return jalali_time(version.effective_from)

    @admin.display(description=_("چه کسی"))
    def author(self, version: ProgrammeVersion) -> str:
        """Who wrote it, and when."""
        with_names([version])
        return f"{version.actor_name} · {jalali_time(version.created_at)}"  # type: ignore[attr-defined]

    @admin.display(description=_("تنظیم‌ها"))
    def settings_shown(self, version: ProgrammeVersion) -> SafeString:
        """All settings with their values."""
        programme = Programme.from_json(version.settings)
        rows = ((item.label, item.shown(programme)) for item in ASKED.values())
        return format_html("<dl class='facts'>{}</dl>", format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows))
