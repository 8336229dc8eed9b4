"""Codes of agents: who came by one was referred, as by a member, and by no other."""

import pytest
from django.db import IntegrityError, transaction

from api.answers import member as answered
from club.members.agent_codes import brought_by_agent, close_agent_code, register_agent_code
from club.members.models import AgentCode, Member
from club.members.selectors import get_member
from club.members.services import ReferralRefused, set_referrer
from club.purchases.merging import merge_inside
from club.purchases.models import Purchase
from core.errors import ValidationFailed
from core.models import Club
from tests.shop import NOON, Shop

PHONE = "09121110000"


@pytest.fixture
def shop(club: Club) -> Shop:
    return Shop(club)


def code(agent_id: int = 7, phone: str = PHONE) -> str:
    return register_agent_code(agent_id, phone, name="مریم بازاریاب", actor="user:1")


def test_an_agents_code_is_given_once_and_can_be_no_members(shop: Shop) -> None:
    first = code()

    close_agent_code(7, actor="user:1")
    again = register_agent_code(7, "۰۹۱۲ ۱۱۱ ۰۰۰۱", name="مریم", actor="user:1")

    kept = AgentCode.objects.get()
    assert again == first == kept.code and first.startswith("A") and len(first) == 8
    assert (kept.phone, kept.name, kept.is_active) == ("09121110001", "مریم", True)
    assert code(8) != first
    sara = shop.member()
    for write in (
        lambda: Member.objects.filter(pk=sara.pk).update(referral_code=first),
        lambda: AgentCode.objects.filter(pk=kept.pk).update(code=sara.referral_code),
        lambda: AgentCode.objects.create(code=first, agent_id=9, phone=PHONE),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            write()


def test_who_came_by_an_agent_was_referred_for_good(shop: Shop) -> None:
    sara, nima = shop.member(), shop.member()
    by = code()

    set_referrer(sara.pk, f" {by.lower()} ", actor="user:1")
    set_referrer(sara.pk, by, actor="user:1")

    sara = get_member(sara.pk)
    assert sara.is_referred and brought_by_agent(7) == [sara.pk] and answered(sara, NOON)["referred_by"] == by
    for other in (nima.referral_code, code(8)):
        with pytest.raises(ReferralRefused):
            set_referrer(sara.pk, other, actor="user:1")
    shop.buys(nima, 100_000)
    with pytest.raises(ReferralRefused):
        set_referrer(nima.pk, by, actor="user:1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=sara.pk).update(referred_by=nima)


def test_the_agents_own_phone_and_a_closed_code_bring_nobody(shop: Shop) -> None:
    by, oneself, friend = code(), shop.member(phone=PHONE), shop.member()

    with pytest.raises(ReferralRefused):
        set_referrer(oneself.pk, by, actor="user:1")
    close_agent_code(7, actor="user:1")
    with pytest.raises(ReferralRefused) as refusal:
        set_referrer(friend.pk, by, actor="user:1")
    with pytest.raises(ValidationFailed):
        set_referrer(friend.pk, "AAAAAAAA", actor="user:1")

    assert "دیگر کار نمی‌کند" in str(refusal.value.detail)
    assert brought_by_agent(7) == []


def test_a_circle_through_an_agents_own_membership_is_refused(shop: Shop) -> None:
    def ties(who: Member, by: str) -> bool:
        try:
            with transaction.atomic():
                set_referrer(who.pk, by, actor="user:1")
        except ReferralRefused as refusal:
            return str(refusal.detail) != "این معرفی دور می‌سازد."
        return True

    maryam, friend, other = shop.member(phone=PHONE), shop.member(), shop.member()
    by = code()
    # the agent's code brings a friend, whose friend would bring the agent's own membership
    assert ties(friend, by) and ties(other, friend.referral_code)
    assert not ties(maryam, other.referral_code)
    # the agent as a member brings somebody, whose friend would come by the agent's code: no circle; the agent is above both
    mina, nima = shop.member(), shop.member()
    assert ties(mina, maryam.referral_code) and ties(nima, by)
    # two agents: the one's membership came by the other's code, whose membership would come by the first's
    rival = code(8, "09121110001")
    rivals_own = shop.member(phone="09121110001")
    assert ties(rivals_own, by) and not ties(maryam, rival)
    # who brought the agent's membership cannot come by the agent's code
    boss, clerk = shop.member(), shop.member(phone="09121110002")
    assert ties(clerk, boss.referral_code) and not ties(boss, code(9, "09121110002"))
    # an agent who joins as a member after bringing friends is the same person from then on
    early, late = shop.member(), code(10, "09121110003")
    assert ties(early, late) and not ties(shop.member(phone="09121110003"), early.referral_code)


def test_a_merge_leaves_out_a_referrer_who_would_close_a_circle_through_an_agent(shop: Shop) -> None:
    maryam, friend, double = shop.member(phone=PHONE), shop.member(), shop.member()
    set_referrer(friend.pk, code(), actor="user:1")
    set_referrer(double.pk, friend.referral_code, actor="user:1")

    merge_inside(double.pk, maryam.pk, actor="user:1", now=NOON)

    assert not get_member(maryam.pk).is_referred and get_member(friend.pk).agent_code_id


def test_offers_see_who_came_by_an_agent_as_referred(shop: Shop) -> None:
    sara, nima = shop.member(), shop.member()
    set_referrer(sara.pk, code(), actor="user:1")

    bought = [shop.buys(one, 100_000) for one in (sara, nima)]

    assert [Purchase.objects.get(pk=one.id).facts["referred"] for one in bought] == [True, False]


def test_a_merge_takes_over_who_brought_the_record_that_goes(shop: Shop) -> None:
    one, two, own = shop.member(), shop.member(), shop.member(phone=PHONE)
    set_referrer(one.pk, code(), actor="user:1")

    merge_inside(one.pk, two.pk, actor="user:1", now=NOON)
    assert get_member(two.pk).agent_code_id and not get_member(one.pk).agent_code_id

    merge_inside(two.pk, own.pk, actor="user:1", now=NOON)
    assert not get_member(own.pk).is_referred  # nobody is brought by oneself
