"""Segments made and changed; who comes and goes by night and after each purchase; offers that answer to it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from club.awards import grant_runs
from club.awards.granting import GrantOrder, start_grant
from club.awards.redeeming import use_redemption
from club.members.models import Member, Segment, SegmentDay, SegmentMember
from club.members.selectors import members_in
from club.purchases.merging import merge_members
from club.purchases.orders import PurchaseOrder
from club.rewards.errors import VoucherExpired
from club.rewards.models import Redemption
from club.rewards.selectors import report
from core.errors import Conflict, NotFound, ValidationFailed
from core.events import consume_all
from core.models import AuditEntry, DomainEvent
from crm.segments import recounting
from crm.segments.recounting import count_new, count_segments, estimate, recount, some_of
from crm.segments.rules import parse_rules
from crm.segments.services import (
    archive_segment,
    create_segment,
    move_member,
    put_list,
    restore_segment,
    update_segment,
)
from offers.known import ANYTHING
from tests.crm.occasions.acts import FIFTY, points
from tests.offering import publish
from tests.shop import NOON, Shop

pytestmark = pytest.mark.django_db

BY: dict[str, Any] = {"actor": "user:1"}
BUYERS = {"fact": "visits_in_days", "op": "gte", "value": 2, "of": 30}


def live(rules: dict[str, Any] = BUYERS, **more: Any) -> Segment:
    made = create_segment({"name": "پرخریدها", "kind": "live", "rules": rules, "code": "big", **more}, **BY, now=NOON)
    recount(made, now=NOON)
    made.refresh_from_db()
    return made


def listed(**more: Any) -> Segment:
    return create_segment({"name": "فهرست", "kind": "static", **more}, **BY, now=NOON)


def told(segment: Segment) -> list[tuple[str, int | None]]:
    rows = DomainEvent.objects.filter(document=segment.document).order_by("id")
    return [(row.kind.removeprefix("segment."), row.member_id) for row in rows]


def test_who_fits_when_the_rules_are_made_is_in_and_nobody_is_told(shop: Shop) -> None:
    inside, outside = shop.member(), shop.member()
    shop.buys(inside, 100_000)
    shop.buys(inside, 100_000)

    segment = live()

    assert (list(members_in(segment.pk)), segment.size, segment.counted_at) == ([inside], 1, NOON)
    assert told(segment) == []
    assert outside.pk


def test_a_purchase_brings_a_member_in_and_a_night_takes_them_out(shop: Shop) -> None:
    shop.programme(rial_per_point=None)
    segment, member = live(), shop.member()
    offer = {"when": {"fact": "segment", "op": "eq", "value": "big"}}
    publish("آمد", FIFTY, trigger="event:segment_entered", **offer)
    publish("رفت", {"kind": "points_amount", "points": 7}, trigger="event:segment_left", **offer)

    shop.buys(member, 100_000, now=NOON + timedelta(hours=1))
    consume_all()
    assert not members_in(segment.pk).exists()
    before = points(member)
    shop.buys(member, 100_000, now=NOON + timedelta(hours=2))
    consume_all()

    assert (list(members_in(segment.pk)), told(segment)) == ([member], [("entered", member.pk)])
    assert points(member) == before + 50

    # Thirty days later nothing new was bought; the job, run three times, says so once.
    night = NOON + timedelta(days=40)
    assert count_segments(now=night) == "1 segments, 0 entered, 1 left"
    assert count_segments(now=night) == "1 segments, 0 entered, 0 left"
    consume_all()

    assert told(segment) == [("entered", member.pk), ("left", member.pk)]
    assert points(member) == before + 57
    days = SegmentDay.objects.filter(segment=segment).order_by("day").values_list("size", "entered", "left")
    assert list(days) == [(1, 1, 0), (0, 0, 1)]


def test_an_offer_on_another_segment_does_not_answer(shop: Shop) -> None:
    segment, member, other = live(), shop.member(), listed(code="other")
    put_list(other.pk, [member.pk], whole=False, **BY, now=NOON)
    publish(
        "به دیگری آمد", FIFTY, trigger="event:segment_entered", when={"fact": "segment", "op": "eq", "value": "other"}
    )
    consume_all()
    for _time in range(2):
        shop.buys(member, 100_000, now=NOON + timedelta(hours=1))
    before = points(member)
    consume_all()

    assert list(members_in(segment.pk)) == [member]
    assert points(member) == before


def test_a_late_purchase_of_long_ago_is_left_to_the_night(shop: Shop) -> None:
    segment, member = live(), shop.member(now=NOON - timedelta(days=20))
    for days in (5, 6):
        shop.buys(member, 100_000, occurred_at=NOON - timedelta(days=days))
    consume_all()
    assert not members_in(segment.pk).exists()

    count_segments(now=NOON + timedelta(hours=12))

    assert list(members_in(segment.pk)) == [member]


def test_changed_rules_are_counted_anew_without_a_word_and_archived_ones_are_not_counted(shop: Shop) -> None:
    member, segment = shop.member(), live()

    update_segment(segment.pk, {"rules": {"fact": "member_for_days", "op": "gte", "value": 0}}, **BY)
    assert count_new(now=NOON) == "1 segments, 1 entered, 0 left"
    assert (list(members_in(segment.pk)), told(segment)) == ([member], [])

    archive_segment(segment.pk, **BY, now=NOON)
    assert count_segments(now=NOON) == "0 segments, 0 entered, 0 left"
    assert not members_in(segment.pk).exists()
    with pytest.raises(NotFound):
        update_segment(segment.pk, {"name": "x"}, **BY)

    restore_segment(segment.pk, **BY)
    assert count_new(now=NOON) == "1 segments, 0 entered, 0 left"
    assert list(members_in(segment.pk)) == [member]
    acts = AuditEntry.objects.filter(target=segment.document).order_by("id").values_list("action", flat=True)
    assert list(acts) == ["segment.create", "segment.update", "segment.archive", "segment.restore"]


def test_one_is_put_on_a_list_by_hand_and_not_into_a_live_segment(shop: Shop) -> None:
    member, segment, static = shop.member(), live(), listed()

    move_member(static.pk, member.pk, inside=True, **BY, now=NOON)
    move_member(static.pk, member.pk, inside=True, **BY, now=NOON)

    assert (static.code, told(static)) == ("segment-1", [("entered", member.pk)])
    with pytest.raises(Conflict):
        move_member(segment.pk, member.pk, inside=True, **BY, now=NOON)
    with pytest.raises(NotFound):
        move_member(static.pk, 10**12, inside=True, **BY, now=NOON)
    assert AuditEntry.objects.get(action="member.segment_entered").after == {"segment": "فهرست"}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"kind": "?"}, "kind"),
        ({"badge": "pink"}, "badge"),
        ({"rules": {}}, "rules"),
        ({"rules": {"all": [{"fact": "age", "op": "gte", "value": "x"}]}}, "rules.all[0].value"),
        ({"rules": {"fact": "segment", "op": "has", "value": "big"}}, "rules.fact"),
        ({"rules": {"fact": "tier", "op": "eq", "value": "nowhere"}}, "rules.value"),
        ({"code": "a" * 33}, "code"),
        ({"code": "taken"}, "code"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(
    shop: Shop, said: dict[str, Any], field: str
) -> None:
    listed(code="taken")

    with pytest.raises(ValidationFailed) as refused:
        create_segment({"name": "نام", "kind": "live", "rules": BUYERS, **said}, **BY, now=NOON)

    assert field in refused.value.errors
    assert Segment.objects.count() == 1


def test_a_night_without_changes_writes_nothing_but_the_count(shop: Shop) -> None:
    segment, members = live({"fact": "member_for_days", "op": "gte", "value": 0}), [shop.member() for _ in range(3)]
    count_segments(now=NOON)
    assert segment.size == 0
    rows = set(SegmentMember.objects.values_list("pk", "since"))

    with CaptureQueriesContext(
        connection,
    ) as asked:
        count_segments(now=NOON + timedelta(days=1))

    assert set(SegmentMember.objects.values_list("pk", "since")) == rows
    assert len(rows) == len(members)
    assert len(asked.captured_queries) <= 16


def test_a_large_club_is_reckoned_from_a_sample(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    members = [shop.member() for _ in range(12)]
    group = parse_rules({"fact": "member_for_days", "op": "gte", "value": 0}, ANYTHING)
    assert estimate(group, now=NOON) == (12, False)
    assert some_of(group, now=NOON, limit=3) == members[:-4:-1]

    monkeypatch.setattr(recounting, "AT_ONCE", 10)
    monkeypatch.setattr(recounting, "SAMPLED", 4)
    found, is_reckoned = estimate(group, now=NOON)

    assert is_reckoned
    assert (found % 3, 0 <= found <= 36) == (0, True)


def test_rules_that_can_no_longer_be_read_leave_the_members_as_they_are(shop: Shop) -> None:
    member, segment = shop.member(), live({"fact": "member_for_days", "op": "gte", "value": 0})
    count_segments(now=NOON)
    Segment.objects.filter(pk=segment.pk).update(rules={"fact": "custom.gone", "op": "eq", "value": "x"})

    assert count_segments(now=NOON) == "1 segments, 0 entered, 0 left"
    assert list(members_in(segment.pk)) == [Member.objects.get(pk=member.pk)]


def test_a_gift_to_a_segment_ends_in_seven_days_and_is_refused_on_the_eighth(shop: Shop) -> None:
    early, late, _outside = shop.member(), shop.member(), shop.member()
    segment = listed()
    put_list(segment.pk, [early.pk, late.pk], whole=True, **BY, now=NOON)
    ids = list(members_in(segment.pk).values_list("pk", flat=True))

    start_grant(GrantOrder("g", name="ماگ باشگاه", valid_days=7), ids, **BY, now=NOON)
    grant_runs.work(now=NOON)
    vouchers = dict(Redemption.objects.values_list("member", "pk"))
    use_redemption(vouchers[early.pk], **BY, now=NOON + timedelta(days=7))
    with pytest.raises(VoucherExpired) as refused:
        use_redemption(vouchers[late.pk], **BY, now=NOON + timedelta(days=8))
    assert "منقضی" in refused.value.detail

    [line] = report(at=NOON + timedelta(days=8))
    assert (line.issued, line.used, line.expired) == (2, 1, 1)


def test_a_purchase_recorded_late_takes_nobody_out_that_later_ones_brought_in(shop: Shop) -> None:
    member = shop.member(now=NOON - timedelta(days=9))
    spent = {"fact": "spent_in_days", "op": "gte", "value": 500_000, "of": 30}
    segment = live(spent)
    shop.buys(member, 600_000, now=NOON + timedelta(hours=2))
    consume_all()

    late = PurchaseOrder(member_id=member.pk, amount=10_000, occurred_at=NOON + timedelta(hours=1))
    shop.buy(late, now=NOON + timedelta(hours=3))
    consume_all()

    assert told(segment) == [("entered", member.pk)]


def test_a_merge_is_no_entering_of_who_was_in_it_before(shop: Shop) -> None:
    source, into = shop.member(), shop.member()
    shop.buys(source, 100_000)
    shop.buys(source, 100_000)
    segment = live()
    consume_all()

    merge_members(source.pk, into.pk, actor="user:1", key="merge", now=NOON)
    consume_all()

    assert list(members_in(segment.pk)) == [into]
    assert told(segment) == []
