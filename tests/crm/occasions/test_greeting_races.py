"""Greetings while several workers tell at once: each member once, by the note that they were told."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from club.members.models import Member
from crm.occasions import greeting
from crm.occasions.greeting import greetings
from tests.crm.occasions.acts import YALDA, morning, switch, who
from tests.offering import LONG_AGO
from tests.shop import Shop
from tests.threads import in_threads


def thrice(shop: Shop, now: datetime) -> None:
    acts: list[Callable[[], Any]] = [lambda: greetings(now=now)] * 3
    in_threads(shop.club.pk, acts)


def test_three_workers_at_once_tell_each_once(committed_shop: Shop) -> None:
    shop = committed_shop
    members = agreed(shop)

    thrice(shop, morning(YALDA))

    assert sorted(who("named_day-yalda")) == sorted(members)


def test_twin_without_the_note_each_worker_tells(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    members = agreed(committed_shop)
    monkeypatch.setattr(greeting, "note_told", lambda keys: [member for member, _key in keys])

    thrice(committed_shop, morning(YALDA))

    assert sorted(who("named_day-yalda")) == sorted(members * 3)


def agreed(shop: Shop) -> list[int]:
    members = [shop.member(enrolled_at=LONG_AGO).pk for _each in range(4)]
    Member.objects.filter(pk__in=members).update(sms_consent=True)
    switch("named_day-yalda")
    return members
