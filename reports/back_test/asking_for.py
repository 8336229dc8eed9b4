"""Asking for a back-test: at once as far as it goes in a moment, and the whole in as many steps as it takes."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from core.errors import ValidationFailed
from core.jalali import local_date
from core.tenancy.scope import club_zone, current_club_id
from offers.rules import Terms
from reports.back_test.figures import BackTest
from reports.back_test.reading import size_of
from reports.back_test.running import Replay, Tally, as_tested
from reports.ranges import LONGEST, Span

logger = logging.getLogger(__name__)
DAYS = 90
TRIGGER = "purchase"
FEW = 4_000
"""So many purchases are replayed at once; of more a sample comes first."""
OF_SAMPLE = 2_000
KEPT = timedelta(minutes=10)


@dataclass(frozen=True)
class Step:
    """How far a back-test has come: the figures once it is done, and till then the share that is behind."""

    figures: BackTest | None
    percent: int = 100


def last_days(now: datetime, days: int = DAYS) -> Span:
    """So many days up to today, today among them."""
    today = local_date(now, club_zone())
    return Span(today - timedelta(days=days - 1), today)


def check_span(first: Span, today_at: datetime) -> None:
    """Raise ValidationFailed by "from" and "to" for days that cannot be looked at."""


def back_test_now(terms: Terms, number: int | None, span: Span, *, now: datetime) -> BackTest:
    """The figures of a sample of the members, or of all where they are few."""
    every = max(1, size_of(span) // OF_SAMPLE)
    every = every if every * OF_SAMPLE > FEW else 1
    replay = Replay(as_tested(terms, number, every=every), span, now=now, every=every)
    replay.go_on()
    return replay.found()
