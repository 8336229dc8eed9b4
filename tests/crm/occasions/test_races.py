"""Three workers at the same job, and many members at one budget: once, and exactly the limit; and the twins without."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from club.awards.models import Award
from club.purchases.proof import verify_value
from crm.occasions import answering, daily
from crm.occasions.answering import Call, Happening
from crm.occasions.models import Occasion
from offers.models import OfferCounter
from offers.shared import Shared
from sms.models import OutboxMessage
from tests.crm.occasions.acts import FIFTY, points
from tests.offering import publish
from tests.shop import NOON, Shop
from tests.threads import in_threads


def thrice(shop: Shop) -> list[Any]:
    def run() -> str:
        return daily.birthdays(now=NOON)

    acts: list[Callable[[], Any]] = [run, run, run]
    return in_threads(shop.club.pk, acts)


def born_today(shop: Shop) -> Any:
    return shop.member(birth_date=datetime(1991, 11, 22).date())


def test_a_birthday_job_run_three_times_at_once_gives_one_gift(committed_shop: Shop) -> None:
    member = born_today(committed_shop)
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")

    thrice(committed_shop)

    assert (points(member), Occasion.objects.filter(member=member).count()) == (50, 1)
    told = OutboxMessage.objects.filter(member_id=member.pk)
    assert sorted(told.values_list("kind", flat=True)) == ["birthday", "welcome"]
    assert verify_value() == []


def test_twin_without_the_key_that_guards_it_there_are_three_gifts(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = born_today(committed_shop)
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")
    numbers, answer = count(), answering.answer

    def with_keys_of_their_own(call: Call, happenings: list[Happening]) -> Any:
        return answer(call, [Happening(one.member_id, f"{one.key}:{next(numbers)}") for one in happenings])

    monkeypatch.setattr(daily, "answer", with_keys_of_their_own)

    thrice(committed_shop)

    assert points(member) == 150


def test_a_budget_is_given_exactly_by_three_workers_over_many_members(committed_shop: Shop) -> None:
    committed_shop.programme(point_worth=1_000)
    for _each in range(12):
        born_today(committed_shop)
    offer = publish("پنج هدیه", FIFTY, trigger="birthday", limits={"budget": 250_000})

    thrice(committed_shop)

    counter = OfferCounter.objects.get(offer=offer, period="")
    assert (Award.objects.filter(offer=offer).count(), counter.used, counter.spent) == (5, 5, 250_000)
    assert verify_value() == []


def test_twin_without_the_look_at_what_is_left_the_budget_is_overrun(
    committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed_shop.programme(point_worth=1_000)
    for _each in range(12):
        born_today(committed_shop)
    offer = publish("پنج هدیه", FIFTY, trigger="birthday", limits={"budget": 250_000})
    monkeypatch.setattr(Shared, "_why", lambda _self, _one: "")

    thrice(committed_shop)

    assert Award.objects.filter(offer=offer).count() == 12
