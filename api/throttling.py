"""How many requests a key, and an address without a good one, may send: counted in Valkey, one round trip a request.

A count is a bucket that holds as many requests as the rate names and fills up again evenly: the whole minute's share
may come at once, the next ones as fast as the rate. Whoever is refused is told the exact time to wait, and a refusal
takes nothing. Without Valkey nobody is refused: a till that cannot sell is worse than one that asks too often.
"""

import logging
import math
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from redis import Redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import RedisError
from redis.retry import Retry
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiKey
from accounts.services import prefix_of
from accounts.throttle import client_address
from core.errors import Throttled
from core.language import in_language
from core.tenancy.scope import current_club_id

log = logging.getLogger(__name__)
SPACE = "api"
Rate = tuple[int, int]
"""So many requests, in so many seconds."""
WRONG_KEY = "wrong_key"
# After a Valkey that did not answer, nobody waits for it again for so long.
REST_SECONDS = 15.0
ANSWER_SECONDS = 0.5
_lost_until = 0.0


@dataclass(frozen=True)
class Bucket:
    """What one subject may still send, at most `rate`. With `takes` false it is looked at and not taken from."""

    subject: str
    rate: Rate | None
    takes: bool = True

    @property
    def key(self) -> str:
        """The cache key; it begins with the club."""
        return f"{current_club_id()}:{SPACE}:{self.subject}"


class KeyThrottle(BaseThrottle):
    """So many requests as the scope of the key may send; none while its secret is being guessed from this address."""

    seconds = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether it may pass. A request without a key was let in on purpose: there is nothing to count it by."""
        key = request.auth
        if isinstance(key, ApiKey):
            sent = Bucket(f"key:{key.pk}", settings.API_RATES[key.scope])
            self.seconds = take(sent, _guesses(request, key.prefix, takes=False))
        return self.seconds == 0

    def wait(self) -> float:
        return self.seconds


def count_wrong_key(request: Request, raw: str) -> None:
    """Count a request without a good key, by its address. Raises Throttled where there were too many.

    A good key passes all the same, for the tills of a shop share its address; only guesses at that very key hold it up.
    """
    buckets = [_wrong(f"address:{client_address(request)}")]
    if prefix := prefix_of(raw):
        buckets.append(_guesses(request, prefix))
    if seconds := take(*buckets):
        raise too_many(seconds)


def too_many(seconds: float) -> Throttled:
    """The refusal, saying how long to wait."""
    whole = max(1, math.ceil(seconds))
    text = _("درخواست‌ها بیش از اندازه بود؛ %(count)s ثانیهٔ دیگر دوباره بفرستید.")
    return Throttled(text % {"count": in_language(whole)}, seconds=whole)


def take(*buckets: Bucket) -> float:
    """Take one request from each bucket that has one left; the seconds until all of them have, 0 for all at once."""
    global _lost_until
    limited = [(bucket, bucket.rate) for bucket in buckets if bucket.rate]
    if not limited or time.monotonic() < _lost_until:
        return 0.0
    keys = [bucket.key for bucket, _rate in limited]
    numbers = [number for bucket, rate in limited for number in (*rate, int(bucket.takes))]
    try:
        microseconds = int(_script()(keys=keys, args=numbers))
    except RedisError as error:
        if not _lost_until:
            log.warning("Valkey does not answer (%s): requests are not counted until it does", type(error).__name__)
        _lost_until = time.monotonic() + REST_SECONDS
        return 0.0
    if _lost_until:
        log.warning("Valkey answers again: requests are counted")
        _lost_until = 0.0
    return microseconds / 1_000_000


def _wrong(subject: str, *, takes: bool = True) -> Bucket:
    return Bucket(subject, settings.API_RATES[WRONG_KEY], takes)


def _guesses(request: Request, prefix: str, *, takes: bool = True) -> Bucket:
    return _wrong(f"guess:{prefix}:{client_address(request)}", takes=takes)


@cache
def _script() -> Script:
    """The count as a script of Valkey: nothing comes between looking and taking, and all servers go by one clock."""
    valkey = Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=ANSWER_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )
    return valkey.register_script(TAKE)


# A bucket is the moment at which it will be full again, in microseconds: each request moves it on by its share of the
# period, and is refused where that leads beyond one period from now (the generic cell rate algorithm).
TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local longest = 0
for number, key in ipairs(KEYS) do
  local count, seconds, takes = ARGV[number * 3 - 2], ARGV[number * 3 - 1], ARGV[number * 3]
  local period = seconds * 1000000
  local full = math.max(tonumber(redis.call('GET', key) or now), now) + period / count
  local wait = math.ceil(full - now - period)
  if wait > 0 then
    longest = math.max(longest, wait)
  elseif takes == '1' then
    redis.call('SET', key, string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
  end
end
return longest
"""
