"""A morning whose job did not run is made up for at its next run, as of itself, once, and not for ever."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from config.schedule import JOBS
from core.jobs import run_in_club
from crm.occasions import answering, daily
from crm.occasions.answering import Call, Happening
from crm.occasions.daily import MOST_MISSED, anniversaries, birthdays, lapsed
from crm.occasions.models import Greeting, Occasion
from offers.models import Coupon, Offer
from offers.services import move_offer
from tests.crm.occasions.acts import FIFTY, points
from tests.crm.occasions.test_daily import BORN, around, away_for, wishes
from tests.offering import LONG_AGO, publish
from tests.shop import NOON, Shop
from tests.threads import in_threads

ON_THE_DAY = NOON - timedelta(hours=3, minutes=30)  # 8:30


def ago(days: int) -> datetime:
    return ON_THE_DAY - timedelta(days=days)


def born_ago(shop: Shop, days: int, **more: Any) -> Any:
    return shop.member(birth_date=BORN - timedelta(days=days), **{"enrolled_at": LONG_AGO, **more})


def test_after_three_days_off_each_missed_birthday_is_greeted_and_rewarded_once(shop: Shop) -> None:
    born = [born_ago(shop, days) for days in range(5)]
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")

    for now in (NOON, NOON, NOON + timedelta(hours=5)):
        birthdays(now=now, last=ago(4))

    assert [points(member) for member in born] == [50, 50, 50, 50, 0]
    assert (wishes(), Greeting.objects.count(), Occasion.objects.count()) == (4, 4, 4)
    assert set(Occasion.objects.values_list("occurred_at", flat=True)) == {NOON}, "given now"
    assert shop.proven()


@pytest.mark.parametrize(("last", "made_up_for"), [(0, 0), (1, 0), (2, 1), (8, 7), (40, MOST_MISSED), (None, 0)])
def test_so_many_days_are_made_up_for(shop: Shop, last: int | None, made_up_for: int) -> None:
    born = [born_ago(shop, days) for days in range(MOST_MISSED + 2)]

    birthdays(now=NOON, last=None if last is None else ago(last))

    greeted = set(Greeting.objects.values_list("member", flat=True))
    assert [member.pk in greeted for member in born] == [days <= made_up_for for days in range(len(born))]


@pytest.mark.parametrize("joined", [0, 1, 2])
def test_who_joined_after_the_birthday_that_was_missed_gets_nothing(shop: Shop, joined: int) -> None:
    member = born_ago(shop, 1, enrolled_at=ago(joined))
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")

    birthdays(now=NOON, last=ago(3))

    assert (points(member), wishes()) == ((0, 0) if joined == 0 else (50, 1))


def test_days_around_a_birthday_that_passed_meanwhile_count_and_the_coupon_is_good_from_today(shop: Shop) -> None:
    ten = publish("ده درصد با کد", {"kind": "discount_percent", "percent": 10}, code_required=True)
    coupon = {"kind": "coupon", "offer": ten.pk, "valid_days": 2}
    publish("روز پس از تولد", coupon, trigger="birthday", when=around(1, 1), stacking="always")
    member = born_ago(shop, 3)

    birthdays(now=NOON, last=ago(4))

    ends_at = Coupon.objects.get(member=member).ends_at
    assert ends_at is not None and ends_at > NOON + timedelta(days=1)


def stopped(offer: Offer) -> None:
    move_offer(offer.pk, "pause", actor="user:1", now=ago(0))


def test_offers_answer_to_missed_days_as_they_were_then_unless_they_were_stopped_since(shop: Shop) -> None:
    member = born_ago(shop, 2)
    publish("پس از آن روز", FIFTY, trigger="birthday", since=ago(1))
    stopped(publish("نگه‌داشته", FIFTY, trigger="birthday"))
    over = {"kind": "points_amount", "points": 7}
    publish("تمام‌شده", over, trigger="birthday", ends_at=ago(1).isoformat(), starts_at=LONG_AGO.isoformat())

    birthdays(now=NOON, last=ago(3))

    assert points(member) == 7


def test_an_anniversary_and_a_day_of_staying_away_are_made_up_for(shop: Shop) -> None:
    shop.programme(rial_per_point=None)
    joined = shop.member(enrolled_at=ago(2).replace(year=2025))
    away = shop.member(enrolled_at=LONG_AGO)
    shop.buys(away, 1_000_000, now=ago(32))
    publish("سالگرد", FIFTY, trigger="anniversary")
    publish("سی روز", FIFTY, trigger="lapsed", when={**away_for(30), "op": "eq"})

    for run in (anniversaries, lapsed):
        assert run(now=NOON, last=ago(1)) == "0 occasions"
        assert run(now=NOON, last=ago(3)) == "1 occasions"
        assert run(now=NOON, last=ago(3)) == "0 occasions"

    assert (points(joined), points(away)) == (50, 50)


def test_the_table_of_jobs_tells_when_it_was_last_done(shop: Shop) -> None:
    born = [born_ago(shop, days) for days in range(3)]
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")
    job = JOBS["birthdays"]

    ran = [run_in_club(job, shop.club.pk, due_at=at, now=at).text for at in (ago(3), ago(0))]

    assert ran == ["0 greeted, 0 occasions", "3 greeted, 3 occasions"]
    assert [points(member) for member in born] == [50, 50, 50]


def thrice(shop: Shop) -> None:
    acts: list[Callable[[], Any]] = [lambda: birthdays(now=NOON, last=ago(4))] * 3
    in_threads(shop.club.pk, acts)


def test_three_workers_make_up_for_the_same_days_once(committed_shop: Shop) -> None:
    born = [born_ago(committed_shop, days) for days in range(4)]
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")

    thrice(committed_shop)

    assert [points(member) for member in born] == [50] * 4
    assert (wishes(), Occasion.objects.count()) == (4, 4)


def test_twin_without_the_keys_of_the_year_each_worker_gives_and_greets(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = born_ago(committed_shop, 2)
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")
    monkeypatch.setattr(daily, "note_told", lambda told: [pk for pk, _key in told])
    numbers, answer = count(), answering.answer

    def with_keys_of_their_own(call: Call, happenings: list[Happening]) -> Any:
        return answer(call, [Happening(one.member_id, f"{one.key}:{next(numbers)}") for one in happenings])

    monkeypatch.setattr(daily, "answer", with_keys_of_their_own)

    thrice(committed_shop)

    assert (points(member), wishes()) == (150, 3)
