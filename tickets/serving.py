"""Handing out what came with a ticket, so that no browser ever runs it."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import content_disposition_header, quote_etag

from tickets.models import Attachment
from tickets.selectors import bytes_of

POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
KEPT_BUT_ASKED = "private, no-cache"
"""A browser keeps the file, which never changes, and asks each time whether its reader may still see it."""


def served(request: HttpRequest, attachment: Attachment) -> HttpResponseBase:
    """A file that the reader may see: a picture that we have drawn ourselves is shown, everything else a download.

    Whose browser has it already is told so, without the file. Of the cookie it depends who asks: after a logout not
    even the way back in the history shows what was kept.
    """
    tag = quote_etag(attachment.digest)
    response = get_conditional_response(request, etag=tag) or _whole(attachment)
    # Also where the file is not sent: a browser takes these over for what it has kept.
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = KEPT_BUT_ASKED
    response.headers["Content-Disposition"] = _disposition(attachment)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    patch_vary_headers(response, ["Cookie"])
    return response


def _whole(attachment: Attachment) -> HttpResponse:
    return HttpResponse(bytes_of(attachment), content_type=attachment.media_type)


def _disposition(attachment: Attachment) -> str:
    return str(content_disposition_header(not attachment.is_picture, attachment.name))
