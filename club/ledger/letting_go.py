"""The rows of what refunds could not take: loaded when something comes back, written with the wallets."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import F

from club.ledger.models import LetGo
from club.ledger.posting import LetGoState, WalletState
from core import events
from core.rows import insert_rows

LET_GO = "value.let_go"
COLUMNS = ("wallet_id", "amount", "claimed", "after", "document", "occurred_at")


def load_let_goes(wallet: WalletState) -> None:
    """What of the locked wallet was let go earlier and not claimed; what is in memory already stays as it is there."""
    known = [one.row_id for one in wallet.let_goes if one.row_id is not None]
    rows = LetGo.objects.filter(wallet=wallet.wallet_id, claimed__lt=F("amount"))
    for row in rows.exclude(pk__in=known):
        wallet.let_goes.append(LetGoState(row.pk, row.amount, row.claimed, row.after, row.document, row.occurred_at))


def write_let_goes(wallets: Sequence[WalletState]) -> None:
    """Write what was let go and claimed, when the entries are written; each is told in an event, for the proof."""
    wallets = [wallet for wallet in wallets if wallet.let_goes]
    for wallet in wallets:
        for row_id in sorted(wallet.claimed_from):
            claimed = next(one.claimed for one in wallet.let_goes if one.row_id == row_id)
            LetGo.objects.filter(pk=row_id).update(claimed=claimed)
    fresh = [(wallet, one) for wallet in wallets for one in wallet.let_goes if one.row_id is None]
    if fresh:
        _insert(fresh)
    for wallet in wallets:
        if wallet.claimed_from:
            wallet.claimed_from.clear()


def _insert(fresh: Sequence[tuple[WalletState, LetGoState]]) -> None:
    # No entry of these wallets that is written later has a number up to this one: the sequence has given it out.
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('ledger_entry', 'id')), 0)")
        after = cursor.fetchone()[0]
    rows = [
        (wallet.wallet_id, one.amount, one.claimed, after, one.document, one.occurred_at.isoformat())
        for wallet, one in fresh
    ]
    told = []
    for (wallet, one), row_id in zip(fresh, insert_rows(LetGo, COLUMNS, rows), strict=True):
        one.row_id, one.after = row_id, after
        facts = {"wallet": wallet.wallet_id, "amount": one.amount, "after": after, "of": one.document}
        told.append(events.Happened(f"let_go:{row_id}", one.occurred_at, None, facts))
    events.emit_many(LET_GO, told)
