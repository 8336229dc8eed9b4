"""Making and changing clubs."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.errors import Conflict, ValidationFailed
from core.models import Club


@transaction.atomic
def create_club(*, slug: str, name: str, brand_colour: str = "#0e7c86", currency_unit: str = "toman") -> Club:
    """A new, empty club. Raises ValidationFailed by field, Conflict when the slug is taken."""
    club = Club(slug=slug, name=name.strip(), brand_colour=brand_colour, currency_unit=currency_unit)
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
