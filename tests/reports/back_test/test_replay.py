"""A back-test writes nothing, sees one club, asks as many queries for any chunk, and may be put by and gone on with."""

import pickle
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from club.purchases.refunds import RefundOrder, refund_purchase
from core.models import Club
from core.tenancy.scope import club_scope
from offers.parsing import parse
from offers.rules import Terms
from reports.back_test import running
from reports.back_test.running import Replay, as_tested
from reports.back_test.steps import back_test, first_look, last_days
from tests.offering import publish
from tests.shop import NOON, Shop

TERMS = parse({"name": "tried", "trigger": "purchase", "benefit": {"kind": "discount_percent", "percent": 10}})
ON_TOP = parse(
    {
        "name": "on top",
        "trigger": "purchase",
        "benefit": {"kind": "discount_amount", "amount": 50_000},
        "stacking": "always",
    }
)


def sell(shop: Shop, count: int) -> None:
    members = [shop.member(enrolled_at=NOON - timedelta(days=100)) for _each in range(4)]
    for number in range(count):
        shop.buys(members[number % 4], 1_000_000, now=NOON - timedelta(days=number % 20, minutes=number))


def replayed(terms: Terms = TERMS) -> Any:
    return back_test(terms, None, last_days(NOON), now=NOON).figures


def test_nothing_is_written(committed_shop: Shop) -> None:
    with club_scope(committed_shop.club):
        publish("live", {"kind": "points_factor", "factor": 2}, stacking="always")
        sell(committed_shop, 3)
        with transaction.atomic(), connection.cursor() as cursor:
            assert replayed(ON_TOP).purchases == 3
            cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NULL")
            assert cursor.fetchone() == (True,)


def test_purchases_of_another_club_are_not_seen(shop: Shop, other_club: Club) -> None:
    sell(shop, 2)
    with club_scope(other_club):
        sell(Shop(other_club), 3)

    assert (replayed().purchases, replayed().sales) == (2, 2_000_000)


@pytest.mark.parametrize("terms", [TERMS, ON_TOP])
def test_a_chunk_takes_as_many_queries_however_many_purchases_it_has(
    shop: Shop, terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish("live", {"kind": "points_factor", "factor": 2}, stacking="always")
    sell(shop, 12)
    monkeypatch.setattr(running, "CHUNK", 5)

    def queries(size: int) -> int:
        monkeypatch.setattr(running, "CHUNK", size)
        replay = Replay(as_tested(terms, None), last_days(NOON), now=NOON)
        with CaptureQueriesContext(connection) as captured:
            replay.go_on(0)
        return len(captured)

    assert queries(10) == queries(3) <= 5


def test_it_may_be_put_by_and_gone_on_with(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    sell(shop, 12)
    whole = replayed()
    monkeypatch.setattr(running, "CHUNK", 5)

    tally, steps = None, 0
    while tally is None or not tally.is_done:
        replay = Replay(as_tested(TERMS, None), last_days(NOON), now=NOON, tally=tally)
        replay.go_on(0)
        tally, steps = pickle.loads(pickle.dumps(replay.tally)), steps + 1

    assert steps == 3
    assert replay.found() == whole


def test_a_sample_stands_for_all_of_them(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.back_test.steps.FEW", 4)
    monkeypatch.setattr("reports.back_test.steps.OF_SAMPLE", 6)
    sell(shop, 12)  # three of each of four members, every second of whom is looked at

    found = first_look(TERMS, None, last_days(NOON), now=NOON).figures

    assert found is not None and found.sample is not None
    assert (found.sample.every, found.sample.purchases) == (2, 6)
    assert (found.members, found.purchases, found.cost, found.sales) == (4, 12, 1_200_000, 12_000_000)


def test_what_was_taken_back_whole_was_never_bought(shop: Shop) -> None:
    sell(shop, 2)
    gone = shop.buys(shop.member(), 1_000_000)
    refund_purchase(RefundOrder(gone.id or 0), actor="user:1", key="back", now=NOON)

    assert (replayed().purchases, replayed().sales) == (2, 2_000_000)
