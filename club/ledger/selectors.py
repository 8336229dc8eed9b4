"""Reads of the ledger."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Greatest

from club.ledger.models import Entry, Kind, Lot, Unit, Wallet
from club.ledger.posting import LotMove
from club.ledger.receipts import EntryReceipt
from club.members.selectors import records_of
from core.tenancy.scope import current_club_id

# A gift by hand is unusual above so many times what is given at once, on average of so many times lately.
TIMES, LATELY = 10, 100


@dataclass(frozen=True)
class Balances:
    """What a member has: balances of the ledger, what of them is usable at the moment, and debts."""

    points: int = 0
    credit: int = 0
    usable_points: int = 0
    usable_credit: int = 0
    points_debt: int = 0
    credit_debt: int = 0


@dataclass(frozen=True)
class Ending:
    """Value that ends: how much of which unit, and when."""

    unit: str
    amount: int
    expires_at: datetime
    is_idle: bool = False
    """Whether the end goes by days without a purchase, so that each purchase moves it."""


@dataclass(frozen=True)
class Written:
    """A document that was written for a member, and when.

    `also`: others whose gifts came with it, or, where `takes_back`, went with it.
    """

    member_id: int
    document: str
    at: datetime
    also: tuple[str, ...] = ()
    takes_back: bool = False


def balances(member_id: int, at: datetime) -> Balances:
    """The member's balances as of now, and what of them is usable at the moment."""
    return balances_of([member_id], at).get(member_id, Balances())


def balances_of(member_ids: list[int], at: datetime) -> dict[int, Balances]:
    """The balances of many members, in two queries."""
    sums: dict[int, dict[str, int]] = {}
    wallets: dict[int, tuple[int, str]] = {}
    rows = Wallet.objects.filter(member__in=member_ids).values_list("pk", "member_id", "unit", "balance")
    for wallet_id, member_id, unit, balance in rows:
        sums.setdefault(member_id, {})[unit] = balance
        wallets[wallet_id] = member_id, unit
    usable = (
        # By the wallets, not joined to them: right after a large import the planner would read the lots of everybody.
        Lot.objects.filter(wallet__in=list(wallets), remaining__gt=0, usable_from__lte=at)
        .filter(Q(ends_at=None) | Q(ends_at__gt=at))
        .values_list("wallet_id")
        .annotate(total=Sum("remaining"))
    )
    for wallet_id, total in usable:
        member_id, unit = wallets[wallet_id]
        sums[member_id][f"usable_{unit}"] = total
    return {member_id: Balances(**values) for member_id, values in sums.items()}


@dataclass(frozen=True)
class Usual:
    """What is usual to be given: all that a member was given by purchases, and the average at once in the club."""

    in_all: int
    at_once: int

    def is_exceeded(self, amount: int) -> bool:
        """Whether so much at once is unusual: more than the member ever got and than ten times the average."""
        return self.at_once > 0 and amount > max(self.in_all, TIMES * self.at_once)


def usual_gift(member_id: int, unit: str) -> Usual:
    """What purchases gave the member in the unit, and the club's members on average the last hundred times."""
    given = Entry.objects.filter(wallet__unit=unit, kind__in=(Kind.EARN, Kind.OPENING))
    in_all: int = given.filter(wallet__member=member_id).aggregate(all=Sum("delta"))["all"] or 0
    lately = list(given.order_by("-created_at", "-id").values_list("delta", flat=True)[:LATELY])
    return Usual(in_all, sum(lately) // len(lately) if lately else 0)


def balances_after(written: Sequence[Written]) -> dict[str, Balances]:
    """By document, what its member had in points and credit when it was written; one of no entries counts by its time.

    Balances as of then: later entries do not change them, nor do late ones that bear an earlier day, and what was
    written on a record that was merged into the member's says what that record had. One query for any number.
    """
    named = [(each, name) for each in written for name in (each.document, *each.also)]
    asked: dict[str, Any] = {
        "club": current_club_id(),
        "members": [each.member_id for each, _name in named],
        "documents": [each.document for each, _name in named],
        "names": [name for _each, name in named],
        "moments": [each.at for each, _name in named],
        "takes": [each.takes_back for each, _name in named],
    }
    with connection.cursor() as cursor:
        cursor.execute(BALANCES_AFTER, asked)
        return {document: Balances(**json.loads(found)) for document, found in cursor.fetchall()}


# The last entry that the document made in a wallet, or a gift that came or went with it; where there is none, the last
# one that was there before it.
BALANCES_AFTER = """
SELECT d.document, jsonb_object_agg(w.unit, coalesce(
    (SELECT e.balance_after FROM ledger_entry e
     WHERE e.club_id = w.club_id AND e.document = ANY (d.names)
       AND (e.document = d.document OR (e.kind <> 'earn') = d.takes_back)
       AND e.wallet_id IN (
         SELECT w.id UNION ALL SELECT ow.id FROM members_member old
         JOIN ledger_wallet ow ON ow.club_id = old.club_id AND ow.member_id = old.id AND ow.unit = w.unit
         WHERE old.club_id = w.club_id AND old.merged_into_id = w.member_id) -- when it was another record's
     ORDER BY e.id DESC LIMIT 1),
    (SELECT e.balance_after FROM ledger_entry e
     WHERE e.club_id = w.club_id AND e.wallet_id = w.id AND e.created_at <= d.at
     ORDER BY e.seq DESC LIMIT 1),
    0))
FROM (SELECT member_id, document, takes_back, min(at) AS at, array_agg(name) AS names
      FROM unnest(%(members)s::bigint[], %(documents)s::text[], %(names)s::text[], %(moments)s::timestamptz[],
          %(takes)s::boolean[]) AS said(member_id, document, name, at, takes_back)
      GROUP BY member_id, document, takes_back) AS d
JOIN ledger_wallet w ON w.club_id = %(club)s AND w.member_id = d.member_id AND w.unit IN ('points', 'credit')
GROUP BY d.document
"""


def entries(member_id: int, *, unit: str | None = None) -> QuerySet[Entry]:
    """The member's points and credit entries, newest first, each with its wallet and lot.

    Those of records that were merged into this one belong to it: the sum of all is the balance.
    """
    units = [unit] if unit else [Unit.POINTS, Unit.CREDIT]
    rows: QuerySet[Entry] = Entry.objects.filter(wallet__member__in=records_of(member_id), wallet__unit__in=units)
    return rows.select_related("wallet", "lot").order_by("-id")


def receipt_of(row: Entry) -> EntryReceipt:
    """The entry as it is answered; its wallet and lot come with the row."""
    lot = row.lot
    return EntryReceipt(
        id=row.pk,
        seq=row.seq,
        unit=row.wallet.unit,
        delta=row.delta,
        balance_after=row.balance_after,
        kind=row.kind,
        reason=row.reason,
        document=row.document,
        occurred_at=row.occurred_at.astimezone(UTC).isoformat(),
        usable_from=lot.usable_from.astimezone(UTC).isoformat() if lot else None,
        expires_at=lot.ends_at.astimezone(UTC).isoformat() if lot and lot.ends_at else None,
        remaining=lot.remaining if lot else None,
    )


def next_ending(member_id: int, at: datetime) -> dict[str, Ending]:
    """For each unit the soonest end of what is left, with how much ends then."""
    moves = Q(idle_ends_at=F("ends_at")) & (Q(expires_at=None) | Q(expires_at__gt=F("ends_at")))
    rows: Any = (
        Lot.objects.filter(wallet__member=member_id, remaining__gt=0, ends_at__gt=at)
        .values("wallet__unit", "ends_at")
        .annotate(total=Sum("remaining"), moved=Sum("remaining", filter=moves))
        .order_by("wallet__unit", F("ends_at").desc())
    )
    return {
        row["wallet__unit"]: Ending(row["wallet__unit"], row["total"], row["ends_at"], row["moved"] == row["total"])
        for row in rows
    }


def open_lots(member_id: int, at: datetime) -> tuple[LotMove, ...]:
    """What the member has by its dates, the soonest end first; what is usable already counts as usable from now."""
    rows = (
        Lot.objects.filter(wallet__member=member_id, remaining__gt=0)
        .values(unit=F("wallet__unit"), begin=Greatest("usable_from", at), end=F("ends_at"))
        .annotate(total=Sum("remaining"))
        .order_by("unit", "end", "begin")
    )
    return tuple(LotMove(row["unit"], row["total"], row["begin"], row["end"]) for row in rows)


def waiting_then(member_id: int, unit: str, at: datetime, *, recorded_by: datetime) -> int:
    """How much of what the member had in the unit by what was recorded then could not be spent yet at the moment."""
    by_then = Q(allocations__entry__created_at__lte=recorded_by)
    brought_in = Entry.objects.filter(wallet=OuterRef("wallet"), seq=OuterRef("seq"), created_at__lte=recorded_by)
    rows = (
        Lot.objects.filter(wallet__member__in=records_of(member_id), wallet__unit=unit, usable_from__gt=at)
        .filter(Exists(brought_in))
        .annotate(taken=Coalesce(Sum("allocations__amount", filter=by_then), 0))
        .values_list("amount", "taken")
    )
    return sum(amount - taken for amount, taken in rows)


def not_yet_usable(member_id: int, at: datetime) -> list[Ending]:
    """Value that begins later: how much, and (in `expires_at`) the moment it becomes usable."""
    rows = (
        Lot.objects.filter(wallet__member=member_id, remaining__gt=0, usable_from__gt=at)
        .values("wallet__unit", "usable_from")
        .annotate(total=Sum("remaining"))
        .order_by("usable_from")
    )
    return [Ending(row["wallet__unit"], row["total"], row["usable_from"]) for row in rows]
