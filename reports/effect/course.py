"""When an offer was open, and who was held out of it all that time. Pure.

Members are held out by a number drawn for each of them and the offer, 0 … 9,999, below the control percentage. Where
the percentage changed, only those below the smallest were held out all along, only those above the largest never.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SHORTEST_BEFORE, LONGEST_BEFORE = timedelta(days=28), timedelta(days=91)


@dataclass(frozen=True)
class Said:
    """A version: from when it was there, until when, the offer's own start and end, and its control group."""

    since: datetime
    until: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    control_bp: int


@dataclass(frozen=True)
class Course:
    """The time from the first moment the offer was open to the last, so far; `is_open`: it still is.

    `held_bp` were held out all along, `ever_bp` at some time; `changes`: when another percentage began.
    """

    start: datetime
    end: datetime
    is_open: bool
    held_bp: int
    ever_bp: int
    changes: tuple[tuple[datetime, int], ...] = ()

    @property
    def has_control(self) -> bool:
        """Whether anybody was held out all along."""
        return self.held_bp > 0

    @property
    def before(self) -> datetime:
        """From when what members spent before is looked at."""
        return self.start - max(SHORTEST_BEFORE, min(self.end - self.start, LONGEST_BEFORE))


def course_of(versions: Sequence[Said], now: datetime) -> Course | None:
    """The course of an offer by its versions, the oldest first; None where it was open at no time yet."""
    stretches = [stretch for version in versions if (stretch := _open(version, now))]
    if not stretches:
        return None
    shares = [control for _start, _end, control in stretches]
    changes = [
        (start, control)
        for (start, _end, control), earlier in zip(stretches[1:], shares, strict=False)
        if control != earlier
    ]
    end = max(end for _start, end, _control in stretches)
    start = min(start for start, _end, _control in stretches)
    return Course(start, end, end == now, min(shares), max(shares), tuple(changes))


def _open(version: Said, now: datetime) -> tuple[datetime, datetime, int] | None:
    start = max(version.since, version.starts_at or version.since)
    end = min([now, *(moment for moment in (version.until, version.ends_at) if moment)])
    return (start, end, version.control_bp) if start < end else None
