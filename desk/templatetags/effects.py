"""Means as people say them."""

from __future__ import annotations

from django import template

from core.money import UNITS, round_half_up
from core.tenancy.scope import current_club

register = template.Library()


@register.filter
def whole(rial: float) -> int:
    """A mean or an estimate in whole units of the club's money."""
    unit = UNITS[current_club().currency_unit].rial
    return round_half_up(round(rial), unit) * unit
