"""What every endpoint has: strict JSON in, JSON or a problem out, in the club's language."""

from datetime import datetime
from typing import Any, NoReturn

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import ApiKey
from api.once import as_text
from api.throttling import too_many
from core.reading import Either, Record, read_body
from core.tenancy.scope import current_club

JSON = "application/json"


class OneFormat(BaseContentNegotiation):
    """The API speaks JSON, whatever is asked for."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ApiView(APIView):
    """An endpoint. `pos_may_write`: a key of the scope `pos` may do more than read here."""

    http_method_names = ["get", "post", "patch", "delete", "head"]
    content_negotiation_class = OneFormat
    metadata_class = None
    pos_may_write = False

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # `detail` is for the club's people: their language, not that of the calling program.
        language = current_club().language
        with translation.override(language):
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        response.headers["Content-Language"] = language
        return response

    def throttled(self, request: Request, wait: float | None) -> NoReturn:
        raise too_many(wait or 0)

    @property
    def now(self) -> datetime:
        return timezone.now()

    @property
    def actor(self) -> str:
        key = self.request.auth
        return key.actor if isinstance(key, ApiKey) else "system"

    def body(self, record: Record | Either) -> dict[str, Any]:
        """The body of the request, checked. Raises ValidationFailed."""
        return read_body(self.request.data, record)


def answer(content: dict[str, Any], status: int = 200) -> HttpResponse:
    """One JSON object."""
    return HttpResponse(as_text(content), JSON, status)


def stored_answer(text: str, *, replayed: bool, status: int = 201) -> HttpResponse:
    """The very text that is kept with its idempotency key."""
    response = HttpResponse(text, JSON, status)
    if replayed:
        response["Idempotent-Replayed"] = "true"
    return response
