"""The daily jobs: birthdays, anniversaries, and members who stay away; each in batches, each batch a transaction.

Whatever is run again, or by several workers at once, an offer takes part in an occasion of a member once. Days that
were missed since the job was last done are made up for, each as of itself; what it gives is given now.
"""

import collections
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial

from django.db import OperationalError, transaction

from club.awards.gifts import Handed
from club.members.known import Known, known_members
from core.bulk import TRIES, waited_in_vain
from core.jalali import day_bounds, local_date
from core.tenancy.scope import club_zone
from crm.occasions.answering import Answer, Call, Happening, answer
from crm.occasions.candidates import (
    BIRTHDAY,
    LAST_PURCHASE,
    Rows,
    asks,
    away,
    birthdays_near,
    born,
    born_without_turn,
    joined_about,
    windows_of,
)
from crm.occasions.days import year_of_birthday, years_to_the_day
from crm.occasions.greeted import note_told
from crm.occasions.telling import tell_gifts, wish
from offers.live import current_live_offers
from offers.rules import LiveOffer
from offers.situation import Situation
from sms.selectors import sayable

MOST_MISSED = 7
"""So many days are made up for; a wish that comes later than that had better not come."""
Done = collections.Counter[str]


@dataclass(frozen=True)
class Morning:
    """A day that a job is done for, today or one that was missed, with the offers that may answer on it."""

    day: date
    offers: Sequence[LiveOffer]
    call: Call

    def answers(self, rows: Rows, tell: Callable[[Sequence[Handed]], None] = tell_gifts) -> list[Answer]:
        """Let the offers answer to each (member, key)."""
        if not (self.offers and rows):
            return []
        return answer(replace(self.call, tell=tell), [Happening(member_id, key) for member_id, key in rows])

    def answer(self, rows: Rows) -> Done:
        """The same; how many occasions were kept."""
        return _kept(self.answers(rows))


def birthdays(*, now: datetime, last: datetime | None = None) -> str:
    """Wish whose day it is well, and give what the offers of birthdays give, on the days they name."""
    done = Done()
    for morning in _mornings("birthday", now, last):
        day = morning.day
        done += each(born([day], by=day), partial(_celebrate, morning))
        if others := birthdays_near(morning.offers, day) - {day}:
            found = born_without_turn(others, morning.offers, by=day)
            done += each(found, partial(_give_on_birthdays, morning))
    return f"{done['greeted']} greeted, {done['occasions']} occasions"


def anniversaries(*, now: datetime, last: datetime | None = None) -> str:
    """Give what the offers of anniversaries give, on the day of the Jalali year on which the member joined."""
    done = Done()
    is_told = "anniversary" in sayable("anniversary")
    for morning in _mornings("anniversary", now, last):
        if morning.offers or is_told:
            done += each(joined_about(morning.day), partial(_give_on_anniversaries, morning, is_told=is_told))
    return f"{done['occasions']} occasions"


def lapsed(*, now: datetime, last: datetime | None = None) -> str:
    """Give what the offers to members who stay away give, on the first day on which their conditions hold."""
    done = Done()
    for morning in _mornings("lapsed", now, last):
        if windows := windows_of(morning.offers, morning.day):
            done += each(away(windows, morning.day), morning.answer)
    return f"{done['occasions']} occasions"


def _mornings(trigger: str, now: datetime, last: datetime | None) -> Iterator[Morning]:
    """Today, and before it each day that was missed since the job was last done, the oldest first."""
    zone = club_zone()
    today = local_date(now, zone)
    missed = (today - local_date(last, zone)).days - 1 if last else 0
    for back in range(min(max(missed, 0), MOST_MISSED), 0, -1):
        start, end = day_bounds(today - timedelta(days=back), zone)
        yield _morning(trigger, now, start + (end - start) / 2)
    yield _morning(trigger, now, now)


def _morning(trigger: str, now: datetime, as_of: datetime) -> Morning:
    """The offers that were live and known then, and have not been stopped since."""
    known = current_live_offers()
    live, still = known.at(as_of, told=as_of), known.at(now).by_id
    found = (offer for offer in live.by_id.values() if offer.terms.trigger == trigger and offer.id in still)
    offers = [offer for offer in found if offer.terms.is_open(as_of)]
    may, is_its_day = {offer.id for offer in offers}, DAYS[trigger]
    call = Call(
        trigger,
        now,
        "system",
        live,
        takes_part=lambda offer, here: offer.id in may and is_its_day(offer, here),
        as_of=as_of,
    )
    return Morning(local_date(as_of, club_zone()), offers, call)


def each(batches: Iterable[Rows], work: Callable[[Rows], Done]) -> Done:
    """Do the work on each batch, in a transaction of its own; the sum of it."""
    return sum((_in_transaction(rows, work) for rows in batches), Done())


def _in_transaction(rows: Rows, work: Callable[[Rows], Done]) -> Done:
    for tried in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return work(rows)
        except OperationalError as error:
            if tried == TRIES or not waited_in_vain(error):
                raise
    return Done()


def _celebrate(morning: Morning, rows: Rows) -> Done:
    """Greet those whose day it is, and give; one SMS says both."""
    keys, handed = _by_year(rows, morning.day), list[Handed]()
    greeted = note_told(keys)
    answers = morning.answers(keys, tell=handed.extend)
    wish("birthday", _members(greeted, answers), handed)
    return _kept(answers) + Done(greeted=len(greeted))


def _give_on_birthdays(morning: Morning, rows: Rows) -> Done:
    return morning.answer(_by_year(rows, morning.day))


def _by_year(rows: Rows, day: date) -> list[tuple[int, str]]:
    return [(pk, f"birthday:{year_of_birthday(on, day)}") for pk, on in rows]


def _give_on_anniversaries(morning: Morning, rows: Rows, *, is_told: bool) -> Done:
    zone = club_zone()
    reckoned = [(pk, years_to_the_day(local_date(since, zone), morning.day)) for pk, since in rows]
    years = {pk: count for pk, count in reckoned if count > 0}
    keys, handed = [(pk, f"anniversary:{count}") for pk, count in years.items()], list[Handed]()
    told = note_told(keys) if is_told else []
    answers = morning.answers(keys, tell=handed.extend)
    wish("anniversary", _members(told, answers), handed, {pk: {"years": years[pk]} for pk in told})
    return _kept(answers)


def _kept(answers: Sequence[Answer]) -> Done:
    return Done(occasions=sum(one.kept is not None for one in answers))


def _members(ids: Sequence[int], answers: Sequence[Answer]) -> list[Known]:
    """Those to be greeted, by id; read only where they are not at hand."""
    known = {one.member.id: one.member for one in answers}
    if missing := [pk for pk in ids if pk not in known]:
        known |= known_members(missing)
    return [known[pk] for pk in sorted(ids) if pk in known]


def _on_any_day(_offer: LiveOffer, _here: Situation) -> bool:
    return True


def _on_a_birthday(offer: LiveOffer, here: Situation) -> bool:
    """On the day itself, where the offer names no days of its own."""
    return asks(offer, BIRTHDAY) or here.value(BIRTHDAY) == 0


def _on_a_named_day(offer: LiveOffer, _here: Situation) -> bool:
    return asks(offer, LAST_PURCHASE)


DAYS = {"birthday": _on_a_birthday, "anniversary": _on_any_day, "lapsed": _on_a_named_day}
