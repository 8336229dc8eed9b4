"""Enters the club's scope from the host name of the request."""

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.errors_page import LOST, database_page
from core.models import Club, ClubHost
from core.tenancy.scope import club_scope

REMEMBER_SECONDS = 5.0
WITHOUT_CLUB = ("/healthz", settings.STATIC_URL, "/ui/")
_known: dict[str, tuple[float, Club | None]] = {}


class ClubFromHost:
    """`slug.<BASE_DOMAIN>`, a domain of the club's own, or the only club of the machine; else our 404."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(WITHOUT_CLUB):
            return self.get_response(request)
        try:
            club = club_of_host(request.get_host())
        except LOST as error:
            return database_page(request, error)
        if club is None:
            return no_club(request)
        request.club = club  # type: ignore[attr-defined]
        with club_scope(club):
            return self.get_response(request)


def club_of_host(host: str) -> Club | None:
    """The club that this host serves, remembered for a few seconds; without a database, for longer."""
    name = _bare(host)
    at, known = _known.get(name, (0.0, None))
    if time.monotonic() - at < REMEMBER_SECONDS and known is not None:
        return known
    try:
        club = _look_up(name)
    except LOST:
        if known is None:
            raise
        return known  # so that pages and the API say themselves what happened
    if len(_known) > 10_000:
        _known.clear()
    _known[name] = (time.monotonic(), club)
    return club


def forget_hosts() -> None:
    """Look clubs up anew, after one was changed in this process."""
    _known.clear()


def _look_up(name: str) -> Club | None:
    clubs = Club.objects.filter(is_active=True)
    suffix = "." + settings.BASE_DOMAIN
    if name.endswith(suffix):
        return clubs.filter(slug=name.removesuffix(suffix)).first()
    own = ClubHost.objects.filter(host=name, serves__is_active=True).select_related("serves").first()
    if own:
        return own.serves
    if settings.DEFAULT_CLUB:
        return clubs.filter(slug=settings.DEFAULT_CLUB).first()
    first_two = list(clubs.order_by("pk")[:2])
    return first_two[0] if len(first_two) == 1 else None


def no_club(request: HttpRequest) -> HttpResponse:
    """Our page for a host that is no club's; on a development machine it lists the clubs there are.

    There the installation's own address is no mistake: its first page welcomes.
    """
    clubs = Club.objects.filter(is_active=True).order_by("slug") if settings.LIST_CLUBS else []
    port = request.get_port()
    links = [(club.name, f"{request.scheme}://{club.slug}.{settings.BASE_DOMAIN}:{port}/") for club in clubs]
    if settings.LIST_CLUBS and request.path == "/" and _name_of(request) == settings.BASE_DOMAIN:
        return render(request, "welcome.html", {"links": links})
    return render(request, "no_club.html", {"links": links}, status=404)


def _name_of(request: HttpRequest) -> str:
    return _bare(request.get_host())


def _bare(host: str) -> str:
    return host.rsplit(":", 1)[0].lower().rstrip(".")
