"""Staff and API keys in the club's admin; every act goes through the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import ReadOnlyAdmin, in_jalali, site
from accounts.models import ApiKey, Role, StaffRole
from accounts.rights import actor_of, can
from accounts.services import create_api_key, end_role, give_role, revoke_api_key
from core.errors import AppError
from core.forms import PhoneField


class StaffRoleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person by phone, and the role."""

    phone = PhoneField(label=_("شماره موبایل"))
    name = forms.CharField(label=_("نام"), max_length=80, required=False)

    class Meta:
        model = StaffRole
        fields = ("role",)

    def clean(self) -> dict[str, Any]:
        """Refuse a role that the person holds already."""
        cleaned = super().clean() or {}
        phone, role = cleaned.get("phone"), cleaned.get("role")
        if phone and StaffRole.objects.filter(user__phone=phone, role=role, is_active=True).exists():
            raise ValidationError(_("این فرد همین نقش را دارد."))
        return cleaned


@admin.register(StaffRole, site=site)
class StaffRoleAdmin(ReadOnlyAdmin):
    """Who works here: added by phone, ended by an action, never edited."""

    form = StaffRoleForm
    list_display = ("user", "phone", "role", "is_active", "created_at", "ended_at")
    list_filter = ("is_active", "role")
    list_select_related = ("user",)
    search_fields = ("user__phone", "user__name")
    ordering = ("-is_active", "id")
    actions = ("end_roles",)

    @admin.display(description=_("موبایل"))
    def phone(self, held: StaffRole) -> str:
        """The person's number."""
        return format_html('<bdi dir="ltr">{}</bdi>', held.user.phone)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who appoints staff."""
        return can(request.user, "manage_staff")

    def get_fields(self, request: HttpRequest, obj: StaffRole | None = None) -> list[Any]:
        """Phone, name and role of a new one; of an old one, what is known."""
        known = ["user", "role", "is_active", "invited_by", "created_at", "ended_at"]
        return ["phone", "name", "role"] if obj is None else in_jalali(StaffRole, known)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Ending, where the person may appoint."""
        return super(ReadOnlyAdmin, self).get_actions(request) if can(request.user, "manage_staff") else {}

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only the roles that this person may give."""
        if db_field.name == "role" and not can(request.user, "appoint_managers"):
            kept = [choice for choice in Role.choices if choice[0] not in {Role.OWNER, Role.MANAGER}]
            kwargs["choices"] = [("", "---------"), *kept]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: StaffRole, form: Any, change: bool) -> None:  # noqa: FBT001
        """Give the role through the service."""
        given = form.cleaned_data
        held = give_role(
            phone=given["phone"],
            name=given["name"],
            role=given["role"],
            actor=actor_of(request.user),
            giver=request.user,  # type: ignore[arg-type]
        )
        obj.pk, obj.user = held.pk, held.user

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """The service has written the audit."""

    @admin.action(description=_("پایان دادن به نقش‌های برگزیده"))
    def end_roles(self, request: HttpRequest, chosen: QuerySet[StaffRole]) -> None:
        """End each chosen role, or say why not."""
        now = timezone.now()
        for held in chosen:
            try:
                end_role(held.pk, actor=actor_of(request.user), now=now, giver=request.user)  # type: ignore[arg-type]
            except AppError as refused:
                self.message_user(request, f"{held}: {refused.detail}", messages.ERROR)


@admin.register(ApiKey, site=site)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Keys of programs: the key is shown once when made, and revoked by an action."""

    fields = ("name", "scope")
    list_display = ("name", "scope", "prefix", "created_at", "last_used_at", "revoked_at")
    ordering = ("-id",)
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who lets programs in."""
        return can(request.user, "manage_api_keys")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Revoking, for the same people."""
        return super(ReadOnlyAdmin, self).get_actions(request) if can(request.user, "manage_api_keys") else {}

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:  # noqa: FBT001
        """Make the key through the service and show it, this once."""
        key, raw = create_api_key(name=obj.name, scope=obj.scope, actor=actor_of(request.user))
        obj.pk, obj.prefix = key.pk, key.prefix
        text = _("کلید را همین حالا بردارید؛ دیگر نشان داده نمی‌شود:")
        self.message_user(request, format_html('{} <bdi dir="ltr"><code>{}</code></bdi>', text, raw))

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """The service has written the audit."""

    @admin.action(description=_("باطل کردن کلیدهای برگزیده"))
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> None:
        """Revoke each chosen key."""
        for key in chosen:
            revoke_api_key(key.pk, actor=actor_of(request.user), now=timezone.now())
