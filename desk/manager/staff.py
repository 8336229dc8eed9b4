"""Who works here: invited by phone, given roles and branches, helped to a password, and gone when they leave."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.invitations import hand_first_password, send_link
from accounts.models import Role, StaffLink, StaffRole, User
from accounts.rights import can, staff_required
from accounts.selectors import Colleague, colleague, colleagues
from accounts.services import end_role, give_role, leave_club, move_role
from accounts.two_factor import reset
from club.catalogue.models import Branch
from core.errors import AppError, NotFound, ValidationFailed
from core.forms import PhoneField, set_choices
from core.language import listed
from core.tables.writing import Column
from crm.agents.contracts import end_contracts_of
from desk.files import file_links, list_file
from desk.manager.listing import yes_or_no
from sms.health import can_send_now
from sms.models import OutboxMessage

EVERYWHERE = gettext_lazy("همهٔ شعبه‌ها")


def _roles(one: Colleague) -> str:
    return " · ".join(listed([held.get_role_display(), held.branch_name]) for held in one.active or one.roles)  # type: ignore[attr-defined]


COLUMNS = (
    Column(gettext_lazy("نام"), attrgetter("user.name")),
    Column(gettext_lazy("موبایل"), attrgetter("user.phone")),
    Column(gettext_lazy("نقش"), _roles),
    Column(gettext_lazy("ورود دومرحله‌ای"), lambda one: yes_or_no(one.two_factor)),
    Column(gettext_lazy("گذرواژه دارد"), lambda one: yes_or_no(not one.waits)),
    Column(gettext_lazy("از"), lambda one: min(held.created_at for held in one.roles), "moment"),
    Column(gettext_lazy("تا"), lambda one: None if one.active else max(held.ended_at for held in one.roles), "moment"),
    Column(gettext_lazy("آخرین حضور"), attrgetter("last_seen"), "moment"),
)


class RoleForm(forms.Form):
    """A role, and where it counts; of a manager who may not appoint managers, without those."""

    role = forms.ChoiceField(label=gettext_lazy("نقش"), widget=forms.Select(attrs={"class": "select"}))
    branch = forms.TypedChoiceField(
        label=gettext_lazy("شعبه"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=gettext_lazy("صندوق‌دار تنها در شعبهٔ خود خرید ثبت می‌کند؛ برای چند شعبه، نقش را برای هر یک بدهید."),
        widget=forms.Select(attrs={"class": "select"}),
    )

    def __init__(self, data: Any, *, giver: User, branches: dict[int, str]) -> None:
        super().__init__(data)
        # Agents are taken on under a contract, on pages of their own.
        not_here = {Role.AGENT} if can(giver, "appoint_managers") else {Role.AGENT, Role.OWNER, Role.MANAGER}
        set_choices(self, "role", [one for one in Role.choices if one[0] not in not_here])
        set_choices(self, "branch", [("", EVERYWHERE), *branches.items()])
        if not self.is_bound:
            self.initial["role"] = Role.CASHIER


class InviteForm(RoleForm):
    """Who is invited."""

    phone = PhoneField(label=gettext_lazy("شماره موبایل"))
    name = forms.CharField(
        label=gettext_lazy("نام"), max_length=80, required=False, widget=forms.TextInput(attrs={"class": "input"})
    )
    field_order = ("phone", "name", "role", "branch")

    def __init__(self, data: Any, *, giver: User, branches: dict[int, str]) -> None:
        super().__init__(data, giver=giver, branches=branches)
        self.fields["phone"].widget.attrs.update({"class": "input", "autocomplete": "off"})


@never_cache
@staff_required("manage_staff")
@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    """Everybody who works here, or who left."""
    left = request.GET.get("left") == "1"
    files = file_links(request, "desk:staff_file")
    context = {"people": _named(colleagues(left=left)), "left": left, "me": request.user, "files": files}
    return render(request, "desk/staff.html", context)


@never_cache
@staff_required("manage_staff")
@require_safe
def staff_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The people of the list that is shown, with the roles that they hold or held."""
    left = request.GET.get("left") == "1"
    people = _named(colleagues(left=left))
    asked = {"left": "1" if left else ""}
    return list_file(request, COLUMNS, people, form=form, title=_("کارکنان"), name="staff", asked=asked)


@never_cache
@staff_required("manage_staff")
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Make somebody staff; who has no password yet gets a link."""
    giver = _giver(request)
    form = InviteForm(request.POST or None, giver=giver, branches=_branches())
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                user = _invited(form, giver)
            except ValidationFailed as refused:
                for field, texts in refused.errors.items():
                    form.add_error(field, texts)
            except AppError as refused:
                form.add_error(None, refused.detail)
            else:
                _send_first(request, user, giver)
                return redirect("desk:staff_person", user.pk)
    return render(request, "desk/staff_invite.html", {"form": form, "sends": can_send_now()}, status=status)


@never_cache
@staff_required("manage_staff")
@require_safe
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """One person: roles now and before, and what can be done."""
    found = colleague(user_id)
    giver, branches = _giver(request), _branches()
    _named([found])
    may = all(_may_appoint(giver, held.role) for held in found.active)
    link = StaffLink.objects.filter(user_id=user_id).order_by("-created_at").first()
    context = {
        "one": found,
        "form": RoleForm(None, giver=giver, branches=branches),
        "branches": branches.items(),
        "may": may,
        "link": link,
        "link_sms": OutboxMessage.objects.filter(document=str(link)).order_by("-pk").first() if link else None,
        "now": timezone.now(),
        "sends": can_send_now(),
        "may_reset": found.two_factor and can(giver, "appoint_managers"),
    }
    return render(request, "desk/staff_person.html", context)


Act = Callable[[HttpRequest, User, int], str]


def _act(act: Act) -> Callable[..., HttpResponseBase]:
    """A view that does one thing to one person by POST and says how it went on their page."""

    @staff_required("manage_staff")
    @require_POST
    def view(request: HttpRequest, user_id: int) -> HttpResponse:
        colleague(user_id)
        try:
            messages.success(request, act(request, _giver(request), user_id))
        except NotFound:
            raise
        except AppError as refused:
            messages.error(request, " ".join(refused.texts))
        return redirect("desk:staff_person", user_id)

    return view


@_act
def add_role(request: HttpRequest, giver: User, user_id: int) -> str:
    """Give one more role; who had left comes back by it."""
    form = RoleForm(request.POST, giver=giver, branches=_branches())
    if not form.is_valid():
        raise ValidationFailed({field: [str(text) for text in texts] for field, texts in form.errors.items()})
    asked = form.cleaned_data
    phone = colleague(user_id).user.phone
    give_role(phone=phone, role=asked["role"], branch_id=asked["branch"], actor=giver.actor, giver=giver)
    return _("نقش داده شد.")


@_act
def change_role(request: HttpRequest, giver: User, user_id: int) -> str:
    """Move a role to another branch, or end it."""
    held = _role_of(user_id, request.POST.get("held", ""))
    if request.POST.get("act") == "end":
        end_role(held.pk, actor=giver.actor, now=timezone.now(), giver=giver)
        if held.role == Role.AGENT:
            end_contracts_of(user_id, actor=giver.actor, now=timezone.now())
        return _("این نقش پایان یافت.")
    branch = request.POST.get("branch", "")
    known = {str(pk): pk for pk in _branches()}
    if branch and branch not in known:
        raise NotFound
    move_role(held.pk, branch_id=known.get(branch), actor=giver.actor, giver=giver)
    return _("شعبه عوض شد.")


@_act
def leave(request: HttpRequest, giver: User, user_id: int) -> str:
    """End every role, with the sessions and API keys of the person."""
    leave_club(user_id, actor=giver.actor, now=timezone.now(), giver=giver)
    end_contracts_of(user_id, actor=giver.actor, now=timezone.now())
    return _("همکاری پایان یافت؛ نشست‌ها و کلیدهایش بسته شد.")


@_act
def link(request: HttpRequest, giver: User, user_id: int) -> str:
    """Send a link that sets a password."""
    send_link(user_id, giver=giver, now=timezone.now())
    return _("پیوند ساختن گذرواژه پیامک شد.") if can_send_now() else _("پیوند ساخته شد، ولی اکنون پیامکی نمی‌رود.")


@_act
def reset_two_factor(request: HttpRequest, giver: User, user_id: int) -> str:
    """Take the second factor from who lost the phone: the next login asks for the password, or sets it up anew."""
    reset(colleague(user_id).user, giver=giver)
    return _("ورود دومرحله‌ای این فرد بازنشانی شد.")


@never_cache
@staff_required("manage_staff")
@require_POST
def first_password(request: HttpRequest, user_id: int) -> HttpResponse:
    """A first password to print, shown once, kept by no browser."""
    found = colleague(user_id)
    try:
        secret = hand_first_password(user_id, giver=_giver(request))
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, refused.detail)
        return redirect("desk:staff_person", user_id)
    response = render(request, "desk/staff_password.html", {"one": found, "secret": secret})
    response["Cache-Control"] = "no-store"
    return response


def _invited(form: InviteForm, giver: User) -> User:
    asked = form.cleaned_data
    held = give_role(
        phone=asked["phone"],
        role=asked["role"],
        name=asked["name"],
        branch_id=asked["branch"],
        actor=giver.actor,
        giver=giver,
    )
    return held.user


def _send_first(request: HttpRequest, user: User, giver: User) -> None:
    """The role is given whatever becomes of the link: it can be sent again."""
    if user.has_usable_password():
        messages.success(request, _("نقش داده شد. این فرد گذرواژه دارد و با همان وارد می‌شود."))
        return
    try:
        send_link(user.pk, giver=giver, now=timezone.now())
        if can_send_now():
            messages.success(request, _("دعوت شد؛ پیوند ساختن گذرواژه پیامک شد."))
        else:
            messages.warning(request, _("دعوت شد، ولی اکنون پیامکی نمی‌رود و پیوند به او نمی‌رسد."))
    except AppError as refused:
        messages.error(request, refused.detail)


def _role_of(user_id: int, typed: str) -> StaffRole:
    role_id = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else 0
    held: StaffRole | None = StaffRole.objects.filter(pk=role_id, user_id=user_id).first()
    if held is None:
        raise NotFound
    return held


def _may_appoint(giver: User, role: str) -> bool:
    return can(giver, "appoint_managers" if role in {Role.OWNER, Role.MANAGER} else "manage_staff")


def _giver(request: HttpRequest) -> User:
    return cast(User, request.user)  # the door let nobody else in


def _branches() -> dict[int, str]:
    return dict(Branch.objects.filter(is_active=True).order_by("name").values_list("pk", "name"))


def _named(people: list[Colleague]) -> list[Colleague]:
    """Write the branch's name on each role, also of a branch that is closed now."""
    names = dict(Branch.objects.values_list("pk", "name"))
    for one in people:
        for held in one.roles:
            held.branch_name = names.get(held.branch_id or 0, EVERYWHERE)  # type: ignore[attr-defined]
    return people
