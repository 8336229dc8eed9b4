"""The worked case of the mission (row 95): five offers match, the best is applied, all are explained."""

from datetime import UTC, date, datetime, timedelta

import pytest

from club.catalogue.models import Group
from club.members.models import Member
from club.purchases.models import Purchase
from club.purchases.orders import OrderLine, PurchaseOrder
from club.purchases.receipts import Receipt
from core.models import Club
from tests.offering import five_offers
from tests.shop import NOON, Shop

BIRTHDAY = date(1995, 11, 22)  # 1 Azar 1374; NOON is on 1 Azar 1405
VISITS, PRODUCTS, BIRTHDAYS, SILVER, SPECIAL = range(5)


@pytest.fixture
def shop(club: Club) -> Shop:
    found = Shop(club)
    found.programme(rial_per_point=None, credit_bp=None)
    found.tiers()
    Group.objects.create(code="special", name="ویژه")
    return found


def sara(shop: Shop, *, visits: int = 11, **person: object) -> Member:
    """A silver member born on 1 Azar, with so many visits behind her."""
    member = shop.member(**{"birth_date": BIRTHDAY, **person})
    Member.objects.filter(pk=member.pk).update(tier_code="silver", tier_floor="silver")
    for day in range(visits):
        shop.buys(member, 10_000, now=NOON - timedelta(days=40 - day), quiet=True)
    return member


def buys(
    shop: Shop, member: Member, rial: int = 6_000_000, *, group: str | None = "special", now: datetime = NOON
) -> Receipt:
    return shop.buy(PurchaseOrder(member_id=member.pk, lines=(OrderLine(unit_price=rial, group=group),)), now=now)


def test_five_match_and_the_birthday_offer_is_applied(shop: Shop) -> None:
    member = sara(shop)
    offers = five_offers()

    receipt = buys(shop, member)

    birthday = offers[BIRTHDAYS].pk
    assert [(one["offer"], one["amount"], one["worth"]) for one in receipt.awards] == [(birthday, 1_200_000, 1_200_000)]
    assert (receipt.discount, receipt.credit_earned, receipt.payable) == (0, 1_200_000, 6_000_000)
    told = {
        one["offer"]: (one["outcome"], one["worth"], one.get("lost_to"), one.get("by")) for one in receipt.considered
    }
    assert told == {
        birthday: ("applied", 1_200_000, None, None),
        offers[SILVER].pk: ("lost_to", 900_000, birthday, 300_000),
        offers[PRODUCTS].pk: ("lost_to", 600_000, birthday, 600_000),
        offers[SPECIAL].pk: ("lost_to", 420_000, birthday, 780_000),
        offers[VISITS].pk: ("lost_to", 300_000, birthday, 900_000),
    }
    assert shop.proven()


def outcome(receipt: Receipt, offer: int) -> str:
    return next(str(one["outcome"]) for one in receipt.considered if one["offer"] == offer)


@pytest.mark.parametrize(("visits", "said"), [(9, "not_matched"), (10, "lost_to")])
def test_more_than_ten_visits_start_at_the_eleventh(shop: Shop, visits: int, said: str) -> None:
    member = sara(shop, visits=visits)
    offers = five_offers()

    receipt = buys(shop, member)

    assert outcome(receipt, offers[VISITS].pk) == said


@pytest.mark.parametrize(("rial", "said"), [(5_000_000, "not_matched"), (5_000_010, "lost_to")])
def test_above_500_000_is_strict(shop: Shop, rial: int, said: str) -> None:
    member = sara(shop, visits=0)
    offers = five_offers()

    receipt = buys(shop, member, rial)

    assert outcome(receipt, offers[PRODUCTS].pk) == said


def test_the_day_after_the_birthday_is_none(shop: Shop) -> None:
    member = sara(shop, visits=0)
    offers = five_offers()

    receipt = buys(shop, member, now=NOON + timedelta(days=1))

    missed = next(one for one in receipt.considered if one["offer"] == offers[BIRTHDAYS].pk)
    assert missed["outcome"] == "not_matched"
    assert missed["failed"] == [{"fact": "days_from_birthday", "op": "eq", "value": 0, "actual": 1}]


def test_a_birthday_on_30_esfand_is_kept_on_29_in_a_common_year(shop: Shop) -> None:
    member = sara(shop, visits=0, birth_date=date(2021, 3, 20))  # 30 Esfand 1399
    offers = five_offers()

    receipt = buys(shop, member, now=datetime(2027, 3, 20, 8, 30, tzinfo=UTC))  # 29 Esfand 1405

    assert outcome(receipt, offers[BIRTHDAYS].pk) == "applied"


def test_the_purchase_remembers_what_matched_and_works_out_the_rest(shop: Shop) -> None:
    from club.purchases.retelling import considered_of

    member = sara(shop, visits=3)
    five_offers()
    receipt = buys(shop, member, 4_000_000)

    row = Purchase.objects.select_related("branch").get(pk=receipt.id)

    assert considered_of(row, list(row.lines.all())) == receipt.considered
    assert len(row.considered) == 3 < len(receipt.considered)


def test_an_offer_about_goods_that_are_not_in_the_basket_says_so(shop: Shop) -> None:
    member = sara(shop, visits=0)
    offers = five_offers()

    receipt = buys(shop, member, group=None)

    special = next(one for one in receipt.considered if one["offer"] == offers[SPECIAL].pk)
    assert (special["outcome"], special["text"]) == ("no_effect", "در سبد نیست: ویژه")
