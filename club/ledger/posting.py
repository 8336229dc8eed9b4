"""How value moves: pure. Wallets and lots are loaded, acts change them in memory and collect what is to be written.

Amounts are whole points or whole Rial and positive in every act. Times are aware. Nothing here knows the database.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

CLAIMED, PAID = ":let_go", ":debt"
"""How the cause of an entry ends that takes of what came in or back: what a refund had let go, what was owed."""


class Short(Exception):
    """Less is usable than was to be taken; nothing has been moved."""

    def __init__(self, needed: int, available: int) -> None:
        super().__init__(f"needed {needed}, usable {available}")
        self.needed = needed
        self.available = available


@dataclass
class LotState:
    """A lot in memory; `lot_id` is None until it is written. `seq` is that of its entry."""

    lot_id: int | None
    seq: int
    amount: int
    remaining: int
    document: str
    usable_from: datetime
    expires_at: datetime | None
    idle_days: int | None = None
    """After so many days without a purchase it ends, too: by then at `idle_ends_at`, which is reckoned as written."""
    idle_ends_at: datetime | None = None

    @property
    def ends_at(self) -> datetime | None:
        """The first of its two ends, None where it has none."""
        return min((end for end in (self.expires_at, self.idle_ends_at) if end is not None), default=None)

    def usable_at(self, moment: datetime) -> bool:
        """Open for spending: it has begun and has not ended."""
        return self.usable_from <= moment and not self.expired_at(moment)

    def expired_at(self, moment: datetime) -> bool:
        """Its end has come."""
        return self.ends_at is not None and self.ends_at <= moment


@dataclass
class LetGoState:
    """What a refund should have taken of a wallet and could not, as it had been spent; `row_id` None: not written yet.

    `after` is the newest entry there was then (None: of this transaction). What was spent up to it may still come back,
    and is claimed then; what was spent later was paid with other value.
    """

    row_id: int | None
    amount: int
    claimed: int
    after: int | None
    document: str
    occurred_at: datetime

    @property
    def left(self) -> int:
        return self.amount - self.claimed

    @property
    def reaches_to(self) -> float:
        """The newest entry whose value it may claim."""
        return math.inf if self.after is None else self.after


@dataclass(frozen=True)
class CameBack:
    """Value that is in a lot again, and the entry that had spent it."""

    lot: LotState
    amount: int
    spending: int


@dataclass(frozen=True)
class Posting:
    """An entry to write, with the lots it took from (positive) or gave back to (negative)."""

    wallet_id: int
    seq: int
    delta: int
    balance_after: int
    kind: str
    document: str
    cause: str
    occurred_at: datetime
    reason: str = ""
    reverses: int | None = None
    lot_seq: int | None = None
    allocations: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class LotMove:
    """How much value went into a lot, or (negative) out of it, with the lot's own dates."""

    unit: str
    amount: int
    usable_from: datetime
    expires_at: datetime | None


@dataclass
class WalletState:
    """A locked wallet with its open lots and what has been posted to it so far."""

    wallet_id: int
    unit: str
    balance: int
    version: int
    lots: list[LotState] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    read_version: int = -1
    touched: set[int] = field(default_factory=set)
    let_goes: list[LetGoState] = field(default_factory=list)
    """What was let go and not claimed: of earlier when it has been loaded, and of this transaction."""
    claimed_from: set[int] = field(default_factory=set)
    """Which of the loaded ones have been claimed from since, by id."""

    def __post_init__(self) -> None:
        self.read_version = self.version

    def usable(self, moment: datetime) -> int:
        """What could be spent at the moment."""
        return sum(lot.remaining for lot in self.lots if lot.usable_at(moment))

    def left(self, moment: datetime) -> int:
        """What is there and has not ended at the moment, whether it is usable yet or not."""
        return sum(lot.remaining for lot in self.lots if not lot.expired_at(moment))

    def add(
        self,
        amount: int,
        kind: str,
        document: str,
        cause: str,
        at: datetime,
        *,
        usable_from: datetime | None = None,
        expires_at: datetime | None = None,
        reason: str = "",
        reverses: int | None = None,
        with_lot: bool = True,
        lot_document: str = "",
        idle: tuple[int | None, datetime | None] = (None, None),
    ) -> LotState | None:
        """Bring in value, as a lot of its own (a debt has none); `lot_document` where another document earned it.

        `idle`: after how many days without a purchase it ends, and the least such end, known of a lot it comes from.
        """
        lot = None
        if with_lot:
            earned_by = lot_document or document
            begin = usable_from or at
            lot = LotState(None, self.version + 1, amount, amount, earned_by, begin, expires_at, *idle)
            self.lots.append(lot)
        lot_seq = lot.seq if lot else None
        self._post(amount, kind, document, cause, at, reason=reason, reverses=reverses, lot_seq=lot_seq)
        return lot

    def spend(self, amount: int, kind: str, document: str, cause: str, at: datetime, *, reason: str = "") -> None:
        """Take from what is usable, soonest end first; Short when that is less."""
        usable = [lot for lot in self.in_order() if lot.usable_at(at)]
        self._take(usable, amount, kind, document, cause, at, reason)

    def take_back(
        self,
        lots: Iterable[LotState],
        amount: int,
        document: str,
        cause: str,
        at: datetime,
        *,
        kind: str = "take_back",
        reason: str = "",
    ) -> int:
        """Take up to `amount` back: from these lots, then from what else is left and has not ended; how much it was."""
        left = self._these_first(lots, at)
        taken = min(amount, sum(lot.remaining for lot in left))
        if taken:
            self._take(left, taken, kind, document, cause, at, reason)
        return taken

    def undo(
        self, lot: LotState, amount: int, document: str, cause: str, at: datetime, *, reverses: int, reason: str = ""
    ) -> None:
        """Take all of what an entry brought in: from its lot, then as `take_back` does; Short when less is left."""
        self._take(self._these_first([lot], at), amount, "reverse", document, cause, at, reason, reverses=reverses)

    def give_back(
        self,
        portions: Iterable[tuple[LotState, int]],
        document: str,
        cause: str,
        at: datetime,
        *,
        kind: str = "give_back",
        reason: str = "",
        reverses: int | None = None,
    ) -> int:
        """Return taken value to the very lots it came from, with their old end; how much it was."""
        moved = []
        for lot, amount in portions:
            if amount:
                lot.remaining += amount
                self.touched.add(lot.seq)
                moved.append((lot.seq, -amount))
        total = -sum(amount for _, amount in moved)
        if total:
            self._post(total, kind, document, cause, at, reason=reason, reverses=reverses, allocations=tuple(moved))
        return total

    def let_go(self, amount: int, document: str, at: datetime) -> None:
        """Remember that so much should have been taken and was spent."""
        self.let_goes.append(LetGoState(None, amount, 0, None, document, at))

    def claim(
        self, came_back: Iterable[CameBack], document: str, cause: str, at: datetime, *, reason: str
    ) -> list[CameBack]:
        """Take of what came back what was let go after it had been spent; what is left of it.

        The earliest let go first: the fewest spendings can still pay for it.
        """
        left, moved = [], []
        for back in came_back:
            taken = min(back.amount, sum(self._claims(back)))
            if taken:
                back.lot.remaining -= taken
                self.touched.add(back.lot.seq)
                moved.append((back.lot.seq, taken))
            left.append(CameBack(back.lot, back.amount - taken, back.spending))
        if moved:
            total = sum(amount for _, amount in moved)
            self._post(-total, "take_back", document, cause, at, reason=reason, allocations=tuple(moved))
        return left

    def _claims(self, back: CameBack) -> Iterator[int]:
        left = back.amount
        for gone in sorted(self.let_goes, key=lambda one: one.reaches_to):
            part = min(left, gone.left) if back.spending <= gone.reaches_to else 0
            if part:
                gone.claimed += part
                left -= part
                if gone.row_id is not None:
                    self.claimed_from.add(gone.row_id)
                yield part

    def less_debt(self, amount: int, document: str, cause: str, at: datetime, *, kind: str = "take_back") -> None:
        """Lower a debt, which has no lots."""
        self._post(-amount, kind, document, cause, at)

    def moves(self) -> list[LotMove]:
        """What was posted so far, lot by lot: soonest end first."""
        lots, sums = {lot.seq: lot for lot in self.lots}, dict[int, int]()
        for post in self.postings:
            parts = ((post.lot_seq, -post.delta),) if post.lot_seq is not None else post.allocations
            for seq, taken in parts:
                sums[seq] = sums.get(seq, 0) - taken
        moved = sorted((lots[seq] for seq, amount in sums.items() if amount), key=_soonest_end)
        return [LotMove(self.unit, sums[lot.seq], lot.usable_from, lot.ends_at) for lot in moved]

    def in_order(self) -> Iterator[LotState]:
        """Open lots, soonest end first, those without an end last."""
        return iter(sorted((lot for lot in self.lots if lot.remaining), key=_soonest_end))

    def _these_first(self, lots: Iterable[LotState], at: datetime) -> list[LotState]:
        first = [lot for lot in lots if lot.remaining]
        return [*first, *(lot for lot in self.in_order() if lot not in first and not lot.expired_at(at))]

    def _take(
        self,
        lots: list[LotState],
        amount: int,
        kind: str,
        document: str,
        cause: str,
        at: datetime,
        reason: str,
        *,
        reverses: int | None = None,
    ) -> None:
        available = sum(lot.remaining for lot in lots)
        if available < amount:
            raise Short(amount, available)
        left, moved = amount, []
        for lot in lots:
            part = min(lot.remaining, left)
            if part:
                lot.remaining -= part
                self.touched.add(lot.seq)
                moved.append((lot.seq, part))
                left -= part
        self._post(-amount, kind, document, cause, at, reason=reason, reverses=reverses, allocations=tuple(moved))

    def _post(
        self,
        delta: int,
        kind: str,
        document: str,
        cause: str,
        at: datetime,
        *,
        reason: str = "",
        reverses: int | None = None,
        lot_seq: int | None = None,
        allocations: tuple[tuple[int, int], ...] = (),
    ) -> None:
        self.version += 1
        self.balance += delta
        if self.balance < 0:
            raise Short(-delta, self.balance - delta)
        self.postings.append(
            Posting(
                self.wallet_id,
                self.version,
                delta,
                self.balance,
                kind,
                document,
                cause,
                at,
                reason,
                reverses,
                lot_seq,
                allocations,
            )
        )


def _soonest_end(lot: LotState) -> tuple[bool, float, int]:
    return lot.ends_at is None, lot.ends_at.timestamp() if lot.ends_at else 0.0, lot.seq
