"""When scheduled jobs are due: pure. A due time is an instant on a grid, so that whoever asks gets the same one."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.jalali import TEHRAN

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Every:
    """Again and again, on whole multiples of so many seconds."""

    seconds: int

    def last_due(self, now: datetime) -> datetime:
        """The due time that came last."""
        step = timedelta(seconds=self.seconds)
        return EPOCH + (now - EPOCH) // step * step

    def next_due(self, now: datetime) -> datetime:
        """The due time after now."""
        return self.last_due(now) + timedelta(seconds=self.seconds)

    def in_zone(self, _zone: str) -> "Every":
        """The same everywhere."""
        return self

    def worth(self, _now: datetime) -> int:
        """For how many seconds what came due last is still worth doing: until the next one is due."""
        return self.seconds

    def __str__(self) -> str:
        return f"every {self.seconds} s" if self.seconds % 60 else f"every {self.seconds // 60} min"


@dataclass(frozen=True)
class Daily:
    """Once each local day at this time. A time that the clocks skip that day comes as much later as they skip.

    `until`: an hour of the same day from which on it is not begun any more, as people would hear of it at night.
    """

    hour: int
    minute: int = 0
    until: int | None = None
    zone: str = TEHRAN

    def last_due(self, now: datetime) -> datetime:
        """The due time that came last."""
        today = self._on(now, 0)
        return today if today <= now else self._on(now, -1)

    def next_due(self, now: datetime) -> datetime:
        """The due time after now."""
        today = self._on(now, 0)
        return today if today > now else self._on(now, 1)

    def in_zone(self, zone: str) -> "Daily":
        """At the same time of the days there."""
        return replace(self, zone=zone)

    def worth(self, now: datetime) -> int:
        """For how many seconds what came due last is still worth doing; none at all when it is too late."""
        due = self.last_due(now)
        end = due + timedelta(days=1) if self.until is None else self._at(due, 0, time(self.until))
        return max(0, int((end - now).total_seconds()))

    def _on(self, now: datetime, days: int) -> datetime:
        return self._at(now, days, time(self.hour, self.minute))

    def _at(self, moment: datetime, days: int, clock: time) -> datetime:
        """This time of the moment's local day, or so many days later."""
        zone = ZoneInfo(self.zone)
        day = moment.astimezone(zone).date() + timedelta(days=days)
        return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)

    def __str__(self) -> str:
        return f"daily {self.hour:02}:{self.minute:02}"


Timetable = Every | Daily
