"""Who is greeted and rewarded on a birthday, as a table: who joined when, who is no member any more, who was born when."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from club.members.services import update_member
from club.purchases.merging import merge_members
from core.jalali import from_jalali
from crm.occasions.daily import birthdays
from crm.occasions.models import Greeting
from tests.crm.occasions.acts import FIFTY, hear, occasions, points
from tests.crm.occasions.test_daily import BORN, around
from tests.offering import LONG_AGO, publish
from tests.shop import NOON, Shop

LEAP_DAY = from_jalali(1399, 12, 30)
EVENING = {1403: from_jalali(1403, 12, 30), 1404: from_jalali(1404, 12, 29)}


def noon(day: date) -> datetime:
    return datetime.combine(day, NOON.timetz())


def greeted(member: Any) -> list[str]:
    return list(Greeting.objects.filter(member=member).order_by("key").values_list("key", flat=True))


def test_who_is_a_member_with_a_birthday_today_is_greeted_and_rewarded(shop: Shop) -> None:
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")
    table = {
        "joined long ago": ({"birth_date": BORN, "enrolled_at": LONG_AGO}, 50),
        "joined this morning": ({"birth_date": BORN, "enrolled_at": NOON - timedelta(hours=4)}, 50),
        "told no birthday": ({}, 0),
        "born the day before": ({"birth_date": BORN - timedelta(days=1)}, 0),
        "has no phone": ({"birth_date": BORN, "phone": None, "card": "700123"}, 50),
        "blocked": ({"birth_date": BORN, "status": "blocked"}, 0),
        "erased": ({"birth_date": BORN, "status": "erased"}, 0),
    }
    members = {}
    for name, (person, _due) in table.items():
        status = person.pop("status", "active")
        members[name] = shop.member(**person)
        type(members[name]).objects.filter(pk=members[name].pk).update(status=status)

    birthdays(now=NOON)

    assert {name: points(member) for name, member in members.items()} == {
        name: due for name, (_p, due) in table.items()
    }
    assert [bool(greeted(member)) for member in members.values()] == [due > 0 for _p, due in table.values()]


@pytest.mark.parametrize("year", [1403, 1404])
@pytest.mark.parametrize(
    ("window", "days"),
    [((0, 0), [0]), ((-1, -1), [-1]), ((1, 1), [1]), ((-2, 2), [-2])],
)
def test_30_esfand_and_days_around_it_in_leap_and_common_years(
    shop: Shop, year: int, window: tuple[int, int], days: list[int]
) -> None:
    member = shop.member(birth_date=LEAP_DAY, enrolled_at=LONG_AGO)
    publish("هدیهٔ تولد", FIFTY, trigger="birthday", when=around(*window))
    given = []

    for offset in range(-4, 5):
        before = points(member)
        birthdays(now=noon(EVENING[year] + timedelta(days=offset)))
        given += [offset] if points(member) > before else []

    assert given == days
    assert (occasions(member), greeted(member)) == ([f"birthday:{year}:1"], [f"birthday:{year}"])


@pytest.mark.parametrize("moved_by", [1, 30, -30])
def test_another_birthday_after_the_greeting_brings_nothing_in_the_same_year(shop: Shop, moved_by: int) -> None:
    member = shop.member(birth_date=BORN, enrolled_at=LONG_AGO)
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")
    birthdays(now=NOON)
    update_member(member.pk, {"birth_date": BORN + timedelta(days=moved_by)}, actor="user:1")

    for year in (1405, 1406):
        on = from_jalali(year, 9, 1) + timedelta(days=moved_by)
        if noon(on) > NOON:
            birthdays(now=noon(on))

    assert (points(member), greeted(member)) == (100, ["birthday:1405", "birthday:1406"])


def test_of_two_records_that_were_merged_the_one_greeting_is_enough(shop: Shop) -> None:
    gone = shop.member(birth_date=BORN, enrolled_at=LONG_AGO)
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")
    birthdays(now=NOON)
    kept = shop.member(birth_date=BORN, enrolled_at=LONG_AGO)
    merge_members(gone.pk, kept.pk, actor="user:1", key="merge", now=NOON)
    hear()

    birthdays(now=NOON + timedelta(hours=1))

    assert (points(kept), greeted(kept), occasions(kept)) == (50, ["birthday:1405"], ["birthday:1405:1"])
    assert shop.proven()
