"""What the nightly proof says of rewards: vouchers fit the ledger, their coupons, and what is taken of the stock."""

import pytest
from django.db import connection

from club.awards import grant_runs
from club.awards.granting import GrantOrder, start_grant
from club.purchases.proof import verify_value
from tests.rewarding import cancels, reward, takes, with_points
from tests.shop import NOON, Shop


@pytest.fixture
def shop(shop: Shop) -> Shop:
    """A voucher that is open, one that a purchase used, one that was cancelled, and one of a thing, given to a list."""
    shop.product("latte", 1_000)
    member = with_points(shop.member(), 100)
    reward(points=10, benefit={"kind": "discount_amount", "amount": 1_000})
    _open, used, cancelled = (takes(member) for _time in range(3))
    shop.buys(member, 50_000, coupons=(used.coupon,))
    cancels(cancelled.id)
    start_grant(GrantOrder("mugs", name="لیوان"), [member.pk], actor="user:1", now=NOON)
    grant_runs.work(now=NOON)
    reward("other", benefit={"kind": "discount_percent", "percent": 5})
    shop.member()
    return shop


def test_what_was_taken_used_and_cancelled_is_clean(shop: Shop) -> None:
    assert shop.proven()


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE rewards_redemption SET points = points - 1 WHERE points > 0", "redemption"),
        ("UPDATE rewards_redemption SET status = 'cancelled' WHERE status = 'issued'", "redemption"),
        ("UPDATE rewards_redemption SET status = 'issued' WHERE status = 'cancelled'", "redemption"),
        ("UPDATE rewards_redemption SET status = 'issued', used_in = '' WHERE status = 'used'", "redemption"),
        ("UPDATE rewards_reward SET taken = taken - 1 WHERE taken > 0", "reward"),
        ("UPDATE offers_coupon SET void = NOT void", "redemption"),
        ("UPDATE offers_coupon SET ends_at = now() + interval '9 years'", "redemption"),
        ("UPDATE offers_coupon SET uses = NULL", "redemption"),
        ("UPDATE offers_coupon SET offer_id = (SELECT max(id) FROM offers_offer)", "redemption"),
        ("UPDATE rewards_redemption SET expires_at = now()", "redemption"),
        ("UPDATE rewards_redemption SET member_id = (SELECT max(id) FROM members_member)", "an"),
        ("UPDATE rewards_redemption SET status = 'used' WHERE coupon_id IS NULL AND status = 'issued'", "redemption"),
        ("DELETE FROM rewards_redemption WHERE status = 'cancelled'", "an"),
        ("UPDATE rewards_redemption SET used_in = 'purchase:0' WHERE used_in <> ''", "redemption"),
        ("UPDATE awards_award SET member_id = (SELECT max(id) FROM members_member)", "award"),
        ("DELETE FROM rewards_redemption WHERE grant_id IS NOT NULL", "redemption"),
    ],
)
def test_what_is_changed_is_found(shop: Shop, tampering: str, found: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(tampering)
        assert cursor.rowcount > 0

    assert found in {fault.what.split()[0] for fault in verify_value()}
