"""Error pages of our own, and the door where errors of the application become pages."""

import logging
import secrets
import sys
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from core.errors import AppError, InProgress, Unavailable

logger = logging.getLogger(__name__)
LOCK_NOT_AVAILABLE = "55P03"
LOST = (OperationalError, InterfaceError)
METHOD_TEXT = _("این نشانی تنها با دکمهٔ صفحهٔ خودش کار می‌کند. به آن صفحه برگردید.")


class AppErrorPages:
    """Turns what a page's view raised into a page (or, for htmx, into a text for the toast)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            said = error_page(request, response.status_code, str(METHOD_TEXT))
            said["Allow"] = response["Allow"]
            return said
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, LOST):
            return database_page(request, exception)
        if isinstance(exception, AppError):
            return error_page(request, exception.http_status, exception.detail, exception.code)
        return None


def from_database(error: BaseException) -> AppError:
    """A lost database and a lock that never came, as errors for people."""
    busy = getattr(error.__cause__, "pgcode", None) == LOCK_NOT_AVAILABLE
    return InProgress() if busy else Unavailable()


def database_page(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The page of a lost database, which the log tells of in one line."""
    logger.error("database: %s", error)
    refusal = from_database(error)
    return error_page(request, refusal.http_status, refusal.detail, refusal.code)


def error_page(request: HttpRequest, status: int, text: str, code: str = "") -> HttpResponse:
    """The page of one error; JSON where the caller reads JSON."""
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"code": code, "detail": text}, status=status)
    template = f"{status}.html" if status in {400, 403, 404, 500} else "error.html"
    return render(request, template, {"text": text, "code": code, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 400, "")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 403, "")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 404, "")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_page(request, 403, "", "csrf")


def server_error(request: HttpRequest) -> HttpResponse:
    """A short code to tell support; the log has the same. Outside the view too, a lost database is no fault of ours."""
    error = sys.exception()
    if isinstance(error, LOST):
        return database_page(request, error)
    code = secrets.token_hex(2).upper()
    logger.error("server error %s at %s", code, request.path)
    return error_page(request, 500, "", code)
