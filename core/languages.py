"""Which language a page speaks.

What the person has chosen comes first: a cookie of this host, set by the switch and by logging in. Then the club's own
language. A visitor's browser is asked only where it does not read that: nobody who reads Persian meets a club of
theirs in English because their phone is set to it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from core.language import NAMES
from core.tenancy.scope import current_club

COOKIE = "language"
KEPT_SECONDS = 60 * 60 * 24 * 365


class LanguageOfBrowser:
    """Begins each request in the language that the browser was given or asks for: pages of no club know no other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        translation.activate(chosen(request) or of_browser(request, settings.LANGUAGE_CODE))
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        return response


def chosen(request: HttpRequest) -> str:
    """The language chosen in this browser, blank where none was."""
    language = request.COOKIES.get(COOKIE, "")
    return language if language in NAMES else ""


def of_browser(request: HttpRequest, own: str) -> str:
    """The club's own language, unless the browser names others of ours and not that one."""
    asked = (code.partition("-")[0] for code, _weight in parse_accept_lang_header(_asked_languages(request)))
    known = [language for language in asked if language in NAMES]
    return known[0] if known and own not in known else own


def keep_choice(response: HttpResponse, language: str) -> None:
    """Remember the language in the browser; a blank one is forgotten there."""
    if language:
        response.set_cookie(COOKIE, language, KEPT_SECONDS, secure=settings.HTTPS_ONLY, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(COOKIE, samesite="Lax")


@contextmanager
def clubs_language() -> Iterator[None]:
    """Speak the language of the club in scope inside the block: for work that nobody waits for."""
    with translation.override(current_club().language):
        yield


def _asked_languages(request: HttpRequest) -> str:
    return request.headers.get("Accept-Language", "")
