"""Pages by keyset: a cursor names the last row already given, so a page costs the same at any depth.

An order is a few columns and at last the id. PostgreSQL puts nulls last going up and first going down; so do we.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Func, IntegerField, Model, Q, QuerySet, Value
from django.db.models.constants import LOOKUP_SEP
from django.db.models.lookups import GreaterThan, LessThan

from core.money import MAX_BIGINT

EARLIEST, LATEST = 1, 9999
LONGEST = 4_000

Row = TypeVar("Row")
Mark = TypeVar("Mark")
Some = TypeVar("Some", bound=Model)


class ForeignCursor(ValueError):
    """The cursor is of another order, or nobody gave it."""


@dataclass(frozen=True)
class Key:
    """A column to sort by; None as its field where a query has made it."""

    name: str
    descending: bool = False
    field: Field[Any, Any] | None = None

    @property
    def may_be_null(self) -> bool:
        """Whether rows without a value must be thought of."""
        return self.field is None or self.field.null or LOOKUP_SEP in self.name

    def value_of(self, row: Any) -> Any:
        """What the row has there."""
        for name in self.name.split(LOOKUP_SEP):
            row = None if row is None else getattr(row, name)
        return row

    def read(self, value: Any) -> Any:
        """What a cursor says, as the column has it. Raises ForeignCursor."""
        try:
            found = value if value is None or self.field is None else self.field.to_python(value)
        except (ValidationError, TypeError, ValueError, OverflowError) as error:
            raise ForeignCursor(self.name) from error
        if isinstance(found, datetime) and (found.tzinfo is None or not EARLIEST < found.year < LATEST):
            raise ForeignCursor(self.name)
        sound = (isinstance(found, int) and abs(found) <= MAX_BIGINT) or isinstance(found, date | None)
        if not sound and not (isinstance(found, str) and "\x00" not in found):
            raise ForeignCursor(self.name)
        return found

    def same(self, value: Any) -> Q:
        """Rows that have the same there."""
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})

    def later(self, value: Any) -> Q | None:
        """Rows whose value comes later in the order; None where there can be none."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if self.descending else None
        return self._compared("lt" if self.descending else "gt", value)

    def not_earlier(self, value: Any) -> Q:
        """Rows whose value comes later or is the same: what bounds an index."""
        if value is None:
            return Q() if self.descending else self.same(None)
        return self._compared("lte" if self.descending else "gte", value)

    def _compared(self, lookup: str, value: Any) -> Q:
        compared = Q(**{f"{self.name}__{lookup}": value})
        return compared | self.same(None) if self.may_be_null and not self.descending else compared


def keys_of(model: type[Model], ordering: Iterable[str]) -> list[Key]:
    """The keys of an order as Django writes it, `-name`; the id ends it, where it does not come by itself."""
    keys: list[Key] = []
    for text in ordering:
        name = "id" if text in ("pk", "-pk") else text.removeprefix("-")
        if name in {key.name for key in keys}:
            continue
        keys.append(Key(name, text.startswith("-"), _field_of(model, name)))
        if name == "id":
            return keys
    return [*keys, Key("id", descending=True, field=model._meta.pk)]


def _field_of(model: type[Model], name: str) -> Field[Any, Any] | None:
    found: Any = None
    for part in name.split(LOOKUP_SEP):
        try:
            found = model._meta.get_field(part)
        except FieldDoesNotExist:
            return None
        model = getattr(found, "related_model", None) or model
    return found if isinstance(found, Field) else None


class _Together(Func):
    """Columns or values as one row, which PostgreSQL compares from the left and finds by one index."""

    function = "ROW"
    output_field = IntegerField()  # of no meaning: a row is only compared with a row


def after(keys: Sequence[Key], values: Sequence[Any]) -> Q:
    """The rows behind the one with these values."""
    if not any(key.may_be_null for key in keys) and len({key.descending for key in keys}) == 1:
        # However many rows share the first value (who came in by one file joined at one moment), none is read twice.
        behind = LessThan if keys[0].descending else GreaterThan
        columns = _Together(*(key.name for key in keys))
        last = _Together(*(Value(value, key.field) for key, value in zip(keys, values, strict=True)))
        return Q(behind(columns, last))
    same, choices = Q(), Q(pk__in=())
    for key, value in zip(keys, values, strict=True):
        later = key.later(value)
        if later is not None:
            choices |= same & later
        same &= key.same(value)
    # The first part alone bounds an index; the rest leaves out the rows that share its value and were given already.
    return keys[0].not_earlier(values[0]) & choices if len(keys) > 1 else choices


def older(rows: QuerySet[Some], ordering: Sequence[str], last: Some | None) -> QuerySet[Some]:
    """The rows that this order has behind the last one shown; all of them where there was none."""
    if last is None:
        return rows
    keys = keys_of(type(last), ordering)
    return rows.filter(after(keys, [key.value_of(last) for key in keys]))


@dataclass(frozen=True)
class Page(Generic[Some]):
    """Rows of a list, the cursor of those behind them (empty at its end), and whether the list begins with them."""

    rows: list[Some]
    older: str
    is_first: bool


def page_of(found: QuerySet[Some], ordering: Sequence[str], *, cursor: str, limit: int) -> Page[Some]:
    """The rows behind the cursor. One that is not of this order, as an old link has it, leads to the first page."""
    keys, is_first = keys_of(found.model, ordering), True
    if cursor:
        try:
            found = found.filter(after(keys, opened(cursor, keys)))
            is_first = False
        except ForeignCursor:
            pass
    rows = list(found.order_by(*ordering)[: limit + 1])
    return Page(rows[:limit], cursor_of(keys, rows[limit - 1]) if len(rows) > limit else "", is_first)


def every(page: Callable[[Mark | None], Sequence[Row]], mark: Callable[[Row], Mark]) -> Iterator[Row]:
    """Every row of a list that is read a page at a time, each page behind the mark of the last row."""
    last: Mark | None = None
    while rows := page(last):
        yield from rows
        last = mark(rows[-1])


def cursor_of(keys: Sequence[Key], row: Any) -> str:
    """The cursor that goes on behind the row."""
    said = [[f"{'-' if key.descending else ''}{key.name}", key.value_of(row)] for key in keys]
    text = json.dumps(said, ensure_ascii=False, default=lambda value: value.isoformat())
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def opened(cursor: str, keys: Sequence[Key]) -> list[Any]:
    """The values that a cursor of this order says. Raises ForeignCursor."""
    try:
        text = base64.b64decode(cursor[:LONGEST] + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        said = json.loads(text)
        names = [f"{'-' if key.descending else ''}{key.name}" for key in keys]
        if [name for name, _value in said] != names:
            raise ForeignCursor(cursor)
        return [key.read(value) for key, (_name, value) in zip(keys, said, strict=True)]
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise ForeignCursor(cursor) from error
