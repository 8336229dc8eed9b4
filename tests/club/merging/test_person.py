"""Who the one left is: every old way leads there, and nothing that was known of the person is lost."""

from datetime import date, timedelta

import pytest
from django.db import models

from club.members.consent import change_consent
from club.members.models import Member
from club.members.selectors import find_members, get_member, listed, member_by_phone
from club.members.services import DuplicatePhone, ReferralRefused, set_referrer, update_member
from club.purchases.merging import preview_merge
from club.purchases.orders import PurchaseOrder
from core.models import AuditEntry, DomainEvent
from sms.models import OutboxMessage
from tests.club.merging.conftest import merge
from tests.shop import NOON, Shop


def test_every_old_way_leads_to_the_one_left(shop: Shop) -> None:
    one = shop.member(phone="09121112233", card="6274121212121216", external_id="OLD-1", first_name="سارا")
    two = shop.member(phone="09351112244", first_name="سارا", external_id="NEW-1")

    merge(one, two)

    for text in ("09121112233", "2233", "6274121212121216", "OLD-1", "09351112244", "سارا"):
        assert [hit.id for hit in find_members(text)] == [two.pk], text
    assert member_by_phone("0912 111 2233") == get_member(two.pk)
    assert list(listed(phone="09121112233")) == list(listed(card="6274121212121216")) == [get_member(two.pk)]
    friend = shop.member()
    set_referrer(friend.pk, one.referral_code, actor="user:1")
    assert get_member(friend.pk).referred_by_id == two.pk
    with pytest.raises(DuplicatePhone):
        shop.member(phone="09121112233")
    assert shop.buy(PurchaseOrder(member_phone="09121112233", enrol=True, amount=10_000)).member == two.pk
    assert shop.buys(one, 10_000).member == two.pk  # a till that had found the old record already


def test_a_second_merge_leads_on_in_one_step(shop: Shop) -> None:
    one, two, three = shop.member(phone="09121112233"), shop.member(), shop.member()
    merge(one, two)
    merge(two, three, key="second")

    assert get_member(one.pk).merged_into_id == three.pk
    assert member_by_phone("09121112233") == get_member(three.pk)
    assert shop.buys(one, 10_000).member == three.pk


def test_the_one_left_may_take_the_old_phone_for_its_own(shop: Shop) -> None:
    one, two = shop.member(phone="09121112233"), shop.member(phone="09351112244")
    merge(one, two)

    update_member(two.pk, {"phone": "09121112233"}, actor="user:7")

    assert member_by_phone("09121112233") == get_member(two.pk)
    assert get_member(two.pk).phone_reversed == "33221112190"
    assert shop.member(phone="09351112244").pk != two.pk


def test_the_one_left_takes_over_what_it_lacks_and_keeps_its_own(shop: Shop) -> None:
    early = NOON - timedelta(days=400)
    one = shop.member(
        phone="09121112233", first_name="سارا", last_name="محمدی", email="s@example.com", tags=("همسایه",),
        birth_date=date(1990, 1, 1), enrolled_at=early,
    )  # fmt: skip
    two = shop.member(phone=None, external_id="N-1", email="new@example.com", tags=("دانشجو",))

    shown = preview_merge(one.pk, two.pk)
    merge(one, two)

    left = get_member(two.pk)
    assert (left.full_name, left.email, left.phone, left.enrolled_at) == (
        "سارا محمدی", "new@example.com", "09121112233", early,
    )  # fmt: skip
    assert left.tags == ["دانشجو", "همسایه"] and left.birth_jalali_month == 10
    assert shown.taken["phone"] == "09121112233" and shown.left == {"email": "s@example.com", "card": one.card}
    assert [hit.id for hit in find_members("محمدی")] == [two.pk]
    entry = AuditEntry.objects.get(action="member.merge", target=f"member:{two.pk}")
    assert (entry.actor, entry.before["phone"], entry.after["phone"]) == ("user:7", None, "09121112233")


def test_a_block_and_a_no_to_messages_hold_for_the_one_left(shop: Shop) -> None:
    one, two = shop.member(), shop.member()
    Member.objects.filter(pk=one.pk).update(status="blocked", sms_consent=False, sms_consent_source="11")

    merge(one, two)

    left = get_member(two.pk)
    assert (left.status, left.sms_consent, left.sms_consent_source) == ("blocked", False, "11")


@pytest.mark.parametrize(
    ("of_source", "of_into", "allowed"),
    [
        ((True, "a@x.ir"), (None, ""), True),
        ((None, "a@x.ir"), (True, ""), False),
        ((False, "a@x.ir"), (True, "b@x.ir"), False),
        ((None, ""), (True, "b@x.ir"), True),
        ((True, "a@x.ir"), (None, "b@x.ir"), False),
    ],
)
def test_an_address_brings_its_consent_and_a_no_to_mail_counts_for_both(
    shop: Shop, of_source: tuple[bool | None, str], of_into: tuple[bool | None, str], allowed: bool
) -> None:
    one, two = shop.member(), shop.member()
    for member, (given, email) in ((one, of_source), (two, of_into)):
        Member.objects.filter(pk=member.pk).update(email=email)
        if given is not None:
            change_consent(member.pk, channel="email", given=True, source="portal", actor="x", now=NOON)
            change_consent(member.pk, channel="email", given=given, source="portal", actor="x", now=NOON)

    merge(one, two)

    assert get_member(two.pk).email_consent is allowed


def test_referrals_follow_and_never_run_in_a_circle(shop: Shop) -> None:
    one, two, friend, elder = (shop.member() for _ in range(4))
    set_referrer(friend.pk, one.referral_code, actor="user:1")
    set_referrer(two.pk, one.referral_code, actor="user:1")
    set_referrer(one.pk, elder.referral_code, actor="user:1")

    merge(one, two)

    assert get_member(friend.pk).referred_by_id == two.pk
    assert get_member(two.pk).referred_by_id == elder.pk  # not by oneself, but by who brought the other record
    with pytest.raises(ReferralRefused):
        set_referrer(elder.pk, one.referral_code, actor="user:1")


def test_messages_and_an_event_tell_of_it(shop: Shop) -> None:
    one, two = shop.member(), shop.member()

    merge(one, two)

    event = DomainEvent.objects.get(kind="member.merged")
    assert (event.member_id, event.document, event.data["source"]) == (two.pk, f"merge:{one.pk}", one.pk)
    assert not OutboxMessage.objects.filter(member_id=one.pk).exists()
    assert OutboxMessage.objects.filter(member_id=two.pk, kind="welcome").count() == 2


# Everything that names a member: what moves, and what is left where it was, since history is never rewritten.
MOVED = {
    "purchases.purchase",
    "members.card",
    "members.note",
    "awards.award",
    "offers.coupon",
    "offers.couponuse",
    "lotteries.chance",
    "gift_cards.giftcard",
    "missions.missionwin",
    "rewards.redemption",
    "tiers.tiergrant",
}
STAYS = {
    "campaigns.campaignmember",
    "club_mail.mail",
    "ledger.wallet",
    "members.consentchange",
    "members.joinrequest",
    "members.rulesacceptance",
    "members.tierchange",
    "occasions.greeting",
    "occasions.occasion",
    "occasions.turn",
    "portal.congratulated",
    "rewards.grantmember",
    "tiers.grace",
}
DROPPED = {"members.cardcode", "members.memberscore", "members.nametoken"}
# Lists and notices follow, and rules count anew, when the event is read.
FOLLOWS = {
    "leads.lead",
    "tickets.ticket",
    "members.segmentmember",
    "notices.notice",
    "notices.noticeread",
    "referrals.memberdevice",
    "referrals.referral",
    "referrals.shownreferrer",
}
POINTERS = {"members.member"}


def test_every_table_that_names_a_member_is_decided() -> None:
    named = {
        relation.related_model._meta.label_lower
        for relation in Member._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel)
    }

    assert named == MOVED | STAYS | DROPPED | FOLLOWS | POINTERS
