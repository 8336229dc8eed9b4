"""What happens to a member while a campaign's SMS waits in the outbox for the morning."""

from datetime import timedelta

import pytest

from club.members.models import Member
from club.members.reaching import change_phone
from club.members.services import update_member
from club.members.standing import change_standing
from club.purchases.merging import merge_members
from sms import claims, outbox, recording
from sms.models import OutboxMessage, SmsSettings
from sms.services import dispatch_due
from tests.accounts.cast import fresh_phone
from tests.crm.campaigns.acts import send
from tests.shop import NOON, Shop

NIGHT, MORNING = NOON + timedelta(hours=10), NOON + timedelta(hours=21)
"""Ten in the evening in Tehran, and nine in the morning."""


@pytest.fixture
def member(shop: Shop) -> Member:
    """Whose message of a campaign waits for the morning."""
    SmsSettings.objects.get_or_create()
    found = shop.member()
    OutboxMessage.objects.all().delete()
    send(now=NIGHT)
    assert OutboxMessage.objects.get().status == "queued"
    return found


def block(member: Member, status: str = "blocked") -> None:
    change_standing(member.pk, actor="user:1", now=NIGHT, status=status)


def left(kind: str = "campaign") -> tuple[str, str]:
    dispatch_due(now=MORNING)
    row = OutboxMessage.objects.get(kind=kind)
    return row.status, row.error_code


def queue(kind: str, member: Member, **context: object) -> None:
    outbox.enqueue(kind, phone=member.phone or "", member_id=member.pk, context=context)
    OutboxMessage.objects.filter(kind=kind).update(created_at=MORNING, next_attempt_at=MORNING)


def test_who_is_blocked_meanwhile_gets_neither_it_nor_a_greeting_but_codes_and_receipts(member: Member) -> None:
    block(member)
    queue("otp", member, code="123456")
    queue("birthday", member)
    queue("phone_changed", member, phone="0912")
    queue("credit_granted", member, credit=1_000)

    assert left() == left("birthday") == ("skipped", "blocked_member")
    assert left("otp") == left("phone_changed") == left("credit_granted") == ("delivered", "")


def test_who_is_admitted_again_before_the_morning_gets_it(member: Member) -> None:
    block(member)
    block(member, "active")

    assert left() == ("delivered", "")


def test_a_message_of_a_record_that_goes_over_to_a_blocked_member_is_held_back(shop: Shop, member: Member) -> None:
    into = shop.member()
    OutboxMessage.objects.exclude(kind="campaign").delete()
    block(into)

    merge_members(member.pk, into.pk, actor="user:1", key="m", now=NIGHT)

    assert left() == ("skipped", "blocked_member")


def test_a_message_follows_its_member_to_the_new_number_and_the_old_one_is_told(member: Member) -> None:
    old, new = member.phone, fresh_phone()
    queue("otp", member, code="123456")

    change_phone(member.pk, new, actor="user:1")

    OutboxMessage.objects.filter(kind="phone_changed").update(created_at=MORNING, next_attempt_at=MORNING)
    dispatch_due(now=MORNING)
    sent = dict(OutboxMessage.objects.values_list("kind", "phone"))
    assert sent == {"campaign": new, "phone_changed": old, "otp": old}
    assert left() == ("delivered", "")


def test_without_a_number_it_leaves_for_nobody(member: Member) -> None:
    update_member(member.pk, {"card": "77", "phone": None}, actor="user:1")

    assert left() == ("skipped", "no_number")


@pytest.mark.parametrize("is_sent", [True, False])
def test_what_the_dispatcher_has_in_hand_is_recorded_where_it_went_and_follows_if_it_did_not(
    member: Member, is_sent: bool
) -> None:
    old, new = member.phone, fresh_phone()
    (held,) = claims.claim(now=MORNING)
    change_phone(member.pk, new, actor="user:1")

    if is_sent:
        recording.ended(held, recording.Status.DELIVERED, "", now=MORNING)
    else:
        recording.put_back(held, until=MORNING)
    recording.write([held])

    assert OutboxMessage.objects.get(kind="campaign").phone == (old if is_sent else new)
