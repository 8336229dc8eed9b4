"""What only the portal's templates need."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def in_fours(number: str | None) -> list[str]:
    """Cut a card's number into the groups in which it is read."""
    text = number or ""
    return [text[start : start + 4] for start in range(0, len(text), 4)]
