"""What happens in a demo club in its first 120 days: pure, and the same each time for the same club and last day."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.demo.cast import FAMILIES, MEN, WOMEN, DemoClub
from core.jalali import TEHRAN, weekday

DAYS = 120
KNOWN_AT_ONCE = 3  # members who are there before the history is
# How busy a day is, Saturday first, and an hour from 10 to 22: the week ends on Friday, people go out in the evening.
DAY_WEIGHTS = (0.7, 0.7, 0.8, 0.9, 1.1, 1.7, 1.9)
HOUR_WEIGHTS = {10: 2, 11: 3, 12: 4, 13: 4, 14: 3, 15: 3, 16: 4, 17: 6, 18: 9, 19: 11, 20: 11, 21: 8, 22: 4}
ENDS_OF_WEEK = (5, 6)
TAGS = (("دانشجو",), ("همسایه",), ("سازمانی",), (), (), (), ())


@dataclass(frozen=True)
class Person:
    """A member to be; `eagerness` is how often the person comes, compared with the others."""

    phone: str
    first_name: str
    last_name: str
    gender: str
    birth_date: date | None
    tags: tuple[str, ...]
    joined_at: datetime
    eagerness: float


@dataclass(frozen=True)
class ByHand:
    """Points that the shop gives by hand after a purchase; a slip is undone at once."""

    points: int
    reason: str
    valid_days: int | None = None
    is_slip: bool = False


@dataclass(frozen=True)
class Sale:
    """A purchase to be: lines are (product, quantity). It stays unless `refund_after` says when it is given back."""

    number: int
    at: datetime
    phone: str | None
    lines: tuple[tuple[str, int], ...]
    branch: str
    by_credit: bool
    refund_after: timedelta | None = None
    refund_first_line_only: bool = False
    by_hand: ByHand | None = None


# After which of sixty purchases the shop gives points by hand: no chance, so that the rest of the story stays the same.
BY_HAND = {
    9: ByHand(20, "جبران دیرکرد سفارش", valid_days=30),
    31: ByHand(50, "هدیهٔ نخستین نظر مشتری"),
    47: ByHand(30, "هدیهٔ روز مادر", is_slip=True),
}


def people_of(club: DemoClub, last_day: date) -> list[Person]:
    """The members, in the order in which they join: two in three before the 120 days, the others during them."""
    chance = random.Random(f"people of {club.slug}")  # noqa: S311 - a story, no secret
    first_day = last_day - timedelta(days=DAYS)
    people = []
    for number in range(1, club.members + 1):
        woman = chance.random() < 0.55
        days = chance.randrange(DAYS - 10) if number > KNOWN_AT_ONCE and chance.random() < 0.35 else -number
        birth = date(1960, 1, 1) + timedelta(days=chance.randrange(365 * 45))
        people.append(
            Person(
                phone=f"0912000{club.first_phone + number}",
                first_name=chance.choice(WOMEN if woman else MEN),
                last_name=chance.choice(FAMILIES),
                gender="female" if woman else "male",
                birth_date=birth if chance.random() < 0.7 else None,
                tags=chance.choice(TAGS),
                joined_at=_moment(chance, first_day + timedelta(days=days)),
                eagerness=chance.choice((8.0, 4.0, 4.0, 2.0, 2.0, 1.0, 1.0, 1.0, 0.4)),
            )
        )
    return people


def sales_of(club: DemoClub, people: list[Person], last_day: date) -> list[Sale]:
    """The purchases in order of time, all of them over by the last day."""
    chance = random.Random(f"sales of {club.slug}")  # noqa: S311 - a story, no secret
    moments = sorted(_moments(chance, club, last_day))
    return [_sale(chance, club, people, number, at) for number, at in enumerate(moments, start=1)]


def _moments(chance: random.Random, club: DemoClub, last_day: date) -> Iterator[datetime]:
    for days in range(DAYS):
        day = last_day - timedelta(days=DAYS - days)
        expected = club.visits_a_day * DAY_WEIGHTS[weekday(day)] * (0.8 + 0.4 * days / DAYS)
        for _visit in range(int(expected + chance.random())):
            yield _moment(chance, day)


def _moment(chance: random.Random, day: date) -> datetime:
    (hour,) = chance.choices(tuple(HOUR_WEIGHTS), tuple(HOUR_WEIGHTS.values()))
    at = time(hour, chance.randrange(60), chance.randrange(60))
    return datetime.combine(day, at, tzinfo=ZoneInfo(TEHRAN))


def _sale(chance: random.Random, club: DemoClub, people: list[Person], number: int, at: datetime) -> Sale:
    there = [person for person in people if person.joined_at <= at]
    somebody = bool(there) and chance.random() < 0.86
    (person,) = chance.choices(there, [person.eagerness for person in there]) if somebody else (None,)
    several = chance.choice((1, 1, 2, 2, 3)) + (weekday(at.date()) in ENDS_OF_WEEK)
    goods = chance.choices(club.goods, [good.weight for good in club.goods], k=several)
    lines = tuple((code, chance.choice((1, 1, 1, 2))) for code in dict.fromkeys(good.code for good in goods))
    (branch,) = chance.choices([code for code, _name, _address in club.branches], club.branch_weights)
    refunded = chance.random() < 0.02
    return Sale(
        number=number,
        at=at,
        phone=person.phone if person else None,
        lines=lines,
        branch=branch,
        by_credit=person is not None and chance.random() < 0.2,
        refund_after=timedelta(minutes=chance.randrange(5, 300)) if refunded else None,
        refund_first_line_only=refunded and len(lines) > 1,
        by_hand=BY_HAND.get(number % 60),
    )
