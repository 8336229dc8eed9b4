"""The language of a person: chosen on any page, kept in the browser and, of somebody logged in, with the person."""

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.sessions import LANGUAGE_TO_KEEP
from core.errors import NotFound
from core.language import NAMES
from core.languages import chosen, keep_choice, of_browser

API = "/api/"


class LanguageOfReader:
    """Speaks the language that the reader chose, else the club's; below /api/ always the club's.

    Stands below the session, which is read anyhow, and asks the database nothing. Whoever logs in finds the language
    they chose elsewhere; whoever logs out leaves none behind for the next one at this browser.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if hasattr(request, "club"):
            translation.activate(_language_of(request, request.club.language))
        response = self.get_response(request)
        opened: str | None = getattr(request, LANGUAGE_TO_KEEP, None)
        if opened is not None:
            keep_choice(response, opened)
        return response


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Choose a language and come back to the page."""
    language = language_asked(request)
    if isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(language=language)
    return switched(request, language)


def language_asked(request: HttpRequest) -> str:
    """The language that a switch names. Raises NotFound for one that is not ours."""
    language = request.POST.get("language", "")
    if language not in NAMES:
        raise NotFound
    return language


def switched(request: HttpRequest, language: str) -> HttpResponse:
    """Back to the page, with the choice kept in the browser."""
    asked, here = request.POST.get("next", ""), {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=here, require_https=request.is_secure())
    response = HttpResponseRedirect(asked if is_ours else "/")
    keep_choice(response, language)
    return response


def _language_of(request: HttpRequest, own: str) -> str:
    if request.path.startswith(API):
        return own
    if language := chosen(request):
        return language
    return own if SESSION_KEY in request.session else of_browser(request, own)
