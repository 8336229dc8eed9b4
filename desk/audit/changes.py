"""An act in words: of each value that it changed the name, the old and the new."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ApiKey, Role
from club.ledger.models import Unit
from club.members.models import CustomField
from core.errors import Text
from core.jalali import format_date
from core.language import in_language, listed
from core.models import AuditEntry
from core.templatetags.club_ui import money_unit, signed, signed_money_unit
from desk.manager.settings.terms import ALL_SETTINGS

LABELS: dict[str, Text] = {
    "note": gettext_lazy("یادداشت"),
    "reason": gettext_lazy("دلیل"),
    "referred_by": gettext_lazy("معرف"),
    "role": gettext_lazy("نقش"),
    "phone": gettext_lazy("موبایل"),
    "name": gettext_lazy("نام"),
    "status": gettext_lazy("وضعیت"),
    "form": gettext_lazy("نوع فایل"),
    "query": gettext_lazy("فیلترها"),
    "two_factor": gettext_lazy("ورود دومرحله‌ای"),
    "invited": gettext_lazy("دعوت شد"),
    "scope": gettext_lazy("دامنه"),
    "sessions": gettext_lazy("نشست‌ها"),
    "left": gettext_lazy("کدهای مانده"),
    "entry": gettext_lazy("سند"),
    "net": gettext_lazy("مبلغ"),
}
VALUES: dict[str, dict[str, Text]] = {
    "role": dict(Role.choices),
    "scope": dict(ApiKey.Scope.choices),
    "password": {"set": gettext_lazy("گذاشته شد")},
}
MONEY = frozenset({"net"})
# What the audit of a merge counts beside the values that were taken over.
MERGED = frozenset({"source", "into", "moved", "purchases"})
OWN = "custom."
AS_WRITTEN = frozenset({"email", "external_id", "form", "colour", "brand_colour", "api_key"})


@dataclass(frozen=True)
class Change:
    """A value with its state before and after, in words; nothing where there was none."""

    label: str
    before: str
    after: str

    def named(self, labels: dict[str, str]) -> Change:
        """With the club's label of a field of its own."""
        return replace(self, label=labels.get(self.label, self.label.removeprefix(OWN)))


def own_labels() -> dict[str, str]:
    """What the club calls the fields that it added."""
    return {OWN + code: label for code, label in CustomField.objects.values_list("code", "label")}


def changes_of(entry: AuditEntry) -> tuple[Change, ...]:
    """The values that the act changed; of the club's own fields each by itself."""
    if entry.target == "programme":
        return _settings(entry)
    if entry.action.startswith("ledger."):
        return _by_hand(entry.after)
    kind = entry.target.partition(":")[0]
    hidden = MERGED if entry.action == "member.merge" else frozenset()
    before, after = _flat(entry.before, hidden), _flat(entry.after, hidden)
    told = (
        Change(label_of(kind, name), in_words(kind, name, before.get(name)), in_words(kind, name, after.get(name)))
        for name in dict.fromkeys([*before, *after])
    )
    return tuple(change for change in told if change.before != change.after)


def _by_hand(after: dict[str, Any]) -> tuple[Change, ...]:
    """What was given or taken, and why."""
    unit, delta = after.get("unit", ""), after.get("delta", 0)
    said = signed_money_unit(delta) if unit in (Unit.CREDIT, Unit.CREDIT_DEBT) else signed(delta)
    labels: dict[str, Text] = dict(Unit.choices)
    given = Change(str(labels.get(unit, unit)), "", said)
    return given, Change(str(LABELS["reason"]), "", str(after.get("reason", "")))


def _settings(entry: AuditEntry) -> tuple[Change, ...]:
    """The programme's settings speak for themselves."""

    def said(name: str, values: dict[str, Any]) -> str:
        if name not in values:
            return ""
        return ALL_SETTINGS[name].shown(values) if name in ALL_SETTINGS else in_words("programme", name, values[name])

    names = dict.fromkeys([*entry.before, *entry.after])
    return tuple(
        Change(
            str(ALL_SETTINGS[name].label) if name in ALL_SETTINGS else label_of("programmeversion", name),
            said(name, entry.before),
            said(name, entry.after),
        )
        for name in names
    )


def _flat(values: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if name == "custom" and isinstance(value, dict):
            flat |= {OWN + code: inner for code, inner in value.items()}
        elif name not in hidden:
            flat[name] = value
    return flat


def label_of(kind: str, name: str) -> str:
    """What people call the value: as in its form; without a word for people, as it is written."""
    if name in LABELS:
        return str(LABELS[name])
    field = _field(kind, name)
    return str(field.verbose_name) if field and isinstance(field.verbose_name, Promise) else name


def in_words(kind: str, name: str, value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return _("بله") if value else _("نه")
    if isinstance(value, list):
        return listed(value)
    if isinstance(value, dict):
        return listed(f"{key}: {inner}" for key, inner in value.items())
    if name.endswith(("_date", "_at")):
        try:
            return format_date(date.fromisoformat(str(value)[:10]))
        except ValueError:
            return str(value)
    if name in AS_WRITTEN:
        return str(value)
    if name in MONEY and isinstance(value, int):
        return money_unit(value)
    if isinstance(value, int) or name == "phone":
        return in_language(value)
    field = _field(kind, name)
    choices = VALUES.get(name) or (dict(field.flatchoices) if field else {})
    return str(choices.get(value, value))  # what people wrote stands as they wrote it, digits too


def _field(kind: str, name: str) -> Any:
    """The column that the value came from, if one has its name."""
    models = (model for model in apps.get_models() if model._meta.model_name == kind)
    fields = (field for model in models for field in model._meta.fields if name in (field.name, field.attname))
    return next(fields, None)
