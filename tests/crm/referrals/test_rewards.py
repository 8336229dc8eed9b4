"""What a friend's purchases bring the referrer: once, without VAT, after the hold, and back as the sale comes back."""

from datetime import timedelta
from typing import Any

import pytest

from club.ledger.models import Entry
from club.ledger.selectors import balances
from club.members.models import Member
from club.purchases.documents import sources
from club.purchases.erasure import erase_member
from club.purchases.merging import merge_inside
from club.purchases.models import Purchase, Refund
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from core import events
from core.models import DomainEvent, EventCursor
from crm.campaigns.models import Campaign
from crm.campaigns.wording import contexts, faults
from crm.occasions.models import Occasion
from crm.referrals.models import Referral, ReferralReward
from crm.referrals.rules import Sold, base_of, kept
from crm.referrals.selectors import counts_of, friends_of, leaders
from crm.referrals.tasks import clubs_with_due_rewards, pay_referrals
from offers.models import Offer
from sms.models import OutboxMessage
from tests.crm.referrals.acts import SALE, brought, credit, read, terms
from tests.offering import publish
from tests.shop import NOON, TOMAN, Shop


def refund(purchase_id: int, **what: Any) -> None:
    order = RefundOrder(purchase_id, **what)
    refund_purchase(order, actor="user:1", key=f"r{purchase_id}-{Refund.objects.count()}", now=NOON)
    read()


def hear() -> None:
    """As often as it takes for what a reader tells to be read by one before it."""
    read()
    read()


def test_the_referrer_gets_a_tenth_of_the_first_purchase_once(shop: Shop) -> None:
    sara = shop.member(first_name="سارا")
    friend = brought(shop, sara, first_name="نیما")

    first = shop.buys(friend, SALE)
    read()
    shop.buys(friend, SALE)
    read()
    EventCursor.objects.filter(consumer="referrals").update(seq=0)  # a restored dump reads everything again
    read()

    assert credit(sara) == 200_000 * TOMAN
    [entry] = Entry.objects.filter(wallet__member=sara, wallet__unit="credit")
    assert (entry.document, entry.cause) == (f"referral:{first.id}", "referral")
    assert "خرید شمارهٔ ۱" in sources([entry.document])[entry.document].text
    assert DomainEvent.objects.filter(kind="referral.converted", member_id=sara.pk).count() == 1
    [told] = OutboxMessage.objects.filter(kind="friend_bought")
    assert (told.context["friend"], told.context["credit"], told.member_id) == ("نیما", 200_000 * TOMAN, sara.pk)
    assert shop.proven()


def test_the_base_is_after_discounts_and_without_the_vat_of_its_lines(shop: Shop) -> None:
    publish("ده درصد", {"kind": "discount_percent", "percent": 10})
    shop.product("cake", 1_100_000, vat_bp=1_000)
    shop.product("book", 500_000)
    sara = shop.member()
    friend = brought(shop, sara)
    lines = (OrderLine(product="cake", quantity=1), OrderLine(product="book", quantity=1))

    receipt = shop.buy(PurchaseOrder(member_id=friend.pk, lines=lines))
    read()

    assert receipt.net == 1_440_000  # 990,000 with a tenth of VAT, and 450,000
    assert credit(sara) == 135_000
    refund(receipt.id, lines=((0, 1),))
    assert credit(sara) == 45_000


@pytest.mark.parametrize("parts", [[SALE], [1_000_000, 333_330, 5_000_000, SALE - 6_333_330]])
def test_a_refund_takes_its_share_back_and_parts_add_up(shop: Shop, parts: list[int]) -> None:
    sara = shop.member()
    receipt = shop.buys(brought(shop, sara), SALE)
    read()
    left = SALE

    for part in parts:
        refund(receipt.id, amount=part)
        left -= part
        assert credit(sara) == kept(SALE // 10, base=SALE, left=left, step=10)

    assert credit(sara) == 0 and ReferralReward.objects.get().left == 0
    assert shop.proven()


def test_what_is_recorded_again_after_it_was_typed_wrong_is_the_first_purchase_once(shop: Shop) -> None:
    shop.programme(rial_per_point=None)
    publish("معرف", {"kind": "points_amount", "points": 50}, trigger="referral_converted")
    terms(most_friends=1)
    sara = shop.member()
    friend = brought(shop, sara, first_name="نیما")
    wrong = shop.buys(friend, 10 * SALE)
    hear()
    assert (credit(sara), balances(sara.pk, NOON).points, leaders()) == (SALE, 50, [(sara.pk, 1)])

    refund(wrong.id, amount=9 * SALE)
    shop.buys(friend, SALE)  # the wrong one still stands
    assert (credit(sara), balances(sara.pk, NOON).points) == (SALE // 10, 50)
    refund(wrong.id)
    EventCursor.objects.update(seq=0)  # a restored dump reads everything again
    hear()

    [shown] = friends_of(sara.pk, limit=9)
    assert (credit(sara), balances(sara.pk, NOON).points, leaders()) == (0, 0, [])
    assert (shown.is_returned, shown.has_bought, counts_of(sara).bought) == (True, False, 0)
    assert Occasion.objects.get().taken_back_by == "system"

    meanwhile = Purchase.objects.latest("pk")
    refund(meanwhile.pk)
    right = shop.buys(friend, SALE)
    shop.buys(friend, SALE)
    hear()
    EventCursor.objects.update(seq=0)
    hear()
    assert (credit(sara), balances(sara.pk, NOON).points, leaders()) == (SALE // 10, 50, [(sara.pk, 1)])
    assert Referral.objects.get().first_purchase_id == right.id and Occasion.objects.count() == 2
    refund(right.id)
    hear()
    assert (credit(sara), balances(sara.pk, NOON).points, leaders()) == (0, 0, [])
    assert shop.proven()


@pytest.mark.parametrize(("shortfall", "debt"), [("clip", 0), ("debt", SALE // 10)])
def test_what_was_spent_meanwhile_is_let_go_or_owed(shop: Shop, shortfall: str, debt: int) -> None:
    shop.programme(refund_shortfall=shortfall, max_credit_share_bp=10_000, rial_per_point=None, credit_bp=None)
    sara = shop.member()
    receipt = shop.buys(brought(shop, sara), SALE)
    read()
    shop.buys(sara, SALE, pay_with=PayWith(credit=SALE // 10))

    refund(receipt.id, amount=SALE // 2)
    refund(receipt.id)

    assert credit(sara) == 0 and balances(sara.pk, NOON).credit_debt == debt
    assert shop.proven()


def test_held_for_days_it_is_given_when_they_are_over_less_what_came_back(shop: Shop) -> None:
    terms(hold_days=7)
    sara = shop.member()
    receipt = shop.buys(brought(shop, sara), SALE)
    other = shop.buys(brought(shop, sara), SALE)
    read()

    refund(receipt.id, amount=SALE // 2)
    refund(other.id)
    early = pay_referrals(now=NOON + timedelta(days=6))
    due = pay_referrals(now=NOON + timedelta(days=7))
    again = pay_referrals(now=NOON + timedelta(days=8))

    assert (early, due, again) == ("0 paid", "1 paid", "0 paid") and shop.club.pk not in clubs_with_due_rewards()
    assert credit(sara, NOON + timedelta(days=8)) == 100_000 * TOMAN
    assert sorted(ReferralReward.objects.values_list("state", flat=True)) == ["cancelled", "paid"]
    assert shop.proven()


def test_the_clubs_terms_say_whether_how_much_from_what_and_for_how_many(shop: Shop) -> None:
    sara = shop.member()
    terms(every_purchase=True, percent_bp=500, most_friends=1, min_amount_rial=1_000_000)
    first, second = brought(shop, sara), brought(shop, sara)

    for friend, amount in ((first, 2_000_000), (first, 999_990), (first, 1_000_000), (second, 4_000_000)):
        shop.buys(friend, amount)
        read()

    assert credit(sara) == 100_000 + 50_000
    assert Referral.objects.filter(converted_at__isnull=False).count() == 2
    terms(is_on=False)
    other = shop.member()
    shop.buys(brought(shop, other), SALE)
    read()
    assert credit(other) == 0


def test_history_who_came_alone_and_customers_of_old_bring_nothing(shop: Shop) -> None:
    sara = shop.member()
    friend, alone, old = brought(shop, sara), shop.member(), shop.member()
    shop.buys(friend, SALE, quiet=True)
    shop.buys(alone, SALE)
    shop.buys(old, SALE)
    read()
    Member.objects.filter(pk=old.pk).update(referred_by=sara)  # before there were referrals
    shop.buys(old, SALE)
    read()

    assert credit(sara) == 0
    assert not ReferralReward.objects.exists()


def test_both_sides_are_rewarded_by_offers_too(shop: Shop) -> None:
    shop.programme(rial_per_point=None)
    publish("معرف", {"kind": "points_amount", "points": 500}, trigger="referral_converted")
    friends = {
        "all": [
            {"fact": "referred", "op": "eq", "value": True},
            {"fact": "is_first_purchase", "op": "eq", "value": True},
        ]
    }
    publish("دوست", {"kind": "points_amount", "points": 200}, when=friends)
    sara = shop.member()
    friend = brought(shop, sara)

    for _ in range(2):
        shop.buys(friend, SALE)
        read()

    assert (balances(sara.pk, NOON).points, balances(friend.pk, NOON).points) == (500, 200)
    assert Occasion.objects.filter(member=sara).count() == 1 and Offer.objects.count() == 2


def test_the_reward_follows_a_referrer_who_was_merged_and_not_one_who_is_the_friend(shop: Shop) -> None:
    sara, other = shop.member(), shop.member()
    receipt = shop.buys(brought(shop, sara), SALE)
    merge_inside(sara.pk, other.pk, actor="user:1", now=NOON)  # before anybody has read the purchase
    read()

    assert credit(other) == 200_000 * TOMAN and Referral.objects.get().referrer_id == other.pk
    refund(receipt.id, amount=SALE // 2)
    assert credit(other) == 100_000 * TOMAN

    terms(hold_days=7)
    nima = shop.member()
    friend = brought(shop, nima)
    shop.buys(friend, SALE)
    read()
    merge_inside(friend.pk, nima.pk, actor="user:1", now=NOON)
    read()
    pay_referrals(now=NOON + timedelta(days=9))
    assert credit(nima) == 0
    assert shop.proven()


def test_an_erased_referrer_gets_nothing_more(shop: Shop) -> None:
    terms(hold_days=7)
    sara = shop.member()
    shop.buys(brought(shop, sara), SALE)
    read()
    erase_member(sara.pk, reason="خواست خودش", actor="user:1", now=NOON)
    read()

    assert pay_referrals(now=NOON + timedelta(days=8)) == "0 paid"
    assert ReferralReward.objects.get().state == "cancelled"
    assert shop.proven()


def test_what_a_reward_says_beside_the_ledger_is_found(shop: Shop) -> None:
    sara = shop.member()
    shop.buys(brought(shop, sara), SALE)
    read()
    for change in ({"amount": 10}, {"state": "waiting"}):
        before = ReferralReward.objects.values(*change).get()
        ReferralReward.objects.update(**change)
        assert not shop.proven(), change
        ReferralReward.objects.update(**before)
    assert shop.proven() and events.consumers()


def test_the_base_of_lines_is_reckoned_without_their_vat() -> None:
    assert base_of([Sold(1_100, 1_000), Sold(500, 0), Sold(110, 1_000, refunded=110)]) == 1_500
    assert kept(0, base=0, left=0, step=10) == 0


def test_a_campaign_invites_by_each_members_own_link(shop: Shop) -> None:
    sara, nima = shop.member(), shop.member()
    asks = Campaign(channel="sms", text="{club}: دوستت را بیاور {referral_link}")

    said = contexts(asks, [sara, nima], {}, ends_at=None, at=NOON)

    for member in (sara, nima):
        assert said[member.pk]["referral_link"].endswith(f"/r/{member.referral_code}?s=sms")
    assert faults(asks.text, "") == []
