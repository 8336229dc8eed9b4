"""What members had bought before each purchase, worked out again where nobody kept it: then no offer asked for it.

The same figures as `club.purchases.figures` reads at the till, from the purchases before it in order of time, less what
has been refunded since.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from club.purchases.figures import FEWEST
from core.tenancy.scope import club_zone, current_club_id

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000
A_YEAR = 365 * DAY
ID, MEMBER, MICROSECONDS = range(3)


@dataclass
class _Bought:
    """The purchases of a member in order of time; `sums[n]` is the net of the first n."""

    keys: list[tuple[int, int]] = field(default_factory=list)
    sums: list[int] = field(default_factory=lambda: [0])
    days: list[int] = field(default_factory=list)


class History:
    """The purchases of the members who bought in a time, read once, with the first figure that is asked for."""

    def __init__(self, start: datetime, end: datetime, *, every: int = 1) -> None:
        self._start, self._end, self._every = start, end, every
        self._members: dict[int, _Bought] | None = None

    @staticmethod
    def place(purchase: int, member: int | None, at: datetime) -> tuple[int, int | None, int]:
        """A purchase as this is asked about it."""
        return purchase, member, microseconds_of(at)

    def spent(self, row: Sequence[Any], days: int) -> int:
        """Net of so many days before the purchase."""
        bought, first, last = self._before(row, days * DAY)
        return bought.sums[last] - bought.sums[first]

    def visits(self, row: Sequence[Any], days: int) -> int:
        """Purchases of so many days before the purchase."""
        _bought, first, last = self._before(row, days * DAY)
        return last - first

    def own(self, figure: str, row: Sequence[Any]) -> int | None:
        """The mean basket of the last year, or the usual gap in days; None under three purchases."""
        bought, first, last = self._before(row, A_YEAR)
        if figure == "mean_basket":
            count = last - first
            return _half_up(bought.sums[last] - bought.sums[first], count) if count >= FEWEST else None
        if last < FEWEST:
            return None
        gaps = sorted(later - earlier for earlier, later in zip(bought.days, bought.days[1:last], strict=False))
        middle = len(gaps) // 2
        return gaps[middle] if len(gaps) % 2 else _half_up(gaps[middle - 1] + gaps[middle], 2)

    def _before(self, row: Sequence[Any], length: int) -> tuple[_Bought, int, int]:
        if self._members is None:
            self._members = self._read()
        bought = self._members.get(row[MEMBER]) or _Bought()
        last = bisect_left(bought.keys, (row[MICROSECONDS], row[ID]))
        first = bisect_left(bought.keys, (row[MICROSECONDS] - length + 1, 0), hi=last)
        return bought, first, last

    def _read(self) -> dict[int, _Bought]:
        members: dict[int, _Bought] = {}
        with connection.cursor() as cursor:
            sent: dict[str, Any] = {
                "club": current_club_id(),
                "zone": club_zone(),
                "start": self._start,
                "end": self._end,
                "every": self._every,
            }
            cursor.execute(BOUGHT, sent)
            for member, microseconds, purchase, net, day in cursor.fetchall():
                bought = members.setdefault(member, _Bought())
                bought.keys.append((microseconds, purchase))
                bought.sums.append(bought.sums[-1] + net)
                bought.days.append(day)
        return members


def microseconds_of(moment: datetime) -> int:
    """The moment as rows have it."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def _half_up(whole: int, count: int) -> int:
    return (2 * whole + count) // (2 * count)


BOUGHT = """
SELECT member_id, (extract(epoch FROM occurred_at) * 1000000)::bigint, id, net - refunded,
    (occurred_at AT TIME ZONE %(zone)s)::date - DATE '2000-01-01'
FROM purchases_purchase
WHERE club_id = %(club)s AND occurred_at < %(end)s AND NOT fully_refunded AND member_id IN (
    SELECT member_id FROM purchases_purchase
    WHERE club_id = %(club)s AND occurred_at >= %(start)s AND occurred_at < %(end)s AND member_id %% %(every)s = 0)
ORDER BY member_id, occurred_at, id
"""
