"""Addresses of no package: the health check, the club's stylesheet."""

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from core import branding, looks
from core.tenancy.scope import current_club

FOR_EVER = "public, max-age=31536000, immutable"


def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, for a proxy that asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@require_safe
def brand_css(request: HttpRequest, digest: str) -> HttpResponse:
    """The club's tokens, kept by browsers for ever under the digest of their colour; under another digest, not kept."""
    colour = current_club().brand_colour
    response = HttpResponse(branding.brand_css(colour), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOR_EVER if digest == branding.brand_digest(colour) else "no-cache"
    return response


@require_safe
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """The club's logo, kept by browsers for ever under its digest; another digest is a 404."""
    response = HttpResponse(looks.logo(digest), content_type="image/webp")
    response["Cache-Control"] = FOR_EVER
    return response
