"""Making and changing clubs, and sealing their secrets anew."""

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.errors import Conflict, ValidationFailed
from core.models import Club
from core.secrets import Secret, SecretField, SecretUnreadable
from core.tenancy.models import ClubModel
from core.tenancy.scope import club_scope


@transaction.atomic
def create_club(
    *, slug: str, name: str, brand_colour: str = "#0e7c86", currency_unit: str = "toman", language: str = "fa"
) -> Club:
    """A new, empty club. Raises ValidationFailed by field, Conflict when the slug is taken."""
    club = Club(slug=slug, name=name.strip(), brand_colour=brand_colour, currency_unit=currency_unit, language=language)
    try:
        club.full_clean(validate_unique=False)
    except ValidationError as error:
        raise ValidationFailed({field: list(texts) for field, texts in error.message_dict.items()}) from error
    try:
        with transaction.atomic():
            club.save()
    except IntegrityError as error:
        raise Conflict(slug=slug) from error
    return club


def rotate_secrets() -> tuple[int, list[str]]:
    """Seal every secret of every club with the newest key: how many were, and the names of those that no key opens.

    A secret that is written anew meanwhile is sealed with the newest key already, and stays.
    """
    done, unreadable = 0, []
    for model, field in secret_columns():
        for club_id in Club.objects.order_by("pk").values_list("pk", flat=True):
            with club_scope(club_id):
                stored: list[tuple[int, Secret]] = list(model.objects.exclude(**{field: ""}).values_list("pk", field))
                for pk, secret in stored:
                    try:
                        changed = {field: secret.resealed()}
                    except SecretUnreadable:
                        unreadable.append(f"{model._meta.label} {pk} {field} of club {club_id}")
                        continue
                    model.objects.filter(pk=pk, **{field: secret}).update(**changed)
                    done += 1
    return done, unreadable


def secret_columns() -> list[tuple[type[ClubModel], str]]:
    """Every column of sealed texts: (model, field)."""
    return [
        (model, field.name)
        for model in apps.get_models()
        if issubclass(model, ClubModel)
        for field in model._meta.fields
        if isinstance(field, SecretField)
    ]
