"""The life of an SMS as numbers of the provider and as words of ours, and when to try and to ask again."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sms.models import Status

FAILED, DELIVERED, UNDELIVERED, CANCELLED, BLOCKED, NOT_KNOWN = 6, 10, 11, 13, 14, 100
FINAL: dict[int, Status] = {
    FAILED: Status.FAILED,
    DELIVERED: Status.DELIVERED,
    UNDELIVERED: Status.UNDELIVERED,
    CANCELLED: Status.FAILED,
    BLOCKED: Status.BLOCKED,
    NOT_KNOWN: Status.UNKNOWN,
}
"""Every other number (1, 2, 4, 5, 50) means it is on its way."""
MONEY_BACK = frozenset({CANCELLED, BLOCKED})

CODE_VALID = timedelta(seconds=120)
GIVE_UP_AFTER = timedelta(hours=72)
LEASE = timedelta(minutes=10)
"""A dispatcher that has not recorded its batch by then is taken for dead, and the provider is asked."""
WAIT_FOR_CREDIT = timedelta(minutes=15)
BACK_OFF = [timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 900, 1_800, 3_600)]
CODE_BACK_OFF = timedelta(seconds=10)
POLLS = [timedelta(minutes=minutes) for minutes in (5, 15, 60, 6 * 60, 24 * 60, 47 * 60)]
FORGOTTEN_AFTER = timedelta(hours=48)
"""The provider tells nothing of older messages."""


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many tries."""
    return BACK_OFF[min(max(attempts, 1), len(BACK_OFF)) - 1]


def next_poll(sent_at: datetime, polls: int) -> datetime:
    """When to ask again after so many questions; the time of giving up once all were asked."""
    return sent_at + (POLLS[polls] if polls < len(POLLS) else FORGOTTEN_AFTER)


def opens_at(now: datetime, window: tuple[time, time], zone: str) -> datetime | None:
    """When advertising may be sent next, by the clock of the club; None for now."""
    opening, closing = window
    local = now.astimezone(ZoneInfo(zone))
    if opening <= local.time() < closing:
        return None
    day = local.date() if local.time() < opening else local.date() + timedelta(days=1)
    return datetime.combine(day, opening, ZoneInfo(zone)).astimezone(now.tzinfo)
