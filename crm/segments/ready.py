"""Segments to begin from: what most clubs ask about. Pure."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Text


@dataclass(frozen=True)
class Ready:
    """A segment that is made with one click and changed at will."""

    code: str
    name: Text
    about: Text
    rules: dict[str, Any]
    badge: str = ""
    icon: str = "users"


READY: tuple[Ready, ...] = (
    Ready(
        "loyal",
        _("وفاداران"),
        _("زود به زود، پیوسته و خوب خرید می‌کنند؛ نشان دارند و مزیت‌های خودشان."),
        {"fact": "rfm_class", "op": "in", "value": ["champions", "loyal"]},
        badge="gold",
        icon="star",
    ),
    Ready(
        "lapsing",
        _("در حال رفتن"),
        _("بیش از دو برابر فاصلهٔ همیشگی خودشان است که نیامده‌اند."),
        {"fact": "days_since_last_purchase", "op": "gt", "value": {"own": "usual_gap", "percent": 200}},
        icon="trending-down",
    ),
    Ready(
        "big",
        _("پرخریدها"),
        _("در سه ماه گذشته بیش از مبلغی که می‌نویسید خریده‌اند."),
        {"fact": "spent_in_days", "op": "gte", "value": 20_000_000, "of": 90},
        icon="trending-up",
    ),
    Ready(
        "newcomers",
        _("تازه‌واردها"),
        _("در سی روز گذشته عضو شده‌اند."),
        {"fact": "member_for_days", "op": "lte", "value": 30},
        icon="user-plus",
    ),
    Ready(
        "birthday",
        _("تولدهای این هفته"),
        _("از امروز تا هفت روز دیگر زادروزشان است."),
        {"fact": "days_from_birthday", "op": "between", "value": [-7, 0]},
        icon="cake",
    ),
)
BY_CODE = {one.code: one for one in READY}
