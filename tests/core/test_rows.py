"""Many rows in one statement: what is the same in all is sent once, and nothing is taken for the same that is not."""

from datetime import timedelta
from typing import Any

import pytest

from core.models import Club, DomainEvent
from core.rows import insert_rows
from tests.shop import NOON

NAMES = ("kind", "member_id", "document", "data", "occurred_at")
SAME = {"a": [1]}


@pytest.mark.parametrize(
    "rows",
    [
        [("k", None, "d:1", SAME, NOON)] * 3,
        [("k", None, "d:1", {"a": 1}, NOON), ("k", None, "d:1", {"a": True}, NOON), ("k", None, "d:1", {}, NOON)],
        [("k", None, "d:1", SAME, NOON), ("k", None, "d:2", SAME, NOON), ("l", None, "d:2", {}, NOON)],
        [("k", None, "d:1", SAME, NOON), ("k", None, "d:1", SAME, NOON + timedelta(days=1))],
    ],
)
def test_rows_are_written_as_they_are_and_in_their_order(club: Club, rows: list[tuple[Any, ...]]) -> None:
    ids = insert_rows(DomainEvent, NAMES, rows)

    assert ids == sorted(ids)
    written = list(DomainEvent.objects.filter(pk__in=ids).order_by("pk").values_list(*NAMES))
    assert written == rows
    assert [type(row[3].get("a")) for row in written] == [type(row[3].get("a")) for row in rows]
