"""The admin of one club: rights come from the role in the club in scope, acts go to our audit.

Stock Django admin otherwise. Register models on `site` with a `ClubModelAdmin`; what a role may see and change there
stands in `accounts.rights.ADMIN_RIGHTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, DateField, Model
from django.forms import ModelForm
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.rights import actor_of, can, login_url, rights_by_role
from accounts.views import safe_next
from core import audit
from core.errors import Forbidden
from core.jalali import format_date, format_datetime
from core.secrets import Secret
from core.tenancy.scope import current_club

APPS = (
    "members",
    "purchases",
    "ledger",
    "programme",
    "tiers",
    "offers",
    "awards",
    "lotteries",
    "gift_cards",
    "tickets",
    "catalogue",
    "sms",
    "accounts",
    "core",
)
ORDER = {label: place for place, label in enumerate(APPS)}


class ClubAdminSite(admin.AdminSite):
    """Open to who holds `open_admin` in the club in scope, in a session by password."""

    site_header = _("مدیریت باشگاه")
    site_title = _("مدیریت باشگاه")
    index_title = _("همهٔ بخش‌ها")
    enable_nav_sidebar = False  # the side bar is that of all staff pages

    def has_permission(self, request: HttpRequest) -> bool:
        """The rights table's answer; `is_staff` means nothing."""
        return can(request.user, "open_admin")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """The header is the club's own."""
        return {**super().each_context(request), "site_header": current_club().name}

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The records by how often they are needed, not by the alphabet."""
        found = super().get_app_list(request, app_label)
        return sorted(found, key=lambda app: ORDER.get(app["app_label"], len(ORDER)))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The login of all staff, and from there to where one wanted to go; whose role has no right here is told so."""
        asked = safe_next(request, request.GET.get("next", "")) or reverse("admin:index", current_app=self.name)
        if self.has_permission(request):
            return HttpResponseRedirect(asked)
        if request.user.is_authenticated and "open_admin" not in rights_by_role(request.user):
            raise Forbidden(
                _("این بخش دسترسی «مدیریت باشگاه» می‌خواهد و نقش شما آن را ندارد. اگر لازم است، از مدیر باشگاه بخواهید.")
            )
        return HttpResponseRedirect(login_url("accounts:login", asked))

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ending a session takes a POST, at the address all staff use."""
        return HttpResponseRedirect(reverse("accounts:logout"), preserve_request=True)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page where all staff change their password."""
        return redirect("accounts:password")


site = ClubAdminSite(name="admin")


class ClubModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A model's records in the admin: dates are Jalali, every change is audited with its values before and after."""

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The columns, as people read them."""
        return in_words(self.model, super().get_list_display(request))

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]
        """Audit what was made."""
        audit.record(
            f"admin.add_{_name(obj)}",
            actor=actor_of(request.user),
            target=_document(obj),
            before={},
            after=_values(obj),
        )

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]
        """Audit what was changed, from what to what."""
        before = getattr(request, "values_before", {})
        audit.record(
            f"admin.change_{_name(obj)}",
            actor=actor_of(request.user),
            target=_document(obj),
            before=before,
            after=_values(obj),
        )

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Model]) -> None:  # type: ignore[override]
        """Audit what was deleted, row by row."""
        for obj in queryset:
            audit.record(
                f"admin.delete_{_name(obj)}",
                actor=actor_of(request.user),
                target=_document(obj),
                before=_values(obj),
                after={},
            )

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:  # noqa: FBT001
        """Remember the values before, for the audit."""
        if change:
            old = type(obj).objects.filter(pk=obj.pk).first()
            request.values_before = _values(old) if old else {}  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The audit of this record, in place of Django's log."""
        return redirect(f"{reverse('desk:audit')}?target={self.model._meta.model_name}:{object_id}")


class ReadOnlyAdmin(ClubModelAdmin):
    """Records that are written elsewhere: seen by who may see them, changed by nobody."""

    def get_fields(self, request: HttpRequest, obj: Any | None = None) -> list[Any]:
        """The fields of the record, as people read them."""
        return in_words(self.model, super().get_fields(request, obj))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any | None = None) -> bool:
        """Never."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Nothing to do with many at once."""
        return {}


def in_words(model: type[Model], columns: Iterable[Any]) -> list[Any]:
    """The columns with Jalali ones for the model's dates and words for its yes and no; to be shown, not edited."""
    spoken: dict[Any, Any] = {field.name: _jalali_column(field) for field in _fields(model, DateField)}
    spoken |= {field.name: _yes_or_no_column(field) for field in _fields(model, BooleanField)}
    return [spoken.get(name, name) for name in columns]


def _fields(model: type[Model], kind: type[Any]) -> list[Any]:
    return [field for field in model._meta.fields if isinstance(field, kind)]


def _jalali_column(field: DateField[Any, Any]) -> Callable[[Model], str | None]:
    @admin.display(description=field.verbose_name, ordering=field.name, empty_value="—")
    def column(obj: Model) -> str | None:
        moment, zone = getattr(obj, field.name), current_club().time_zone
        if moment is None:
            return None
        return format_datetime(moment, tz=zone) if isinstance(moment, datetime) else format_date(moment)

    return column


def _yes_or_no_column(field: BooleanField[Any, Any]) -> Callable[[Model], SafeString]:
    @admin.display(description=field.verbose_name, ordering=field.name)
    def column(obj: Model) -> SafeString:
        tone, text = ("ok", _("بله")) if getattr(obj, field.name) else ("plain", _("نه"))
        return format_html('<span class="tag tag-{}">{}</span>', tone, text)

    return column


def _name(obj: Model) -> str:
    return str(obj._meta.model_name)


def _document(obj: Model) -> str:
    return f"{_name(obj)}:{obj.pk}"


def _values(obj: Model) -> dict[str, Any]:
    """The editable values as text, files and secrets by name only."""
    return {name: _noted(value) for name, value in model_to_dict(obj).items()}


def _noted(value: Any) -> int | str | None:
    if isinstance(value, Secret):
        return value.mark
    return value if isinstance(value, int | None) else str(value)
