"""The `Idempotency-Key` header, and POSTs whose work has no key of its own."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from rest_framework.request import Request

from core.errors import IdempotencyKeyMissing
from core.idempotency import check_key, once

HEADER = "Idempotency-Key"


def required_key(request: Request) -> str:
    """The key of a request that moves value. Raises IdempotencyKeyMissing."""
    return check_key(request.headers.get(HEADER, ""))


def optional_key(request: Request) -> str | None:
    """The key where one was sent; one of the wrong form is refused, not dropped."""
    key = request.headers.get(HEADER)
    return None if key is None else check_key(key)


def answer_once(request: Request, work: Callable[[], dict[str, Any]], *, required: bool = False) -> tuple[str, bool]:
    """The text answered for the work, done once for its key, and whether it is a replay.

    Work and key are one transaction: after any error neither was written.
    """
    key = optional_key(request)
    if key is None and required:
        raise IdempotencyKeyMissing
    with transaction.atomic(durable=True):
        if key is None:
            return as_text(work()), False
        claim = once(key, fingerprint=_fingerprint(request))
        if claim.answer is not None:
            return claim.answer, True
        text = as_text(work())
        claim.keep(text)
        return text, False


def as_text(content: dict[str, Any]) -> str:
    """An answer as it is sent and kept."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _fingerprint(request: Request) -> str:
    body = json.dumps(request.data, sort_keys=True, default=str)
    return hashlib.sha256(f"{request.method} {request.path} {body}".encode()).hexdigest()
