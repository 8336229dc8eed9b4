"""What each field of a ticket may hold, and how it is kept."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from club.catalogue.models import Product
from core.errors import Text, ValidationFailed
from core.text import clean_name
from tickets.models import Department, Priority, TicketKind

LONGEST_SUBJECT, LONGEST_TEXT = 150, 5_000
TOO_LONG = _("پیام تا ۵٬۰۰۰ نویسه جا دارد؛ باید کوتاه‌تر شود یا در دو پیام بیاید.")


def checked_text(text: str, *, field: str = "text") -> str:
    """The lines of a message, made safe to keep. Raises ValidationFailed (the field)."""
    lines = [clean_name(line) for line in text.splitlines()]
    text = "\n".join(lines).strip("\n")
    if not text:
        raise ValidationFailed({field: [_("متن پیام خالی است.")]})
    if len(text) > LONGEST_TEXT:
        raise ValidationFailed({field: [TOO_LONG]})
    return text


def checked(values: dict[str, Any]) -> dict[str, Any]:
    """The fields as they are kept; department and product are given by code. Raises ValidationFailed, all at once."""
    errors: dict[str, list[Text]] = {}
    clean = dict(values)
    if "subject" in clean:
        clean["subject"] = clean_name(clean["subject"])
        if not clean["subject"] or len(clean["subject"]) > LONGEST_SUBJECT:
            errors["subject"] = [_("موضوع خالی نمی‌ماند و تا ۱۵۰ نویسه جا دارد.")]
    for name, choices in (("kind", TicketKind.values), ("priority", Priority.values)):
        if name in clean and clean[name] not in choices:
            errors[name] = [_("باید یکی از گزینه‌ها برگزیده شود.")]
    if isinstance(clean.get("department"), str):
        errors |= _found(clean, "department", department_coded(clean["department"]))
    if isinstance(clean.get("product"), str):
        errors |= _found(clean, "product", Product.objects.filter(code=clean["product"]).first())
    if errors:
        raise ValidationFailed(errors)
    return clean


def department_coded(code: str) -> Department | None:
    """The open department of this code, which is not archived before the end of the running transaction."""
    return Department.objects.select_for_update(no_key=True).filter(code=code, archived_at=None).first()


def _found(clean: dict[str, Any], name: str, row: Department | Product | None) -> dict[str, list[Text]]:
    code, clean[name] = clean[name], row
    if code and row is None:
        return {name: [_("چنین چیزی در باشگاه نیست.")]}
    return {}
