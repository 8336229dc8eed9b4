"""What a club changes about itself: its name and colour, how it is reached, its logo. Each with before and after."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from core import audit
from core.errors import NotFound, ValidationFailed
from core.logos import draw_logo
from core.models import Club, ClubLogo
from core.tenancy.middleware import forget_hosts
from core.tenancy.scope import current_club_id

CHANGEABLE = frozenset(
    {"name", "tagline", "brand_colour", "currency_unit", "time_zone", "address", "phone", "receipt_footer"}
    | {"whatsapp", "telegram", "instagram", "asks_two_factor"}
)


@transaction.atomic
def change_club(values: dict[str, Any], *, actor: str) -> Club:
    """Change the named fields of the club in scope. Raises ValidationFailed by field."""
    club = _locked()
    if unknown := values.keys() - CHANGEABLE:
        raise KeyError(*unknown)
    changed = {name: value for name, value in values.items() if value != getattr(club, name)}
    before = {name: getattr(club, name) for name in changed}
    for name, value in changed.items():
        setattr(club, name, value)
    try:
        club.full_clean(exclude={field.name for field in Club._meta.fields} - changed.keys(), validate_unique=False)
    except ValidationError as refused:
        raise ValidationFailed({name: list(texts) for name, texts in refused.message_dict.items()}) from refused
    if changed:
        _save(club, [*changed])
        audit.record("club.update", actor=actor, target=f"club:{club.pk}", before=before, after=changed)
    return club


@transaction.atomic
def set_logo(sent: bytes, *, actor: str) -> Club:
    """Take this picture as the club's logo, drawn anew. Raises BadLogo."""
    logo = draw_logo(sent)
    club = _locked()
    before = {"logo": club.logo_digest}
    ClubLogo.objects.update_or_create(defaults={"digest": logo.digest, "picture": logo.picture})
    club.logo_digest = logo.digest
    _save(club, ["logo_digest"])
    audit.record("club.logo", actor=actor, target=f"club:{club.pk}", before=before, after={"logo": logo.digest})
    return club


@transaction.atomic
def remove_logo(*, actor: str) -> Club:
    """Back to the first letter of the name."""
    club = _locked()
    before = {"logo": club.logo_digest}
    ClubLogo.objects.all().delete()
    club.logo_digest = ""
    _save(club, ["logo_digest"])
    audit.record("club.logo", actor=actor, target=f"club:{club.pk}", before=before, after={"logo": ""})
    return club


def logo(digest: str) -> bytes:
    """The picture with this digest; NotFound for any other than the club's logo of now."""
    found = ClubLogo.objects.filter(digest=digest).values_list("picture", flat=True).first()
    if found is None:
        raise NotFound
    return bytes(found)


def _locked() -> Club:
    return Club.objects.select_for_update().get(pk=current_club_id())


def _save(club: Club, fields: list[str]) -> None:
    club.save(update_fields=fields)
    transaction.on_commit(forget_hosts)
