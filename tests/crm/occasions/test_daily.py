"""The daily jobs: once a member and occasion whatever is run again, on the right day, in a constant number of statements."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.jalali import from_jalali, local_date
from crm.occasions import candidates
from crm.occasions.daily import anniversaries, birthdays, lapsed
from crm.occasions.models import Occasion
from offers.live import current_live_offers
from offers.models import Coupon
from sms.models import OutboxMessage
from tests.crm.occasions.acts import FIFTY, morning, occasions, points
from tests.offering import LONG_AGO, publish
from tests.shop import NOON, Shop

BORN = from_jalali(1370, 9, 1)
TODAY = local_date(NOON)  # 1 Azar 1405


def around(low: int, high: int) -> dict[str, Any]:
    return {"fact": "days_from_birthday", "op": "between", "value": [low, high]}


def wishes() -> int:
    return OutboxMessage.objects.filter(kind="birthday").count()


def test_a_birthday_is_wished_well_and_rewarded_once_however_often_the_job_runs(shop: Shop) -> None:
    member, other = shop.member(birth_date=BORN, first_name="سارا"), shop.member(birth_date=BORN - timedelta(days=1))
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")

    assert birthdays(now=NOON) == "1 greeted, 1 occasions"
    assert birthdays(now=NOON + timedelta(hours=3)) == "0 greeted, 0 occasions"

    assert (points(member), points(other), wishes()) == (50, 0, 1)
    told = OutboxMessage.objects.get(kind="birthday")
    assert (told.member_id, told.context["offers"], told.context["points"]) == (member.pk, ["هدیهٔ تولد"], 50)
    assert occasions(member) == ["birthday:1405:1"]
    assert shop.proven()


def test_a_birthday_is_wished_well_without_any_offer(shop: Shop) -> None:
    shop.member(birth_date=BORN)

    assert birthdays(now=NOON) == "1 greeted, 0 occasions"
    assert (wishes(), Occasion.objects.count()) == (1, 0)


def test_next_year_is_another_occasion(shop: Shop) -> None:
    member = shop.member(birth_date=BORN)
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")

    for year in (1405, 1406):
        birthdays(now=morning(from_jalali(year, 9, 1)))

    assert (points(member), occasions(member)) == (100, ["birthday:1405:1", "birthday:1406:1"])


def test_days_from_the_birthday_move_it_and_the_coupon_lasts_as_many_days_after(shop: Shop) -> None:
    member = shop.member(birth_date=from_jalali(1370, 1, 2))
    ten = publish("ده درصد با کد", {"kind": "discount_percent", "percent": 10}, code_required=True)
    coupon = {"kind": "coupon", "offer": ten.pk, "valid_days": 6}
    publish("تولدت نزدیک است", coupon, trigger="birthday", when=around(-3, 3), stacking="always")
    nowruz = from_jalali(1406, 1, 1)

    ran = [birthdays(now=morning(nowruz + timedelta(days=offset))) for offset in range(-4, 4)]

    assert [one.split(", ")[1] for one in ran] == ["0 occasions"] * 2 + ["1 occasions"] + ["0 occasions"] * 5
    code = Coupon.objects.get(member=member)
    assert code.ends_at is not None
    assert local_date(code.ends_at - timedelta(seconds=1)) == from_jalali(1406, 1, 2) + timedelta(days=3)


@pytest.mark.parametrize(("year", "days"), [(1403, [30]), (1404, [29])])
def test_30_esfand_has_its_birthday_every_year_once(shop: Shop, year: int, days: list[int]) -> None:
    member = shop.member(birth_date=from_jalali(1399, 12, 30), enrolled_at=LONG_AGO)
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")
    last = 30 if year == 1403 else 29

    for day in (28, 29, last):
        birthdays(now=morning(from_jalali(year, 12, day)))
    birthdays(now=morning(from_jalali(year + 1, 1, 1)))

    assert occasions(member) == [f"birthday:{year}:1"]
    assert local_date(Occasion.objects.get().occurred_at) == from_jalali(year, 12, days[0])


def test_offers_of_one_day_compete_and_those_that_hold_later_have_their_turn_later(shop: Shop) -> None:
    member = shop.member(birth_date=BORN)
    publish("کم", {"kind": "points_amount", "points": 20}, trigger="birthday")
    publish("زیاد", FIFTY, trigger="birthday")
    publish("افزون بر آن", {"kind": "points_amount", "points": 5}, trigger="birthday", stacking="always")
    publish("پس از تولد", {"kind": "points_amount", "points": 7}, trigger="birthday", when=around(2, 4))

    for offset in range(5):
        birthdays(now=NOON + timedelta(days=offset))

    assert points(member) == 62
    assert occasions(member) == ["birthday:1405:2", "birthday:1405:1"]


def test_who_does_not_meet_the_conditions_keeps_the_turn_for_a_later_day(shop: Shop) -> None:
    member = shop.member(birth_date=BORN)
    vip = {"all": [around(0, 5), {"fact": "tag", "op": "has", "value": "vip"}]}
    publish("هدیهٔ ویژه", FIFTY, trigger="birthday", when=vip)

    birthdays(now=NOON)
    assert occasions(member) == []
    type(member).objects.filter(pk=member.pk).update(tags=["vip"])
    birthdays(now=NOON + timedelta(days=1))

    assert points(member) == 50


def test_days_around_a_birthday_look_only_for_whom_an_offer_had_no_turn_with(shop: Shop) -> None:
    member = shop.member(birth_date=BORN + timedelta(days=2))
    publish("نزدیک تولد", FIFTY, trigger="birthday", when=around(-5, 5))
    live = list(current_live_offers().at(NOON).by_id.values())
    near = candidates.birthdays_near(live, TODAY)

    def looked_for() -> list[int]:
        return [pk for rows in candidates.born_without_turn(near, live, by=TODAY) for pk, _on in rows]

    assert looked_for() == [member.pk]
    birthdays(now=NOON)
    assert (looked_for(), points(member)) == ([], 50)


def test_a_limit_for_all_gives_exactly_so_many_and_a_used_up_turn_does_not_come_again(shop: Shop) -> None:
    for _each in range(4):
        shop.member(birth_date=BORN)
    offer = publish("سه نفر نخست", FIFTY, trigger="birthday", when=around(0, 5), limits={"total": 3})

    birthdays(now=NOON)
    birthdays(now=NOON + timedelta(days=1))

    assert offer.awards.count() == 3
    assert Occasion.objects.count() == 4
    assert Occasion.objects.filter(awards=[]).get().considered[0]["outcome"] == "limit_reached"
    assert shop.proven()


def test_an_anniversary_comes_on_the_day_of_joining_each_year(shop: Shop) -> None:
    joined = morning(from_jalali(1403, 12, 30)) + timedelta(hours=5)
    member = shop.member(enrolled_at=joined)
    publish("سالگرد", FIFTY, trigger="anniversary")

    for day in (
        from_jalali(1403, 12, 30),
        from_jalali(1404, 12, 29),
        from_jalali(1405, 1, 1),
        from_jalali(1405, 12, 29),
    ):
        anniversaries(now=morning(day))
        anniversaries(now=morning(day) + timedelta(hours=1))

    assert occasions(member) == ["anniversary:1:1", "anniversary:2:1"]


def away_for(low: int, **more: Any) -> dict[str, Any]:
    return {"fact": "days_since_last_purchase", "op": "gte", "value": low, **more}


def test_who_stays_away_is_written_to_once_and_after_the_next_purchase_again(shop: Shop) -> None:
    shop.programme(rial_per_point=None)
    member, never = shop.member(), shop.member()
    publish("دلمان تنگ شده", FIFTY, trigger="lapsed", when=away_for(30))
    shop.buys(member, 1_000_000)

    for days in (29, 30, 31, 60):
        lapsed(now=NOON + timedelta(days=days))
    assert (points(member), points(never)) == (50, 0)

    shop.buys(member, 1_000_000, now=NOON + timedelta(days=61))
    for days in (62, 91, 92):
        lapsed(now=NOON + timedelta(days=days))
    assert points(member) == 100
    assert Occasion.objects.filter(member=member).count() == 2


def test_the_members_own_gap_says_when_somebody_stays_away(shop: Shop) -> None:
    shop.programme(rial_per_point=None)
    weekly, monthly = shop.member(), shop.member()
    for times, (member, gap) in enumerate([(weekly, 7), (monthly, 30)], start=1):
        for number in range(3):
            shop.buys(member, 1_000_000, now=NOON - timedelta(days=gap * number, minutes=times))
    own = {"fact": "days_since_last_purchase", "op": "gte", "value": {"own": "usual_gap", "percent": 200}}
    publish("از همیشه دیرتر", FIFTY, trigger="lapsed", when=own)

    lapsed(now=NOON + timedelta(days=13))
    assert (points(weekly), points(monthly)) == (0, 0)
    lapsed(now=NOON + timedelta(days=15))
    assert (points(weekly), points(monthly)) == (50, 0)


def test_who_stays_away_is_looked_for_by_what_the_offer_asks_and_all_of_them_are_found(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.programme(rial_per_point=None)
    shop.tiers()
    monkeypatch.setattr(candidates, "READ", 2)  # a statement's members
    own = {"fact": "days_since_last_purchase", "op": "gte", "value": {"own": "usual_gap", "percent": 150}}
    gold = {"all": [own, {"fact": "tier", "op": "gte", "value": "silver"}]}
    publish("از همیشه دیرتر", FIFTY, trigger="lapsed", when=own)
    publish("نقره‌ای‌ها", {"kind": "points_amount", "points": 7}, trigger="lapsed", when=gold, stacking="always")
    table = {"weekly": (7, 1_000_000, 3), "silver": (7, 50_000_000, 3), "monthly": (30, 1, 3), "twice": (7, 1, 2)}
    members = {name: shop.member() for name in table}
    for name, (gap, amount, times) in table.items():
        for number in range(times):
            shop.buys(members[name], amount, now=NOON - timedelta(days=gap * (times - number)))

    live = current_live_offers().at(NOON).by_id.values()
    today = TODAY + timedelta(days=4)  # 11 days after the weekly ones came last: 10½ is one and a half of their gap
    found = [pk for rows in candidates.away(candidates.windows_of(live, today), today) for pk, _key in rows]
    lapsed(now=NOON + timedelta(days=4))

    assert found == [members["weekly"].pk, members["silver"].pk]
    assert [points(member) for member in members.values()] == [50, 57, 0, 0]


def test_an_offer_that_names_no_days_of_staying_away_is_for_nobody(shop: Shop) -> None:
    shop.buys(shop.member(), 1_000_000)
    publish("بی‌شرط", FIFTY, trigger="lapsed")

    assert lapsed(now=NOON + timedelta(days=90)) == "0 occasions"


def statements(run: Any, now: datetime) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        run(now=now)
    return len(asked)


def test_a_batch_is_a_constant_number_of_statements_and_memory_is_that_of_a_batch(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought = {"fact": "spent_in_days", "of": 90, "op": "gte", "value": 0}
    publish("هدیهٔ تولد", FIFTY, trigger="birthday", when=bought, limits={"per_member": 1, "budget": 100_000_000})
    days = [BORN + timedelta(days=5), *(BORN - timedelta(days=offset) for offset in range(3))]
    for size, born in zip((1, 2, 20, 20), days, strict=True):
        for _each in range(size):
            shop.member(birth_date=born, enrolled_at=LONG_AGO)

    birthdays(now=NOON + timedelta(days=5))  # offers and names are read and kept

    few = statements(birthdays, NOON)
    many = statements(birthdays, NOON - timedelta(days=1))
    monkeypatch.setattr(candidates, "BATCH", 10)
    in_two = statements(birthdays, NOON - timedelta(days=2))

    assert few == many
    assert many < in_two < 2 * many
    assert Occasion.objects.count() == 43


def test_days_of_the_gregorian_calendar_move_while_the_birthday_stays(shop: Shop) -> None:
    """1 Azar is 22 November of 2026 and 21 November of 2024 (a leap year's)."""
    member = shop.member(birth_date=BORN, enrolled_at=LONG_AGO)
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")

    for day in (date(2024, 11, 21), date(2026, 11, 22)):
        assert from_jalali(day.year - 621, 9, 1) == day
        birthdays(now=morning(day))

    assert points(member) == 100
