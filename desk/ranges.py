"""The days that a page of figures is asked for: one of the choices, or from one day to another as typed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from core.errors import ValidationFailed
from core.jalali import local_date
from core.tenancy.scope import club_zone
from reports.ranges import CHOICES, Range, range_of

Errors = dict[str, list[str]]
CUSTOM = "custom"


def asked_days(request: HttpRequest) -> tuple[Range, Errors]:
    """The range that the address asks for, by default the last 30 days, and what is wrong with typed days."""
    today = local_date(timezone.now(), club_zone())
    choice, first, last = (request.GET.get(name, "") for name in ("range", "from", "to"))
    if choice == CUSTOM and not first and not last:
        return range_of("30d", today), {}
    if not choice and (first or last):
        choice = CUSTOM
    try:
        return range_of(choice, today, first=first, last=last), {}
    except ValidationFailed as refused:
        return range_of("30d", today), {name: [*map(str, texts)] for name, texts in refused.errors.items()}


def choice_of_days(request: HttpRequest, asked: Range, errors: Errors) -> dict[str, Any]:
    """What `desk/_ranges.html` and `desk/_days.html` show."""
    return {
        "asked": asked,
        "choices": CHOICES.items(),
        "wants_custom": CUSTOM in (request.GET.get("range"), asked.choice) or bool(errors),
        "typed": {name: request.GET.get(name, "")[:40] for name in ("from", "to")},
        "errors": errors,
    }


def days_in_name(name: str, asked: Range) -> str:
    """The name of a file with the days that it covers."""
    return f"{name}-{asked.now.first.isoformat()}-{asked.now.last.isoformat()}"


def days_noted(asked: Range) -> dict[str, str]:
    """The days as the audit notes them."""
    return {"from": asked.now.first.isoformat(), "to": asked.now.last.isoformat()}
