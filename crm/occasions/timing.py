"""How many days before an occasion its members are told of it, as the club set it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import NotFound, ValidationFailed
from core.language import in_language
from crm.occasions.messages import told_of
from crm.occasions.models import Timing


def days_by_code() -> dict[str, int]:
    """What the club set itself, by the occasion."""
    return dict(Timing.objects.values_list("code", "days"))


@transaction.atomic
def set_days(code: str, days: Any, *, actor: str) -> None:
    """Tell members so many days before the occasion from now on. Raises NotFound, ValidationFailed (days)."""
    told = told_of(code)
    if told is None or told.days is None:
        raise NotFound
    least = told.least
    if not isinstance(days, int) or not least <= days <= told.most:
        said = {"least": in_language(least), "most": in_language(told.most)}
        raise ValidationFailed({"days": [_("عددی از %(least)s تا %(most)s بنویسید.") % said]})
    row = Timing.objects.select_for_update().filter(code=code).first()
    before = row.days if row else told.days
    if before == days:
        return
    Timing.objects.update_or_create(code=code, defaults={"days": days})
    audit.record(
        "occasion_day.update",
        actor=actor,
        target=f"occasion_day:{code}",
        before={"days_before": before},
        after={"days_before": days},
    )
