"""Who may do what in the club in scope: ONE table from role to rights, and the questions asked of it.

A role is held in one club; a person may hold several. A session that came by a code alone (`User.auth_method` is
"otp", set by the middleware) keeps only the rights of the agent's panel: an SMS read over a shoulder opens no till.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string

from accounts.models import Role, StaffRole, User
from core.tenancy.scope import current_club_id

Right = str
Person = User | AnonymousUser
View = Callable[..., HttpResponseBase]

CASHIER: frozenset[Right] = frozenset(
    {
        "record_purchase",
        "refund_purchase",
        "enrol_members",
        "name_members",
        "view_members",
        "issue_cards",
        "sell_gift_cards",
    }
)
SUPPORT: frozenset[Right] = frozenset({"view_members", "edit_members", "issue_cards", "answer_tickets"})
CALLER: frozenset[Right] = frozenset({"view_members", "call_surveys"})
SALES: frozenset[Right] = frozenset({"view_members", "work_leads"})
AGENT: frozenset[Right] = frozenset({"use_agent_panel"})
MANAGER: frozenset[Right] = (
    CASHIER
    | SUPPORT
    | CALLER
    | SALES
    | {
        "adjust_value",
        "erase_members",
        "export",
        "import_members",
        "manage_agents",
        "manage_catalogue",
        "manage_club",
        "manage_gift_cards",
        "manage_joining",
        "manage_leads",
        "manage_offers",
        "manage_programme",
        "manage_sms",
        "manage_staff",
        "manage_tickets",
        "merge_members",
        "open_admin",
        "send_campaigns",
        "send_notices",
        "view_audit",
        "view_dashboard",
        "view_ledger",
        "view_purchases",
        "view_reports",
    }
)
OWNER: frozenset[Right] = MANAGER | {"appoint_managers", "manage_api_keys"}

RIGHTS: dict[str, frozenset[Right]] = {
    Role.OWNER: OWNER,
    Role.MANAGER: MANAGER,
    Role.CASHIER: CASHIER,
    Role.AGENT: AGENT,
    Role.SUPPORT: SUPPORT,
    Role.CALLER: CALLER,
    Role.SALES: SALES,
}
ALL_RIGHTS: frozenset[Right] = frozenset[str]().union(*RIGHTS.values())
RIGHTS_BY_OTP: frozenset[Right] = AGENT

# Django's permissions in the admin, by app label or model: the rights that see, change and delete. None: nobody.
# Value is written by the ledger alone, so purchases, ledger and awards are read there and never changed.
ADMIN_RIGHTS: dict[str, tuple[Right | None, Right | None, Right | None]] = {
    "accounts.apikey": ("manage_api_keys", None, None),
    "accounts.staffrole": ("manage_staff", "manage_staff", None),
    "agents": ("manage_agents", None, None),
    "awards": ("view_purchases", None, None),
    "campaigns": ("send_campaigns", None, None),
    "club_mail": ("send_campaigns", None, None),
    "catalogue": ("view_members", "manage_catalogue", "manage_catalogue"),
    "core.club": ("manage_club", "manage_club", None),
    "gift_cards": ("manage_gift_cards", None, None),
    "leads": ("manage_leads", None, None),
    "ledger": ("view_ledger", None, None),
    "lotteries": ("manage_offers", "manage_offers", "manage_offers"),
    "members": ("view_members", "edit_members", None),
    "members.segment": ("manage_offers", None, None),
    "missions": ("manage_offers", None, None),
    "occasions": ("view_purchases", None, None),
    "offers": ("manage_offers", "manage_offers", None),
    "programme": ("manage_programme", "manage_programme", None),
    "purchases": ("view_purchases", None, None),
    "referrals": ("manage_offers", None, None),
    "rewards": ("manage_offers", None, None),
    "sms": ("manage_sms", "manage_sms", None),
    "sms.smstemplate": ("manage_sms", "manage_sms", "manage_sms"),  # deleted is back to the default text
    "tickets": ("manage_tickets", None, None),
    "tiers": ("manage_programme", "manage_programme", "manage_programme"),
}
_ACTIONS = {"view": 0, "add": 1, "change": 1, "delete": 2}


def roles_of(user: Person) -> frozenset[str]:
    """The active roles of the person in the club in scope; read once for each user object, so once a request."""
    if not isinstance(user, User) or not user.is_active or user.pk is None:
        return frozenset()
    club_id = current_club_id()
    if user.known_roles is None or user.known_roles[0] != club_id:
        active = StaffRole.objects.filter(user_id=user.pk, is_active=True)
        user.known_roles = club_id, frozenset(active.values_list("role", flat=True))
    return user.known_roles[1]


def forget_roles(user: User) -> None:
    """Read the roles anew at the next question, after they changed."""
    user.known_roles = None


def rights_by_role(user: Person) -> frozenset[Right]:
    """What the person's roles here allow, however the session came about."""
    return _rights_of_roles(roles_of(user))


@cache
def _rights_of_roles(roles: frozenset[str]) -> frozenset[Right]:
    return frozenset[str]().union(*(RIGHTS.get(role, frozenset()) for role in roles))


def rights_of(user: Person) -> frozenset[Right]:
    """What the person may do here and in this session."""
    rights = rights_by_role(user)
    return rights & RIGHTS_BY_OTP if getattr(user, "auth_method", None) == "otp" else rights


def can(user: Person, right: Right) -> bool:
    """Whether the person may do this in the club in scope. A right that no role has is a mistake: KeyError."""
    if right not in ALL_RIGHTS:
        raise KeyError(right)
    return right in rights_of(user)


def has_admin_permission(user: Person, permission: str) -> bool:
    """Django's `app.action_model` put to the same table; what the table does not name is nobody's."""
    app, _dot, codename = permission.partition(".")
    action, _underscore, model = codename.partition("_")
    rights = ADMIN_RIGHTS.get(f"{app}.{model}") or ADMIN_RIGHTS.get(app)
    if rights is None or action not in _ACTIONS:
        return False
    right = rights[_ACTIONS[action]]
    return right is not None and can(user, "open_admin") and can(user, right)


def sees_admin_module(user: Person, app_label: str) -> bool:
    """Whether the admin shows this app: one of its models can be seen."""
    seen = (rights[0] for name, rights in ADMIN_RIGHTS.items() if name.partition(".")[0] == app_label)
    return can(user, "open_admin") and any(right is not None and can(user, right) for right in seen)


def actor_of(user: Any) -> str:
    """How audit, ledger and events name who acts: `user:5`, `api_key:3`, or `system`."""
    return str(getattr(user, "actor", "system"))


# --- doors of pages ---------------------------------------------------------------------------------------------------


def staff_required(right: Right) -> Callable[[View], View]:
    """Let a view run only for who `can(user, right)`.

    Who is not logged in, or only by a code where that is not enough, goes to the staff login, or where a code is enough
    to that by code, and comes back; who lacks the right gets the 403 page. A right that no role has is a mistake in the
    program: KeyError when the view is made.
    """
    if right not in ALL_RIGHTS:
        raise KeyError(right)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if can(request.user, right):
                return view(request, *args, **kwargs)
            if not request.user.is_authenticated or right in rights_by_role(request.user):
                return to_login(request, "accounts:member_login" if right in RIGHTS_BY_OTP else "accounts:login")
            raise PermissionDenied

        return guarded

    return decorate


def member_required(view: View) -> View:
    """Let a view run only for a member of this club, found by the phone that was proven: `request.member` is set.

    Who is not logged in goes to the member login and comes back; who is no member here gets a kind page, or the one of
    their request to join; who has the club's rules still to accept goes there first, whatever was asked for.
    """

    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        held_back: HttpResponseBase | None = _named("MEMBER_GATE", "portal.rules.gate")(request)
        return held_back or view(request, *args, **kwargs)

    return member_known(gated)


def member_known(view: View) -> View:
    """The same without asking for the club's rules: for the pages on which they are read and accepted."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, User):
            return to_login(request, "accounts:member_login")
        member = _named("MEMBER_BY_PHONE", "club.members.selectors.member_by_phone")(request.user.phone)
        if member is None:
            if _named("JOIN_REQUEST_OF", "club.members.joining.request_of")(request.user.phone):
                return redirect("portal:join_wait")
            return render(request, "accounts/not_a_member.html", {"phone": request.user.phone}, status=403)
        request.member = member  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return guarded


def to_login(request: HttpRequest, name: str) -> HttpResponseBase:
    """To a login page and back here afterwards; htmx is told to leave the page as a whole."""
    if getattr(request, "htmx", False):
        here = urlsplit(request.headers.get("HX-Current-URL", "/"))
        response = HttpResponse(status=403)
        response["HX-Redirect"] = login_url(name, here.path + (f"?{here.query}" if here.query else ""))
        return response
    back_to = request.get_full_path() if request.method in {"GET", "HEAD"} else "/"
    return HttpResponseRedirect(login_url(name, back_to))


def login_url(name: str, back_to: str) -> str:
    """The address of a login page that knows where to go on."""
    url = reverse(name)
    return url if back_to == "/" else f"{url}?{urlencode({'next': back_to})}"


def _named(setting: str, usual: str) -> Callable[..., Any]:
    """What lies in a higher package is named and not imported."""
    found: Callable[..., Any] = import_string(getattr(settings, setting, usual))
    return found
