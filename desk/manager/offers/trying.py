"""An offer tried on the purchases of the last 90 days, beside the cards: a sample first, then the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Text
from core.jalali import format_date, last_day, local_date
from core.language import grouped, in_language
from core.money import format_money
from core.tenancy.scope import club_zone, current_club
from offers.models import Offer
from offers.rules import Terms
from reports.back_test.figures import BackTest
from reports.back_test.samples import Sampled
from reports.back_test.steps import TRIGGER, first_look, last_days, next_step
from reports.ranges import LONGEST

ENOUGH, TOO_LITTLE = "note-ok", "note-saffron"


@dataclass(frozen=True)
class Tried:
    """What stands in the panel. `why`: nothing could be tried; `percent`: how far it is; `goes_on`: there is more."""

    why: Text = ""
    percent: int = 100
    goes_on: bool = False
    figures: BackTest | None = None
    samples: Sequence[Sampled] = ()
    verdict: tuple[str, str] = ("", "")
    """The class of the note about the budget, and what it says."""
    weeks: dict[str, Any] = field(default_factory=dict)


def tried(terms: Terms, offer: Offer, *, whole: bool, now: datetime) -> Tried:
    """The offer on the last 90 days: what can be said at once, or the `whole`, as far as one step goes."""
    if terms.trigger != TRIGGER:
        return Tried(why=_("این پیشنهاد هنگام خرید نیست؛ خریدهای گذشته چیزی از آن نمی‌گوید."))
    look = next_step if whole else first_look
    step = look(terms, offer.pk, last_days(now), now=now)
    figures = step.figures
    if figures is None:
        return Tried(percent=step.percent, goes_on=True)
    return Tried(
        goes_on=figures.sample is not None,
        figures=figures,
        samples=step.samples,
        verdict=verdict_of(figures, terms, now),
        weeks=_weeks(figures),
    )


def verdict_of(figures: BackTest, terms: Terms, now: datetime) -> tuple[str, str]:
    """Whether the budget is enough for the offer's own time, at the pace of the past."""
    days = figures.budget_days
    if days is None:
        return "", ""
    said = {"days": grouped(days)}
    period = _period(terms, now)
    if period is None:
        if days > LONGEST:
            return ENOUGH, _("با این آهنگ، بودجه بیش از دو سال می‌رسد.")
        return TOO_LITTLE, _("با این آهنگ، بودجه %(days)s روزه تمام می‌شود؛ پیشنهاد پایانی ندارد.") % said
    said["period"] = grouped(period)
    if days < period:
        return TOO_LITTLE, _("با این آهنگ، بودجه %(days)s روزه تمام می‌شود؛ دوره %(period)s روز است.") % said
    return ENOUGH, _("با این آهنگ، بودجه تا پایان دورهٔ %(period)s روزه می‌رسد.") % said


def _period(terms: Terms, now: datetime) -> int | None:
    """The days of the offer that are still to come; None for one without an end."""
    if terms.ends_at is None:
        return None
    zone = club_zone()
    first = max(local_date(terms.starts_at or now, zone), local_date(now, zone))
    return max(0, (last_day(terms.ends_at, zone) - first).days + 1)


def _weeks(figures: BackTest) -> dict[str, Any]:
    """The chart of weeks and its table."""
    unit = current_club().currency_unit
    return {
        "values": [week.cost for week in figures.weeks],
        "labels": [in_language(number) for number in range(1, len(figures.weeks) + 1)],
        "heads": [_("هفته از شنبه"), _("خرید"), _("هزینه")],
        "rows": [
            [format_date(week.first, "short"), grouped(week.purchases), format_money(week.cost, unit)]
            for week in figures.weeks
        ],
    }
