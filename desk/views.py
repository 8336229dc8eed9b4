"""The door of the staff pages: everybody to the page of their work."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse

from accounts.rights import can, rights_by_role, to_login

PAGES = (
    ("view_dashboard", "desk:dashboard"),
    ("record_purchase", "desk:till"),
    ("work_leads", "desk:leads"),
    ("view_members", "desk:members"),
    ("use_agent_panel", "desk:agent"),
)


def home(request: HttpRequest) -> HttpResponseBase:
    """To the first page that the person may open and that exists; who came by a code logs in where that opens one."""
    for right, name in PAGES:
        if can(request.user, right):
            try:
                return redirect(reverse(name))
            except NoReverseMatch:
                continue
    by_password = rights_by_role(request.user)
    if not request.user.is_authenticated or any(right in by_password for right, _name in PAGES):
        return to_login(request, "accounts:login")
    raise PermissionDenied
