"""Consent to messages: what a member writes to our line is kept with its day, source and words, once."""

from datetime import timedelta

import pytest

from club.members.consent import change_consent, consents_of
from club.members.models import Member
from club.members.reaching import change_phone
from club.purchases.merging import merge_members
from core.events import consume_all
from core.models import Club, DomainEvent
from sms.gateways.base import Reply
from sms.inbound import receive_reply
from sms.models import Suppression
from tests.shop import NOON, Shop

_ids = iter(range(1, 10_000))


def writes(phone: str | None, text: str, *, at=NOON) -> None:
    """The phone sends these words to our line."""
    receive_reply(Reply(provider_id=next(_ids), phone=phone or "", line="1000", text=text, at=at), now=at)


def kept(member: Member) -> list[tuple[bool, str, str]]:
    return [(row.given, row.source, row.text) for row in consents_of(member.pk)]


@pytest.mark.parametrize("words", ["11", "لغو", "لغو۱۱", "لغو ۱۱"])
def test_a_no_by_sms_is_a_suppression_at_once_and_a_consent_with_its_words(shop: Shop, words: str) -> None:
    member = shop.member()

    writes(member.phone, words)

    assert Suppression.objects.get().phone == member.phone
    consume_all()
    member.refresh_from_db()
    assert (member.sms_consent, member.sms_consent_at, member.sms_consent_source) == (False, NOON, "sms")
    assert kept(member) == [(False, "sms", words)]
    assert consents_of(member.pk)[0].actor == f"member:{member.pk}"


def test_twelve_is_a_yes_and_the_same_word_again_is_nothing_new(shop: Shop) -> None:
    member = shop.member()
    for hour, words in enumerate(["11", "لغو", "12", "12"]):
        writes(member.phone, words, at=NOON + timedelta(hours=hour))

    consume_all()
    consume_all()

    assert kept(member) == [(True, "sms", "12"), (False, "sms", "11")]
    assert not Suppression.objects.exists()


def test_what_was_said_elsewhere_since_then_counts(shop: Shop) -> None:
    member = shop.member()
    writes(member.phone, "11")
    later = NOON + timedelta(minutes=1)
    for given in (False, True):
        change_consent(member.pk, channel="sms", given=given, source="portal", actor="x", now=later)

    consume_all()

    member.refresh_from_db()
    assert member.sms_consent is True
    assert not Suppression.objects.exists()


def test_a_word_by_staff_is_not_taken_for_one_of_the_members(shop: Shop) -> None:
    member = shop.member()
    change_consent(member.pk, channel="sms", given=False, source="staff", actor="user:1", now=NOON)

    consume_all()

    assert kept(member) == [(False, "staff", "")]
    assert DomainEvent.objects.filter(kind="sms.opted_out").count() == 1


def test_the_number_of_a_merged_record_speaks_for_the_one_left(shop: Shop) -> None:
    old, left = shop.member(), shop.member()
    merge_members(old.pk, left.pk, actor="user:1", key="m", now=NOON)

    writes(old.phone, "لغو")
    consume_all()

    assert kept(left) == [(False, "sms", "لغو")]


def test_a_stranger_is_only_taken_off_the_list(club: Club) -> None:
    writes("09129999999", "11")

    consume_all()

    assert Suppression.objects.get().phone == "09129999999"


def test_who_was_never_asked_says_yes_by_writing_12(shop: Shop) -> None:
    member = shop.member(phone="09121112233")
    Member.objects.filter(pk=member.pk).update(sms_consent=False, sms_consent_at=None, sms_consent_source="")

    writes(member.phone, "12")
    consume_all()

    member.refresh_from_db()
    assert (member.sms_consent, member.sms_consent_source) == (True, "sms")
    assert kept(member) == [(True, "sms", "12")]


def test_who_was_never_asked_takes_no_no_along_to_a_new_phone(shop: Shop) -> None:
    member = shop.member(phone="09121112233")
    Member.objects.filter(pk=member.pk).update(sms_consent=False, sms_consent_at=None, sms_consent_source="")

    change_phone(member.pk, "09121112244", actor="user:1")

    assert not Suppression.objects.exists()
