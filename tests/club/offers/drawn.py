"""Clubs with offers, members and baskets as chance draws them, each of which is gone again after its example."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from hypothesis import strategies as st

from club.catalogue.models import Group
from club.lotteries.services import open_lottery
from club.members.models import Member
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.receipts import Receipt
from club.purchases.services import preview_purchase
from offers.coupons import NewCoupons, create_coupons
from offers.given_codes import CouponRefused
from offers.models import Offer
from offers.vocabulary import BENEFITS as BENEFIT_WORDS
from tests.offering import publish
from tests.offers.test_oracle import BENEFITS, GROUPS
from tests.shop import NOON, Shop

PRIZE = "prize"
PRODUCTS = {"p0": (150_000, "coffee"), "p1": (480_000, "cakes"), "p2": (1_234_560, "special")}
THINGS = st.sampled_from(
    [
        {"kind": "free_delivery"},
        {"kind": "free_item", "product": "p0", "quantity": 2},
        {"kind": "tier", "code": "gold", "days": 30},
        {"kind": "chances", "lottery": "yalda", "count": 3, "per_amount": 200_000},
        {"kind": "coupon", "offer": PRIZE, "valid_days": 7},
    ]
)


def condition(fact: str, op: str, values: st.SearchStrategy[Any], **more: Any) -> st.SearchStrategy[dict[str, Any]]:
    return values.map(lambda value: {"fact": fact, "op": op, "value": value, **more})


CONDITIONS = st.one_of(
    condition("amount", "gte", st.integers(1, 1_500_000)),
    condition("amount", "gt", st.sampled_from([{"own": "mean_basket", "percent": 120}])),
    condition("amount_of", "gte", st.integers(1, 600_000), of="coffee"),
    condition("quantity_of", "gte", st.integers(1, 6), of=["coffee", "p1"]),
    condition("line_count", "in", st.just([1, 3])),
    condition("visit_number", "every", st.integers(1, 4)),
    condition("spent_in_days", "gte", st.integers(1, 3_000_000), of=30),
    condition("days_since_last_purchase", "gt", st.integers(0, 9)),
    condition("tier", "gte", st.sampled_from(["bronze", "silver"])),
    condition("days_from_birthday", "between", st.just([-3, 3])),
    condition("channel", "eq", st.sampled_from(["till", "online"])),
)
WHEN = st.one_of(
    st.just({}),
    st.just({}),
    CONDITIONS,
    st.lists(CONDITIONS, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
    st.lists(CONDITIONS, min_size=1, max_size=2).map(lambda parts: {"any": parts}),
    CONDITIONS.map(lambda part: {"not": part}),
)
# It never holds, so that whoever it is explained to hears what each fact was.
ASKS_ALL = {
    "any": [
        *(
            {"fact": fact, "op": "gt", "value": 30_000, **more}
            for fact, more in (
                ("quantity_of", {}),
                ("line_count", {}),
                ("distinct_products", {}),
                ("visit_number", {}),
                ("visits_in_days", {"of": 30}),
                ("days_since_last_purchase", {}),
                ("member_for_days", {}),
                ("age", {}),
            )
        ),
        {"fact": "amount", "op": "gt", "value": 10**12},
        {"fact": "amount_of", "op": "gt", "value": 10**12, "of": "coffee"},
        {"fact": "spent_in_days", "op": "gt", "value": 10**12, "of": 30},
        {"fact": "days_from_birthday", "op": "eq", "value": -183},
        {"fact": "payment_method", "op": "eq", "value": "shells"},
        {"fact": "channel", "op": "eq", "value": "phone"},
        {"fact": "tier", "op": "eq", "value": "gold"},
        {"fact": "tag", "op": "has", "value": "none"},
        {"fact": "gender", "op": "eq", "value": "none"},
        {"fact": "source", "op": "eq", "value": "none"},
        {"fact": "referred", "op": "eq", "value": True},
    ]
}
LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "per_member": st.integers(1, 3),
        "per_member_per_day": st.integers(1, 2),
        "total": st.integers(1, 3),
        "budget": st.integers(50_000, 4_000_000),
        "budget_per_month": st.integers(50_000, 4_000_000),
    },
)
TERMS = st.fixed_dictionaries(
    {
        "benefit": st.one_of(BENEFITS, THINGS),
        "when": WHEN,
        "stacking": st.sampled_from(["best", "best", "always", "alone"]),
        "priority": st.integers(-1, 1),
        "limits": st.one_of(st.just({}), LIMITS),
        "code_required": st.sampled_from([False, False, False, True]),
    }
).map(lambda said: {**said, "stacking": "always"} if BENEFIT_WORDS[said["benefit"]["kind"]].worthless else said)
PAYMENTS = st.sampled_from([PayWith(), PayWith(), PayWith(credit="max"), PayWith(points="max", credit="max")])
LINES = st.lists(
    st.builds(
        OrderLine,
        product=st.sampled_from([None, *PRODUCTS]),
        group=st.sampled_from([None, *GROUPS, "none"]),
        quantity=st.integers(1, 6),
        unit_price=st.sampled_from([0, 12_340, 86_420, 150_000, 333_330, 480_000]),
        vat_bp=st.sampled_from([None, 1_000]),
    ),
    min_size=1,
    max_size=4,
).map(tuple)
ORDERS = st.builds(
    PurchaseOrder,
    lines=LINES,
    pay_with=PAYMENTS,
    channel=st.sampled_from(["till", "online"]),
    delivery_price=st.sampled_from([None, 250_000]),
)


@dataclass(frozen=True)
class Past:
    """What a member brings along: value, a birthday around, and purchases so many days ago."""

    points: int
    credit: int
    birthday: date | None
    purchases: tuple[tuple[int, int], ...]


PASTS = st.builds(
    Past,
    points=st.integers(0, 900),
    credit=st.integers(0, 90_000).map(lambda tens: tens * 10),
    birthday=st.sampled_from([None, date(1995, 11, 22), date(1995, 5, 5)]),
    purchases=st.lists(st.tuples(st.integers(1, 40), st.integers(1, 900_000)), max_size=4).map(tuple),
)


def open_shop(shop: Shop) -> None:
    """Programme, tiers and goods: those of the group `none` take no discount and are not paid for by value."""
    shop.programme(rial_per_point=50_000, credit_bp=100, point_worth=1_000)
    shop.tiers()
    for code in GROUPS:
        Group.objects.create(code=code, name=code)
    Group.objects.create(code="none", name="none", discountable=False, payable_by_value=False)
    for code, (price, group) in PRODUCTS.items():
        shop.product(code, price, group)
    open_lottery(code="yalda", name="yalda", actor="user:1")
    publish(PRIZE, {"kind": "discount_percent", "percent": 5}, code_required=True)


@contextmanager
def undone() -> Iterator[None]:
    """What the block does to the database has never happened after it."""
    before = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(before)


def sayable(terms: dict[str, Any]) -> dict[str, Any]:
    """The terms with the id of the offer whose coupon is given."""
    benefit = terms["benefit"]
    if benefit["kind"] == "coupon":
        benefit = {**benefit, "offer": Offer.objects.get(name=PRIZE).pk}
    return {**terms, "benefit": benefit}


def put_up(terms: list[dict[str, Any]], *, order: list[int] | None = None) -> list[str]:
    """Publish the offers, each under its number; the codes of those that need one."""
    codes = []
    for number in order if order is not None else range(len(terms)):
        made = publish(f"offer {number}", **sayable(terms[number]))
        if terms[number]["code_required"]:
            codes.append(f"CODE{number}")
            create_coupons(NewCoupons(offer=made.pk, code=codes[-1], uses=2, per_member=1), actor="user:1")
    return sorted(codes)


def come(shop: Shop, past: Past) -> Member:
    """The member, after all that was bought before."""
    long_ago = NOON - timedelta(days=60)
    member = shop.member(
        opening_points=past.points, opening_credit=past.credit, birth_date=past.birthday, enrolled_at=long_ago
    )
    for days, rial in sorted(past.purchases, reverse=True):
        shop.buys(member, rial, now=NOON - timedelta(days=days))
    return member


def order_for(member: Member, order: PurchaseOrder, codes: list[str]) -> PurchaseOrder:
    """The order of this member, with those of the codes that bring something."""
    taken = replace(order, member_id=member.pk)
    for code in codes:
        with_code = replace(taken, coupons=(*taken.coupons, code))
        try:
            preview_purchase(with_code, now=NOON)
        except CouponRefused:
            continue
        taken = with_code
    return taken


def without_number(receipt: Receipt) -> dict[str, Any]:
    """All that a preview says as well: it has no number yet, nor the code of a coupon that is given."""
    said = {name: value for name, value in receipt.as_json().items() if name not in ("id", "number")}
    gives = [{**award, "coupon": ""} if award["kind"] == "coupon" else award for award in said["awards"]]
    return {**said, "awards": gives}
