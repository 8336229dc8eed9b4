"""Limits on attempts, counted in the database: a lost cache must not open the doors, and a count outlives a restart.

A limit is a sliding window. Attempts on one subject are counted one after another (an advisory lock), so that many
at once cannot pass together. Subjects are kept as keyed hashes: the table tells nobody's phone or address.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models import LoginAttempt
from core.errors import Throttled
from core.language import in_language

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@dataclass(frozen=True)
class Limit:
    """At most `count` attempts in any `seconds`, for each pair of the windows."""

    kind: str
    windows: tuple[tuple[int, int], ...]


OTP_PHONE = Limit("otp_phone", ((1, MINUTE), (5, HOUR), (10, DAY)))
# Whole cafés and mobile operators share an address, so theirs are multiples of a phone's.
OTP_ADDRESS = Limit("otp_address", ((30, MINUTE), (200, HOUR), (1_000, DAY)))
LOGIN_PHONE = Limit("login_phone", ((10, 15 * MINUTE), (50, DAY)))
LOGIN_ADDRESS = Limit("login_address", ((100, 15 * MINUTE), (1_000, DAY)))
STAFF_LINK = Limit("staff_link", ((1, MINUTE), (5, HOUR), (10, DAY)))
SMS_TEST = Limit("sms_test", ((5, MINUTE), (30, DAY)))
TWO_FACTOR = Limit("two_factor", ((5, 15 * MINUTE), (20, DAY)))
# A code of a gift card has 65 bits; who tries them at random is slowed all the same.
CARD_MEMBER = Limit("gift_card_member", ((10, HOUR), (30, DAY)))
CARD_ADDRESS = Limit("gift_card_address", ((60, HOUR), (300, DAY)))
AGENT_APPLY = Limit("agent_apply", ((5, HOUR), (20, DAY)))
# A member names ten friends a day; who tries numbers to see which are known learns little.
FRIENDS = Limit("friends", ((20, DAY),))
# An agent registers leads, and each number is looked up as it is typed; who tries whole ranges learns little.
AGENT_LEADS = Limit("agent_leads", ((20, MINUTE), (120, HOUR), (400, DAY)))
AGENT_LOOKUPS = Limit("agent_lookups", ((20, MINUTE), (120, HOUR), (400, DAY)))

KEPT = timedelta(seconds=DAY)


def count_attempt(*claims: tuple[Limit, str], now: datetime) -> None:
    """Count one attempt for each (limit, subject), or raise Throttled when one is used up; then none is counted.

    Throttled carries `seconds` until the next attempt would pass.
    """
    rows = sorted(
        ((limit.kind, _hashed(limit.kind, subject), limit) for limit, subject in claims), key=itemgetter(0, 1)
    )
    with transaction.atomic():
        for kind, subject, _limit in rows:
            _line_up(kind, subject)
        waits = [_seconds_to_wait(limit, subject, now) for _kind, subject, limit in rows]
        if max(waits) > 0:
            raise too_many(max(waits))
        LoginAttempt.objects.bulk_create(LoginAttempt(kind=kind, subject=subject, at=now) for kind, subject, _ in rows)


def forgive(limit: Limit, subject: str) -> None:
    """Forget the attempts of one subject, after it proved who it is."""
    LoginAttempt.objects.filter(kind=limit.kind, subject=_hashed(limit.kind, subject)).delete()


def forget_old_attempts(now: datetime) -> int:
    """Delete what no limit looks at any more; the number of rows."""
    deleted, _by_model = LoginAttempt.objects.filter(at__lt=now - KEPT).delete()
    return deleted


def too_many(seconds: int) -> Throttled:
    """The refusal, saying in Persian how long to wait."""
    if seconds < 2 * MINUTE:
        wait = _("%(count)s ثانیهٔ دیگر") % {"count": in_language(seconds)}
    elif seconds < 2 * HOUR:
        wait = _("%(count)s دقیقهٔ دیگر") % {"count": in_language(-(-seconds // MINUTE))}
    else:
        wait = _("%(count)s ساعت دیگر") % {"count": in_language(-(-seconds // HOUR))}
    return Throttled(_("چند بار پشت سر هم امتحان شد؛ %(wait)s دوباره امتحان کنید.") % {"wait": wait}, seconds=seconds)


def client_address(request: HttpRequest) -> str:
    """The address that is counted: behind our proxy the one it saw; of IPv6 the /64 that one subscriber has."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXY:
        forwarded = request.headers.get("X-Forwarded-For", "").split(",")
        address = forwarded[-1].strip() or address
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _line_up(kind: str, subject: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"attempt:{kind}:{subject}"])


def _seconds_to_wait(limit: Limit, subject: str, now: datetime) -> int:
    most = max(count for count, _seconds in limit.windows)
    attempts = LoginAttempt.objects.filter(kind=limit.kind, subject=subject).order_by("-at")
    newest: Sequence[datetime] = list(attempts.values_list("at", flat=True)[:most])
    waits = [0]
    for count, seconds in limit.windows:
        if len(newest) >= count:
            free_at = newest[count - 1] + timedelta(seconds=seconds)
            waits.append(-(-(free_at - now) // timedelta(seconds=1)))
    return max(waits)


def _hashed(kind: str, subject: str) -> str:
    return salted_hmac(f"accounts.throttle.{kind}", subject, algorithm="sha256").hexdigest()[:32]
