"""Two who act on one agent at a moment: the second is told the same, or passed by, and nothing stops."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core.models import Club
from crm.agents import contracts
from crm.agents.commissions import contract_of
from crm.agents.contracts import change_settings, end_contract, end_finished_contracts
from crm.agents.models import Agent
from tests.accounts.cast import fresh_phone, visitor
from tests.crm.agents.acts import agent
from tests.shop import NOON


def test_who_asks_twice_at_once_reads_the_same_answer_twice(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    change_settings({"takes_applications": True}, actor="user:1")
    asked = {"name": "پویا", "phone": fresh_phone(), "kind": "agent"}
    # neither has seen the other's request when it looks
    monkeypatch.setattr(contracts, "_of_phone", lambda _phone: Agent.objects.none())

    answers = [visitor(club).post("/agents/", asked) for _each in range(2)]

    assert [(one.status_code, one["Location"]) for one in answers] == [(302, "/agents/?sent=1")] * 2
    assert Agent.objects.count() == 1


def test_one_contract_that_a_manager_ends_at_that_moment_keeps_no_other_from_its_end(
    club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (agent(ends_on=date(2026, 11, 22), now=NOON) for _each in range(2))

    def looked_at_too_late(one: Agent, at: object) -> object:
        if one.pk == first.pk:
            end_contract(first.pk, reason="رفت", actor="user:1", now=timezone.now())
        return contract_of(one, NOON)

    monkeypatch.setattr(contracts, "contract_of", looked_at_too_late)

    assert end_finished_contracts(now=NOON + timedelta(days=2)) == 1
    told = Agent.objects.order_by("pk").values_list("status", "end_reason")
    assert list(told) == [("ended", "رفت"), ("ended", "مدت قرارداد تمام شد")]
    assert second.pk > first.pk
