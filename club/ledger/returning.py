"""Value that was paid, returned to the very lots that it came from, less what was let go or is owed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Min, Q, Sum
from django.utils.translation import gettext as _

from club.ledger.letting_go import load_let_goes
from club.ledger.models import Allocation, Kind
from club.ledger.posting import CLAIMED, PAID, CameBack, LotState, WalletState
from club.members.selectors import records_of

CAUSE = "payment"


@dataclass(frozen=True)
class SpentLot:
    """How much of a lot a document was paid with, less what came back already; the entry that spent it."""

    lot_id: int
    unit: str
    document: str
    usable_from: datetime
    expires_at: datetime | None
    idle_days: int | None
    spending: int
    amount: int


def spent_by(document: str, member_id: int) -> list[SpentLot]:
    """What the member, or a record that was merged into the member's, paid by a document of one spending."""
    rows = (
        Allocation.objects.filter(entry__wallet__member__in=records_of(member_id), entry__document=document)
        .filter(entry__kind__in=(Kind.SPEND, Kind.GIVE_BACK))
        .values_list(
            *("lot_id", "lot__wallet__unit", "lot__document", "lot__usable_from", "lot__expires_at", "lot__idle_days")
        )
        .annotate(spending=Min("entry_id", filter=Q(entry__kind=Kind.SPEND)), total=Sum("amount"))
        .order_by(F("lot__expires_at").desc(nulls_first=True), "lot_id")
    )
    return [SpentLot(*row) for row in rows if row[-1]]


def give_back(
    spent: Iterable[SpentLot],
    wallet: WalletState,
    amount: int,
    document: str,
    at: datetime,
    *,
    reason: str,
    debt: WalletState | None = None,
) -> int:
    """Return so much of what was paid to the very lots it came from; how much it was.

    What a merged record's lot had paid comes as a new lot with that lot's dates: its wallet is empty for good. `debt`:
    what the owner owes of this unit; see `settle`.
    """
    known = {lot.lot_id: lot for lot in wallet.lots}
    came_back: list[CameBack] = []
    own: list[tuple[LotState, int]] = []
    total = 0
    for row in spent:
        part = min(row.amount, amount - total) if row.unit == wallet.unit else 0
        if not part:
            continue
        total += part
        lot = known.get(row.lot_id)
        if lot is not None:
            own.append((lot, part))
        else:
            lot = _give_anew(row, part, wallet, document, at, reason=reason)
        came_back.append(CameBack(lot, part, row.spending))
    wallet.give_back(own, document, CAUSE, at, reason=reason)
    if debt is not None and came_back:
        settle(came_back, wallet, debt, document, CAUSE, at)
    return total


def settle(
    came_back: Iterable[CameBack], wallet: WalletState, debt: WalletState, document: str, cause: str, at: datetime
) -> None:
    """Take of what came back what refunds had let go since it was spent, then what is owed."""
    load_let_goes(wallet)
    why = _("از خریدی که پس داده شده است")
    left = wallet.claim(came_back, document, f"{cause}{CLAIMED}", at, reason=why)
    paid = min(debt.balance, sum(back.amount for back in left))
    if paid:
        wallet.take_back([back.lot for back in left], paid, document, f"{cause}{PAID}", at, reason=why)
        debt.less_debt(paid, document, f"{cause}{PAID}", at)


def _give_anew(
    row: SpentLot, amount: int, wallet: WalletState, document: str, at: datetime, *, reason: str
) -> LotState:
    lot = wallet.add(
        amount,
        Kind.GIVE_BACK,
        document,
        f"{CAUSE}:{row.lot_id}",
        at,
        reason=reason,
        usable_from=row.usable_from,
        expires_at=row.expires_at,
        lot_document=row.document,
        idle=(row.idle_days, None),
    )
    assert lot is not None  # noqa: S101 - asked for with a lot
    return lot
