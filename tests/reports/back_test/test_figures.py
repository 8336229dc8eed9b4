"""A back-test finds what a plain replay by the engine finds: over the CDNOW log, and over shops drawn by chance."""

import gzip
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from club.awards.naming import known_codes
from club.purchases.orders import PurchaseOrder
from core.jalali import local_date
from core.models import Club
from core.tenancy.scope import club_scope
from offers.models import Offer
from offers.parsing import parse
from offers.rules import Terms
from reports.back_test.figures import BackTest
from reports.back_test.running import Replay, as_tested
from reports.ranges import Span
from tests.club.logs import MASTER, SAMPLE, imported
from tests.club.offers.drawn import LIMITS, ORDERS, TERMS, open_shop, put_up, sayable, undone
from tests.reports.back_test.plain import Plain, plain_replay
from tests.shop import NOON, Shop

TODAY = local_date(NOON)
SPAN = Span(TODAY - timedelta(days=39), TODAY)


def found(terms: Terms, span: Span = SPAN, *, number: int | None = None) -> BackTest:
    replay = Replay(as_tested(terms, number), span, now=NOON)
    assert replay.go_on()
    return replay.found()


def assert_same(told: BackTest, plain: Plain) -> None:
    assert (told.members, told.purchases, told.cost, told.net) == (
        len(plain.members),
        plain.purchases,
        plain.cost,
        plain.net,
    )
    assert {one.first: (one.purchases, one.cost) for one in told.weeks if one.purchases} == plain.weeks
    assert {one.offer: (one.times, one.saved) for one in told.displaced} == plain.displaced
    assert (told.lasts_days, told.sales) == (plain.lasts_days, plain.sales)


def said(benefit: dict[str, Any], **more: Any) -> Terms:
    return parse({"name": "tried", "trigger": "purchase", "benefit": benefit, **more})


# --- the CDNOW log ----------------------------------------------------------------------------------------------------

CDNOW = Span(date(1997, 1, 1), date(1998, 6, 30))
TRIED = (
    said({"kind": "discount_percent", "percent": 7}, when={"fact": "amount", "op": "gte", "value": 400_000}),
    said(
        {"kind": "credit_percent", "percent": 10, "max": 20_000},
        when={
            "all": [{"fact": "visit_number", "op": "gt", "value": 3}, {"fact": "weekday", "op": "in", "value": [0, 3]}]
        },
        limits={"budget": 3_000_000, "per_member_per_month": 1},
    ),
    said(
        {"kind": "points_factor", "factor": 2},
        when={"fact": "spent_in_days", "op": "gte", "value": 600_000, "of": 60},
        control_percent=10,
    ),
)


def bring_in(club: Club, path: Path) -> None:
    with club_scope(club):
        Shop(club).programme(rial_per_point=50_000, credit_bp=100)
    assert imported(path, club)[0] == 0


@pytest.mark.slow
def test_over_the_cdnow_sample_it_is_what_a_plain_replay_finds(committed_club: Club, tmp_path: Path) -> None:
    """Of its first lines; of all of them with `make long`."""
    path = tmp_path / SAMPLE.name.removesuffix(".gz")
    lines = gzip.decompress(SAMPLE.read_bytes()).split(b"\n")
    path.write_bytes(b"\n".join(lines if "LONG" in os.environ else lines[:500]))

    bring_in(committed_club, path)

    for terms in TRIED:
        told = found(terms, CDNOW)
        assert_same(told, plain_replay(terms, None, CDNOW))
        assert told.purchases and told.cost


@pytest.mark.skipif("LONG" not in os.environ or not MASTER.exists(), reason="minutes long: make long")
def test_over_the_cdnow_master_log_it_is_what_a_plain_replay_finds(committed_club: Club) -> None:
    bring_in(committed_club, MASTER)

    for terms in TRIED:
        assert_same(found(terms, CDNOW), plain_replay(terms, None, CDNOW))


# --- by chance --------------------------------------------------------------------------------------------------------

MOMENTS = st.tuples(st.integers(0, 45), st.integers(0, 23))
BOUGHT = st.lists(st.tuples(MOMENTS, st.integers(0, 2), ORDERS), min_size=1, max_size=8)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(live=st.lists(TERMS, max_size=3), tried=TERMS, limits=LIMITS, bought=BOUGHT, place=st.none() | st.integers(0, 2))
def test_over_any_shop_it_is_what_a_plain_replay_finds(
    shop: Shop,
    live: list[dict[str, Any]],
    tried: dict[str, Any],
    limits: dict[str, Any],
    bought: list[tuple[tuple[int, int], int, PurchaseOrder]],
    place: int | None,
) -> None:
    with undone():
        open_shop(shop)
        put_up([{**one, "code_required": False} for one in live])
        members = [
            shop.member(opening_credit=60_000, birth_date=born, enrolled_at=NOON - timedelta(days=60))
            for born in (None, date(1995, 11, 22), date(1990, 3, 5))
        ]
        for (days, hours), who, order in sorted(bought, key=lambda one: one[0], reverse=True):
            at = NOON - timedelta(days=days, hours=hours)
            shop.buy(replace(order, member_id=members[who].pk), now=at)
        number = changed(place)
        terms = parse({"name": "tried", "trigger": "purchase", **sayable(tried), "limits": limits}, known=known_codes())

        assert_same(found(terms, number=number), plain_replay(terms, number, SPAN))


def changed(place: int | None) -> int | None:
    """The number of a live offer of which a change is tried."""
    numbers = list(Offer.objects.filter(name__startswith="offer").order_by("pk").values_list("pk", flat=True))
    return numbers[place] if place is not None and place < len(numbers) else None
