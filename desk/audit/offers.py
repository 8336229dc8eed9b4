"""What an act did to an offer, in words: plain values as they are; of conditions and benefits that they changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Text
from core.jalali import format_datetime
from core.language import in_language
from offers.models import Offer

LABELS: dict[str, Text] = {
    "name": gettext_lazy("نام پیشنهاد"),
    "summary": gettext_lazy("خلاصه برای عضو"),
    "status": gettext_lazy("وضعیت"),
    "goal": gettext_lazy("هدف"),
    "trigger": gettext_lazy("رویداد"),
    "starts_at": gettext_lazy("آغاز"),
    "ends_at": gettext_lazy("پایان"),
    "when": gettext_lazy("شرط‌ها"),
    "benefit": gettext_lazy("پاداش"),
    "stacking": gettext_lazy("با پیشنهادهای دیگر"),
    "priority": gettext_lazy("اولویت"),
    "code_required": gettext_lazy("تنها با کد تخفیف"),
    "limits": gettext_lazy("سقف و بودجه"),
    "control_percent": gettext_lazy("گروه شاهد"),
    "message": gettext_lazy("پیام"),
}
AS_WRITTEN = ("name", "summary")
NUMBERS = ("priority", "control_percent")


def told(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Label, old and new value of each thing that changed."""
    for name, label in LABELS.items():
        old, new = before.get(name), after.get(name)
        if old == new or (not old and not new):
            continue
        if name in (*AS_WRITTEN, *NUMBERS, "status", "starts_at", "ends_at", "code_required"):
            yield str(label), _said(name, old), _said(name, new)
        elif before and after:
            yield str(label), "", _("عوض شد")


def _said(name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return _("بله") if value else _("نه")
    if name.endswith("_at"):
        return format_datetime(datetime.fromisoformat(value))
    if name == "status":
        return str(Offer.Status(value).label)
    return str(value) if name in AS_WRITTEN else in_language(str(value).replace(".", "٫"))
