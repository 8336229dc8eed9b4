"""When scheduled jobs are due: pure. A due time is an instant on a grid, so that whoever asks gets the same one."""

from dataclasses import dataclass
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

    def __str__(self) -> str:
        return f"every {self.seconds} s" if self.seconds % 60 else f"every {self.seconds // 60} min"


@dataclass(frozen=True)
class Daily:
    """Once each local day at this time. A time that the clocks skip that day comes as much later as they skip."""

    hour: int
    minute: int = 0
    zone: str = TEHRAN

    def last_due(self, now: datetime) -> datetime:
        """The due time that came last."""
        today = self._on(now, 0)
        return today if today <= now else self._on(now, -1)

    def next_due(self, now: datetime) -> datetime:
        """The due time after now."""
        today = self._on(now, 0)
        return today if today > now else self._on(now, 1)

    def _on(self, now: datetime, days: int) -> datetime:
        zone = ZoneInfo(self.zone)
        day = now.astimezone(zone).date() + timedelta(days=days)
        return datetime.combine(day, time(self.hour, self.minute), tzinfo=zone).astimezone(UTC)

    def __str__(self) -> str:
        return f"daily {self.hour:02}:{self.minute:02}"


Timetable = Every | Daily
