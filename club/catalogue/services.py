"""Writing products, groups and branches: each is known to other programs by its code, which never changes."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from club.catalogue.models import Branch, Group, Product, ProductGroup
from club.catalogue.selectors import by_code
from core import audit
from core.errors import Conflict, Text, ValidationFailed
from core.text import clean_name

MOST_RIAL = 10**15
MOST_GROUPS = 50
Kind = type[Product] | type[Group] | type[Branch]
KINDS: dict[Kind, str] = {Product: "product", Group: "group", Branch: "branch"}
# name -> (least, most, may be None); rates are basis points, money is Rial
NUMBERS: dict[str, tuple[int, int, bool]] = {
    "price_rial": (0, MOST_RIAL, False),
    "vat_bp": (0, 10_000, False),
    "rial_per_point": (1, MOST_RIAL, True),
    "credit_bp": (0, 10_000, True),
}
NAME_LENGTHS: dict[Kind, int] = {Product: 120, Group: 80, Branch: 80}


@transaction.atomic
def create(kind: Kind, values: dict[str, Any], *, actor: str) -> Any:
    """A new product (`groups`: codes), group or branch. Raises ValidationFailed by field, Conflict for a taken code."""
    _check(kind, values)
    groups = _groups(values.get("groups", ()))
    row = kind(**{name: value for name, value in values.items() if name != "groups"})
    row.name = clean_name(row.name)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("این کد پیش‌تر به کار رفته است."), field="code") from error
    _put_into(row, groups)
    _audit("create", row, actor=actor, before={}, after=values)
    return row


@transaction.atomic
def update(kind: Kind, code: str, changes: dict[str, Any], *, actor: str) -> Any:
    """Change the named fields. Raises NotFound, ValidationFailed by field (also for another code)."""
    row = by_code(kind, code, lock=True)
    if changes.get("code", code) != code:
        raise ValidationFailed({"code": [_("کد عوض نمی‌شود.")]})
    _check(kind, changes)
    plain = {name: value for name, value in changes.items() if name != "groups"}
    before: dict[str, Any] = {name: getattr(row, name) for name in plain}
    for name, value in plain.items():
        setattr(row, name, clean_name(value) if name == "name" else value)
    row.save(update_fields=[*plain, "updated_at"])
    if "groups" in changes:
        groups = _groups(changes["groups"])
        before["groups"] = sorted(row.groups.values_list("code", flat=True))
        ProductGroup.objects.filter(product=row).delete()
        _put_into(row, groups)
    _audit("update", row, actor=actor, before=before, after=changes)
    return row


def _check(kind: Kind, values: dict[str, Any]) -> None:
    errors: dict[str, list[Text]] = {}
    for name, value in values.items():
        if name in NUMBERS:
            least, most, optional = NUMBERS[name]
            if not (value is None and optional) and not least <= value <= most:
                errors[name] = [_("این عدد از اندازهٔ پذیرفتنی بیرون است.")]
        most_letters = {"code": 32, "name": NAME_LENGTHS[kind]}.get(name)
        if most_letters and not 0 < len(clean_name(value)) <= most_letters:
            errors[name] = [_("این فیلد خالی یا بلندتر از اندازه است.")]
    if errors:
        raise ValidationFailed(errors)


def _groups(codes: Sequence[str]) -> list[Group]:
    if len(codes) > MOST_GROUPS:
        raise ValidationFailed({"groups": [_("بیش از اندازه است.")]})
    known = {group.code: group for group in Group.objects.filter(code__in=codes)}
    errors: dict[str, list[Text]] = {
        f"groups[{index}]": [_("چنین گروهی در باشگاه نیست.")] for index, code in enumerate(codes) if code not in known
    }
    if errors:
        raise ValidationFailed(errors)
    return [known[code] for code in dict.fromkeys(codes)]


def _put_into(row: Any, groups: list[Group]) -> None:
    if groups:
        ProductGroup.objects.bulk_create([ProductGroup(product=row, group=group) for group in groups])


def _audit(act: str, row: Any, *, actor: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    kind = KINDS[type(row)]
    audit.record(f"{kind}.{act}", actor=actor, target=f"{kind}:{row.pk}", before=before, after=after)
