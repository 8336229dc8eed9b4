"""Who comes back as an agent is the same one: the account, the code and the debt go on, under a contract of its own."""

from datetime import date, timedelta

import pytest

from club.members.models import AgentCode
from club.purchases.orders import PurchaseOrder
from club.purchases.refunds import RefundOrder, refund_purchase
from core.errors import Conflict, ValidationFailed
from crm.agents.commission import ALL
from crm.agents.commissions import mature_commissions
from crm.agents.contracts import (
    NewAgent,
    apply_as_agent,
    approve_agent,
    change_settings,
    end_contract,
    invite_agent,
    refuse_agent,
)
from crm.agents.models import Agent, Commission, ContractTerms
from crm.agents.payouts import Transfer, mark_paid, start_run
from crm.agents.selectors import is_at_work, terms_now
from crm.notices.models import Notice
from sms.models import OutboxMessage
from tests.accounts.cast import fresh_phone
from tests.crm.agents.acts import agent, brings, draft, pots, verify_agents
from tests.shop import NOON, Shop

BY = {"actor": "user:1"}
DAY = timedelta(days=1)
MILLION = 10_000_000
BACK = NOON + 10 * DAY


def in_debt(shop: Shop) -> tuple[Agent, int]:
    """An agent who was paid for a purchase that came back, and whose contract ended after a day; with the friend."""
    sara = agent(basis=ALL, hold_days=0)
    friend = brings(shop, sara)
    bought = shop.buys(friend, MILLION)
    assert pots(sara) == {"due": 1_000_000}
    run = start_run([sara.pk], minimum=1, now=NOON, **BY)
    mark_paid(run.pk, Transfer("123", NOON.date()), now=NOON, **BY)
    refund_purchase(RefundOrder(bought.id, amount=MILLION // 2, reason="x"), key="r", now=NOON, **BY)
    end_contract(sara.pk, reason="رفت", now=NOON + DAY, **BY)
    return sara, friend.pk


def again(sara: Agent, **terms: object) -> Agent:
    new = NewAgent(name="سارا رادان", phone=sara.phone, kind="marketer")
    begins = {"basis": ALL, "hold_days": 0, "starts_on": BACK.date(), **terms}
    return invite_agent(new, draft(**begins), now=BACK, **BY)


def test_who_is_invited_again_still_owes_what_was_paid_too_much_and_has_the_same_code(shop: Shop):
    sara, friend = in_debt(shop)
    code = AgentCode.objects.get(agent_id=sara.pk)

    back = again(sara, percent_bp=500, cap_total=400_000)

    assert (back.pk, back.status, back.ended_at, back.kind) == (sara.pk, "invited", None, "marketer")
    assert Agent.objects.count() == 1
    assert AgentCode.objects.get(agent_id=sara.pk, is_active=True).code == code.code
    assert pots(back) == {"due": -500_000, "paid": 1_000_000, "reversed": 500_000}
    newest = ContractTerms.objects.get(agent=back, number=2)
    assert newest.came_after == NOON + DAY
    # what is bought now is set off, judged by the new contract, whose cap the former one has not used
    shop.buy(PurchaseOrder(member_id=friend, amount=MILLION), now=BACK + DAY)
    assert pots(back)["pending"] == 400_000
    # nothing for what was bought while there was none, and the former one for what was bought under it
    shop.buy(PurchaseOrder(member_id=friend, amount=MILLION, occurred_at=NOON + 5 * DAY), now=BACK + DAY)
    assert pots(back)["pending"] == 400_000
    shop.buy(PurchaseOrder(member_id=friend, amount=MILLION, occurred_at=NOON + DAY / 2), now=BACK + DAY)
    assert pots(back) == {"pending": 400_000, "due": 500_000, "paid": 1_000_000, "reversed": 500_000}
    mature_commissions(now=BACK + DAY)
    assert pots(back)["due"] == 900_000
    assert list(Commission.objects.order_by("pk").values_list("terms__number", flat=True)) == [1, 2, 1]
    assert is_at_work(back, now=BACK)
    assert terms_now(back, now=BACK) == newest
    assert verify_agents() == []
    with pytest.raises(Conflict):
        again(sara)


def test_who_asks_again_keeps_the_name_that_is_paid_and_is_a_former_agent_until_a_yes(shop: Shop):
    sara, _friend = in_debt(shop)
    change_settings({"takes_applications": True}, **BY)
    asks = NewAgent(name="یک غریبه", phone=sara.phone, kind="agent", note="دوباره")

    assert apply_as_agent(asks, now=BACK) is True
    assert apply_as_agent(asks, now=BACK) is False

    sara.refresh_from_db()
    assert (sara.name, sara.status, sara.note) == ("سارا رادان", "applied", "دوباره")
    assert Notice.objects.filter(right="manage_agents").count() == 1
    assert not is_at_work(sara, now=BACK)
    refuse_agent(sara.pk, **BY)
    sara.refresh_from_db()
    assert (sara.status, sara.ended_at) == ("ended", NOON + DAY)
    assert OutboxMessage.objects.get(kind="agent_refused").phone == sara.phone
    # what was asked before is told anew, and a contract cannot reach back to before today
    apply_as_agent(asks, now=BACK + DAY)
    assert Notice.objects.filter(right="manage_agents").count() == 2
    with pytest.raises(ValidationFailed) as refused:
        approve_agent(sara.pk, draft(starts_on=BACK.date()), now=BACK + DAY, **BY)
    assert set(refused.value.errors) == {"starts_on"}
    approve_agent(sara.pk, draft(starts_on=(BACK + DAY).date()), now=BACK + DAY, **BY)
    assert pots(sara)["due"] == -500_000
    assert Agent.objects.get().status == "active"


def test_a_contract_that_would_be_over_at_once_is_refused_at_its_field(shop: Shop):
    new = NewAgent(name="سارا", phone=fresh_phone(), kind="agent")
    yesterday = (NOON - DAY).date()

    with pytest.raises(ValidationFailed) as refused:
        invite_agent(new, draft(starts_on=date(2026, 1, 1), ends_on=yesterday), now=NOON, **BY)

    assert set(refused.value.errors) == {"ends_on"}
    assert not Agent.objects.exists()
    assert invite_agent(new, draft(ends_on=NOON.date()), now=NOON, **BY).status == "invited"
