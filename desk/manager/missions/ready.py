"""Ready missions that a manager starts from; each asks for a choice or two."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Ready:
    """A ready mission: what it is called, what it is good for, and what its form begins with."""

    code: str
    name: Promise
    about: Promise
    fields: dict[str, Any]


READY = (
    Ready(
        "stamps",
        _("کارت مهر ده‌تایی"),
        _("هر ده خرید یک هدیه؛ پر که شد از نو."),
        {"counts": "visits", "target": 10, "window": "whole", "again": "each", "gives": "product", "icon": "stamp"},
    ),
    Ready(
        "month",
        _("چهار خرید در ماه"),
        _("مشتری هفته‌ای یک بار می‌آید و هر ماه از نو."),
        {
            "counts": "visits",
            "target": 4,
            "window": "month",
            "again": "window",
            "gives": "points",
            "points": 100,
            "icon": "trophy",
        },
    ),
    Ready(
        "groups",
        _("سه گروه را بچش"),
        _("مشتری چیزهای تازه را هم امتحان می‌کند."),
        {
            "counts": "groups",
            "target": 3,
            "window": "whole",
            "again": "once",
            "gives": "points",
            "points": 50,
            "badge": _("کاوشگر"),
            "icon": "medal",
        },
    ),
)
BY_CODE = {one.code: one for one in READY}
