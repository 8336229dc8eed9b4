"""Asking for a back-test: a sample at once, then the whole, in as many steps as it takes; nothing is written.

What a long one has found so far is kept in the cache between two steps; without the cache it goes on to its end.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from core.errors import Text, ValidationFailed
from core.jalali import local_date
from core.tenancy.scope import club_zone, current_club_id
from offers.rules import Terms
from reports.back_test.figures import BackTest
from reports.back_test.reading import size_of
from reports.back_test.running import Replay, Tally, as_tested
from reports.back_test.samples import Sampled, samples_of
from reports.ranges import LONGEST, Span

logger = logging.getLogger(__name__)
DAYS = 90
TRIGGER = "purchase"
FEW = 4_000
"""So many purchases are replayed at once; of more a sample comes first."""
OF_SAMPLE = 2_000
SECONDS = 3.0
"""So long one step takes, and one chunk more."""
KEPT = timedelta(minutes=10)


@dataclass(frozen=True)
class Step:
    """How far a back-test has come: figures and samples once it is done, till then the share that is behind."""

    figures: BackTest | None
    samples: Sequence[Sampled] = ()
    percent: int = 100


def last_days(now: datetime, days: int = DAYS) -> Span:
    """So many days up to today, today among them."""
    today = local_date(now, club_zone())
    return Span(today - timedelta(days=days - 1), today)


def span_of(first: date | None, last: date | None, *, now: datetime) -> Span:
    """The days asked for, else the last 90. Raises ValidationFailed by "from" and "to"."""
    usual = last_days(now)
    last = last or usual.last
    span = Span(first or last - timedelta(days=DAYS - 1), last)
    errors: dict[str, list[Text]] = {}
    if span.first > usual.last:
        errors["from"] = [_("این بازه هنوز نیامده است.")]
    elif span.last < span.first:
        errors["to"] = [_("پایان بازه پیش از آغاز آن است.")]
    elif span.days > LONGEST:
        errors["to"] = [_("بازه بلندتر از دو سال است.")]
    if errors:
        raise ValidationFailed(errors)
    return span


def check_trigger(terms: Terms) -> None:
    """Raise ValidationFailed for an offer that no purchase of the past tells anything about."""
    if terms.trigger != TRIGGER:
        raise ValidationFailed({"trigger": [_("تنها پیشنهادِ هنگام خرید را می‌شود روی خریدهای گذشته آزمود.")]})


def back_test(terms: Terms, number: int | None, span: Span, *, now: datetime) -> Step:
    """The whole, however long it takes. `number`: of the offer that the terms would change."""
    replay = Replay(as_tested(terms, number), span, now=now)
    replay.go_on()
    return _done(replay)


def first_look(terms: Terms, number: int | None, span: Span, *, now: datetime) -> Step:
    """The figures of a sample of the members, reckoned up; of all of them where that is as quick."""
    size = size_of(span)
    every = 1 if size <= FEW else -(-size // OF_SAMPLE)
    replay = Replay(as_tested(terms, number, every=every), span, now=now, every=every)
    replay.go_on()
    return _done(replay)


def next_step(terms: Terms, number: int | None, span: Span, *, now: datetime) -> Step:
    """Go on with the whole from where the same question was left, for some seconds."""
    key = _key(terms, number, span)
    replay = Replay(as_tested(terms, number), span, now=now, tally=_kept(key))
    if replay.go_on(SECONDS):
        return _done(replay)
    if not _keep(key, replay.tally):
        replay.go_on()
        return _done(replay)
    return Step(None, percent=int(replay.share_done * 100))


def _done(replay: Replay) -> Step:
    return Step(replay.found(), samples_of(replay))


def _key(terms: Terms, number: int | None, span: Span) -> str:
    said = repr((terms, number, span)).encode()
    return f"{current_club_id()}:back-test:{hashlib.sha256(said).hexdigest()}"


def _kept(key: str) -> Tally | None:
    try:
        found: Tally | None = cache.get(key)
    except (RedisError, OSError):
        return None
    return found


def _keep(key: str, tally: Tally) -> bool:
    try:
        cache.set(key, tally, timeout=KEPT.total_seconds())
    except (RedisError, OSError):
        logger.warning("the cache is away: a back-test goes on in one step")
        return False
    return True
