"""What happens elsewhere, read as occasions: joining, a tier reached, a referral, a lead, a survey, a ticket."""

from datetime import timedelta

import pytest

from club.awards.enrolment import enrol_members
from club.members.models import Member
from club.members.services import NewMember, prepare_member
from club.purchases.erasure import erase_member
from club.purchases.merging import merge_members
from core import events
from crm.occasions.consumers import joined
from crm.occasions.daily import birthdays
from crm.occasions.models import Occasion, Turn
from crm.occasions.undoing import take_back_occasion
from tests.accounts.cast import fresh_phone
from tests.crm.occasions.acts import FIFTY, hear, occasions, points
from tests.offering import publish
from tests.shop import NOON, Shop


def test_a_newcomer_is_welcomed_once_whatever_is_read_twice(shop: Shop) -> None:
    publish("خوش آمدی", FIFTY, trigger="enrolment")
    member = shop.member()

    hear()
    joined(events.DomainEvent.objects.get(kind="member.enrolled", member_id=member.pk))

    assert (points(member), occasions(member)) == (50, ["enrolment:1"])


def test_who_is_brought_in_from_a_list_is_no_newcomer(shop: Shop) -> None:
    publish("خوش آمدی", FIFTY, trigger="enrolment")
    person = prepare_member(NewMember(phone=fresh_phone()), enrolled_at=NOON)

    enrol_members([(person, ())], actor="user:1", now=NOON, imported=True)
    hear()

    assert points(Member.objects.get(phone=person.phone)) == 0


def test_an_offer_made_after_somebody_joined_does_not_welcome_them(shop: Shop) -> None:
    member = shop.member(now=NOON - timedelta(days=3))
    publish("خوش آمدی", FIFTY, trigger="enrolment", since=NOON + timedelta(days=36_500))

    hear()

    assert points(member) == 0


def test_a_tier_reached_is_rewarded_and_a_tier_lost_is_not(shop: Shop) -> None:
    shop.programme(rial_per_point=None)
    shop.tiers()
    silver = {"fact": "tier", "op": "eq", "value": "silver"}
    publish("به نقره‌ای رسیدی", FIFTY, trigger="tier_reached", when=silver)
    member = shop.member()

    shop.buys(member, 9_000_000)
    hear()
    assert points(member) == 0
    shop.buys(member, 2_000_000)
    hear()

    assert points(member) == 50
    assert Occasion.objects.get(member=member).facts["tier"] == "silver"


def test_the_referrer_is_rewarded_by_the_friends_first_purchase(shop: Shop) -> None:
    shop.programme(rial_per_point=None)
    referrer, friend = shop.member(), shop.member()
    publish("معرف", {"kind": "credit_percent", "percent": 5}, trigger="referral_converted")
    receipt = shop.buys(friend, 2_000_000)
    said = {"purchase": receipt.id, "friend": friend.pk}

    for _twice in range(2):
        events.emit(
            "referral.converted", document=f"referral:{friend.pk}", occurred_at=NOON, member_id=referrer.pk, data=said
        )
    hear()

    [given] = Occasion.objects.filter(member=referrer)
    assert [award["amount"] for award in given.awards] == [100_000]
    assert shop.proven()


@pytest.mark.parametrize(
    ("kind", "trigger"),
    [
        ("lead.converted", "lead_converted"),
        ("survey.answered", "survey_answered"),
    ],
)
def test_leads_and_surveys_count_once_by_their_document(shop: Shop, kind: str, trigger: str) -> None:
    member = shop.member()
    publish("پاداش", FIFTY, trigger=trigger)

    for document in ("thing:1", "thing:1", "thing:2"):
        events.emit(kind, document=document, occurred_at=NOON, member_id=member.pk)
    hear()

    assert (points(member), occasions(member)) == (100, [f"{trigger}:thing:1:1", f"{trigger}:thing:2:1"])


def test_of_two_records_made_one_the_turns_are_one_persons(shop: Shop) -> None:
    one, two = shop.member(), shop.member()
    publish("خوش آمدی", FIFTY, trigger="enrolment")
    hear()

    merge_members(two.pk, one.pk, actor="user:1", key="merge", now=NOON)
    hear()

    assert Occasion.objects.filter(member=one).count() == 2
    assert Turn.objects.filter(member=one).count() == 1
    assert shop.proven()


def test_before_a_merge_is_heard_of_nobody_is_greeted_or_given_twice(shop: Shop) -> None:
    source, into = shop.member(birth_date=NOON.date()), shop.member()
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")
    birthdays(now=NOON)

    merge_members(source.pk, into.pk, actor="user:1", key="merge", now=NOON)
    assert Member.objects.get(pk=into.pk).birth_date == NOON.date()
    assert birthdays(now=NOON) == "0 greeted, 0 occasions"
    hear()
    assert birthdays(now=NOON) == "0 greeted, 0 occasions"

    assert points(into) == 50
    assert shop.proven()


def test_before_a_merge_is_heard_of_a_gift_is_taken_back_from_who_has_it_now(shop: Shop) -> None:
    shop.programme(refund_shortfall="debt")
    source, into = shop.member(birth_date=NOON.date()), shop.member()
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")
    birthdays(now=NOON)
    merge_members(source.pk, into.pk, actor="user:1", key="merge", now=NOON)

    found = take_back_occasion(Occasion.objects.get().pk, reason="اشتباه", actor="user:1", now=NOON)

    assert (found.taken["points"], points(into)) == (50, 0)
    hear()
    assert shop.proven()


def test_what_happened_to_a_record_merged_since_is_for_who_took_it_over(shop: Shop) -> None:
    source, into = shop.member(), shop.member()
    publish("معرف", FIFTY, trigger="referral_converted")
    events.emit("referral.converted", document="referral:1", occurred_at=NOON, member_id=source.pk)

    merge_members(source.pk, into.pk, actor="user:1", key="merge", now=NOON)
    hear()

    assert points(into) == 50


def test_of_an_erased_member_nothing_says_who_it_was(shop: Shop) -> None:
    member = shop.member(birth_date=NOON.date(), tags=["vip"])
    publish("هدیهٔ تولد", FIFTY, trigger="birthday")
    birthdays(now=NOON)

    erase_member(member.pk, actor="user:1", reason="خواست خودش", now=NOON)
    hear()

    row = Occasion.objects.get()
    assert (row.facts, row.considered, row.note) == ({}, [], "")
    assert shop.proven()
