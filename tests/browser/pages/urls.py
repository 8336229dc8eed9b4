"""The project's addresses, what development adds to them, and pages that go wrong on purpose."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from config.components import components
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as addresses
from core.errors import Unavailable

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def fails(request: HttpRequest, how: str) -> HttpResponse:
    """Go wrong in the way the address says."""
    raise {"bad": SuspiciousOperation, "denied": PermissionDenied, "lost": Unavailable, "broken": RuntimeError}[how]


def clubs(request: HttpRequest) -> HttpResponse:
    """What a development machine with several clubs shows at a host of none."""
    links = [("کافه نارون", "http://narvan.localhost:8000/"), ("فروشگاه سرو", "http://sarv.localhost:8000/")]
    return render(request, "no_club.html", {"links": links}, status=404)


urlpatterns = [
    path("ui/", components, name="components"),
    path("fails/clubs/", clubs),
    path("fails/<slug:how>/", fails),
    *addresses,
]
