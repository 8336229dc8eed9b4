"""Writing the fields that a club adds to its members. A field that is taken off keeps what members have in it."""

from __future__ import annotations

import re
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from club.members.models import CustomField, Member
from core import audit
from core.errors import Conflict, NotFound, Text, ValidationFailed
from core.tables.headers import folded
from core.tenancy.scope import current_club_id
from core.text import clean_name

MOST_FIELDS, MOST_CHOICES, MOST_LETTERS = 30, 50, 60
FLAGS = ("is_asked_at_till", "is_asked_at_joining", "is_shown_to_member")
KEPT = ("code", "kind")
"""What members' values are kept under; it does not change."""
CODE = re.compile(r"[A-Za-z0-9_-]{1,32}")


@transaction.atomic
def create_field(values: dict[str, Any], *, actor: str) -> CustomField:
    """A new field, the last in order. Raises ValidationFailed by field, Conflict for a code that is taken."""
    clean = _checked(values)
    _alone(clean["label"])
    if CustomField.objects.filter(is_active=True).count() >= MOST_FIELDS:
        raise ValidationFailed({"label": [_("بیش از ۳۰ فیلد نمی‌شود؛ یکی را بردارید.")]})
    last = CustomField.objects.aggregate(last=Max("position"))["last"]
    field = CustomField(**clean, position=0 if last is None else last + 1)
    try:
        with transaction.atomic():
            field.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("فیلد دیگری همین کد را دارد."), field="code") from error
    audit.record("customfield.create", actor=actor, target=f"customfield:{field.pk}", before={}, after=clean)
    return field


@transaction.atomic
def update_field(field_id: int, changes: dict[str, Any], *, actor: str) -> CustomField:
    """Change label, choices and where it is asked; code and kind stay. Raises NotFound, ValidationFailed by field."""
    field = _locked(field_id)
    clean = {name: value for name, value in _checked({"kind": field.kind, **changes}).items() if name not in KEPT}
    if field.is_active and clean.get("label", field.label) != field.label:
        _alone(clean["label"], but=field_id)
    _write(field, clean, "customfield.update", actor=actor)
    return field


@transaction.atomic
def set_in_use(field_id: int, *, in_use: bool, actor: str) -> CustomField:
    """Take a field off every form and card, or back on to them; what members have in it stays.

    Raises NotFound, ValidationFailed (label) where another has taken its name meanwhile.
    """
    field = _locked(field_id)
    if in_use and not field.is_active:
        _alone(field.label, but=field_id)
    _write(field, {"is_active": in_use}, "customfield.update", actor=actor)
    return field


@transaction.atomic
def move_field(field_id: int, *, up: bool, actor: str) -> None:
    """Change places with the neighbour in use. Raises NotFound; at an end nothing happens."""
    fields = list(CustomField.objects.select_for_update().filter(is_active=True).order_by("position", "id"))
    place = next((place for place, field in enumerate(fields) if field.pk == field_id), None)
    if place is None:
        raise NotFound
    other = place + (-1 if up else 1)
    if not 0 <= other < len(fields):
        return
    before = [field.code for field in fields]
    fields[place], fields[other] = fields[other], fields[place]
    for position, field in enumerate(fields):
        if field.position != position:
            field.position = position
            field.save(update_fields=["position"])
    after = {"position": [field.code for field in fields]}
    audit.record(
        "customfield.update", actor=actor, target=f"customfield:{field_id}", before={"position": before}, after=after
    )


def get_field(field_id: int) -> CustomField:
    """The field; NotFound for one that is not the club's."""
    field: CustomField | None = CustomField.objects.filter(pk=field_id).first()
    if field is None:
        raise NotFound
    return field


def every_field() -> list[CustomField]:
    """All fields, those in use first, in their order."""
    return list(CustomField.objects.order_by("-is_active", "position", "id"))


def filled() -> dict[str, int]:
    """How many members have something in each field, by its code; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k, count(*) FROM members_member m, jsonb_each_text(m.custom) AS e (k, v)"
            " WHERE m.club_id = %s AND v <> '' GROUP BY k",
            [current_club_id()],
        )
        return dict(cursor.fetchall())


def _locked(field_id: int) -> CustomField:
    field: CustomField | None = CustomField.objects.select_for_update().filter(pk=field_id).first()
    if field is None:
        raise NotFound
    return field


def _alone(label: str, *, but: int = 0) -> None:
    """Lists and files know a column by its name alone. Raises ValidationFailed (label)."""
    name = folded(label)
    ours = {folded(str(field.verbose_name)) for field in Member._meta.concrete_fields}
    others = CustomField.objects.filter(is_active=True).exclude(pk=but).values_list("label", flat=True)
    if name in ours | {folded(other) for other in others}:
        raise ValidationFailed({"label": [_("عضو فیلد دیگری با همین نام دارد؛ نام دیگری بگذارید.")]})


def _write(field: CustomField, values: dict[str, Any], action: str, *, actor: str) -> None:
    changed = {name: value for name, value in values.items() if value != getattr(field, name)}
    if not changed:
        return
    before = {name: getattr(field, name) for name in changed}
    for name, value in changed.items():
        setattr(field, name, value)
    field.save(update_fields=list(changed))
    audit.record(action, actor=actor, target=f"customfield:{field.pk}", before=before, after=changed)


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    errors: dict[str, list[Text]] = {}
    clean = dict(values)
    if "label" in clean:
        clean["label"] = clean_name(clean["label"])
        if not 0 < len(clean["label"]) <= MOST_LETTERS:
            errors["label"] = [_("این فیلد خالی یا بلندتر از اندازه است.")]
    if "code" in clean and not CODE.fullmatch(clean["code"]):
        errors["code"] = [_("کد تنها حرف و رقم لاتین، «-» و «_» دارد؛ مانند coffee.")]
    if clean.get("kind") not in CustomField.Kind.values:
        errors["kind"] = [_("یکی از گزینه‌ها را برگزینید.")]
    if "choices" in clean:
        is_choice = clean.get("kind") == CustomField.Kind.CHOICE
        clean["choices"] = list(dict.fromkeys(clean_name(text) for text in clean["choices"])) if is_choice else []
        if is_choice and not clean["choices"]:
            errors["choices"] = [_("گزینه‌ها را بنویسید.")]
        elif len(clean["choices"]) > MOST_CHOICES or any(len(text) > MOST_LETTERS for text in clean["choices"]):
            errors["choices"] = [_("دست‌بالا ۵۰ گزینه، هر کدام تا ۶۰ نویسه.")]
    if errors:
        raise ValidationFailed(errors)
    return clean
