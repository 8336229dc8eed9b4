"""Lists by keyset: a cursor names the last row already given, so a page costs the same at any depth."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from api.reading import EARLIEST, LATEST, Field, Moment, Text, Whole, read_query
from core.errors import ValidationFailed
from core.money import MAX_BIGINT

MOST, USUAL = 200, 50
LIST_QUERY: dict[str, Field] = {
    "limit": Whole(least=1, most=MOST, about=f"rows a page, {USUAL} unless told"),
    "cursor": Text(most=300, about="`next` of the page before"),
    "updated_after": Moment(day_too=True, about="only rows changed after this moment; the latest change first"),
}


@dataclass(frozen=True)
class ListOrder:
    """Newest first by this time column, then by id; by id alone where there is none."""

    newest: str | None = None
    updated: str = "updated_at"

    def column(self, query: dict[str, Any]) -> str | None:
        """The column to sort by: that of the last change where changes are asked for."""
        return self.updated if "updated_after" in query else self.newest


def page(
    rows: "QuerySet[Any]",
    query: dict[str, Any],
    order: ListOrder,
    answers: Callable[[list[Any]], list[dict[str, Any]]],
) -> dict[str, Any]:
    """`{results, next}` of one page; `next` is null on the last one."""
    column, limit = order.column(query), query.get("limit", USUAL)
    if "updated_after" in query:
        rows = rows.filter(**{f"{order.updated}__gt": query["updated_after"]})
    if "cursor" in query:
        rows = rows.filter(_after(column, *_opened(query["cursor"], column)))
    ordered = rows.order_by(*([f"-{column}"] if column else []), "-id")
    found = list(ordered[: limit + 1])
    results = answers(found[:limit])
    return {"results": results, "next": _cursor(column, found[limit - 1]) if len(found) > limit else None}


def list_query(values: QueryDict, **more: Field) -> dict[str, Any]:
    """The parameters of a list, those all have and its own; ValidationFailed by name."""
    return read_query(values, {**LIST_QUERY, **more})


def _after(column: str | None, moment: datetime | None, row_id: int) -> Q:
    if column is None:
        return Q(id__lt=row_id)
    # The first part alone bounds the index; the rest leaves out the rows of the same moment already given.
    return Q(**{f"{column}__lte": moment}) & (Q(**{f"{column}__lt": moment}) | Q(id__lt=row_id))


def _cursor(column: str | None, row: Any) -> str:
    moment = getattr(row, column).isoformat() if column else None
    return base64.urlsafe_b64encode(json.dumps([column, moment, row.pk]).encode()).decode().rstrip("=")


def _opened(cursor: str, column: str | None) -> tuple[datetime | None, int]:
    """What a cursor of this order says; one of another list, or none of ours, is refused."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        of_column, at, row_id = json.loads(text)
        moment = datetime.fromisoformat(at) if of_column is not None else None
        if of_column == column and type(row_id) is int and 0 < row_id <= MAX_BIGINT and _in_calendar(moment):
            return moment, row_id
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        pass
    raise ValidationFailed({"cursor": [_("این نشانگر از این فهرست نیست.")]})


def _in_calendar(moment: datetime | None) -> bool:
    return moment is None or EARLIEST <= moment < LATEST
