"""An act on a member's record in words: what was done, and of each field the old and the new value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from club.members.models import CustomField, Member
from core.errors import Text
from core.jalali import format_date
from core.language import in_language, listed
from core.models import AuditEntry

ACTIONS: dict[str, Text] = {
    "member.update": gettext_lazy("مشخصات عوض شد"),
    "member.standing": gettext_lazy("وضعیت عوض شد"),
    "member.referred": gettext_lazy("معرف ثبت شد"),
    "member.tier_floor": gettext_lazy("کف سطح عوض شد"),
    "member.card_issued": gettext_lazy("کارت تازه داده شد"),
    "member.card_blocked": gettext_lazy("کارت بسته شد"),
    "member.consent": gettext_lazy("اجازهٔ پیام عوض شد"),
    "member.merge": gettext_lazy("با عضو دیگری یکی شد"),
    "member.note_added": gettext_lazy("یادداشت نوشته شد"),
    "member.note_changed": gettext_lazy("یادداشت عوض شد"),
    "member.note_pinned": gettext_lazy("یادداشت سنجاق شد"),
    "member.note_unpinned": gettext_lazy("سنجاق یادداشت برداشته شد"),
}
LABELS: dict[str, Text] = {
    "note": gettext_lazy("یادداشت"),
    "reason": gettext_lazy("دلیل"),
    "referred_by": gettext_lazy("معرف"),
}
# What the audit of a merge counts beside the fields that were taken over.
MERGED = frozenset({"source", "into", "moved", "purchases"})
OWN = "custom."
AS_WRITTEN = frozenset({"email", "external_id"})
CHOICES: dict[str, dict[str, Any]] = {
    "status": dict(Member.Status.choices),
    "gender": dict(Member.Gender.choices),
}


@dataclass(frozen=True)
class Change:
    """A field with its value before and after, in words; nothing where there was none."""

    label: str
    before: str
    after: str

    def named(self, labels: dict[str, str]) -> Change:
        """With the club's label of a field of its own."""
        return replace(self, label=labels.get(self.label, self.label.removeprefix(OWN)))


def own_labels() -> dict[str, str]:
    """What the club calls the fields that it added."""
    return {OWN + code: label for code, label in CustomField.objects.values_list("code", "label")}


def title_of(entry: AuditEntry) -> str:
    """What was done, in words."""
    return str(ACTIONS.get(entry.action, _("تغییر")))


def changes_of(entry: AuditEntry) -> tuple[Change, ...]:
    """The fields that the act changed; of the club's own fields each by itself."""
    hidden = MERGED if entry.action == "member.merge" else frozenset()
    before, after = _flat(entry.before, hidden), _flat(entry.after, hidden)
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return tuple(
        Change(label_of(name), in_words(name, before.get(name)), in_words(name, after.get(name))) for name in names
    )


def _flat(values: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if name == "custom" and isinstance(value, dict):
            flat |= {OWN + code: inner for code, inner in value.items()}
        elif name not in hidden:
            flat[name] = value
    return flat


def label_of(name: str) -> str:
    if name in LABELS:
        return str(LABELS[name])
    if name.startswith(OWN):
        return name
    try:
        return str(Member._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name


def in_words(name: str, value: Any) -> str:
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return _("بله") if value else _("نه")
    if isinstance(value, list):
        return listed(value)
    if name.endswith(("_date", "_at")):
        try:
            return format_date(date.fromisoformat(str(value)[:10]))
        except ValueError:
            return str(value)
    if name in AS_WRITTEN:
        return str(value)
    return in_language(CHOICES.get(name, {}).get(str(value), value))
