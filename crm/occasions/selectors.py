"""Reads of occasions and of the types of activities."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Substr

from crm.occasions.models import ActivityType, Occasion
from offers.vocabulary import EVENT


def types(*, in_use: bool = False) -> list[ActivityType]:
    """The club's types of activity, or those in use, by name."""
    rows = ActivityType.objects.filter(is_active=True) if in_use else ActivityType.objects.all()
    return list(rows)


def type_names() -> dict[str, str]:
    """What each type is called, by its code."""
    return dict(ActivityType.objects.values_list("code", "name"))


def with_names(rows: QuerySet[Occasion]) -> QuerySet[Occasion]:
    """The occasions, those of activities with what the club calls their type, in `type_name`."""
    types_of = ActivityType.objects.filter(code=Substr(OuterRef("trigger"), len(EVENT) + 1))
    return rows.annotate(type_name=Subquery(types_of.values("name")[:1]))


def activities() -> QuerySet[Occasion]:
    """What members did, with who they are, for lists."""
    rows: QuerySet[Occasion] = Occasion.objects.filter(trigger__startswith=EVENT).select_related("member")
    return rows
