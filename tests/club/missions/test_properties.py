"""Whatever is bought and refunded, in however many parts: what is refunded whole has never happened to missions."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from club.ledger.models import Lot, Wallet
from club.members.models import Member
from club.missions.models import Mission, MissionWin
from club.purchases.models import Purchase
from club.purchases.orders import OrderLine, PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from offers.models import Coupon, OfferCounter
from tests.club.missions.cards import CREDIT, POINTS, mission
from tests.club.offers.drawn import undone
from tests.shop import NOON, Shop

TEN = {"kind": "discount_percent", "percent": 10}
MISSIONS = st.lists(
    st.fixed_dictionaries(
        {
            "counts": st.sampled_from(["visits", "spent", "products", "units", "points"]),
            "target": st.integers(1, 4),
            "again": st.sampled_from(["once", "window", "each"]),
            "window": st.sampled_from(["whole", "month"]),
            "benefit": st.sampled_from([POINTS, CREDIT, TEN]),
            "limit": st.sampled_from([None, 2, 9]),
        }
    ),
    min_size=1,
    max_size=3,
)
BASKETS = st.lists(st.tuples(st.sampled_from(["tea", "cake"]), st.integers(1, 3)), min_size=1, max_size=2)
Basket = list[tuple[str, int]]


@pytest.fixture
def open_shop(shop: Shop) -> Shop:
    shop.programme(rial_per_point=100_000, credit_valid_days=30)
    shop.product("tea", 100_000)
    shop.product("cake", 250_000)
    return shop


def basket_of(basket: Basket) -> tuple[OrderLine, ...]:
    return tuple(OrderLine(product=code, quantity=count) for code, count in basket)


def state_of(member: Member) -> dict[str, Any]:
    """All that missions move; what is void or taken back is not there."""
    return {
        "wallets": list(Wallet.objects.filter(member=member).order_by("unit").values_list("unit", "balance")),
        "lots": sum(Lot.objects.filter(wallet__member=member).values_list("remaining", flat=True)),
        "wins": list(
            MissionWin.objects.filter(taken_back=False).order_by("pk").values_list("mission", "window", "number")
        ),
        "won": list(Mission.objects.order_by("pk").values_list("won", flat=True)),
        "codes": Coupon.objects.filter(void=False).count(),
        "counted": [row for row in OfferCounter.objects.values_list("offer", "period", "used") if row[2]],
    }


def refund(shop: Shop, purchase_id: int, **what: Any) -> None:
    shop.keys += 1
    order = RefundOrder(purchase_id, **what)
    refund_purchase(order, actor="user:1", key=f"refund-{shop.keys}", now=NOON)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=MISSIONS, past=st.lists(BASKETS, max_size=3), basket=BASKETS, parts=st.lists(st.integers(0, 1), max_size=4))
def test_what_is_refunded_has_never_happened(
    open_shop: Shop, said: list[dict[str, Any]], past: list[Basket], basket: Basket, parts: list[int]
) -> None:
    with undone():
        member = open_shop.member()
        for number, one in enumerate(said):
            mission(**{**one, "name": f"m{number}"})
        for bought in past:
            open_shop.buy(PurchaseOrder(member_id=member.pk, lines=basket_of(bought)))
        before = state_of(member)

        receipt = open_shop.buy(PurchaseOrder(member_id=member.pk, lines=basket_of(basket)))
        assert receipt.id
        for line in parts:
            left = Purchase.objects.get(pk=receipt.id).lines.filter(index=line).first()
            if left and left.quantity > left.refunded_quantity:
                refund(open_shop, receipt.id, lines=((line, 1),))
        if not Purchase.objects.get(pk=receipt.id).fully_refunded:
            refund(open_shop, receipt.id)

        assert state_of(member) == before
        assert open_shop.proven()
