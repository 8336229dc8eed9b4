"""What offers add to the statements of a purchase: nothing while none matches, two when one is given."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import Club
from tests.offering import publish
from tests.shop import Shop

TEN = {"kind": "discount_percent", "percent": 10}


@pytest.fixture
def shop(club: Club) -> Shop:
    """A shop that has sold before: the prices of its rewards are read once a minute."""
    found = Shop(club)
    found.buys(found.member(), 1_000)
    return found


def statements(shop: Shop, amount: int = 1_000_000) -> int:
    member = shop.member()
    with CaptureQueriesContext(connection) as seen:
        shop.buys(member, amount)
    return len(seen)


def test_offers_that_do_not_match_cost_no_statement(shop: Shop) -> None:
    without = statements(shop)
    for number in range(20):
        publish(f"بالای {number}", TEN, when={"fact": "amount", "op": "gt", "value": 10_000_000 + number})
    statements(shop)  # reads the offers and their names once

    assert statements(shop) == without


def test_one_that_is_given_costs_two_and_limits_one_more_and_a_savepoint(shop: Shop) -> None:
    without = statements(shop)
    publish("ده درصد", TEN)
    statements(shop)
    assert statements(shop) == without + 2

    for number in range(5):
        publish(f"محدود {number}", TEN, limits={"per_member": 3, "budget": 10**9})
    statements(shop)
    assert statements(shop) == without + 3

    publish("با بودجه", {"kind": "discount_percent", "percent": 20}, limits={"budget": 10**9})
    statements(shop)
    assert statements(shop) == without + 3 + len(("SAVEPOINT", "RELEASE SAVEPOINT"))
