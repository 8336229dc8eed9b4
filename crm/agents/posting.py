"""Writing entries of agents' accounts: the account is locked first, then numbered by its version, as wallets are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.rows import insert_rows
from crm.agents.commission_models import POTS
from crm.agents.models import Account, CommissionEntry

COLUMNS = ("account_id", "seq", "kind", "document", "commission_id", "occurred_at", *POTS)


@dataclass(frozen=True)
class Movement:
    """One entry to be: what came to each pot, less where it left it. `commission_id` of None belongs to a payout."""

    kind: str
    document: str
    occurred_at: datetime
    commission_id: int | None = None
    pots: dict[str, int] = field(default_factory=dict)


def hold_account(agent_id: int) -> Account:
    """The agent's account, locked until the transaction ends; made where there is none."""
    Account.objects.get_or_create(agent_id=agent_id)
    return Account.objects.select_for_update().get(agent_id=agent_id)


def hold_accounts(agent_ids: Sequence[int]) -> list[Account]:
    """The accounts there are of these agents, locked in one order."""
    return list(Account.objects.select_for_update().filter(agent__in=agent_ids).order_by("pk"))


def post(account: Account, movements: Sequence[Movement]) -> None:
    """Write the movements of a held account, in their order, and its new sums."""
    rows = []
    for number, movement in enumerate(movements, start=account.version + 1):
        for pot, amount in movement.pots.items():
            setattr(account, pot, getattr(account, pot) + amount)
        amounts = [movement.pots.get(pot, 0) for pot in POTS]
        rows.append(
            (
                account.pk,
                number,
                movement.kind,
                movement.document,
                movement.commission_id,
                movement.occurred_at,
                *amounts,
            )
        )
    if rows:
        account.version += len(rows)
        account.save(update_fields=["version", *POTS])
        insert_rows(CommissionEntry, COLUMNS, rows)
