"""Where the provider calls us: delivery and replies. Nothing authenticates it but the secret in the address."""

import secrets
from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.text import latin_digits
from sms import recording
from sms.gateways.base import Reply, StateOf
from sms.inbound import receive_reply
from sms.models import SmsSettings

BIGGEST = 2**63 - 1
THANKS, LATER = "OK", "tell it again"


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def status(request: HttpRequest, secret: str) -> HttpResponse:
    """What became of a message. 200 also for one we do not know: anything else is repeated for an hour.

    While messages are being handed over it may be one of theirs, whose number is not recorded yet: then 503, for the
    provider tells it again two minutes later.
    """
    _check(secret)
    sent = _parameters(request)
    states = _numbers(sent.get("status", ""))
    found = [StateOf(number, states[0]) for number in _numbers(sent.get("messageid", "")) if states]
    is_done = recording.told(found, now=timezone.now())
    return HttpResponse(THANKS if is_done else LATER, content_type="text/plain", status=200 if is_done else 503)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def inbound(request: HttpRequest, secret: str) -> HttpResponse:
    """A member wrote to our line."""
    _check(secret)
    sent = _parameters(request)
    ids = _numbers(sent.get("messageid", ""))
    now = timezone.now()
    reply = Reply(
        provider_id=ids[0] if ids else -secrets.randbelow(BIGGEST) - 1,
        phone=sent.get("from", ""),
        line=sent.get("to", ""),
        text=sent.get("message", ""),
        at=_moment(sent.get("date", "")) or now,
    )
    if reply.phone:
        receive_reply(reply, now=now)
    return HttpResponse(THANKS, content_type="text/plain")


def _check(secret: str) -> None:
    """Ours, or a page that does not exist."""
    chosen = SmsSettings.objects.first()
    if not constant_time_compare(secret, chosen.callback_secret.text if chosen else secrets.token_urlsafe(24)):
        raise Http404


def _parameters(request: HttpRequest) -> dict[str, str]:
    """What was sent by either way; the body wins."""
    return {name: str(value) for sent in (request.GET, request.POST) for name, value in sent.items()}


def _numbers(text: str) -> list[int]:
    """The whole numbers of a comma list that a bigint holds; the rest is nothing to us."""
    words = [word.strip() for word in latin_digits(text).split(",")]
    return [int(word) for word in words if word.isascii() and word.isdigit() and len(word) <= 18]


def _moment(text: str) -> datetime | None:
    numbers = _numbers(text)
    return datetime.fromtimestamp(numbers[0], UTC) if numbers and numbers[0] < 2**32 else None
