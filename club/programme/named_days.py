"""The named days of the country as the club keeps them, and its corrections of the table."""

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from club.programme.models import NamedDayDate
from core import audit
from core.errors import NotFound, ValidationFailed
from core.jalali import to_jalali
from core.named_days import NAMES, NamedDays, given_days

FARTHEST = timedelta(days=3)
"""The moon is seen a day earlier or later; more is a slip of the finger."""


def named_days() -> NamedDays:
    """The days of the table with the club's corrections, in one query."""
    rows = NamedDayDate.objects.values_list("code", "given", "day")
    return NamedDays({(code, given): day for code, given, day in rows})


@transaction.atomic
def correct_day(code: str, given: date, day: date, *, actor: str) -> None:
    """Let the named day that the table has on `given` come on `day`; the day of the table itself takes it back.

    Holds for what comes; what was recorded keeps what its day was called then. Raises NotFound, ValidationFailed (day).
    """
    if code not in NAMES or given not in given_days(code, to_jalali(given)[0]):
        raise NotFound
    if abs(day - given) > FARTHEST:
        raise ValidationFailed({"day": [_("روز درست حداکثر سه روز پیش یا پس از روز جدول است.")]})
    row = NamedDayDate.objects.select_for_update().filter(code=code, given=given).first()
    before = row.day if row else given
    if day == before:
        return
    if day == given:
        NamedDayDate.objects.filter(code=code, given=given).delete()
    else:
        NamedDayDate.objects.update_or_create(code=code, given=given, defaults={"day": day, "actor": actor})
    audit.record(
        "named_day.correct",
        actor=actor,
        target=f"named_day:{code}",
        before={"on_day": before.isoformat()},
        after={"on_day": day.isoformat()},
    )
