"""The rewards of the demo clubs, and a few vouchers of them: one that is open, one that was handed out."""

from datetime import datetime
from typing import Any

from django.db import transaction

from club.awards.naming import known_codes
from club.awards.redeeming import RedeemOrder, redeem, use_redemption
from club.ledger.models import Unit, Wallet
from club.rewards.models import Redemption, Reward
from club.rewards.services import create_reward
from config.demo.cast import DemoClub
from core.money import UNITS
from core.tenancy.scope import current_club

REWARDS: dict[str, tuple[dict[str, Any], ...]] = {
    "cafe": (
        {
            "code": "coffee",
            "name": "اسپرسوی رایگان",
            "points": 60,
            "gives": ("free_item", "espresso"),
            "valid_days": 30,
        },
        {"code": "mug", "name": "ماگ نارون", "about": "سفالی، کار دست", "points": 150, "stock": 20, "per_member": 1},
        {"code": "credit", "name": "اعتبار خرید", "points": 400, "gives": ("credit_amount", 100_000)},
    ),
    "shop": (
        {"code": "wrap", "name": "بسته‌بندی هدیه", "points": 40, "valid_days": 60},
        {"code": "off", "name": "تخفیف ویژه", "points": 200, "gives": ("discount_amount", 300_000), "valid_days": 30},
        {"code": "bag", "name": "کیف پارچه‌ای", "points": 600, "stock": 15, "per_member": 1},
    ),
}


def define_rewards(plan: DemoClub, *, now: datetime) -> None:
    """What members of the club can have for points."""
    unit = UNITS[current_club().currency_unit].rial
    for place, planned in enumerate(REWARDS[plan.trade]):
        values = {name: value for name, value in planned.items() if name != "gives"} | {"position": place}
        kind, figure = planned.get("gives", ("", None))
        if kind == "free_item":
            values["benefit"] = {"kind": kind, "product": figure, "quantity": 1}
        elif kind:
            values["benefit"] = {"kind": kind, "amount": figure * unit}
        create_reward(values, known=known_codes(), actor="system", now=now)


def take_some(plan: DemoClub, *, actor: str, now: datetime) -> None:
    """Two members with points take the cheapest reward, and one of them uses it; once, however often it is told."""
    cheapest = Reward.objects.order_by("points").first()
    if cheapest is None or Redemption.objects.exists():
        return
    rich = Wallet.objects.filter(unit=Unit.POINTS, balance__gte=2 * cheapest.points, member__status="active")
    taken = []
    for member_id in rich.order_by("member_id").values_list("member_id", flat=True)[:2]:
        order, key = RedeemOrder(member_id, cheapest.code, quiet=True), f"demo:{plan.slug}:reward:{member_id}"
        taken.append(redeem(order, actor=f"member:{member_id}", key=key, now=now))
    if len(taken) == 2:
        with transaction.atomic():
            use_redemption(taken[1].id, actor=actor, now=now)
