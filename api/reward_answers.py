"""What the API answers of rewards, and the shapes of it."""

from typing import Any

from api.answers import moment
from api.shapes import ANYTHING, FLAG, MAYBE_MOMENT, MOMENT, Schema, record, text, whole
from club.rewards.models import Redemption, Reward


def rewards(rows: list[Reward]) -> list[dict[str, Any]]:
    return [reward(row) for row in rows]


def reward(row: Reward) -> dict[str, Any]:
    """A reward as it is now."""
    return {
        "code": row.code,
        "name": row.name,
        "about": row.about,
        "points": row.points,
        "benefit": row.benefit,
        "stock": row.stock,
        "taken": row.taken,
        "per_member": row.per_member,
        "valid_days": row.valid_days,
        "position": row.position,
        "is_active": row.is_active,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }


REWARD_COMPONENTS: dict[str, Schema] = {
    "Reward": record(
        {
            "code": text(),
            "name": text(),
            "about": text(),
            "points": whole(),
            "benefit": {**ANYTHING, "nullable": True},
            "stock": {**whole(nullable=True), "description": "in all; null: no limit"},
            "taken": {**whole(), "description": "of the stock"},
            "per_member": whole(nullable=True),
            "valid_days": whole(nullable=True),
            "position": whole(),
            "is_active": FLAG,
            "created_at": MOMENT,
            "updated_at": MOMENT,
        }
    ),
    "Redemption": record(
        {
            "id": whole(),
            "points": whole(),
            "worth": {**whole(), "description": "Rial"},
            "coupon": {**text(), "description": "the code of the voucher"},
            "expires_at": MAYBE_MOMENT,
            "status": text(one_of=tuple(Redemption.Status.values)),
            "balances": record({"points": whole(), "credit": whole()}),
        }
    ),
}
