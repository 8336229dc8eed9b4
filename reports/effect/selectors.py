"""What an offer brought: those who could have it beside those who were held out, what it cost, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from club.programme.selectors import programme_at
from core.money import BP
from core.tenancy.scope import club_zone
from offers.models import Offer, OfferVersion
from offers.parsing import parse
from offers.rules import Terms
from offers.selectors import versions_of
from reports.effect.course import Course, Said, course_of
from reports.effect.enough import Lack, lack_by_skewness, lack_of
from reports.effect.narrowing import narrowing_of
from reports.effect.reading import CONTROL, TREATED, Asked, Group, day_of, read_cost, read_cubes, read_days, read_groups
from reports.effect.statistics import Difference, Sums, difference, skewness
from reports.effect.weeks import DAY, Frame, Sides, Stretch, periods_of, weeks_of
from reports.gaps import first_day, gap_days
from reports.models import OfferForecast
from reports.ranges import Span

NOBODY = Group(Sums(0, 0, 0, 0, 0, 0), 0, 0, 0, 0)


@dataclass(frozen=True)
class Cost:
    """How often the offer was given and kept, to how many members, and its worth to them in Rial."""

    times: int
    members: int
    worth: int


@dataclass(frozen=True)
class Net:
    """What the offer left of the members compared, in Rial, with its interval."""

    amount: int
    low: int
    high: int

    @property
    def is_clear(self) -> bool:
        """Whether it is known to have brought or to have lost money."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Effect:
    """What an offer brought. Without a control group neither `lack` nor `difference` says anything.

    `days`: with data while it was open; `gaps`: without, left out. `narrowed`: facts by which members were left out.
    """

    offer: Offer
    course: Course
    treated: Group
    control: Group | None
    days: int
    gaps: int
    lack: Lack | None
    difference: Difference | None
    net: Net | None
    margin_bp: int | None
    cost: Cost
    forecast: OfferForecast | None
    weeks: Sequence[Stretch]
    periods: Sequence[Stretch]
    narrowed: Sequence[str]

    @property
    def expected(self) -> int | None:
        """What it was expected to cost in as many days as it was open; None where that was not reckoned."""
        known = self.forecast
        if known is None or known.expected is None or not known.days:
            return None
        return round(known.expected * (self.days + self.gaps) / known.days)

    @property
    def is_compared(self) -> bool:
        """Whether some members were held out all along, so that there is something to compare."""
        return self.course.has_control


def effect_of(offer: Offer, *, now: datetime) -> Effect | None:
    """What the offer brought so far; None where it was not open yet. A constant number of queries."""
    versions = versions_of(offer)[::-1]
    terms = [parse(version.terms, zone=club_zone) for version in versions]
    course = course_of([_said(*pair) for pair in zip(versions, terms, strict=True)], now)
    if course is None:
        return None
    asked = Asked(offer.pk, course, narrowing_of(terms), joined_within=offer.trigger == "enrolment")
    groups = read_groups(asked)
    start, known_since = day_of(course.start), first_day() or day_of(course.start)
    frame = Frame.of(start, day_of(course.end), day_of(now), known_since=known_since)
    span = Span(frame.first, frame.last)
    gaps = gap_days([span]) | {day for day in frame.days() if day < known_since}
    by_day = read_days(asked, *span.bounds(club_zone()))
    treated, control = groups.get(TREATED, NOBODY), groups.get(CONTROL, NOBODY)
    sides = Sides(by_day[TREATED], treated.members, by_day[CONTROL], control.members)
    during = {frame.start + n * DAY for n in range((frame.end - frame.start).days + 1)}
    days = len(during - gaps)
    lack, found = _compared(asked, treated, control, days)
    margin = programme_at(now).margin_bp
    return Effect(
        offer=offer,
        course=course,
        treated=treated,
        control=control if course.has_control else None,
        days=days,
        gaps=len(during & gaps),
        lack=lack,
        difference=found,
        net=net_of(found, treated, margin) if found and margin is not None else None,
        margin_bp=margin,
        cost=Cost(*read_cost(offer.pk)),
        forecast=OfferForecast.objects.filter(offer=offer).first(),
        weeks=weeks_of(frame, sides, gaps),
        periods=periods_of(frame, sides, gaps),
        narrowed=asked.narrowing.facts,
    )


def net_of(found: Difference, treated: Group, margin_bp: int) -> Net:
    """The margin on what was sold more, less what the offer cost.

    What members spent is after discounts, so that the offer's own is missing there already: the margin is on goods at
    their price, and the discount counts once, as a cost.
    """

    def left(each: float) -> int:
        return round((each * treated.members + treated.discount) * margin_bp / BP) - treated.worth

    return Net(left(found.each), left(found.low), left(found.high))


def _compared(asked: Asked, treated: Group, control: Group, days: int) -> tuple[Lack | None, Difference | None]:
    """What is missing, or the difference."""
    if not asked.course.has_control:
        return None, None
    if lack := lack_of(treated.counted, control.counted, days=days):
        return lack, None
    sums = treated.sums, control.sums
    skew = skewness(*sums, read_cubes(asked, *sums))
    if lack := lack_by_skewness(skew, smaller=min(treated.members, control.members)):
        return lack, None
    return None, difference(*sums)


def _said(version: OfferVersion, terms: Terms) -> Said:
    """The first version holds for late purchases from long ago; it was there only when it was made."""
    since = max(version.live_from, version.created_at)
    return Said(since, version.live_until, terms.starts_at, terms.ends_at, terms.control_bp)
