"""How a ledger is tampered with by the owner of its tables, and each tampering looked for and taken back at once.

What can be done to any table is made up from its columns: a value changed, a row taken away, two rows' values swapped.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, connection, models, transaction

from club.gift_cards.models import GiftCard
from club.ledger.models import Allocation, Entry, LetGo, Lot, Seal, Wallet
from club.ledger.proof import Fault
from club.purchases.models import Purchase, PurchaseCounter, PurchaseLine, Refund
from club.purchases.proof import verify_value
from core.models import DomainEvent

VALUE = (Wallet, Lot, Entry, Allocation, LetGo, Purchase, PurchaseLine, Refund, PurchaseCounter, GiftCard)
# Columns that move no value, or of which nothing else in the ledger could tell what they were.
SAYS_NOTHING = {
    Wallet: {"id"},  # one that nothing was posted to; of the others the entries know
    Lot: {"idle_days", "idle_ends_at"},  # none of these ends so; `test_idle_value` has one
    Entry: {"created_at"},  # the seal of its day knows it
    Allocation: {"id"},
    LetGo: {"created_at"},
    Purchase: {
        *(
            "branch_id",
            "channel",
            "payment_method",
            "external_id",
            "points_cut",
            "visit_number",
            "facts",
            "awards",
            "considered",
        ),
        *("point_worth", "tier_before", "tier_after", "next_tier", "imported", "created_at", "updated_at"),
    },
    PurchaseLine: {"id", "index", "product_code", "name", "group_codes"},
    PurchaseCounter: {"id"},
    # What a refund fell short of is owed or let go, as the programme was then: only a debt leaves an entry.
    Refund: {"reason", "created_at", "points_shortfall", "credit_shortfall"},
    Seal: {"id", "created_at"},
    GiftCard: {
        *("code", "ends_at", "member_id", "buyer_id", "is_personal", "batch_id", "payment_method"),
        *("branch_id", "actor", "occurred_at", "created_at", "updated_at"),
    },
}


class Planting:
    """Tamperings done by the owner, each looked for and taken back at once."""

    def __init__(self) -> None:
        self.planted = 0
        self.refused: list[str] = []
        self.missed: list[str] = []

    def try_it(self, *statements: str) -> list[Fault]:
        """Do it as the owner with the triggers off, and keep it in mind if the proof does not find it."""
        faults: list[Fault] = []
        sid = transaction.savepoint()
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                    assert cursor.rowcount, f"nothing was changed by {statement}"
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except IntegrityError as error:
            self.refused.append(str(error))
        else:
            self.planted += 1
            faults = verify_value()
            if not faults:
                self.missed.append("; ".join(statements))
        transaction.savepoint_rollback(sid)
        return faults


@contextmanager
def planting() -> Iterator[Planting]:
    with connection.as_owner(), transaction.atomic():
        with connection.cursor() as cursor:
            for model in (*VALUE, Seal, DomainEvent):
                cursor.execute(f"ALTER TABLE {model._meta.db_table} DISABLE TRIGGER USER")
        yield Planting()
        transaction.set_rollback(True)


def other_value(field: models.Field) -> str:
    """SQL for a value the column does not have."""
    column = f'"{field.column}"'
    if field.choices and isinstance(field, models.CharField):
        one, two = [value for value, _label in field.choices][:2]
        return f"CASE {column} WHEN '{one}' THEN '{two}' ELSE '{one}' END"
    if isinstance(field, models.ForeignKey):
        table = field.related_model._meta.db_table
        same = f"(SELECT id FROM {table} t WHERE t.id <> x.{column} AND t.club_id = x.club_id ORDER BY id LIMIT 1)"
        return f"coalesce({same}, (SELECT min(id) FROM {table} t WHERE t.club_id = x.club_id))"
    if isinstance(field, models.JSONField):
        return f"{column} - 0"
    if isinstance(field, models.BooleanField):
        return f"NOT {column}"
    if isinstance(field, models.DateTimeField):
        return f"coalesce({column} + interval '10 years', now())"
    if isinstance(field, models.DateField):
        return f"{column} + 4000"
    if isinstance(field, models.CharField):
        return f"overlay({column} placing 'z' from 1)"
    return f"{column} + 1"


def swappable(model: type[models.Model]) -> list[models.Field]:
    """How what a purchase earned is shared out over its own lines is not told a second time."""
    shares = {"points_earned", "credit_earned"} if model is PurchaseLine else set()
    return [field for field in columns(model) if not field.primary_key and field.column not in shares]


def columns(model: type[models.Model]) -> list[models.Field]:
    skipped = SAYS_NOTHING.get(model, set())
    fields = (f for f in model._meta.local_fields if not f.generated)
    return [f for f in fields if f.column not in skipped and f.column != "club_id"]


def rows(model: type[models.Model], most: int) -> list[int]:
    """The ids of so many rows, the first and the last among them; of a sale to nobody the ledger knows nothing."""
    known = model.objects.exclude(member=None) if model is Purchase else model.objects.all()
    ids = list(known.order_by("pk").values_list("pk", flat=True))
    step = max(1, len(ids) // most)
    return sorted({*ids[::step][:most], ids[-1]})


def changed(model: type[models.Model], most: int) -> Iterator[str]:
    for field in columns(model):
        for row in rows(model, most):
            yield f'UPDATE {model._meta.db_table} x SET "{field.column}" = {other_value(field)} WHERE id = {row}'


def removed(model: type[models.Model], most: int) -> Iterator[str]:
    return (f"DELETE FROM {model._meta.db_table} WHERE id = {row}" for row in rows(model, most))


def swapped(model: type[models.Model], most: int) -> Iterator[str]:
    """What one row has in a column is given to another that has something else there, and the other way round."""
    table = model._meta.db_table
    for field in swappable(model):
        column = f'"{field.column}"'
        for row in rows(model, most):
            pair = f"(SELECT min(id) FROM {table} WHERE club_id = x.club_id AND {column} IS DISTINCT FROM x.{column})"
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {pair} FROM {table} x WHERE id = {row}")
                (other,) = cursor.fetchone()
            if other:
                yield (
                    f"UPDATE {table} x SET {column} = (SELECT y.{column} FROM {table} y WHERE y.id = "
                    f"CASE x.id WHEN {row} THEN {other} ELSE {row} END) WHERE id IN ({row}, {other})"
                )
