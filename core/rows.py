"""Many rows of one table in one statement: what bulk imports write with, several times quicker than `bulk_create`."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import NOT_PROVIDED

from core.tenancy.models import ClubModel
from core.tenancy.scope import current_club_id


def insert_rows(model: type[ClubModel], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """Insert the rows into the club in scope; their ids, in order. `names` are columns, as `member_id`.

    Values are what the columns hold, unchecked: text, numbers, moments, and for JSON whatever JSON is made of. Columns
    that are not named get the default, the database's or the model's, one and the same for all rows.
    """
    if not rows:
        return []
    quote, table = connection.ops.quote_name, model._meta.db_table
    types = {str(field.column): field.db_type(connection) for field in model._meta.concrete_fields}
    fixed = {
        str(field.column): field.get_default()
        for field in model._meta.concrete_fields
        if not (field.column in {"id", "club_id", *names} or field.generated or field.db_default is not NOT_PROVIDED)
    }
    columns = ", ".join(quote(name) for name in ("club_id", *names, *fixed))
    taken = ", ".join(f"c{place}" for place in range(len(names)))
    typed = ", ".join(f"c{place} {types[name]}" for place, name in enumerate(names))
    also = "".join(f", f.{quote(name)}" for name in fixed)
    also_from = ", ".join(f"{quote(name)} {types[name]}" for name in fixed)
    keyed = [{f"c{place}": value for place, value in enumerate(row)} for row in rows]
    statement = (
        f"INSERT INTO {quote(table)} ({columns}) SELECT %s, {taken}{also} "  # noqa: S608
        f"FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS ({typed})) WITH ORDINALITY AS g({taken}, place)"
        + (f" CROSS JOIN jsonb_to_record(%s::jsonb) AS f({also_from})" if fixed else "")
        + " ORDER BY place RETURNING id"
    )
    values: list[Any] = [current_club_id(), _json(keyed), *([_json(fixed)] if fixed else [])]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
