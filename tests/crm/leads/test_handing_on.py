"""The open leads of an agent whose contract ends go on with experts; who brought them stays noted."""

from accounts.models import StaffRole
from core import events
from core.models import AuditEntry, Club
from crm.agents.contracts import end_contract
from crm.leads.models import Lead, LeadRule
from crm.leads.services import get_lead, known_as, lose_lead, update_lead
from crm.leads.taking import let_go_of
from crm.notices.models import Notice
from tests.accounts.cast import person, signed_in
from tests.crm.agents.acts import agent
from tests.crm.leads.acts import lead
from tests.shop import NOON, Shop


def ends(one) -> None:
    end_contract(one.pk, reason="رفت", actor="user:1", now=NOON)
    events.consume_all()


def test_open_leads_of_an_agent_who_goes_are_shared_out_by_the_rules(club: Club) -> None:
    sara, mina = agent(), agent(name="مینا")
    first, second, company, lost, given = (lead(agent_id=sara.pk) for _each in range(5))
    Lead.objects.filter(pk=company.pk).update(kind="company")
    others = lead(agent_id=mina.pk)
    reza, pari = person("sales", name="رضا"), person("sales", name="پری")
    boss = person("manager", name="رئیس")
    LeadRule.objects.create(position=1, kind="company", owner=boss)
    lose_lead(lost.pk, "نخواست", actor="user:1", now=NOON)
    update_lead(given.pk, {"owner_id": boss.pk}, actor="user:1")
    assert known_as(first.phone).owner == sara.name

    ends(sara)
    events.EventCursor.objects.update(seq=0)  # all of it is read once more
    events.consume_all()

    assert [get_lead(one.pk).owner for one in (first, second, company)] == [reza, pari, boss]
    assert [get_lead(one.pk).owner for one in (lost, given, others)] == [sara.user, boss, mina.user]
    assert {get_lead(one.pk).agent for one in (first, second, company)} == {sara}
    assert known_as(first.phone).owner == "رضا"
    handed = AuditEntry.objects.get(action="lead.hand_on")
    assert (handed.target, handed.before) == (sara.document, {"leads": 3})
    assert Notice.objects.get(right="manage_leads").link == f"/desk/leads/list/?agent={sara.pk}"
    card = signed_in(boss, club).get(f"/desk/agents/{sara.pk}/").content.decode()
    assert "سرنخ‌های بازش به کارشناسان رسید" in card and "رضا" in card


def test_where_nobody_may_have_them_they_wait_and_who_joins_is_nobodys_friend(club: Club) -> None:
    sara = agent()
    waiting = lead(agent_id=sara.pk)

    ends(sara)
    friend = Shop(club).member(phone=waiting.phone)
    events.consume_all()

    assert get_lead(waiting.pk).owner is None
    assert get_lead(waiting.pk).member == friend
    assert (friend.agent_code, friend.referred_by) == (None, None)


def test_one_that_was_being_registered_as_the_contract_ended_is_handed_on_too(club: Club) -> None:
    sara, reza = agent(), person("sales", name="رضا")
    late = lead(agent_id=sara.pk, channel="agent")
    sara.status, sara.ended_at = "ended", NOON
    sara.save(update_fields=["status", "ended_at"])

    events.consume_all()

    assert get_lead(late.pk).owner == reza


def test_an_expert_who_goes_leaves_the_leads_that_came_from_an_agent(club: Club) -> None:
    sara, reza = agent(), person("sales", name="رضا")
    handed = lead(agent_id=sara.pk)
    ends(sara)
    assert get_lead(handed.pk).owner == reza

    StaffRole.objects.filter(user=reza).update(is_active=False, ended_at=NOON)
    assert let_go_of(reza.pk, actor="system") == 1
    assert get_lead(handed.pk).owner is None
