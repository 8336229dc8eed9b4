"""What cannot be merged is refused and nothing moves; the same key merges once."""

import pytest

from club.ledger.adjustments import Adjustment, adjust_value
from club.ledger.selectors import balances
from club.members.services import set_referrer, update_member
from club.purchases.merging import merge_members, preview_merge
from core.errors import Conflict, IdempotencyConflict, NotFound, ValidationFailed
from core.models import Club
from core.tenancy.scope import club_scope
from tests.club.merging.conftest import merge
from tests.shop import NOON, Shop


def test_what_cannot_be_merged_is_refused_and_nothing_moves(shop: Shop, other_club: Club) -> None:
    one, two = shop.member(opening_points=10), shop.member()
    with club_scope(other_club):
        foreign = Shop(other_club).member()

    for join in (preview_merge, lambda a, b: merge_members(a, b, actor="user:7", key="k", now=NOON)):
        with pytest.raises(ValidationFailed):
            join(one.pk, one.pk)
        for pair in ((one.pk, foreign.pk), (foreign.pk, one.pk), (one.pk, 2**63), (2**62, one.pk)):
            with pytest.raises(NotFound):
                join(*pair)
    merge(one, two, key="done")
    for pair in ((one.pk, two.pk), (two.pk, one.pk)):  # again, and in a circle
        with pytest.raises(Conflict):
            merge_members(*pair, actor="user:7", key="again", now=NOON)
    for act in (
        lambda: update_member(one.pk, {"first_name": "x"}, actor="user:1"),
        lambda: adjust_value(Adjustment(one.pk, "points", 5, "x"), actor="user:1", key="a", now=NOON),
        lambda: set_referrer(one.pk, two.referral_code, actor="user:1"),
    ):
        with pytest.raises(NotFound):
            act()
    assert balances(two.pk, NOON).points == 10
    assert shop.proven()


def test_the_same_key_merges_once(shop: Shop) -> None:
    one, two, three = shop.member(opening_points=10), shop.member(), shop.member()
    first = merge(one, two)

    again = merge(one, two)

    assert (again.moved, again.replayed) == (first.moved, True)
    with pytest.raises(IdempotencyConflict):
        merge(three, two)
