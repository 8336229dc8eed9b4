"""The next reward and how far it is, told with a purchase; and gifts to a list whose members turn out to be one."""

from datetime import timedelta

import pytest

from club.awards.grant_runs import work
from club.awards.granting import GrantOrder, start_grant
from club.awards.naming import known_codes
from club.ledger.selectors import waiting_then
from club.purchases.merging import merge_members
from club.purchases.models import Purchase
from club.rewards.models import Redemption
from club.rewards.nearest import nearest_reward
from club.rewards.services import update_reward
from core.errors import Conflict
from desk.manager.settings.sample import known_of
from sms.models import OutboxMessage
from tests.offering import publish
from tests.rewarding import reward
from tests.shop import NOON, Shop


def told() -> dict[str, object]:
    context: dict[str, object] = OutboxMessage.objects.filter(kind="purchase_receipt").latest("pk").context
    return context


def test_the_nearest_is_the_cheapest_that_the_points_do_not_reach(shop: Shop) -> None:
    assert nearest_reward(0) is None
    for code, points, more in (
        ("a", 50, {}),
        ("b", 100, {"stock": 0}),
        ("c", 200, {}),
        ("d", 60, {"is_active": False}),
    ):
        reward(code, points, name=code, **more)

    assert [(found.name, found.missing) for at in (0, 50, 70) if (found := nearest_reward(at))] == [
        ("a", 50),
        ("c", 150),
        ("c", 130),
    ]
    assert nearest_reward(200) is None
    update_reward("c", {"points": 250}, known=known_codes(), actor="user:1", now=NOON)
    assert nearest_reward(200) is not None, "known at once where it was changed"


def test_the_receipt_tells_the_way_where_nothing_else_takes_its_place(shop: Shop) -> None:
    shop.programme(rial_per_point=10_000)
    reward(points=100)
    member = shop.member()

    shop.buys(member, 600_000)
    assert (told()["next_reward"], told()["next_reward_missing"]) == ("نوشیدنی رایگان", 40)

    publish("هدیه", {"kind": "points_amount", "points": 1})
    shop.buys(member, 100_000)
    assert "next_reward" not in told(), "where an offer is named, a part more is a price more"


def test_the_way_goes_by_what_can_be_spent_now(shop: Shop) -> None:
    shop.programme(rial_per_point=10_000, points_usable_after_hours=24)
    reward(points=100)
    member = shop.member(now=NOON - timedelta(days=3))
    shop.buys(member, 600_000, now=NOON - timedelta(days=2))

    receipt = shop.buys(member, 300_000)

    assert (receipt.balances["points"], receipt.usable_points) == (90, 60)
    assert told()["next_reward_missing"] == 40
    assert known_of(member, NOON)["next_reward_missing"] == 40
    written = Purchase.objects.get(pk=receipt.id).created_at
    assert waiting_then(member.pk, "points", NOON, recorded_by=written) == 30


def test_of_a_list_that_gave_to_both_each_record_keeps_its_own_voucher(shop: Shop) -> None:
    one, two = shop.member(), shop.member()
    order = GrantOrder("mugs", name="ماگ")
    start_grant(order, [one.pk, two.pk], actor="user:1", now=NOON)
    work(now=NOON)

    merge_members(one.pk, two.pk, actor="user:1", key="merge", now=NOON)

    assert Redemption.objects.filter(member=two).count() == 2
    start_grant(order, [two.pk], actor="user:1", now=NOON)
    assert work(now=NOON) == "nothing to give"
    with pytest.raises(Conflict):
        start_grant(GrantOrder("mugs", name="کیف"), [two.pk], actor="user:1", now=NOON)
    assert shop.proven()
