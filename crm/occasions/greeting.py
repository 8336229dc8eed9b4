"""The morning's messages of occasions: what ends soon, who stays away, named days, days of the member's own.

Each in batches, each batch a transaction that first notes whom it tells. Whatever is run again, or by several workers
at once, a member is told of an occasion once. Birthdays and anniversaries are told along with their gifts (`daily`).
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from club.ledger.selectors import balances_of
from club.members.models import CustomField, Member
from club.members.reaching import in_language_of
from club.programme.named_days import named_days
from core.jalali import last_day, local_date
from core.named_days import NAMES
from core.tenancy.scope import club_zone
from crm.campaigns.audience import with_room
from crm.campaigns.running import lock_policy
from crm.occasions.candidates import Rows
from crm.occasions.daily import MOST_MISSED, Done, each
from crm.occasions.days import year_of_birthday
from crm.occasions.due import of_absence, of_everybody, of_own_day, of_points, of_rewards
from crm.occasions.greeted import note_told
from crm.occasions.messages import NAMED_DAY, OF_MEMBERS, OWN_DAY
from crm.occasions.timing import days_by_code
from sms import outbox
from sms.kinds import kind_of
from sms.models import SmsTemplate
from sms.selectors import is_sent

Said = dict[int, dict[str, Any]]


def greetings(*, now: datetime, last: datetime | None = None) -> str:
    """Tell members of what ends soon, that they are missed, of named days and of their own; days missed are made up."""
    today = local_date(now, club_zone())
    missed = min(max((today - local_date(last, club_zone())).days - 1, 0), MOST_MISSED) if last else 0
    mornings = [today - timedelta(days=back) for back in range(missed, -1, -1)]
    timed, done = days_by_code(), Done()
    on = {template.kind: template for template in SmsTemplate.objects.all()}
    for code, tell in OF_ALL.items():
        if is_sent(kind_of(code), on):
            done += tell(timed.get(code, OF_MEMBERS[code].days or 0), now, today)
    for code, name in NAMES.items():
        if is_sent(kind_of(f"{NAMED_DAY}-{code}"), on):
            done += _named_day(code, str(name), timed.get(f"{NAMED_DAY}-{code}", 0), mornings, now)
    for field in CustomField.objects.filter(kind=CustomField.Kind.DATE, is_active=True).order_by("pk"):
        if is_sent(kind_of(f"{OWN_DAY}-{field.code}"), on):
            done += _own_day(field, timed.get(f"{OWN_DAY}-{field.code}", 0), mornings)
    return f"{done['told']} told"


def _points(days: int, now: datetime, today: date) -> Done:
    key = f"points_expiring:{today + timedelta(days=days)}"
    return each(of_points(days, now=now, today=today), partial(_tell_of_points, key))


def _tell_of_points(key: str, rows: Rows) -> Done:
    zone, said = club_zone(), dict[int, dict[str, Any]]()
    for member, text in rows:
        points, credit, ends = json.loads(text)
        expires = last_day(datetime.fromisoformat(ends), zone).isoformat()
        unsaid = [*([] if points else ["points"]), *([] if credit else ["credit"])]
        said[member] = {"points": points, "credit": credit, "expires": expires, "unsaid": unsaid}
    return _tell("points_expiring", [(member, key) for member in said], said)


def _rewards(days: int, now: datetime, today: date) -> Done:
    return each(of_rewards(days, now=now, today=today), _tell_of_rewards)


def _tell_of_rewards(rows: Rows) -> Done:
    """Of the one that ends first; the others are counted, and noted as told."""
    zone, keys, said = club_zone(), list[tuple[int, str]](), dict[int, dict[str, Any]]()
    for member, text in rows:
        ending = json.loads(text)
        _key, name, code, ends = ending[0]
        expires = last_day(datetime.fromisoformat(ends), zone).isoformat()
        keys += [(member, one[0]) for one in ending]
        said[member] = {"reward": name, "code": code, "expires": expires, "more": len(ending) - 1}
        said[member]["unsaid"] = [] if len(ending) > 1 else ["more"]
    return _tell("reward_expiring", keys, said)


def _absence(days: int, now: datetime, today: date) -> Done:
    return each(of_absence(days, today=today, late=MOST_MISSED), partial(_tell_missed, now))


def _tell_missed(now: datetime, rows: Rows) -> Done:
    rows = _with_room(rows, now)
    has = balances_of([member for member, _key in rows], now)
    said: Said = {}
    for member, _key in rows:
        points, credit = has[member].points, has[member].credit
        unsaid = [*([] if points else ["points_balance"]), *([] if credit else ["credit_balance"])]
        said[member] = {"points_balance": points, "credit_balance": credit, "unsaid": unsaid}
    return _tell("miss_you", rows, said)


OF_ALL: dict[str, Callable[[int, datetime, date], Done]] = {
    "points_expiring": _points,
    "reward_expiring": _rewards,
    "miss_you": _absence,
}


def _named_day(code: str, name: str, days: int, mornings: Sequence[date], now: datetime) -> Done:
    """Greetings that were missed are sent while the day is still to come, or is today."""
    ahead, today = timedelta(days=days), mornings[-1]
    coming = named_days().within(max(today, mornings[0] + ahead), today + ahead)
    done = Done()
    for one in coming:
        if one.code == code:
            tell = partial(_tell_of_day, f"{NAMED_DAY}-{code}", f"{code}:{one.given}", name, now)
            done += each(of_everybody(), tell)
    return done


def _tell_of_day(kind: str, key: str, name: str, now: datetime, rows: Rows) -> Done:
    rows = _with_room(rows, now)
    return _tell(kind, [(member, key) for member, _nothing in rows], {member: {"occasion": name} for member, _ in rows})


def _own_day(field: CustomField, days: int, mornings: Sequence[date]) -> Done:
    ahead = timedelta(days=days)
    done = Done()
    for morning in mornings:
        day = morning + ahead
        done += each(of_own_day(field.code, [day]), partial(_tell_of_own, field, day))
    return done


def _tell_of_own(field: CustomField, day: date, rows: Rows) -> Done:
    kind = f"{OWN_DAY}-{field.code}"
    keys = [(pk, f"{field.code}:{year_of_birthday(date.fromisoformat(kept), day)}") for pk, kept in rows]
    return _tell(kind, [(pk, f"own:{key}") for pk, key in keys], {pk: {"occasion": field.label} for pk, _key in keys})


def _with_room(rows: Rows, now: datetime) -> Rows:
    """Advertising keeps to the club's policy: who has had enough of it this week is not told, nor noted, today."""
    lock_policy()
    asked = Member.objects.filter(pk__in=[member for member, _known in rows])
    room = set(with_room(asked, now=now).values_list("pk", flat=True))
    return [row for row in rows if row[0] in room]


def _tell(kind: str, keys: Iterable[tuple[int, str]], said: Said) -> Done:
    """Note the keys and write to the members of whom one was noted now."""
    told = set(note_told(list(keys)))
    members = Member.objects.filter(pk__in=told, phone__isnull=False).order_by("pk")
    letters = [
        outbox.Letter(
            one.phone or "",
            {"name": one.first_name, **said[one.pk], **in_language_of(one)},
            one.pk,
            f"member:{one.pk}",
        )
        for one in members
    ]
    outbox.enqueue_many(kind, letters)
    return Done(told=len(letters))
