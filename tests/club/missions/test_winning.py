"""A mission filled by purchases is rewarded once, and taken back with what filled it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from club.awards.models import Award
from club.awards.naming import known_codes
from club.ledger.selectors import Balances, balances
from club.members.models import Member
from club.missions.models import MissionWin
from club.missions.services import end_mission, update_mission
from club.purchases.erasure import erase_member
from club.purchases.merging import merge_members
from club.purchases.models import Purchase
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.refunds import RefundOrder, look_at_refund, refund_purchase
from club.purchases.selectors import get_purchase, left_after
from club.purchases.services import preview_purchase
from club.tiers.models import Tier
from core.errors import ValidationFailed
from offers.models import Coupon, OfferCounter
from sms.models import OutboxMessage
from tests.club.missions.cards import CREDIT, POINTS, mission, rounds, stamp_card
from tests.shop import NOON, Shop

TEN = {"kind": "discount_percent", "percent": 10}
DAY = timedelta(days=1)


def points_of(member: Member) -> int:
    return balances(member.pk, NOON).points


def told(purchase_id: int | None) -> list[tuple[int, int, int]]:
    found = Purchase.objects.get(pk=purchase_id).facts.get("missions", [])
    return [(one["progress"], one["target"], one["filled"]) for one in found]


def refund(shop: Shop, purchase_id: int | None, **what: object) -> tuple[str, ...]:
    shop.keys += 1
    order = RefundOrder(purchase_id or 0, **what)
    return refund_purchase(order, actor="user:1", key=f"refund-{shop.keys}", now=order.occurred_at or NOON).missions


def test_the_third_purchase_fills_it_and_brings_the_points_once(shop: Shop) -> None:
    three, member = mission(), shop.member()

    receipts = [shop.buys(member, 1_000) for _ in range(4)]

    assert [told(one.id) for one in receipts] == [[(1, 3, 0)], [(2, 3, 0)], [(3, 3, 1)], []], (
        "once filled it is not said again"
    )
    assert (rounds(three), points_of(member)) == ([("", 1)], 50)
    assert receipts[2].balances["points"] == 50
    assert shop.proven()


def test_a_stamp_card_is_rewarded_each_time_it_fills(shop: Shop) -> None:
    card, member = stamp_card(), shop.member()

    for _ in range(7):
        last = shop.buys(member, 1_000)

    assert (rounds(card), points_of(member)) == ([("", 1), ("", 2)], 100)
    assert told(last.id) == [(1, 3, 0)]
    assert shop.proven()


def test_credit_comes_with_the_end_that_the_programme_gives_all_credit(shop: Shop) -> None:
    shop.programme(credit_valid_days=30)
    mission(benefit=CREDIT, target=1)
    member = shop.member()

    shop.buys(member, 1_000)

    win = MissionWin.objects.get()
    award = Award.objects.get(document=win.document)
    assert (balances(member.pk, NOON).credit, award.credit, win.worth) == (100_000, 100_000, 100_000)
    assert shop.proven()


def test_a_benefit_of_a_basket_becomes_a_code_of_the_members_own(shop: Shop) -> None:
    mission(benefit=TEN, target=1, again="each", valid_days=7)
    member = shop.member()
    shop.buys(member, 1_000)
    coupon = Coupon.objects.get()

    used = shop.buy(PurchaseOrder(member_id=member.pk, amount=1_000_000, coupons=(coupon.code,)))

    assert (coupon.member_id, coupon.uses, coupon.document) == (
        member.pk,
        1,
        f"mission:{MissionWin.objects.first().pk}",
    )
    assert coupon.ends_at and coupon.ends_at - NOON < 8 * DAY
    assert used.discount == 100_000
    assert shop.proven()


def test_a_badge_alone_needs_no_gift(shop: Shop) -> None:
    badge, member = mission(benefit=None, badge="همراه", target=1), shop.member()

    shop.buys(member, 1_000)

    assert rounds(badge) == [("", 1)]
    assert not Award.objects.exists()


def test_the_member_is_told_what_it_brought(shop: Shop) -> None:
    mission(target=1)
    mission(name="کد", benefit=TEN, target=1)
    member = shop.member()

    shop.buys(member, 1_000)

    first, second = OutboxMessage.objects.filter(kind="mission_filled").order_by("pk")
    assert (first.context["mission"], first.context["gift"], first.context["unsaid"]) == (
        "سه خرید",
        "۵۰ امتیاز",
        ["coupon"],
    )
    assert second.context["coupon"] == Coupon.objects.get().code


def test_a_preview_says_what_the_purchase_would_fill_and_writes_nothing(shop: Shop) -> None:
    mission(target=2)
    member = shop.member()
    shop.buys(member, 1_000)

    seen = preview_purchase(PurchaseOrder(member_id=member.pk, amount=1_000), now=NOON)
    new = preview_purchase(PurchaseOrder(member_phone="09129998877", enrol=True, amount=1_000), now=NOON)

    assert [(one["progress"], one["filled"]) for one in (*seen.missions, *new.missions)] == [(2, 1), (1, 0)]
    assert "missions" not in seen.as_json()
    assert not MissionWin.objects.exists()


def test_a_late_purchase_counts_in_the_month_of_its_own_moment(shop: Shop) -> None:
    monthly, member = mission(target=2, window="month", again="window"), shop.member()
    shop.buys(member, 1_000, now=NOON - 30 * DAY)  # in Aban
    shop.buys(member, 1_000)  # in Azar

    shop.buy(PurchaseOrder(member_id=member.pk, amount=1_000, occurred_at=NOON - 29 * DAY))

    assert rounds(monthly) == [("1405-08", 1)]


def test_who_has_not_the_tier_is_not_counted(shop: Shop) -> None:
    shop.tiers()
    mission(tier_code="silver", target=1)
    bronze, silver = shop.member(), shop.member()
    Member.objects.filter(pk=silver.pk).update(tier_code="silver")

    assert [told(shop.buys(member, 1_000).id) for member in (bronze, silver)] == [[], [(1, 1, 1)]]


def test_what_was_imported_counts_but_brings_nothing(shop: Shop) -> None:
    card, member = stamp_card(), shop.member()
    for _ in range(3):
        shop.buys(member, 1_000, quiet=True)

    last = shop.buys(member, 1_000)

    assert (rounds(card), told(last.id)) == ([], [(1, 3, 0)])


def test_a_limit_ends_the_gifts_and_a_refund_frees_its_place(shop: Shop) -> None:
    first = mission(target=1, limit=1)
    early, late = shop.member(), shop.member()
    filled = shop.buys(early, 1_000)
    shop.buys(late, 1_000)
    assert MissionWin.objects.count() == 1

    refund(shop, filled.id)
    shop.buys(late, 1_000)

    first.refresh_from_db()
    assert (first.won, MissionWin.objects.get(taken_back=False).member_id) == (1, late.pk)
    assert shop.proven()


def test_a_refund_takes_back_the_round_with_its_value_and_the_next_purchase_fills_it_again(shop: Shop) -> None:
    card, member = stamp_card(), shop.member()
    receipts = [shop.buys(member, 1_000) for _ in range(6)]
    assert points_of(member) == 100

    seen = look_at_refund(RefundOrder(receipts[0].id or 0), now=NOON)
    lost = refund(shop, receipts[0].id)

    assert seen.receipt.missions == lost == ("سه خرید",)
    assert (rounds(card), points_of(member)) == ([("", 1)], 50)
    assert (seen.receipt.balances or {})["points"] == 50, "the gift is off the balance that is shown beforehand"
    assert [(gift.mission, gift.found.taken["points"]) for gift in seen.lost] == [("سه خرید", 50)]
    assert [(move.unit, move.amount) for move in seen.moves] == [("points", -50)]
    assert left_after(get_purchase(receipts[0].id or 0)) == Balances(points=50), "off what its page and slip say"
    assert left_after(get_purchase(receipts[5].id or 0)) == Balances(points=100)
    shop.buys(member, 1_000)
    assert (rounds(card), points_of(member)) == ([("", 1), ("", 2)], 100)
    assert shop.proven()


def test_a_part_that_leaves_the_round_full_takes_nothing_back(shop: Shop) -> None:
    spent, member = mission(counts="spent", target=1_000), shop.member()
    receipt = shop.buys(member, 1_500)

    refund(shop, receipt.id, amount=500)
    assert rounds(spent) == [("", 1)]

    refund(shop, receipt.id, amount=10)
    assert (rounds(spent), points_of(member)) == ([], 0)


def test_a_returned_line_is_no_product_tried_any_more(shop: Shop) -> None:
    shop.product("tea", 1_000)
    shop.product("cake", 1_000)
    two, member = mission(counts="products", target=2), shop.member()
    lines = (OrderLine(product="tea", quantity=1), OrderLine(product="cake", quantity=2))
    receipt = shop.buy(PurchaseOrder(member_id=member.pk, lines=lines))
    assert rounds(two) == [("", 1)]

    refund(shop, receipt.id, lines=((1, 1),))
    assert rounds(two) == [("", 1)]

    refund(shop, receipt.id, lines=((1, 1),))
    assert rounds(two) == []


def test_the_code_of_a_round_taken_back_is_void(shop: Shop) -> None:
    mission(benefit=TEN, target=1)
    receipt = shop.buys(shop.member(), 1_000)

    refund(shop, receipt.id)

    assert Coupon.objects.get().void


def test_what_was_spent_meanwhile_is_let_go_or_owed_as_the_programme_says(shop: Shop) -> None:
    shop.programme(refund_shortfall="debt", points_spendable=True, point_worth=10, rial_per_point=None)
    mission(target=1, ends_at=NOON + DAY)
    member = shop.member()
    receipt = shop.buys(member, 1_000)
    paying = PurchaseOrder(member_id=member.pk, amount=1_000, pay_with=PayWith(points=50))
    shop.buy(paying, now=NOON + 2 * DAY)

    order = RefundOrder(receipt.id or 0, occurred_at=NOON + 2 * DAY)
    [gift] = look_at_refund(order, now=NOON + 2 * DAY).lost
    assert (gift.found.taken["points"], gift.found.shortfall["points"]) == (0, 50)

    refund(shop, receipt.id, occurred_at=NOON + 2 * DAY)

    assert balances(member.pk, NOON).points_debt == 50
    assert shop.proven()


def test_the_preview_of_a_refund_tells_the_tier_that_is_left_without_the_missions_points(shop: Shop) -> None:
    Tier.objects.create(code="silver", name="نقره‌ای", rank=1, threshold=40, metric="points")
    mission(target=1)
    member = shop.member()
    receipt = shop.buys(member, 1_000)
    assert Member.objects.get(pk=member.pk).tier_code == "silver"

    seen = look_at_refund(RefundOrder(receipt.id or 0), now=NOON)
    shop.keys += 1
    done = refund_purchase(RefundOrder(receipt.id or 0), actor="user:1", key=f"refund-{shop.keys}", now=NOON)

    assert (seen.receipt.tier, seen.receipt.balances) == (done.tier, done.balances)
    assert Member.objects.get(pk=member.pk).tier_code == ""


def test_without_a_live_mission_a_purchase_costs_no_query_more(shop: Shop) -> None:
    member = shop.member()
    shop.buys(member, 1_000)  # the first of a process reads the catalogue of rewards
    with CaptureQueriesContext(connection) as without:
        shop.buys(member, 1_000)
    ended = mission(target=9)
    with CaptureQueriesContext(connection) as with_one:
        shop.buys(member, 1_000)
    end_mission(ended.pk, actor="user:1", now=NOON)
    with CaptureQueriesContext(connection) as after:
        shop.buys(member, 1_000)

    assert len(with_one) - len(without) == 1
    assert len(after) == len(without)


def test_what_a_live_mission_asks_stays_and_its_gift_may_change(shop: Shop) -> None:
    card, member = stamp_card(target=1), shop.member()
    shop.buys(member, 1_000)

    with pytest.raises(ValidationFailed) as refused:
        update_mission(card.pk, {"target": 9}, known=known_codes(), actor="user:1", now=NOON)
    more = {"benefit": POINTS | {"points": 70}}
    update_mission(card.pk, more, known=known_codes(), actor="user:1", now=NOON)
    shop.buys(member, 1_000)

    assert refused.value.errors.keys() == {"target"}
    assert points_of(member) == 120
    assert OfferCounter.objects.filter(period="").count() == 2


def test_merged_records_keep_what_both_have_won(shop: Shop) -> None:
    card = stamp_card(target=1)
    source, into = shop.member(), shop.member()
    shop.buys(source, 1_000)
    receipt = shop.buys(into, 1_000)

    merge_members(source.pk, into.pk, actor="user:1", key="merge", now=NOON)
    assert rounds(card) == [("", 1), ("", 2)]
    refund(shop, receipt.id)

    assert rounds(card) == [("", 1)]
    assert points_of(into) == 50
    assert shop.proven()


@pytest.mark.parametrize("again", ["once", "window", "each"])
def test_of_two_records_made_one_nothing_is_left_when_all_that_both_bought_comes_back(shop: Shop, again: str) -> None:
    card = mission(target=1, again=again, window="month")
    source, into = shop.member(), shop.member()
    bought = [shop.buys(member, 1_000) for member in (source, into)]
    merge_members(source.pk, into.pk, actor="user:1", key="merge", now=NOON)

    for receipt in bought:
        refund(shop, receipt.id)

    assert rounds(card) == []
    assert points_of(into) == 0
    assert shop.proven()


def test_who_tried_the_same_goods_under_two_records_keeps_both_rounds(shop: Shop) -> None:
    shop.product("tea", 1_000)
    card = stamp_card(counts="products", target=1)
    source, into = shop.member(), shop.member()
    for member in (source, into):
        shop.buy(PurchaseOrder(member_id=member.pk, lines=(OrderLine(product="tea"),)))

    merge_members(source.pk, into.pk, actor="user:1", key="merge", now=NOON)

    assert len(rounds(card)) == 2
    assert shop.proven()


def test_erasing_a_member_leaves_the_wins_that_figures_count(shop: Shop) -> None:
    mission(target=1)
    member = shop.member()
    shop.buys(member, 1_000)

    erase_member(member.pk, actor="user:1", reason="خواست خودش", now=NOON)

    assert MissionWin.objects.filter(member=member.pk).count() == 1
    assert shop.proven()
