"""Before, during and after an offer, by Jalali week (Saturday first): what a member spent in the mean. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from core.jalali import weekday

Period = Literal["before", "during", "after"]
Days = Mapping[date, tuple[int, int]]
"""By day: what was spent, and the purchases."""
FEWEST_WEEKS, MOST_WEEKS = 4, 12
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True)
class Frame:
    """The days that are looked at: some weeks before the offer, all of it, as many after it as there are."""

    first: date
    start: date
    end: date
    """The offer's last day."""
    last: date

    @classmethod
    def of(cls, start: date, end: date, today: date, *, known_since: date) -> "Frame":
        """As many weeks before and after as the offer lasted, four at least and twelve at most; whole weeks.

        None before the club's first purchase.
        """
        around = max(FEWEST_WEEKS, min(-(-((end - start).days + 1) // 7), MOST_WEEKS))
        earliest = min(saturday_of(start), saturday_of(known_since))
        first = max(saturday_of(start) - around * WEEK, earliest)
        return cls(first, start, end, min(today, saturday_of(end) + (around + 1) * WEEK - DAY))

    def days(self) -> list[date]:
        """Each of them."""
        return [self.first + n * DAY for n in range((self.last - self.first).days + 1)]

    def period_of(self, day: date) -> Period:
        """On which side of the offer the day lies."""
        return "before" if day < self.start else "after" if day > self.end else "during"


@dataclass(frozen=True)
class Spent:
    """What a group spent in some days: `each` is a member's mean, in Rial."""

    spent: int
    visits: int
    each: int


@dataclass(frozen=True)
class Stretch:
    """A week or a period: its days with data, and what each group spent in them."""

    first: date
    period: Period
    days: int
    treated: Spent
    control: Spent | None

    def a_week(self, group: Spent) -> int:
        """A member's mean as if of seven days with data."""
        return round(group.each * 7 / self.days) if self.days else 0

    @property
    def treated_a_week(self) -> int:
        return self.a_week(self.treated)

    @property
    def control_a_week(self) -> int | None:
        return self.a_week(self.control) if self.control else None


@dataclass(frozen=True)
class Sides:
    """Both groups' days and members; without a control group the first is everybody."""

    treated: Days
    members: int
    control: Days
    control_members: int


def weeks_of(frame: Frame, sides: Sides, gaps: frozenset[date]) -> list[Stretch]:
    """The weeks of the frame, the oldest first. The week in which the offer began or ended counts as during it."""
    found = []
    for start in range(0, (frame.last - frame.first).days + 1, 7):
        week = [day for n in range(7) if (day := frame.first + (start + n) * DAY) <= frame.last]
        period: Period = next((one for day in week if (one := frame.period_of(day)) == "during"), "before")
        if period != "during":
            period = frame.period_of(week[0])
        found.append(_stretch(period, week, sides, gaps))
    return found


def periods_of(frame: Frame, sides: Sides, gaps: frozenset[date]) -> list[Stretch]:
    """Before, during and, where it has come, after; by days."""
    days: dict[Period, list[date]] = {"before": [], "during": [], "after": []}
    for day in frame.days():
        days[frame.period_of(day)].append(day)
    return [_stretch(period, some, sides, gaps) for period, some in days.items() if some]


def saturday_of(day: date) -> date:
    """The first day of its week."""
    return day - weekday(day) * DAY


def _stretch(period: Period, days: Sequence[date], sides: Sides, gaps: frozenset[date]) -> Stretch:
    control = _spent(sides.control, days, sides.control_members) if sides.control_members else None
    known = sum(day not in gaps for day in days)
    return Stretch(days[0], period, known, _spent(sides.treated, days, sides.members), control)


def _spent(of_day: Days, days: Sequence[date], members: int) -> Spent:
    rows = [of_day[day] for day in days if day in of_day]
    spent = sum(spent for spent, _visits in rows)
    return Spent(spent, sum(visits for _spent, visits in rows), round(spent / members) if members else 0)
