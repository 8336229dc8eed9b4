"""Value that was paid, returned to the very lots that it came from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from club.ledger.models import Allocation, Kind
from club.ledger.posting import CLAIMED, LotState, WalletState
from club.members.selectors import records_of


@dataclass(frozen=True)
class SpentLot:
    """How much of a lot a document was paid with, less what came back already."""

    lot_id: int
    unit: str
    document: str
    usable_from: datetime
    expires_at: datetime | None
    let_go: int
    amount: int


def spent_by(document: str, member_id: int) -> list[SpentLot]:
    """What the member, or a record that was merged into the member's, paid by a document of one spending."""
    rows = (
        Allocation.objects.filter(entry__wallet__member__in=records_of(member_id), entry__document=document)
        .filter(entry__kind__in=(Kind.SPEND, Kind.GIVE_BACK))
        .values_list(
            *("lot_id", "lot__wallet__unit", "lot__document", "lot__usable_from", "lot__expires_at", "lot__let_go")
        )
        .annotate(total=Sum("amount"))
        .order_by(F("lot__expires_at").desc(nulls_first=True), "lot_id")
    )
    return [SpentLot(*row) for row in rows if row[-1]]


def give_back(
    spent: Iterable[SpentLot], wallet: WalletState, amount: int, document: str, at: datetime, *, reason: str
) -> int:
    """Return so much of what was paid to the very lots it came from; how much it was.

    What a merged record's lot had paid comes as a new lot with that lot's dates: its wallet is empty for good.
    """
    known = {lot.lot_id: lot for lot in wallet.lots}
    own: list[tuple[LotState, int]] = []
    total, why_claimed = 0, _("از خریدی که پس داده شده است")
    for row in spent:
        part = min(row.amount, amount - total) if row.unit == wallet.unit else 0
        if not part:
            continue
        total += part
        if row.lot_id in known:
            own.append((known[row.lot_id], part))
        else:
            _give_anew(row, part, wallet, document, at, reason=reason, why_claimed=why_claimed)
    wallet.give_back(own, document, "payment", at, reason=reason, why_claimed=why_claimed)
    return total


def _give_anew(
    row: SpentLot, amount: int, wallet: WalletState, document: str, at: datetime, *, reason: str, why_claimed: str
) -> None:
    cause = f"payment:{row.lot_id}"
    lot = wallet.add(
        amount,
        Kind.GIVE_BACK,
        document,
        cause,
        at,
        reason=reason,
        usable_from=row.usable_from,
        expires_at=row.expires_at,
        lot_document=row.document,
    )
    claimed = min(amount, row.let_go)
    if lot and claimed:
        wallet.claim([(lot, claimed)], document, f"{cause}{CLAIMED}", at, reason=why_claimed)
        wallet.merged[row.lot_id] = row.let_go - claimed
