"""Lists of the API, a page at a time by keyset."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.errors import ValidationFailed
from core.keyset import ForeignCursor, after, cursor_of, keys_of, opened
from core.reading import Field, Moment, Text, Whole, read_query
from core.tenancy.scope import club_zone

MOST, USUAL = 200, 50
LIST_QUERY: dict[str, Field] = {
    "limit": Whole(least=1, most=MOST, about=f"rows a page, {USUAL} unless told"),
    "cursor": Text(most=300, about="`next` of the page before"),
    "updated_after": Moment(zone=club_zone, about="only rows changed after this moment; the latest change first"),
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
    keys = keys_of(rows.model, [f"-{column}"] if column else [])
    if "updated_after" in query:
        rows = rows.filter(**{f"{order.updated}__gt": query["updated_after"]})
    if "cursor" in query:
        try:
            rows = rows.filter(after(keys, opened(query["cursor"], keys)))
        except ForeignCursor:
            raise ValidationFailed({"cursor": [_("این نشانگر از این فهرست نیست.")]}) from None
    found = list(rows.order_by(*([f"-{column}"] if column else []), "-id")[: limit + 1])
    results = answers(found[:limit])
    return {"results": results, "next": cursor_of(keys, found[limit - 1]) if len(found) > limit else None}


def list_query(values: QueryDict, **more: Field) -> dict[str, Any]:
    """The parameters of a list, those all have and its own; ValidationFailed by name."""
    return read_query(values, {**LIST_QUERY, **more})
