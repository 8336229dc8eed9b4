"""What a purchase and a refund answer."""

import json
from dataclasses import dataclass, field, fields
from typing import Any

UNSAID = ("missions", "usable_points", "replayed")


@dataclass(frozen=True)
class Receipt:
    """A recorded (or, without id and number, previewed) purchase, with the fields of api.md. Money is whole Rial."""

    id: int | None
    number: int | None
    member: int | None
    occurred_at: str
    gross: int
    discount: int
    net: int
    vat: int
    paid_by_credit: int
    paid_by_points: int
    paid_by_gift_card: int
    payable: int
    points_earned: int
    points_cut: int
    credit_earned: int
    balances: dict[str, int]
    tier: str | None
    tier_changed: bool
    next_tier: dict[str, Any] | None
    lines: list[dict[str, Any]]
    awards: list[dict[str, Any]]
    considered: list[dict[str, Any]]
    chances: list[dict[str, Any]]
    missions: list[dict[str, Any]] = field(default_factory=list)
    """What pages say beside it; no part of the answer."""
    usable_points: int = 0
    """What of the points can be spent now, by which rewards are near or far; no part of the answer."""
    replayed: bool = False

    def as_json(self) -> dict[str, Any]:
        """The answer as api.md says it; a preview has no id and no number."""
        values = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in UNSAID}
        if self.id is None:
            del values["id"], values["number"]
        return values

    def dump(self) -> str:
        """The bytes that are stored and answered."""
        return json.dumps(self.as_json(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> "Receipt":
        """The stored answer of the first request."""
        return cls(**json.loads(text), replayed=True)


@dataclass(frozen=True)
class RefundReceipt:
    """A refund (or its preview, without id). `refunded` is the money to hand back."""

    id: int | None
    refunded: int
    points_taken_back: int
    credit_taken_back: int
    points_returned: int
    credit_returned: int
    shortfall: dict[str, int]
    balances: dict[str, int] | None
    tier: str | None
    gift_card_returned: int = 0
    missions: tuple[str, ...] = ()
    """The names of the missions of which a round is taken back; no part of the answer."""
    replayed: bool = False

    def as_json(self) -> dict[str, Any]:
        """The answer as api.md says it."""
        values = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in UNSAID}
        if self.id is None:
            del values["id"]
        return values

    def dump(self) -> str:
        """The bytes that are stored and answered."""
        return json.dumps(self.as_json(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> "RefundReceipt":
        """The stored answer of the first request."""
        return cls(**json.loads(text), replayed=True)
