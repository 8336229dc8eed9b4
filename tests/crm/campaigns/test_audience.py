"""Whom a campaign reaches and why it does not reach the others; the count before it says what the sending does."""

from datetime import timedelta

import pytest
from django.db.models import F

from club.members.consent import change_consent
from club.members.models import Member
from club.members.segment_models import Segment
from club.members.segments import put_members
from core.errors import ValidationFailed
from core.money import BP
from crm.campaigns.audience import count_of
from crm.campaigns.models import ContactPolicy
from offers.drawing import Draw
from offers.engine import is_held_out
from sms import outbox
from sms.models import OutboxMessage, Suppression
from tests.crm.campaigns.acts import draft, messages, outcomes, send
from tests.offering import publish
from tests.shop import NOON, Shop


def refuses(member: Member) -> None:
    change_consent(member.pk, channel="sms", given=False, source="desk", actor="user:1", now=NOON)


def test_each_member_is_written_to_or_left_out_for_one_reason_and_counted_so_before(shop: Shop) -> None:
    shop.member(first_name="سارا")
    shop.member(phone=None, external_id="7")
    refuses(shop.member())
    Suppression.objects.create(phone=shop.member().phone, reason=Suppression.Reason.OPT_OUT)
    quiet = shop.member()
    Member.objects.filter(pk=quiet.pk).update(sms_consent=False)
    Member.objects.filter(pk=shop.member().pk).update(status=Member.Status.BLOCKED)
    expected = {"sent": 1, "no_address": 1, "opted_out": 2, "no_consent": 1}

    campaign = draft()

    assert count_of(campaign, now=NOON) == expected
    assert outcomes(send()) == expected


def test_a_segment_is_written_to_and_nobody_else(shop: Shop) -> None:
    inside, _outside = shop.member(), shop.member()
    segment = Segment.objects.create(code="loyal", name="وفادار", kind="static")
    put_members(segment.pk, [inside.pk], at=NOON)

    campaign = send(audience="segment", segment_id=segment.pk)

    assert ([message.member_id for message in messages(campaign)], campaign.asked) == ([inside.pk], 1)
    Segment.objects.update(archived_at=NOON)
    with pytest.raises(ValidationFailed):
        send(audience="segment", segment_id=segment.pk)


def test_nobody_gets_more_advertising_in_seven_days_than_the_club_sends(shop: Shop) -> None:
    shop.member()
    shop.member()
    ContactPolicy.objects.create(most_a_week=1)

    first, second = send(), send(now=NOON + timedelta(hours=1))
    OutboxMessage.objects.update(created_at=NOON - timedelta(days=8))
    third = send(now=NOON)

    assert (outcomes(first), outcomes(second), outcomes(third)) == ({"sent": 2}, {"policy": 2}, {"sent": 2})


@pytest.mark.parametrize("status", ["skipped", "failed", "undelivered", "blocked"])
def test_service_messages_and_what_reached_nobody_do_not_count_as_advertising(shop: Shop, status: str) -> None:
    member = shop.member()
    ContactPolicy.objects.create(most_a_week=1)
    outbox.enqueue("credit_granted", phone=member.phone or "", context={"credit": 10}, member_id=member.pk)
    first = send()
    OutboxMessage.objects.filter(document=first.document).update(status=status)

    assert outcomes(send()) == {"sent": 1}


@pytest.mark.parametrize("seed", [7, 123_456])
def test_the_draw_in_sql_holds_out_whom_the_offers_hold_out(shop: Shop, seed: int) -> None:
    for _each in range(60):
        shop.member()

    drawn = dict(Member.objects.annotate(draw=Draw(seed)).values_list("pk", "draw"))

    assert all(0 <= number < BP for number in drawn.values())
    for share in (500, 3_000, 9_000):
        assert {pk for pk, number in drawn.items() if number < share} == {
            pk for pk in drawn if is_held_out(seed, pk, share)
        }


def test_the_control_group_and_who_is_held_out_of_the_offer_get_no_message(shop: Shop) -> None:
    people = [shop.member() for _each in range(40)]
    offer = publish("یلدا", {"kind": "discount_percent", "percent": 10}, code_required=True, control_percent=30)

    campaign = send(control_bp=3_000, gives="coupon", offer_id=offer.pk, text="{club} {code}")

    written_to = {message.member_id for message in messages(campaign)}
    held = {member.pk for member in people if is_held_out(offer.pk, member.pk, 3_000)}
    own = set(campaign.members.annotate(draw=Draw(campaign.document)).filter(draw=F("draw")).values_list("member"))
    assert own
    assert held and not held & written_to
    assert len(written_to) < 40 - len(held)
    assert outcomes(campaign) == {"sent": len(written_to), "control": 40 - len(written_to)}


def test_who_was_merged_into_another_meanwhile_is_not_written_to_twice(shop: Shop) -> None:
    from club.purchases.merging import merge_members
    from crm.campaigns import running
    from crm.campaigns.drafting import get_campaign
    from tests.crm.campaigns.acts import begin

    first, second = shop.member(), shop.member()
    campaign = begin(draft())
    running.BATCH, before = 1, running.BATCH
    try:
        taken = running.claim(NOON)
        assert taken is not None
        running._batch(taken, NOON)
        merge_members(first.pk, second.pk, actor="user:1", key="m", now=NOON)
        while running._batch(taken, NOON):
            pass
    finally:
        running.BATCH = before

    assert outcomes(get_campaign(campaign.pk)) == {"sent": 1, "already": 1}
