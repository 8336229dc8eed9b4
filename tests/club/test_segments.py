"""Who is in which segment: written in sets, only what changes, told once; and what offers see of it."""

from datetime import timedelta

import pytest

from club.members.models import Segment, SegmentDay, SegmentMember
from club.members.segments import Moved, add_members, put_members, remove_members
from club.members.selectors import members_in, segment_codes, segments_of
from club.purchases.erasure import erase_member
from club.purchases.merging import merge_members
from club.purchases.models import Purchase
from core.events import consume_all
from core.models import DomainEvent
from tests.offering import publish
from tests.shop import NOON, Shop

pytestmark = pytest.mark.django_db


def made(code: str = "vip", kind: str = "static", **more: object) -> Segment:
    segment: Segment = Segment.objects.create(code=code, name=code, kind=kind, **more)
    return segment


def told(segment: Segment) -> list[tuple[str, int | None]]:
    rows = DomainEvent.objects.filter(document=segment.document).order_by("id")
    return [(row.kind, row.member_id) for row in rows]


def test_a_list_is_put_in_whole_and_only_what_changes_is_written_and_told(shop: Shop) -> None:
    one, two, three = (shop.member() for _ in range(3))
    segment = made()

    assert put_members(segment.pk, [one.pk, two.pk, 10**12], at=NOON) == Moved(2, 0)
    kept = SegmentMember.objects.get(member=two)
    assert put_members(segment.pk, [two.pk, three.pk], at=NOON + timedelta(days=1)) == Moved(1, 1)
    assert put_members(segment.pk, [two.pk, three.pk], at=NOON + timedelta(days=2)) == Moved(0, 0)

    assert SegmentMember.objects.get(member=two).since == kept.since
    assert set(members_in(segment.pk)) == {two, three}
    assert told(segment) == [
        ("segment.entered", one.pk),
        ("segment.entered", two.pk),
        ("segment.left", one.pk),
        ("segment.entered", three.pk),
    ]
    segment.refresh_from_db()
    assert segment.size == 2
    days = SegmentDay.objects.order_by("day").values_list("size", "entered", "left")
    assert list(days) == [(2, 2, 0), (2, 1, 1)]


def test_one_is_put_on_a_list_and_taken_off_it_without_touching_the_others(shop: Shop) -> None:
    one, two = shop.member(), shop.member()
    segment = made()
    put_members(segment.pk, [one.pk], at=NOON, tell=False)

    assert add_members(segment.pk, [two.pk], at=NOON) == Moved(1, 0)
    assert add_members(segment.pk, [two.pk], at=NOON) == Moved(0, 0)
    assert remove_members(segment.pk, [one.pk], at=NOON) == Moved(0, 1)

    assert [found.code for found in segments_of(two.pk)] == ["vip"]
    assert segment_codes([one.pk, two.pk]) == {two.pk: ["vip"]}
    assert told(segment) == [("segment.entered", two.pk), ("segment.left", one.pk)]


def test_an_offer_on_a_segment_is_for_those_who_are_in_it_and_a_purchase_keeps_that_they_were(shop: Shop) -> None:
    inside, outside = shop.member(), shop.member()
    segment = made()
    put_members(segment.pk, [inside.pk], at=NOON)
    publish(
        "وفادارها", {"kind": "discount_percent", "percent": 10}, when={"fact": "segment", "op": "has", "value": "vip"}
    )

    assert (shop.buys(inside, 1_000_000).discount, shop.buys(outside, 1_000_000).discount) == (100_000, 0)
    assert Purchase.objects.get(member=inside).facts["segments"] == ["vip"]

    Segment.objects.filter(pk=segment.pk).update(archived_at=NOON)
    assert shop.buys(inside, 1_000_000).discount == 0
    assert (segments_of(inside.pk), list(members_in(segment.pk))) == ([], [])


def test_the_lists_of_a_merged_record_are_those_of_who_took_it_over(shop: Shop) -> None:
    source, into = shop.member(), shop.member()
    listed, live = made(), made("big", "live")
    put_members(listed.pk, [source.pk], at=NOON)
    put_members(live.pk, [source.pk], at=NOON)
    before = DomainEvent.objects.filter(kind__startswith="segment.").count()

    merge_members(source.pk, into.pk, actor="user:1", key="m", now=NOON)
    consume_all()

    assert list(SegmentMember.objects.values_list("segment", "member")) == [(listed.pk, into.pk)]
    assert list(Segment.objects.order_by("pk").values_list("size", flat=True)) == [1, 0]
    assert DomainEvent.objects.filter(kind__startswith="segment.").count() == before


def test_who_is_erased_is_in_no_segment(shop: Shop) -> None:
    member = shop.member()
    segment = made()
    put_members(segment.pk, [member.pk], at=NOON)

    erase_member(member.pk, actor="user:1", reason="خواست خودش", now=NOON)
    assert not members_in(segment.pk).exists()
    consume_all()

    assert not SegmentMember.objects.exists()
    segment.refresh_from_db()
    assert segment.size == 0
