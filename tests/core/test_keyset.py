"""Pages by keyset: every row once and in order, whatever the order and its nulls; cursors of strangers are refused."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F, Value
from django.db.models.functions import NullIf

from club.members.models import Member
from core.keyset import ForeignCursor, after, cursor_of, keys_of, opened
from tests.shop import NOON, Shop

ORDERS = [
    ["-enrolled_at", "-id"],
    ["enrolled_at"],
    ["last_purchase_at"],
    ["-last_purchase_at"],
    ["first_name", "-last_purchase_at"],
    ["-first_name", "last_purchase_at", "visits"],
    ["pk"],
    ["-pk"],
    ["made"],
    ["-made"],
    ["referred_by__first_name"],
    [],
]


@pytest.fixture
def people(shop: Shop) -> None:
    first = shop.member(first_name="آ")
    for number in range(1, 13):
        member = shop.member(first_name="بپت"[number % 3], now=NOON + timedelta(hours=number // 4))
        Member.objects.filter(pk=member.pk).update(
            last_purchase_at=None if number % 4 == 0 else NOON - timedelta(days=number % 3),
            visits=number % 2,
            referred_by=first if number % 5 == 0 else None,
        )


@pytest.mark.parametrize("ordering", ORDERS, ids=str)
@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_together_are_the_whole_list(people: None, ordering: list[str], size: int) -> None:
    rows = Member.objects.annotate(made=NullIf(F("visits"), Value(0))).select_related("referred_by")
    keys = keys_of(Member, ordering)
    ordered = rows.order_by(*(f"{'-' if key.descending else ''}{key.name}" for key in keys))
    whole = list(ordered)

    found, cursor = [], None
    while True:
        page = list((ordered.filter(after(keys, opened(cursor, keys))) if cursor else ordered)[:size])
        if not page:
            break
        found += page
        cursor = cursor_of(keys, page[-1])

    assert [row.pk for row in found] == [row.pk for row in whole]
    assert len(whole) == 13


def test_the_id_ends_every_order_once() -> None:
    assert [(key.name, key.descending) for key in keys_of(Member, ["first_name"])] == [
        ("first_name", False),
        ("id", True),
    ]
    assert [key.name for key in keys_of(Member, ["-pk", "first_name"])] == ["id"]
    assert [key.name for key in keys_of(Member, ["visits", "-visits"])] == ["visits", "id"]


def said(*pairs: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(pairs).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "%%%",
        said(["-id", 1]),
        said(["-enrolled_at", "2026-11-22T08:30:00+00:00"]),
        said(["enrolled_at", "2026-11-22T08:30:00+00:00"], ["-id", 1]),
        said(["-enrolled_at", "yesterday"], ["-id", 1]),
        said(["-enrolled_at", "2026-11-22T08:30:00"], ["-id", 1]),
        said(["-enrolled_at", "0001-01-01T00:00:00+00:00"], ["-id", 1]),
        said(["-enrolled_at", "2026-11-22T08:30:00+00:00"], ["-id", 2**70]),
        said(["-enrolled_at", "2026-11-22T08:30:00+00:00"], ["-id", {"a": 1}]),
        said(["-enrolled_at", "2026-11-22T08:30:00+00:00"], ["-id", [1]]),
        said(["-enrolled_at", "2026-11-22T08:30:00+00:00"], ["-id", "nul\x00"]),
        said(["-enrolled_at", "2026-11-22T08:30:00+00:00"], ["-id", 1.5e300]),
        base64.urlsafe_b64encode(b"[" * 5_000).decode(),
    ],
)
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(ForeignCursor):
        opened(cursor, keys_of(Member, ["-enrolled_at", "-id"]))


def test_a_cursor_says_moments_exactly(shop: Shop) -> None:
    at = datetime(2026, 11, 22, 8, 30, 0, 123456, tzinfo=UTC)
    member = shop.member(now=at)
    keys = keys_of(Member, ["-enrolled_at"])

    assert opened(cursor_of(keys, member), keys) == [at, member.pk]
