"""What an act on the ledger by hand answers: the entry it made."""

import json
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class EntryReceipt:
    """An entry with the fields of the API; the last three but `replayed` belong to what came in as a lot."""

    id: int
    seq: int
    unit: str
    delta: int
    balance_after: int
    kind: str
    reason: str
    document: str
    occurred_at: str
    usable_from: str | None
    expires_at: str | None
    remaining: int | None
    replayed: bool = False

    def as_json(self) -> dict[str, Any]:
        """The answer as the API gives it."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "replayed"}

    def dump(self) -> str:
        """The bytes that are stored and answered."""
        return json.dumps(self.as_json(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> "EntryReceipt":
        """The stored answer of the first request."""
        return cls(**json.loads(text), replayed=True)
