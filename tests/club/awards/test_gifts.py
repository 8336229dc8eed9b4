"""Giving outside a purchase what offers give, and taking the whole of it back: then nothing ever happened."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from club.awards.gifts import Gift, Handed, TakenBack, give, given_by, take_back
from club.awards.giving import reserve
from club.awards.models import Award
from club.awards.valuing import valuation
from club.ledger.book import lock_book, lock_books, write_books
from club.ledger.models import Entry, Lot
from club.ledger.proof import verify_ledger
from club.ledger.services import adjust
from club.lotteries.models import Chance, Lottery
from club.members.models import Member, TierChange
from club.programme.selectors import programme_at
from club.tiers.models import Tier, TierGrant
from core.models import Club, DomainEvent
from offers.live import current_live_offers
from offers.models import Coupon, OfferCounter
from offers.rules import LiveOffer
from tests.offering import publish
from tests.shop import NOON, Shop

FIFTY = {"kind": "points_amount", "points": 50}


@pytest.fixture
def shop(club: Club) -> Shop:
    found = Shop(club)
    found.tiers()
    return found


def offer_of(benefit: dict[str, Any], **said: Any) -> LiveOffer:
    offer = publish("هدیه", benefit, trigger="event:visit", **said)
    return current_live_offers().at(NOON).by_id[offer.pk]


@transaction.atomic
def give_to(member: Member, *offers: LiveOffer, document: str = "occasion:1") -> Handed:
    programme = programme_at(NOON)
    book = lock_book(member.pk)
    fresh = Member.objects.get(pk=member.pk)
    found = [given_by(offer, valuation(programme, offers)) for offer in offers]
    given = [one for one in found if one]
    assert not reserve(given, {}, member_id=member.pk, document=document, at=NOON)
    [handed] = give([Gift(fresh, book, document, NOON, given)], programme=programme, actor="user:1")
    book.write(actor="user:1")
    return handed


@transaction.atomic
def takes_back(member: Member, document: str = "occasion:1", *, days: int = 0) -> TakenBack:
    book = lock_book(member.pk)
    fresh = Member.objects.get(pk=member.pk)
    found = take_back(document, fresh, book, at=NOON + timedelta(days=days), actor="user:1")
    book.write(actor="user:1")
    return found


def held(member: Member) -> tuple[int, int, str]:
    book = lock_book(member.pk, lock=False)
    return book.points.balance, book.credit.balance, Member.objects.get(pk=member.pk).tier_code


def test_points_and_credit_come_as_lots_with_the_programmes_end_and_under_the_offers_name(shop: Shop) -> None:
    shop.programme(credit_valid_days=60, points_valid_days=10, points_usable_after_hours=24)
    member = shop.member()

    handed = give_to(member, offer_of(FIFTY), offer_of({"kind": "credit_amount", "amount": 200_000}))

    assert (held(member)[:2], handed.points, handed.credit) == ((50, 200_000), (50, 0), 200_000)
    assert {entry.reason for entry in Entry.objects.filter(document="occasion:1")} == {"هدیه"}
    points = Lot.objects.get(document="occasion:1", wallet__unit="points")
    assert points.usable_from == NOON + timedelta(hours=24)
    assert points.expires_at is not None
    assert {award.points + award.credit for award in Award.objects.all()} == {50, 200_000}
    assert verify_ledger() == []


def test_things_are_given_as_by_a_purchase_and_a_tier_is_held_to_its_end(shop: Shop) -> None:
    member = shop.member()
    Lottery.objects.create(code="car", name="خودرو")
    ten = publish("با کد", {"kind": "discount_percent", "percent": 10}, code_required=True)

    handed = give_to(
        member,
        offer_of({"kind": "coupon", "offer": ten.pk, "valid_days": 7}, stacking="always"),
        offer_of({"kind": "chances", "lottery": "car", "count": 3}, stacking="always"),
        offer_of({"kind": "tier", "code": "gold", "days": 30}, stacking="always"),
    )

    assert (handed.tier, held(member)[2]) == ("gold", "gold")
    assert Coupon.objects.get(member=member).code in handed.things.coupons.values()
    assert Chance.objects.get(member=member).count == 3
    change = TierChange.objects.filter(member=member).latest("id")
    assert (change.from_code, change.to_code, change.document) == ("bronze", "gold", "occasion:1")
    assert DomainEvent.objects.get(kind="tier.changed").data["to"] == "gold"


def test_taken_back_whole_nothing_ever_happened(shop: Shop) -> None:
    member = shop.member()
    ten = publish("با کد", {"kind": "discount_percent", "percent": 10}, code_required=True)
    coupon = {"kind": "coupon", "offer": ten.pk, "valid_days": 7}
    gold = {"kind": "tier", "code": "gold", "days": 30}
    give_to(member, *[offer_of(benefit, stacking="always") for benefit in (FIFTY, coupon, gold)])

    found = takes_back(member, days=1)

    assert (found.taken, found.shortfall) == ({"points": 50, "credit": 0}, {"points": 0, "credit": 0})
    assert held(member) == (0, 0, "bronze")
    assert Coupon.objects.get(member=member).void
    assert TierGrant.objects.get(member=member).ended
    assert not OfferCounter.objects.filter(used__gt=0).exists()
    assert verify_ledger() == []
    assert takes_back(member).taken["points"] == 0  # once


@pytest.mark.parametrize(("shortfall", "owed"), [("clip", 0), ("debt", 30)])
def test_what_is_gone_is_let_go_or_owed(shop: Shop, shortfall: str, owed: int) -> None:
    shop.programme(refund_shortfall=shortfall)
    member = shop.member()
    give_to(member, offer_of(FIFTY))
    adjust(member.pk, unit="points", delta=-30, reason="خرج", actor="user:1", document="adjust:1", at=NOON)

    found = takes_back(member)

    assert (found.taken["points"], found.shortfall["points"]) == (20, 30)
    assert lock_book(member.pk).debt("points").balance == owed
    assert verify_ledger() == []


def test_caps_by_day_and_of_the_balance_cut_what_comes_last(shop: Shop) -> None:
    shop.programme(max_points_per_day=70, rial_per_point=100_000)
    member = shop.member()
    shop.buys(member, 1_000_000)

    handed = give_to(member, offer_of(FIFTY), offer_of(FIFTY))

    assert handed.points == (50, 10)
    assert shop.buys(member, 1_000_000).points_earned == 0
    shop.programme(max_points_per_day=None, max_points_balance=75)
    assert give_to(member, offer_of(FIFTY), document="occasion:2").points == (5,)


def test_points_of_a_gift_lift_a_tier_that_counts_points(shop: Shop) -> None:
    member = shop.member()
    Tier.objects.filter(code="silver").update(metric="points", threshold=50)
    Tier.objects.filter(code="gold").update(metric="points", threshold=5_000)

    give_to(member, offer_of(FIFTY))
    assert held(member)[2] == "silver"

    takes_back(member)
    assert held(member)[2] == "bronze"


def test_points_of_a_gift_lift_nobody_where_no_tier_counts_them_and_nobodys_purchases_are_read(shop: Shop) -> None:
    member, offer = shop.member(), offer_of(FIFTY)
    Tier.objects.update(metric="spent", threshold=0)

    with CaptureQueriesContext(connection) as asked:
        give_to(member, offer)

    assert not any("purchases_purchase" in query["sql"] and "threshold" in query["sql"] for query in asked)
    assert held(member)[2] == "bronze"


def test_many_members_are_written_by_the_same_statements(shop: Shop, django_assert_num_queries: Any) -> None:
    offer, programme = offer_of(FIFTY), programme_at(NOON)
    found = given_by(offer, valuation(programme, [offer]))
    assert found
    for size in (2, 8):
        members = [shop.member() for _each in range(size)]
        with transaction.atomic(), django_assert_num_queries(4):
            books = lock_books([member.pk for member in members])
            gifts = [Gift(one, books[one.pk], f"occasion:{one.pk}", NOON, [found]) for one in members]
            give(gifts, programme=programme, actor="system")
            write_books(list(books.values()), actor="system")
        assert [held(one)[0] for one in members] == [50] * size
    assert verify_ledger() == []


def test_a_book_can_be_posted_to_and_written_again(shop: Shop) -> None:
    member = shop.member()
    with transaction.atomic():
        book = lock_book(member.pk)
        book.earn("points", 10, "adjust:1", "adjust", NOON)
        book.write(actor="user:1")
        book.points.spend(4, "adjust", "adjust:2", "adjust", NOON)
        book.earn("points", 5, "adjust:3", "adjust", NOON)
        book.write(actor="user:1")

    assert held(member)[0] == 11
    assert verify_ledger() == []
