"""Handing out what came with a ticket, so that no browser ever runs it."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from tickets.models import Attachment

POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def served(attachment: Attachment, data: bytes) -> HttpResponse:
    """A picture that we have drawn ourselves is shown; everything else is a download."""
    response = HttpResponse(data, content_type=attachment.media_type)
    response.headers["Content-Disposition"] = _disposition(attachment)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _disposition(attachment: Attachment) -> str:
    return str(content_disposition_header(not attachment.is_picture, attachment.name))
