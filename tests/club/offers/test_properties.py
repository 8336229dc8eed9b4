"""What holds for any offers and any basket, once it is recorded: by chance, against the services and the database."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from club.awards.models import Award
from club.awards.naming import known_codes
from club.catalogue.models import Group, ProductGroup
from club.ledger.models import Lot, Wallet
from club.lotteries.models import Chance
from club.members.models import Member
from club.purchases.explaining import kept_verdict
from club.purchases.models import Purchase, PurchaseLine
from club.purchases.orders import PurchaseOrder
from club.purchases.receipts import Receipt, RefundReceipt
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.replaying import replay
from club.purchases.retelling import considered_of, situation_then
from club.purchases.services import preview_purchase
from club.tiers.models import TierGrant
from offers.live import current_live_offers
from offers.models import Coupon, CouponUse, Offer, OfferCounter
from offers.services import move_offer, update_offer
from tests.club.offers.drawn import (
    ASKS_ALL,
    ORDERS,
    PASTS,
    TERMS,
    Past,
    come,
    open_shop,
    order_for,
    put_up,
    sayable,
    undone,
    without_number,
)
from tests.offering import publish
from tests.shop import NOON, Shop

SOME = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
OFFERS = st.lists(TERMS, min_size=1, max_size=5)


@pytest.fixture
def open_club(shop: Shop) -> Shop:
    open_shop(shop)
    return shop


# --- a preview, and what a receipt says -------------------------------------------------------------------------------


@SOME
@given(terms=OFFERS, past=PASTS, order=ORDERS)
def test_a_preview_says_what_is_recorded_and_the_lines_sum_to_it(
    open_club: Shop, terms: list[dict[str, Any]], past: Past, order: PurchaseOrder
) -> None:
    with undone():
        codes = put_up(terms)
        asked = order_for(come(open_club, past), order, codes)

        told = preview_purchase(asked, now=NOON)
        receipt = open_club.buy(asked)

        assert without_number(receipt) == without_number(told)
        assert all(0 <= line["discount"] <= line["gross"] for line in receipt.lines)
        for figure in ("gross", "discount", "net"):
            assert sum(line[figure] for line in receipt.lines) == getattr(receipt, figure)
        assert receipt.net == receipt.gross - receipt.discount
        assert receipt.payable == receipt.net - receipt.paid_by_credit - receipt.paid_by_points >= 0
        assert Award.objects.filter(document=f"purchase:{receipt.id}").count() == len(receipt.awards)
        assert open_club.proven()


# --- taken back -------------------------------------------------------------------------------------------------------


def state_of(member: Member) -> dict[str, Any]:
    """All that a purchase leaves behind, documents apart."""
    now = Member.objects.get(pk=member.pk)
    wallets = Wallet.objects.filter(member=member)
    lots = Lot.objects.filter(wallet__in=wallets, remaining__gt=0)
    counters = OfferCounter.objects.exclude(used=0, spent=0)
    return {
        "member": (now.tier_code, now.visits, now.spent_rial, now.first_purchase_at, now.last_purchase_at),
        "wallets": sorted(wallets.values_list("unit", "balance")),
        "lots": sorted(lots.values_list("pk", "remaining")),
        "counters": sorted(counters.values_list("offer", "period", "used", "spent")),
        "coupons": sorted(Coupon.objects.filter(void=False).values_list("code", "used")),
        "chances": Chance.objects.filter(given_back=False).count(),
        "tiers": TierGrant.objects.filter(ended=False).count(),
        "uses": CouponUse.objects.filter(given_back=False).count(),
        "awards": Award.objects.filter(given_back=False).count(),
    }


Part = tuple[str, float]
PARTS = st.lists(st.tuples(st.sampled_from(["amount", "lines"]), st.floats(0, 1)), min_size=1, max_size=3)


def refund_in_parts(purchase_id: int, parts: list[Part]) -> list[RefundReceipt]:
    """The parts of what is left each time, then all the rest."""
    found = []
    for place, part in enumerate([*parts, ("all", 1.0)]):
        row = Purchase.objects.get(pk=purchase_id)
        order = _part_of(row, part)
        if order is not None and not row.fully_refunded:
            found.append(refund_purchase(order, actor="user:1", key=f"refund-{place}", now=NOON))
    return found


def _part_of(row: Purchase, part: Part) -> RefundOrder | None:
    how, share = part
    if how == "all":
        return RefundOrder(row.pk)
    if how == "amount":
        amount = int(row.left * share)
        return RefundOrder(row.pk, amount=amount) if amount else None
    lines = [
        (line.index, int((line.quantity - line.refunded_quantity) * share))
        for line in PurchaseLine.objects.filter(purchase=row).order_by("index")
    ]
    some = tuple((index, quantity) for index, quantity in lines if quantity)
    return RefundOrder(row.pk, lines=some) if some else None


def summed(refunds: list[RefundReceipt]) -> dict[str, int]:
    names = ("refunded", "points_taken_back", "credit_taken_back", "points_returned", "credit_returned")
    return {name: sum(getattr(one, name) for one in refunds) for name in names}


@SOME
@given(terms=OFFERS, past=PASTS, order=ORDERS, parts=PARTS)
def test_what_is_refunded_has_never_happened_in_however_many_parts(
    open_club: Shop, terms: list[dict[str, Any]], past: Past, order: PurchaseOrder, parts: list[Part]
) -> None:
    with undone():
        codes = put_up(terms)
        member = come(open_club, past)
        asked = order_for(member, order, codes)
        before, told = state_of(member), preview_purchase(asked, now=NOON)
        receipt = open_club.buy(asked)
        assert receipt.id

        with undone():
            whole = summed(refund_in_parts(receipt.id, []))
            assert whole == {
                "refunded": receipt.payable,
                "points_taken_back": receipt.points_earned,
                "credit_taken_back": receipt.credit_earned,
                "points_returned": receipt.paid_by_points // 1_000,
                "credit_returned": receipt.paid_by_credit,
            }
            assert state_of(member) == before
            assert preview_purchase(asked, now=NOON) == told

        assert summed(refund_in_parts(receipt.id, parts)) == whole
        assert state_of(member) == before
        assert open_club.proven()


# --- what is missing --------------------------------------------------------------------------------------------------

AMOUNT_OPS = st.sampled_from(["gt", "gte", "eq", "between", "in", "every"])


def outcome_of(shop: Shop, order: PurchaseOrder, name: str) -> dict[str, Any]:
    with undone():
        receipt = shop.buy(order)
    return next(one for one in receipt.considered if one["name"] == name)


@SOME
@example(op="every", least=5, width=1, rial=9, scale=1, others=[])
@example(op="gt", least=5, width=1, rial=5, scale=1, others=[])
@given(
    op=AMOUNT_OPS,
    least=st.integers(1, 12),
    width=st.integers(1, 4),
    rial=st.integers(1, 24),
    scale=st.sampled_from([1, 99_990]),
    others=st.lists(TERMS, max_size=2),
)
def test_so_much_more_makes_an_offer_match_and_a_rial_less_does_not(
    open_club: Shop, op: str, least: int, width: int, rial: int, scale: int, others: list[dict[str, Any]]
) -> None:
    low, high, rial = least * scale, (least + width) * scale, rial * scale
    value = {"between": [low, high], "in": [low, high]}.get(op, low)
    with undone():
        put_up(others)
        when = {"fact": "amount", "op": op, "value": value}
        publish("asked", {"kind": "discount_percent", "percent": 10}, when=when)
        member = open_club.member()

        def of(amount: int) -> dict[str, Any]:
            return outcome_of(open_club, PurchaseOrder(member_id=member.pk, amount=amount), "asked")

        said = of(rial)
        assume(said["outcome"] == "not_matched" and "missing" in said["failed"][0])
        missing = said["failed"][0]["missing"]

        assert missing > 0
        assert of(rial + missing)["outcome"] != "not_matched"
        for less in {1, missing - 1} - {0, missing}:
            assert of(rial + less)["outcome"] == "not_matched"


# --- looked at again --------------------------------------------------------------------------------------------------

HAPPENINGS = st.lists(
    st.one_of(
        st.tuples(st.just("buys"), ORDERS),
        st.tuples(st.just("says"), st.integers(0, 4), TERMS),
        st.tuples(st.just("moves"), st.integers(0, 4)),
        st.tuples(st.just("changes")),
    ),
    min_size=2,
    max_size=6,
)


def happen(shop: Shop, member: Member, what: tuple[Any, ...], at: datetime) -> Receipt | None:
    """One thing that happens in the club, and the receipt where it was a purchase."""
    offers = list(Offer.objects.filter(name__startswith="offer").order_by("pk"))
    match what:
        case ("buys", order):
            return shop.buy(replace(order, member_id=member.pk), now=at)
        case ("says", place, terms):
            changes = {**sayable(terms), "code_required": False}
            update_offer(offers[place % len(offers)].pk, changes, known=known_codes(), actor="user:1", now=at)
        case ("moves", place):
            offer = offers[place % len(offers)]
            move_offer(offer.pk, "pause" if offer.status == "live" else "publish", actor="user:1", now=at)
        case ("changes",):
            Member.objects.filter(pk=member.pk).update(birth_date=None, gender="male", tier_floor="gold")
            ProductGroup.objects.all().delete()
            Group.objects.update(discountable=False)
    return None


@SOME
@given(terms=OFFERS, past=PASTS, happenings=HAPPENINGS)
def test_a_stored_purchase_is_judged_again_as_it_was(
    open_club: Shop, terms: list[dict[str, Any]], past: Past, happenings: list[tuple[Any, ...]]
) -> None:
    with undone():
        put_up(terms)
        publish("asks all", {"kind": "discount_percent", "percent": 1}, when=ASKS_ALL)
        member = come(open_club, past)
        moments = [NOON + timedelta(minutes=number) for number in range(len(happenings))]
        found = [happen(open_club, member, what, at) for what, at in zip(happenings, moments, strict=True)]
        happen(open_club, member, ("changes",), NOON)

        for receipt in filter(None, found):
            row = Purchase.objects.select_related("branch").get(pk=receipt.id)
            lines = list(row.lines.all())
            assert considered_of(row, lines) == receipt.considered
            assert matching_then(row, lines) == {one["offer"] for one in row.considered}
            again = replay(row, lines)
            assert [kept_verdict(verdict) for verdict in again.verdicts] == row.considered
            assert (sum(again.discounts), len(again.given)) == (row.discount, len(row.awards))


def matching_then(row: Purchase, lines: list[PurchaseLine]) -> set[int]:
    """The offers that hold by what is kept of the purchase, found by the index as they were then."""
    live, here = current_live_offers().at(row.occurred_at), situation_then(row, lines)
    return {
        offer.id
        for offer in live.index.matching("purchase", here)
        if offer.terms.is_open(row.occurred_at) and not offer.terms.code_required
    }


# --- the order they were made in --------------------------------------------------------------------------------------


@SOME
@given(data=st.data(), terms=st.lists(TERMS, min_size=2, max_size=5), past=PASTS, order=ORDERS)
def test_the_order_in_which_offers_were_made_decides_ties_alone(
    open_club: Shop, data: st.DataObject, terms: list[dict[str, Any]], past: Past, order: PurchaseOrder
) -> None:
    terms = [{**one, "priority": place, "code_required": False} for place, one in enumerate(terms)]
    another = data.draw(st.permutations(range(len(terms))))
    with undone():
        asked = replace(order, member_id=come(open_club, past).pk)
        told = []
        for way in (list(range(len(terms))), another):
            with undone():
                put_up(terms, order=way)
                told.append(by_name(preview_purchase(asked, now=NOON)))
        worths = [one["worth"] for one in told[0]["considered"] if one["worth"]]
        assume(len(set(worths)) == len(worths))

        assert told[0] == told[1]


def by_name(receipt: Receipt) -> dict[str, Any]:
    """The receipt with the offers by their names: their ids are of the order in which they were made."""
    names = {one["offer"]: one["name"] for one in receipt.considered}
    said = receipt.as_json()
    for row in (*said["awards"], *said["considered"]):
        row.update({word: names[row[word]] for word in ("offer", "lost_to") if word in row})
    said["considered"] = sorted(said["considered"], key=lambda one: str(one["name"]))
    return said
