"""Who works here and which programs may speak to the club: given and ended through the services of accounts."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.admin_site import in_words, site
from accounts.invitations import hand_first_password
from accounts.models import ApiKey, Role, StaffRole, User
from accounts.rights import actor_of, can
from accounts.services import create_api_key, end_role, give_role, revoke_api_key
from club.catalogue.models import Branch
from core.errors import AppError
from core.forms import PhoneField, set_choices
from desk.manager.record import ServiceAdmin, ServiceForm, actors, as_typed, at, column, phone_column


class SecretPage:
    """Shows once, on a page that no browser keeps, what is never shown again."""

    def show_once(self, request: HttpRequest, **context: Any) -> HttpResponse:
        """The page with the secret; it is in the answer alone, not in a cookie or a session."""
        shown = {**site.each_context(request), "opts": self.model._meta, **context}  # type: ignore[attr-defined]
        response = TemplateResponse(request, "admin/secret.html", shown)
        response["Cache-Control"] = "no-store"
        return response


class StaffForm(ServiceForm):
    """Who gets which role; the person is found or made by the phone."""

    phone = PhoneField(label=_("موبایل"))
    name = forms.CharField(label=_("نام"), max_length=80, required=False)
    branch_id = forms.TypedChoiceField(label=_("شعبه"), required=False, coerce=int, empty_value=None)
    giver: User | None = None
    secret = ""

    class Meta:
        model = StaffRole
        fields = ["role"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "role" not in self.fields:  # one that is there is shown, and not asked for
            return
        branches = [(branch.pk, branch.name) for branch in Branch.objects.filter(is_active=True).order_by("name")]
        set_choices(self, "branch_id", [("", _("همهٔ شعبه‌ها")), *branches])
        if self.giver and not can(self.giver, "appoint_managers"):
            hidden = {Role.OWNER, Role.MANAGER}
            set_choices(self, "role", [c for c in Role.choices if c[0] not in hidden])

    def act(self) -> StaffRole:
        """Give the role; a person without a password gets a first one where the role needs it."""
        asked = self.cleaned_data
        held = give_role(
            phone=asked["phone"],
            role=asked["role"],
            actor=self.actor,
            name=asked["name"],
            branch_id=asked["branch_id"],
            giver=self.giver,
        )
        if asked["role"] != Role.AGENT and self.giver and not held.user.has_usable_password():
            with suppress(AppError):  # whom another club knows gets a link, on the page of the staff
                self.secret = hand_first_password(held.user_id, giver=self.giver)
        return held


def branch_name(role: Any) -> str | None:
    """The name of the branch; a list has looked all of them up."""
    if not role.branch_id or hasattr(role, "branch_name"):
        return getattr(role, "branch_name", None)
    return Branch.objects.filter(pk=role.branch_id).values_list("name", flat=True).first()


@admin.register(StaffRole, site=site)
class StaffAdmin(SecretPage, ServiceAdmin):
    """Roles of people in the club, those that ended too."""

    form = StaffForm
    change_form_template = "admin/staff_role.html"
    list_display = (
        column(_("نام"), lambda row: row.user.name or _("بی‌نام")),
        phone_column("user.phone", _("موبایل")),
        "role",
        column(_("شعبه"), branch_name),
        at("created_at", _("از")),
        at("ended_at", _("تا")),
        "is_active",
    )
    list_filter = ("is_active", "role")
    list_select_related = ("user",)
    ordering = ("-is_active", "id")
    search_fields = ("user__phone", "user__name")

    def prepare(self, rows: list[Any]) -> None:
        """Names of branches."""
        names = dict(Branch.objects.values_list("pk", "name"))
        for row in rows:
            row.branch_name = names.get(row.branch_id)

    def audit_target(self, obj: Any) -> str:
        """Roles are audited as acts on their person."""
        return str(obj.user.actor)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A role is given and ended, never edited."""
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002
        """The form knows whose right it needs."""
        form = super().get_form(request, obj, change=change, **options)
        form.giver = request.user
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new role is asked for; one that is there is shown."""
        return in_words(self.model, self.list_display) if obj else ["phone", "name", "role", "branch_id"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is there is read."""
        return in_words(self.model, self.list_display) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """The service saved; a first password waits for the answer."""
        request.first_password = form.secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """The list, or the first password to hand over."""
        secret = getattr(request, "first_password", "")
        if not secret:
            return super().response_add(request, obj, post_url_continue)
        return self.show_once(
            request,
            title=_("گذرواژهٔ نخست"),
            secret=secret,
            text=_("این گذرواژه را به %(name)s بدهید؛ تنها همین یک بار نشان داده می‌شود. پس از ورود عوضش کنند.")
            % {"name": obj.user},
            back=reverse("admin:accounts_staffrole_changelist"),
        )

    def get_urls(self) -> list[URLPattern]:
        """The address that ends a role."""
        own = path("<int:role_id>/end/", site.admin_view(self.end_view), name="accounts_staffrole_end")
        return [own, *super().get_urls()]

    def end_view(self, request: HttpRequest, role_id: int) -> HttpResponse:
        """End a role, by POST; what the service refuses is said on the list."""
        if request.method == "POST" and can(request.user, "manage_staff"):
            try:
                giver = request.user if isinstance(request.user, User) else None
                end_role(role_id, actor=actor_of(request.user), now=timezone.now(), giver=giver)
                messages.success(request, _now("این نقش پایان یافت."))
            except AppError as refused:
                messages.error(request, refused.detail)
        return HttpResponseRedirect(reverse("admin:accounts_staffrole_changelist"))


class ApiKeyForm(ServiceForm):
    """A new key."""

    raw = ""

    class Meta:
        model = ApiKey
        fields = ["name", "scope"]

    def act(self) -> ApiKey:
        """Make the key; the text itself is kept only for the answer."""
        key, self.raw = create_api_key(
            name=self.cleaned_data["name"], scope=self.cleaned_data["scope"], actor=self.actor
        )
        return key


def status_of(key: ApiKey) -> SafeString:
    """Whether the key still opens anything."""
    tone, text = ("bad", _("باطل")) if key.revoked_at else ("ok", _("فعال"))
    return format_html('<span class="tag tag-{}">{}</span>', tone, text)


def maker(key: Any) -> str:
    """Who made the key; a list has looked all of them up."""
    return str(getattr(key, "maker_name", None) or actors([key.created_by])[key.created_by])


@admin.register(ApiKey, site=site)
class ApiKeyAdmin(SecretPage, ServiceAdmin):
    """Keys of programs: made, shown once, revoked."""

    form = ApiKeyForm
    change_form_template = "admin/api_key.html"
    list_display = (
        "name",
        "scope",
        column(_("آغاز کلید"), lambda row: as_typed(f"ck_{row.prefix}…")),
        column(_("سازنده"), maker),
        at("created_at", _("ساخته‌شده")),
        at("last_used_at", _("آخرین کاربرد")),
        column(_("وضعیت"), status_of),
    )
    ordering = ("-id",)

    def title_of(self, row: Any) -> str:
        """As its maker called it."""
        return str(row.name)

    def prepare(self, rows: list[Any]) -> None:
        """Names of who made them."""
        named = actors(row.created_by for row in rows)
        for row in rows:
            row.maker_name = named[row.created_by]

    def audit_target(self, obj: Any) -> str:
        """As the key names itself."""
        return str(obj.actor)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Who manages keys makes them."""
        return can(request.user, "manage_api_keys")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A key is made and revoked, never edited."""
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A new key is asked for; one that is there is shown."""
        return in_words(self.model, self.list_display) if obj else ["name", "scope"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """What is there is read."""
        return in_words(self.model, self.list_display) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """The service saved; the key waits for the answer."""
        request.raw_key = form.raw  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """The key, once."""
        return self.show_once(
            request,
            title=_("کلید تازه"),
            secret=request.raw_key,  # type: ignore[attr-defined]
            text=_("کلید «%(name)s» را همین حالا بردارید؛ دیگر نشان داده نمی‌شود.") % {"name": obj.name},
            back=reverse("admin:accounts_apikey_changelist"),
        )

    def get_urls(self) -> list[URLPattern]:
        """The address that revokes a key."""
        own = path("<int:key_id>/revoke/", site.admin_view(self.revoke_view), name="accounts_apikey_revoke")
        return [own, *super().get_urls()]

    def revoke_view(self, request: HttpRequest, key_id: int) -> HttpResponse:
        """Revoke a key, by POST."""
        if not can(request.user, "manage_api_keys"):
            raise PermissionDenied
        if request.method == "POST":
            revoke_api_key(key_id, actor=actor_of(request.user), now=timezone.now())
            messages.success(request, _now("کلید باطل شد."))
        return HttpResponseRedirect(reverse("admin:accounts_apikey_changelist"))
