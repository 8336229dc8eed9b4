"""Figures of a club over a range of days, each by one set-based query.

Sales are what members paid for, after discounts and less what was refunded since, on the day of the purchase; purchases
taken back whole are no purchases. Who bought again after a first purchase, before the range or in it, has come back.
Days are those of the club's zone. Where a day was without any entry, neither it nor the day beside it is compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import ExtractHour, ExtractWeekDay, TruncDate

from club.members.models import Member
from club.purchases.models import Purchase
from core.money import BP, round_half_up
from core.tenancy.scope import current_club
from reports.gaps import gap_days
from reports.ranges import Range, Span

# Not the member's first: by the time it happened, for history may be brought in after what followed it.
_AGAIN = Q(occurred_at__gt=F("member__first_purchase_at"))


@dataclass(frozen=True)
class Figure:
    """A number with its series, and the same number of the period before. A share is in basis points.

    `compared`: both numbers of the days that are compared, where some are left out; None: all are.
    """

    value: int
    before: int
    series: tuple[int, ...]
    is_share: bool = False
    compared: tuple[int, int] | None = None

    @property
    def change(self) -> int | None:
        """By how many percent it differs from before; of a share, by how many points. None without a before."""
        if self.is_share:
            return round_half_up(self.value, 100) - round_half_up(self.before, 100) if self.before else None
        value, before = self.compared or (self.value, self.before)
        return round_half_up((value - before) * 100, before) if before else None


@dataclass(frozen=True)
class Day:
    """A row of the table beside the chart: its sales in Rial, those of the day it is compared with, its purchases."""

    day: date
    before_day: date
    sales: int
    before: int
    purchases: int


@dataclass(frozen=True)
class Overview:
    """The first four numbers of the dashboard and the sales by day (or, of one day, by hour)."""

    sales: Figure
    purchases: Figure
    new_members: Figure
    returning: Figure
    days: tuple[Day, ...]
    hours: tuple[tuple[int, int], ...]
    """Of a single day: (sales, sales of the day before) for each hour; else empty."""
    gaps: tuple[date, ...] = ()
    """Days of the range, or of the one before, on which nobody recorded anything."""


@dataclass(frozen=True)
class BusyHours:
    """Purchases by day of the week (Saturday first) and hour, from the first hour of any to the last."""

    hours: range
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class _Bucket:
    sales: int = 0
    purchases: int = 0
    buyers: int = 0
    returning: int = 0


def overview(asked: Range) -> Overview:
    """The figures of a range beside those of the period before: four queries, five for a single day."""
    zone = current_club().time_zone
    by_day, joined = _purchases_by_day(asked, zone), _joined_by_day(asked, zone)
    now_returning, before_returning = _returning(asked, zone)
    gaps = gap_days([asked.now, asked.before])
    pairs = list(zip(asked.now.each(), asked.before.each(), strict=True))
    shares = tuple(_share(by_day[day].returning, by_day[day].buyers) for day, _other in pairs)
    return Overview(
        sales=_figure({day: bucket.sales for day, bucket in by_day.items()}, pairs, gaps),
        purchases=_figure({day: bucket.purchases for day, bucket in by_day.items()}, pairs, gaps),
        new_members=_figure(joined, pairs, gaps),
        returning=Figure(now_returning, before_returning, shares, is_share=True),
        days=tuple(
            Day(day, other, by_day[day].sales, by_day[other].sales, by_day[day].purchases) for day, other in pairs
        ),
        hours=_by_hour(asked, zone) if asked.now.days == 1 else (),
        gaps=tuple(sorted(gaps & {day for pair in pairs for day in pair})),
    )


def _figure(of_day: Mapping[date, int], pairs: Sequence[tuple[date, date]], gaps: frozenset[date]) -> Figure:
    """A number of the range beside that of the period before; a day without data is compared with none."""
    now, before = (tuple(of_day.get(day, 0) for day in days) for days in zip(*pairs, strict=True))
    sound = [place for place, pair in enumerate(pairs) if gaps.isdisjoint(pair)]
    compared = None
    if len(sound) < len(pairs):
        compared = sum(now[place] for place in sound), sum(before[place] for place in sound)
    return Figure(sum(now), sum(before), now, compared=compared)


def busy_hours(span: Span) -> BusyHours | None:
    """When people buy, in the days of a span; None where it is shorter than a week or nothing was bought."""
    zone = current_club().time_zone
    rows = (
        Purchase.objects.filter(_within("occurred_at", span, zone), fully_refunded=False)
        .annotate(
            day=ExtractWeekDay("occurred_at", tzinfo=ZoneInfo(zone)),
            hour=ExtractHour("occurred_at", tzinfo=ZoneInfo(zone)),
        )
        .values_list("day", "hour")
        .annotate(purchases=Count("pk"))
    )
    counts = {(day % 7, hour): purchases for day, hour, purchases in rows} if span.days >= 7 else {}
    if not counts:
        return None
    hours = range(min(hour for _day, hour in counts), max(hour for _day, hour in counts) + 1)
    return BusyHours(hours, tuple(tuple(counts.get((day, hour), 0) for hour in hours) for day in range(7)))


def is_new_club() -> bool:
    """Whether nobody has joined and nothing was sold yet."""
    return not Purchase.objects.exists() and not Member.objects.exists()


def _within(name: str, span: Span, zone: str) -> Q:
    start, end = span.bounds(zone)
    return Q(**{f"{name}__gte": start, f"{name}__lt": end})


def _purchases_by_day(asked: Range, zone: str) -> dict[date, _Bucket]:
    of_members = Q(member__isnull=False)
    rows = (
        Purchase.objects.filter(_within("occurred_at", asked.now, zone) | _within("occurred_at", asked.before, zone))
        .filter(fully_refunded=False)
        .annotate(day=TruncDate("occurred_at", tzinfo=ZoneInfo(zone)))
        .values_list("day")
        .annotate(
            sales=Sum(F("net") - F("refunded"), filter=of_members, default=0),
            purchases=Count("pk"),
            buyers=Count("member", distinct=True),
            returning=Count("member", distinct=True, filter=_AGAIN),
        )
    )
    found: dict[date, _Bucket] = defaultdict(_Bucket)
    for day, *counts in rows:
        found[day] = _Bucket(*(int(count) for count in counts))
    return found


def _joined_by_day(asked: Range, zone: str) -> dict[date, int]:
    rows = (
        Member.objects.filter(_within("enrolled_at", asked.now, zone) | _within("enrolled_at", asked.before, zone))
        .exclude(status=Member.Status.ERASED)
        .annotate(day=TruncDate("enrolled_at", tzinfo=ZoneInfo(zone)))
        .values_list("day")
        .annotate(members=Count("pk"))
    )
    found: dict[date, int] = defaultdict(int)
    found.update((day, int(members)) for day, members in rows)
    return found


def _returning(asked: Range, zone: str) -> tuple[int, int]:
    """Of the members who bought in the range, the share that came back in it; now and before, in basis points."""
    counts = {}
    for name, span in (("now", asked.now), ("before", asked.before)):
        within = _within("occurred_at", span, zone)
        counts[f"{name}_buyers"] = Count("member", distinct=True, filter=within)
        counts[f"{name}_again"] = Count("member", distinct=True, filter=within & _AGAIN)
    bought = Purchase.objects.filter(
        _within("occurred_at", asked.now, zone) | _within("occurred_at", asked.before, zone),
        member__isnull=False,
        fully_refunded=False,
    ).aggregate(**counts)
    return _share(bought["now_again"], bought["now_buyers"]), _share(bought["before_again"], bought["before_buyers"])


def _by_hour(asked: Range, zone: str) -> tuple[tuple[int, int], ...]:
    rows = (
        Purchase.objects.filter(_within("occurred_at", asked.now, zone) | _within("occurred_at", asked.before, zone))
        .filter(fully_refunded=False, member__isnull=False)
        .annotate(
            day=TruncDate("occurred_at", tzinfo=ZoneInfo(zone)), hour=ExtractHour("occurred_at", tzinfo=ZoneInfo(zone))
        )
        .values_list("day", "hour")
        .annotate(sales=Sum(F("net") - F("refunded")))
    )
    sold = {(day, hour): int(sales) for day, hour, sales in rows}
    today, other = asked.now.first, asked.before.first
    return tuple((sold.get((today, hour), 0), sold.get((other, hour), 0)) for hour in range(24))


def _share(part: int, whole: int) -> int:
    return round_half_up(part * BP, whole) if whole else 0


def latest_purchases(limit: int) -> list[Purchase]:
    """The last purchases of the club, imported history among them."""
    return list(Purchase.objects.select_related("member", "branch").order_by("-occurred_at", "-id")[:limit])
