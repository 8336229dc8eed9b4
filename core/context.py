"""What every template may read: the club in scope."""

from typing import Any

from django.http import HttpRequest


def club(request: HttpRequest) -> dict[str, Any]:
    """`club`, None on a page of no club."""
    return {"club": getattr(request, "club", None)}
