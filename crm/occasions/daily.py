"""The daily jobs: birthdays, anniversaries, and members who stay away; each in batches, each batch a transaction.

Whatever is run again, or by several workers at once, an offer takes part in an occasion of a member once.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from club.members.models import Member
from core.bulk import TRIES, waited_in_vain
from core.jalali import local_date
from core.tenancy.scope import club_zone, current_club_id
from crm.occasions.answering import Call, Happening, answer
from crm.occasions.candidates import BIRTHDAY, asks, away, birthdays_near, born, joined_about, windows_of
from crm.occasions.days import born_on, year_of_birthday, years_to_the_day
from crm.occasions.telling import wish
from offers.live import current_live_offers
from offers.rules import LiveOffer
from offers.situation import Situation

Rows = Sequence[tuple[int, Any]]


def birthdays(*, now: datetime) -> str:
    """Wish whose day it is well, and give what the offers of birthdays give, on the days they name."""
    today = local_date(now, club_zone())
    greeted = _in_batches(lambda last: born(born_on([today]), last=last), lambda rows: _greet(rows, today))
    call = _call("birthday", now)
    days = birthdays_near(_answering(call), today)
    occasions = _in_batches(
        lambda last: born(born_on(days), last=last) if days else [],
        lambda rows: _answer(call, [(pk, f"birthday:{year_of_birthday(on, today)}") for pk, on in rows]),
    )
    return f"{greeted} greeted, {occasions} occasions"


def anniversaries(*, now: datetime) -> str:
    """Give what the offers of anniversaries give, on the day of the Jalali year on which the member joined."""
    zone = club_zone()
    today = local_date(now, zone)
    call = _call("anniversary", now)
    some = bool(_answering(call))

    def give(rows: Rows) -> int:
        years = [(pk, years_to_the_day(local_date(since, zone), today)) for pk, since in rows]
        return _answer(call, [(pk, f"anniversary:{count}") for pk, count in years if count > 0])

    return f"{_in_batches(lambda last: joined_about(today, last=last) if some else [], give)} occasions"


def lapsed(*, now: datetime) -> str:
    """Give what the offers to members who stay away give, on the first day on which their conditions hold."""
    call = _call("lapsed", now)
    windows = windows_of(_answering(call), local_date(now, club_zone()))
    occasions = _in_batches(lambda last: away(windows, last=last) if windows else [], lambda rows: _answer(call, rows))
    return f"{occasions} occasions"


def _call(trigger: str, now: datetime) -> Call:
    return Call(trigger, now, "system", current_live_offers().at(now), takes_part=DAYS.get(trigger, _on_any_day))


def _answering(call: Call) -> list[LiveOffer]:
    """The offers that may answer now."""
    found = (offer for offer in call.live.by_id.values() if offer.terms.trigger == call.trigger)
    return [offer for offer in found if offer.terms.is_open(call.at)]


def _answer(call: Call, rows: Rows) -> int:
    answers = answer(call, [Happening(member_id, key) for member_id, key in rows])
    return sum(one.occasion is not None for one in answers)


def _in_batches(read: Callable[[int], Rows], work: Callable[[Rows], int]) -> int:
    """Do the work on each batch that is read after the last id, each in a transaction of its own; the sum of it."""
    total, last = 0, 0
    while rows := read(last):
        last = rows[-1][0]
        total += _in_transaction(rows, work)
    return total


def _in_transaction(rows: Rows, work: Callable[[Rows], int]) -> int:
    for tried in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return work(rows)
        except OperationalError as error:
            if tried == TRIES or not waited_in_vain(error):
                raise
    return 0


def _greet(rows: Rows, today: date) -> int:
    """Note the greetings first: another run that is at it waits, and greets nobody a second time."""
    years = [year_of_birthday(on, today) for _pk, on in rows]
    with connection.cursor() as cursor:
        cursor.execute(GREET, {"club": current_club_id(), "members": [pk for pk, _on in rows], "years": years})
        greeted = [row[0] for row in cursor.fetchall()]
    wish(list(Member.objects.filter(pk__in=greeted).order_by("pk")))
    return len(greeted)


def _on_any_day(_offer: LiveOffer, _here: Situation) -> bool:
    return True


def _on_a_birthday(offer: LiveOffer, here: Situation) -> bool:
    """On the day itself, where the offer names no days of its own."""
    return asks(offer, BIRTHDAY) or here.value(BIRTHDAY) == 0


def _on_a_named_day(offer: LiveOffer, _here: Situation) -> bool:
    return asks(offer, "days_since_last_purchase")


DAYS = {"birthday": _on_a_birthday, "lapsed": _on_a_named_day}
GREET = """
INSERT INTO occasions_greeting (club_id, member_id, year)
SELECT %(club)s, m, y FROM unnest(%(members)s::bigint[], %(years)s::smallint[]) AS g(m, y)
WHERE NOT EXISTS ( -- as somebody who was merged into the member since: the greeting follows only later
    SELECT FROM members_member o JOIN occasions_greeting d ON d.club_id = o.club_id AND d.member_id = o.id
    WHERE o.club_id = %(club)s AND o.merged_into_id = m AND d.year = y)
ORDER BY m
ON CONFLICT (club_id, member_id, year) DO NOTHING RETURNING member_id
"""
