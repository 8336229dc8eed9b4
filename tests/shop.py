"""A shop: a programme with credit, three tiers, a few products, members."""

from datetime import UTC, datetime

from club.awards.enrolment import enrol_member
from club.catalogue.models import Group, Product, ProductGroup
from club.members.models import Member
from club.programme.services import change_programme
from club.purchases.orders import PurchaseOrder
from club.purchases.proof import verify_value
from club.purchases.receipts import Receipt
from club.purchases.services import record_purchase
from club.tiers.models import Tier
from core.models import Club
from tests.accounts.cast import fresh_phone

# Noon in Tehran on 1 Azar 1405.
NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
TOMAN = 10


class Shop:
    """A club ready to sell, with the acts that tests say in one line."""

    def __init__(self, club: Club) -> None:
        self.club = club
        self.keys = 0

    def programme(self, **changes: object) -> None:
        change_programme(changes, effective_from=datetime(2020, 1, 1, tzinfo=UTC), actor="user:1")

    def tiers(self) -> None:
        Tier.objects.create(code="bronze", name="برنزی", rank=0, threshold=0)
        Tier.objects.create(code="silver", name="نقره‌ای", rank=1, threshold=10_000_000, points_factor_bp=15_000)
        Tier.objects.create(
            code="gold", name="طلایی", rank=2, threshold=50_000_000, points_factor_bp=20_000, extra_credit_bp=200
        )

    def member(self, **person: object) -> Member:
        person.setdefault("phone", fresh_phone())
        return enrol_member(**{"actor": "user:1", "now": NOON, **person})  # type: ignore[arg-type]

    def product(self, code: str, price: int, *groups: str, **more: object) -> Product:
        product = Product.objects.create(code=code, name=code, price_rial=price, **more)
        for group in groups:
            ProductGroup.objects.create(product=product, group=Group.objects.get(code=group))
        return product

    def buy(self, order: PurchaseOrder, *, key: str = "", now: datetime = NOON) -> Receipt:
        self.keys += 1
        return record_purchase(order, actor="user:1", key=key or f"key-{self.keys}", now=now)

    def buys(self, member: Member, amount: int, *, now: datetime = NOON, **more: object) -> Receipt:
        return self.buy(PurchaseOrder(member_id=member.pk, amount=amount, **more), now=now)  # type: ignore[arg-type]

    def proven(self) -> bool:
        return verify_value() == []
