"""Two who put a whole list in at once leave one of the two lists, not both together; and the twin."""

import threading

import pytest

from club.members import segments
from club.members.models import Segment, SegmentMember
from club.members.segments import Wanted, put_members, put_wanted
from core.models import DomainEvent
from core.tenancy.scope import current_club_id
from tests.shop import NOON, Shop
from tests.threads import AT_ONCE, SECONDS, in_threads


def made() -> Segment:
    segment: Segment = Segment.objects.create(code="vip", name="x", kind="static")
    return segment


def test_of_two_whole_lists_at_once_one_is_left(committed_shop: Shop) -> None:
    segment = made()
    members = [committed_shop.member().pk for _number in range(AT_ONCE)]

    in_threads(current_club_id(), [lambda pk=pk: put_members(segment.pk, [pk], at=NOON) for pk in members])

    assert SegmentMember.objects.count() == 1
    segment.refresh_from_db()
    told = DomainEvent.objects.filter(document=segment.document)
    entered, left = (told.filter(kind=kind).count() for kind in ("segment.entered", "segment.left"))
    assert (segment.size, entered - left, entered) == (1, 1, AT_ONCE)


def test_twin_without_the_lock_both_lists_are_in(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    segment = made()
    members = [committed_shop.member().pk for _number in range(2)]
    written = threading.Barrier(2, timeout=SECONDS)
    put = put_wanted

    def together(one: Segment, wanted: Wanted, **more: object) -> segments.Moved:
        moved = put(one, wanted, **more)  # type: ignore[arg-type]
        written.wait()
        return moved

    # The size is left out: its row would make the one wait for the other as well.
    monkeypatch.setattr(segments, "COUNT_ON", "SELECT 1")
    monkeypatch.setattr(segments, "lock_segment", lambda pk: Segment.objects.get(pk=pk))
    monkeypatch.setattr(segments, "put_wanted", together)
    in_threads(current_club_id(), [lambda pk=pk: put_members(segment.pk, [pk], at=NOON) for pk in members])

    assert SegmentMember.objects.count() == 2
