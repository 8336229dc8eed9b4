"""Two payout runs at once pay once; and do pay twice where nobody holds the account."""

from threading import Barrier
from typing import Any

import pytest

from core.errors import Conflict
from crm.agents import payouts
from crm.agents.commission import ALL
from crm.agents.models import Account, Payout
from crm.agents.payouts import start_run
from tests.crm.agents.acts import agent, brings, pots, verify_agents
from tests.shop import NOON, Shop
from tests.threads import SECONDS, in_threads, until_somebody_waits_for_a_lock

MILLION = 10_000_000


def owed(shop: Shop) -> int:
    sara = agent(basis=ALL, hold_days=0)
    shop.buys(brings(shop, sara), MILLION)
    assert pots(sara) == {"due": 1_000_000}
    return sara.pk


def run(agent_id: int) -> Any:
    return start_run([agent_id], minimum=1, actor="user:1", now=NOON)


def test_two_runs_at_once_pay_once(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    agent_id = owed(committed_shop)
    posted = payouts.post

    def slowly(*args: Any) -> None:
        until_somebody_waits_for_a_lock()  # the other has come as far as the account
        monkeypatch.setattr(payouts, "post", posted)
        posted(*args)

    monkeypatch.setattr(payouts, "post", slowly)
    answers = in_threads(committed_shop.club, [lambda: run(agent_id)] * 2, keep_errors=True)
    assert sorted(isinstance(one, Conflict) for one in answers) == [False, True]
    assert [row.amount for row in Payout.objects.all()] == [1_000_000]
    assert verify_agents() == []


def test_without_the_lock_they_pay_twice(committed_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: what the two read before either wrote is paid by both."""
    agent_id = owed(committed_shop)
    both_have_read = Barrier(2, timeout=SECONDS)

    def unheld(agent_ids: Any) -> list[Account]:
        found = list(Account.objects.filter(agent__in=agent_ids))
        both_have_read.wait()
        return found

    monkeypatch.setattr(payouts, "hold_accounts", unheld)
    monkeypatch.setattr(payouts, "post", lambda *_args: None)
    in_threads(committed_shop.club, [lambda: run(agent_id)] * 2)
    assert sum(row.amount for row in Payout.objects.all()) == 2_000_000
