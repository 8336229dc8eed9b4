"""Every refusal below /api/ as application/problem+json (RFC 9457)."""

import json
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

from core.errors import AppError, Forbidden, NotFound, Text, Throttled, Unauthorized, Unavailable, ValidationFailed
from core.errors_page import from_database

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
WAIT = "seconds"
"""How long to wait is said in `Retry-After` alone."""
RETRY_SECONDS = {"in_progress": 1, "unavailable": 5, "throttled": 60}


class HttpProblem(AppError):
    """A refusal that HTTP itself knows."""

    def __init__(self, status: int) -> None:
        super().__init__(TEXTS.get(status))
        self.http_status = status
        self.code = CODES.get(status, "error")


CODES = {
    400: "validation_error",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "payload_too_large",
    415: "unsupported_media_type",
    429: "throttled",
    500: "server_error",
    503: "unavailable",
}
TEXTS: dict[int, Text] = {
    400: _("درخواست درست نیست."),
    401: Unauthorized.message,
    403: Forbidden.message,
    404: NotFound.message,
    405: _("این نشانی این کار را نمی‌پذیرد."),
    413: _("بدنهٔ درخواست بزرگ‌تر از اندازه است."),
    415: _("بدنهٔ درخواست باید JSON باشد (Content-Type: application/json)."),
    429: Throttled.message,
    500: _("خطایی در سامانه رخ داد. نوشته‌ها را نگه دارید و دوباره بفرستید."),
    503: Unavailable.message,
}


def problem(error: AppError) -> HttpResponse:
    """The answer for one error; named data stands beside the standard members."""
    status = error.http_status
    content: dict[str, Any] = {
        **{name: value for name, value in error.data.items() if name != WAIT},
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": error.detail,
        "code": error.code,
    }
    if isinstance(error, ValidationFailed):
        content["errors"] = error.errors
    response = HttpResponse(json.dumps(content, ensure_ascii=False, default=str), CONTENT_TYPE, status)
    if error.code in RETRY_SECONDS:
        response["Retry-After"] = str(error.data.get(WAIT, RETRY_SECONDS[error.code]))
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def problem_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Django REST framework's exception handler; None for a fault of the program, which is logged and answered 500."""
    known = as_app_error(error)
    return None if known is None else problem(known)


def as_app_error(error: Exception) -> AppError | None:
    """The error in our own tree, None where it is not a refusal but a fault."""
    if isinstance(error, AppError):
        return error
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("database: %s", error)
        return from_database(error)
    if isinstance(error, DataError):  # a sum of what was sent and what is stored goes beyond its column
        logger.warning("refused by the database: %s", error)
        return ValidationFailed({"body": [_("عددی بزرگ‌تر از اندازه است.")]})
    if isinstance(error, exceptions.APIException):
        return HttpProblem(error.status_code)
    found = next((status for kind, status in OF_DJANGO if isinstance(error, kind)), None)
    return HttpProblem(found) if found else None


OF_DJANGO: list[tuple[type[Exception], int]] = [
    (Http404, 404),
    (PermissionDenied, 403),
    (RequestDataTooBig, 413),
    (SuspiciousOperation, 400),
    (UnreadablePostError, 400),
]


class ProblemsBelowApi:
    """Turns what Django itself answers below /api/ (no such address, no such club, a fault) into a problem."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_page = response.status_code >= 400 and response.headers.get("Content-Type") != CONTENT_TYPE
        if not is_page or not f"{request.path}/".startswith("/api/"):
            return response
        club = getattr(request, "club", None)
        with translation.override(club.language if club else settings.LANGUAGE_CODE):
            answer = problem(HttpProblem(response.status_code))
        if "Allow" in response.headers:
            answer["Allow"] = response["Allow"]
        return answer
