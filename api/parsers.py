"""Reads JSON bodies strictly: UTF-8, one meaning, nothing that a database or another program would read differently."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.parsers import BaseParser

from core.errors import ValidationFailed

LONGEST_NUMBER = 40  # characters; far above every bigint, far below where reading one takes time
NOT_A_NUMBER = Decimal("NaN")


class TooLarge(APIException):
    """The body is larger than the server reads."""

    status_code = 413
    default_code = "payload_too_large"


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it, names once, whole numbers exact.

    A number that is none (NaN, Infinity, 1e999999) becomes a value that no field takes, so that the refusal names it.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        most: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise TooLarge
        return read_json(body)


def read_json(body: bytes) -> Any:
    """The value of a JSON text; ValidationFailed where it is none, or holds what cannot be kept."""
    try:
        value = json.loads(
            body.decode("utf-8"),
            parse_int=_whole,
            parse_float=_fraction,
            parse_constant=lambda _name: NOT_A_NUMBER,
            object_pairs_hook=_named_once,
        )
    except (ValueError, RecursionError) as error:
        raise ValidationFailed({"body": [_("بدنهٔ درخواست JSON درستی نیست.")]}) from error
    if b"\\u" in body:  # only an escape can bring them in
        unkept = next(_unkept_texts(value, ""), None)
        if unkept is not None:
            raise ValidationFailed({unkept or "body": [_("نویسه‌ای دارد که نمی‌شود نگه داشت.")]})
    return value


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) <= LONGEST_NUMBER else NOT_A_NUMBER


def _fraction(text: str) -> Decimal:
    try:
        return Decimal(text) if len(text) <= LONGEST_NUMBER else NOT_A_NUMBER
    except InvalidOperation:
        return NOT_A_NUMBER


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValidationFailed({_printable(twice): [_("این نام دو بار آمده است.")]})
    return values


def _unkept_texts(value: Any, path: str) -> Iterator[str]:
    """Paths of texts with a NUL or half a surrogate pair: PostgreSQL and UTF-8 refuse them."""
    if isinstance(value, str):
        if value != _printable(value):
            yield path
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unkept_texts(item, f"{path}[{index}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            here = f"{path}.{_printable(name)}" if path else _printable(name)
            if name != _printable(name):
                yield here
            yield from _unkept_texts(item, here)


def _printable(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
