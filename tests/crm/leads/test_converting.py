"""A lead joins, buys and is a customer by itself, once; who brought it is tied the moment it joins."""

from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest

from club.members.models import AgentCode, Member
from club.members.services import ReferralRefused
from club.purchases.refunds import RefundOrder, refund_purchase
from core.errors import Conflict, ValidationFailed
from core.events import consume_all
from core.models import Club, DomainEvent
from crm.agents.contracts import end_contract
from crm.leads import converting
from crm.leads.converting import convert_lead
from crm.leads.forgetting import forget_lead
from crm.leads.models import Lead, LeadSettings
from crm.leads.services import (
    DuplicateLead,
    get_lead,
    lose_lead,
    move_lead,
    note_change,
    reopen_lead,
    update_lead,
)
from offers.models import Coupon
from sms.models import OutboxMessage
from tests.accounts.cast import person, signed_in
from tests.crm.agents.acts import agent as taken_on
from tests.crm.leads.acts import history, lead
from tests.offering import publish
from tests.shop import NOON, Shop
from tests.threads import SECONDS, in_threads


def told() -> list[tuple[str, dict]]:
    rows = DomainEvent.objects.filter(kind="lead.converted").order_by("pk")
    return [(row.document, row.data) for row in rows]


def test_the_first_purchase_makes_a_lead_a_customer_once(club: Club) -> None:
    shop = Shop(club)
    sara = shop.member(first_name="سارا")
    one = lead("09121234567", referrer_id=sara.pk)
    second = lead("09121234567", knowingly=True)

    mina = shop.member(phone="09121234567")
    assert mina.referred_by_id == sara.pk
    receipt = shop.buys(mina, 20_000_000, now=NOON + timedelta(hours=1))
    for _again in range(2):
        consume_all()
    shop.buys(mina, 1_000_000, now=NOON + timedelta(hours=2))
    consume_all()

    won = get_lead(one.pk)
    assert (won.status, won.member, won.converted_at, won.purchase_id) == (
        "won",
        mina,
        NOON + timedelta(hours=1),
        receipt.id,
    )
    assert won.is_customer and get_lead(second.pk).status == "won"
    said = {"purchase": receipt.id, "source": "", "channel": "desk", "referrer": sara.pk, "agent": None}
    assert told() == [(one.document, said)]
    assert history(one) == [("new", "open"), ("new", "won")]


def test_the_card_and_the_timeline_of_the_member_tell_it(club: Club) -> None:
    shop = Shop(club)
    mina = shop.member()
    lead(mina.phone)
    browser = signed_in(person("manager"), club)
    assert "مشتری بالقوه" in browser.get(f"/desk/members/{mina.pk}/").content.decode()

    shop.buys(mina, 20_000_000)
    consume_all()

    text = browser.get(f"/desk/members/{mina.pk}/").content.decode()
    assert "مشتری بالفعل از" in text and "سرنخ ثبت شد" in text and "سرنخ مشتری شد" in text


def test_a_refund_leaves_what_was_won_and_shows_it(club: Club) -> None:
    shop = Shop(club)
    mina = shop.member()
    one = lead(mina.phone)
    receipt = shop.buys(mina, 20_000_000)
    consume_all()

    refund_purchase(RefundOrder(receipt.id, reason="پشیمان شد"), actor="user:1", key="r", now=NOON)
    consume_all()

    won = get_lead(one.pk)
    assert (won.status, won.purchase and won.purchase.fully_refunded, len(told())) == ("won", True, 1)


def test_a_customer_of_old_is_won_without_being_told_as_new(club: Club) -> None:
    shop = Shop(club)
    mina = shop.member()
    shop.buys(mina, 1_000_000)
    consume_all()

    one = lead(mina.phone)
    shop.buys(mina, 5_000_000)
    consume_all()

    assert (one.was_customer, get_lead(one.pk).status, told()) == (True, "won", [])


def test_a_word_of_the_staff_converts_too_and_the_purchase_is_noted_later(club: Club) -> None:
    shop = Shop(club)
    one = lead("09121234567", "مینا راد پور")

    won = convert_lead(one.pk, actor="user:1", now=NOON)
    convert_lead(one.pk, actor="user:1", now=NOON)
    consume_all()
    assert won.member and won.member.full_name == "مینا راد پور"
    assert (won.status, get_lead(one.pk).is_customer) == ("won", False)
    receipt = shop.buys(won.member, 1_000_000)
    consume_all()

    assert get_lead(one.pk).purchase_id == receipt.id
    assert [document for document, _data in told()] == [one.document]
    lost = lose_lead(lead().pk, "نخواست", actor="user:1", now=NOON)
    with pytest.raises(Conflict):
        convert_lead(lost.pk, actor="user:1", now=NOON)


def test_converting_at_once_converts_once(committed_club: Club) -> None:
    one = lead()

    in_threads(committed_club, [lambda: convert_lead(one.pk, actor="user:1", now=NOON)] * 4)

    assert (len(told()), Member.objects.count(), history(one)) == (1, 1, [("new", "open"), ("new", "won")])


def test_twin_without_the_lock_the_second_runs_into_the_phone_of_the_first(
    committed_club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, both, enrols = lead(), Barrier(2, timeout=SECONDS), converting._enrolled

    def enrols_beside_the_other(*args: Any, **more: Any) -> Member:
        both.wait()
        return enrols(*args, **more)

    monkeypatch.setattr(converting, "lock_lead", get_lead)
    monkeypatch.setattr(converting, "_enrolled", enrols_beside_the_other)
    acts = [lambda: convert_lead(one.pk, actor="user:1", now=NOON)] * 2

    answers = in_threads(committed_club, acts, keep_errors=True)

    assert sorted(isinstance(answer, Lead) for answer in answers) == [False, True]


def test_twin_without_the_condition_a_lead_is_won_twice(committed_club: Club) -> None:
    shop, both = Shop(committed_club), Barrier(2, timeout=SECONDS)
    member = shop.member()
    one = lead(member.phone)

    def wins_blindly() -> None:
        seen = get_lead(one.pk)
        both.wait()
        note_change(seen, to_stage=seen.stage, to_status=Lead.Status.WON, actor="user:1", at=NOON)
        Lead.objects.filter(pk=seen.pk).update(status=Lead.Status.WON, converted_at=NOON)

    in_threads(committed_club, [wins_blindly] * 2)

    assert history(one) == [("new", "open"), ("new", "won"), ("new", "won")]


def test_who_named_a_phone_first_is_tied_and_a_lost_lead_ties_nobody(club: Club) -> None:
    shop = Shop(club)
    sara = shop.member()
    agent = taken_on(name="نیما")
    brought, gone = lead("09121234567", agent_id=agent.pk), lead("09121234568", referrer_id=sara.pk)

    lose_lead(gone.pk, "نخواست", actor="user:1", now=NOON)
    with pytest.raises(DuplicateLead) as refused:
        lead("09121234567", referrer_id=sara.pk)
    with pytest.raises(ReferralRefused):
        lead(sara.phone, referrer_id=sara.pk)

    assert (brought.owner, refused.value.data["owner"]) == (agent.user, "نیما")
    joined = [shop.member(phone=phone) for phone in ("09121234567", "09121234568")]
    assert [member.agent_code and member.agent_code.agent_id for member in joined] == [agent.pk, None]
    assert joined[1].referred_by_id is None


def test_a_closed_code_of_an_agent_registers_nobody_and_stays_closed(club: Club) -> None:
    shop, agent = Shop(club), taken_on()
    by_day = taken_on(name="آرش", ends_on=date(2026, 2, 1), now=NOON - timedelta(days=300))
    kept, moved = lead("09121234567", agent_id=agent.pk), lead("09121234568", agent_id=agent.pk)
    lose_lead(kept.pk, "نخواست", actor="user:1", now=NOON)
    end_contract(agent.pk, reason="رفت", actor="user:1", now=NOON)

    for gone in (agent, by_day):  # the last day of the second is over, and no job has noted it yet
        with pytest.raises(ValidationFailed) as refused:
            lead(agent_id=gone.pk)
        assert list(refused.value.errors) == ["agent"]
    reopen_lead(kept.pk, actor="user:1", now=NOON)
    update_lead(moved.pk, {"phone": "09121234569"}, actor="user:1")

    assert not AgentCode.objects.get(agent_id=agent.pk).is_active
    joined = [shop.member(phone=phone) for phone in ("09121234567", "09121234569")]
    assert [member.agent_code_id for member in joined] == [None, None]


def test_a_qualified_lead_gets_one_personal_code_as_soon_as_it_is_a_member(club: Club) -> None:
    shop = Shop(club)
    offer = publish("مشوق", {"kind": "discount_percent", "percent": 20}, code_required=True).pk
    LeadSettings.objects.create(incentive_id=offer, incentive_days=10)
    known, new = lead(shop.member().phone), lead("09121234567")

    for one in (known, new):
        move_lead(one.pk, "qualified", actor="user:1", now=NOON)
        move_lead(one.pk, "new", actor="user:1", now=NOON)
        move_lead(one.pk, "qualified", actor="user:1", now=NOON)
    assert get_lead(new.pk).coupon is None
    mina = shop.member(phone="09121234567")
    for _again in range(2):
        consume_all()

    coupon = get_lead(new.pk).coupon
    said = OutboxMessage.objects.filter(kind="lead_code").order_by("pk")
    assert [one.member_id for one in said] == [known.member_id, mina.pk]
    assert coupon is not None
    assert (said[1].context["code"], said[1].context["offer"]) == (coupon.code, "مشوق")
    assert (coupon.member, coupon.uses, coupon.offer_id) == (mina, 1, offer)
    assert Coupon.objects.count() == 2 and Lead.objects.filter(coupon=None).count() == 0
    receipt = shop.buys(mina, 1_000_000, coupons=(coupon.code,))
    assert receipt.discount == 200_000


def test_who_buys_in_the_minute_of_joining_gets_no_code_for_a_first_purchase(club: Club) -> None:
    shop = Shop(club)
    offer = publish("مشوق", {"kind": "discount_percent", "percent": 20}, code_required=True).pk
    LeadSettings.objects.create(incentive_id=offer, incentive_days=10)
    one, known = lead("09121234567"), lead((sara := shop.member()).phone)
    move_lead(one.pk, "qualified", actor="user:1", now=NOON)

    for member in (shop.member(phone="09121234567"), sara):
        shop.buys(member, 1_000_000)
    move_lead(known.pk, "qualified", actor="user:1", now=NOON)  # before anybody has read the purchase
    consume_all()

    assert not Coupon.objects.exists() and not OutboxMessage.objects.filter(kind="lead_code").exists()
    assert [get_lead(each.pk).status for each in (one, known)] == ["won", "won"] and len(told()) == 2


def test_a_phone_that_one_lead_leaves_stays_tied_to_who_brought_the_other(club: Club) -> None:
    shop = Shop(club)
    sara, nima = shop.member(), shop.member()

    def twice(phone: str) -> tuple[Lead, Lead]:
        """The one that will go away, and the one that stays."""
        first = lead(phone, referrer_id=nima.pk)
        Lead.objects.filter(pk=first.pk).update(is_second=True)
        return first, lead(phone, referrer_id=sara.pk, knowingly=True)

    phones = ["09121234567", "09121234568", "09121234569"]
    moved, lost, forgotten = (twice(phone)[0] for phone in phones)
    update_lead(moved.pk, {"phone": "09121234570"}, actor="user:1")
    lose_lead(lost.pk, "نخواست", actor="user:1", now=NOON)
    forget_lead(forgotten.pk, actor="user:1", now=NOON)

    joined = [shop.member(phone=phone) for phone in (*phones, "09121234570")]
    assert [member.referred_by_id for member in joined] == [sara.pk] * 3 + [nima.pk]
