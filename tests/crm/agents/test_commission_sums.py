"""Random lives of agents against an oracle that reckons with fractions, from the acts alone."""

import os
import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor

import pytest

from club.members.models import Member
from club.purchases.models import Purchase, PurchaseLine, Refund
from core.errors import Conflict
from core.jalali import local_date, to_jalali
from crm.agents.commission import ALL, FIRST
from crm.agents.commissions import earn, mature_commissions, take_back
from crm.agents.models import Account, Agent, ContractTerms, Payout
from crm.agents.payouts import Transfer, cancel_payouts, mark_paid, start_run
from tests.crm.agents.acts import verify_agents
from tests.shop import NOON, Shop

# All 500 take half a minute on a quiet machine.
LIVES, ACTS = (500 if "LONG" in os.environ else 40), 12
BY = "user:1"
CAPS = (None, None, 30_000, 123_450, 1_000_000)


@dataclass
class Bought:
    """What the oracle knows of one purchase."""

    row: Purchase
    day: date
    lines: list[list[int]]
    """net, VAT in basis points, what came back"""
    amount: int = 0
    base: int = 0
    gone: int = 0
    due_on: date = date.max
    is_due: bool = False
    is_of_first: bool = False

    @property
    def is_back(self) -> bool:
        """All of it was refunded."""
        return all(net == gone for net, _vat, gone in self.lines)


@dataclass
class Oracle:
    versions: list[ContractTerms]
    bought: list[Bought] = field(default_factory=list)
    paying: int = 0
    paid: int = 0

    def of_member(self, member_id: int) -> list[Bought]:
        return [one for one in self.bought if one.row.member_id == member_id]

    def buys(self, one: Bought, *, is_first: bool, today: date) -> None:
        begun = [version for version in self.versions if version.starts_on <= one.day]
        self.bought.append(one)
        if not begun:
            return
        version = sorted(begun, key=lambda row: row.number)[-1]
        if version.ends_on is not None and one.day > version.ends_on:
            return
        had = any(other.is_of_first and other.amount > other.gone for other in self.of_member(one.row.member_id))
        if version.basis == "first" and (not is_first or had):
            return
        one.base = sum(net - half_up(Fraction(net * vat, 10_000 + vat)) for net, vat, _gone in one.lines)
        amount = 10 * half_up(Fraction(one.base * version.percent_bp, 100_000))
        others = [other for other in self.bought if other is not one]
        if version.cap_total is not None:
            amount = min(amount, max(0, version.cap_total - sum(other.amount - other.gone for other in others)))
        if version.cap_month is not None:
            same = [other for other in others if to_jalali(other.day)[:2] == to_jalali(one.day)[:2]]
            amount = min(amount, max(0, version.cap_month - sum(other.amount - other.gone for other in same)))
        one.amount, one.due_on = amount, one.day + timedelta(days=version.hold_days)
        one.is_of_first = version.basis == "first"
        one.is_due = one.due_on <= today

    def refunded(self, one: Bought) -> None:
        left = sum(net - gone - half_up(Fraction((net - gone) * vat, 10_000 + vat)) for net, vat, gone in one.lines)
        kept = 10 * half_up(Fraction(one.amount * left, 10 * one.base)) if one.base else 0
        one.gone = max(one.gone, one.amount - min(kept, one.amount))

    def says(self) -> tuple[int, int, int, int, int]:
        whole, gone = sum(one.amount for one in self.bought), sum(one.gone for one in self.bought)
        pending = sum(one.amount - one.gone for one in self.bought if not one.is_due)
        return pending, whole - gone - pending - self.paying - self.paid, self.paying, self.paid, gone


def half_up(number: Fraction) -> int:
    return floor(number + Fraction(1, 2))


class Life:
    """One agent's contract and what happens under it, drawn from a seed."""

    def __init__(self, seed: int, members: list[Member]) -> None:
        self.dice = random.Random(seed)
        self.seed, self.members, self.now = seed, members, NOON
        self.agent = Agent.objects.create(
            name="x", phone="", kind="agent", status="refused", iban="IR062960000000100324200001"
        )
        self.oracle = Oracle([self.version(number) for number in range(1, self.dice.choice([2, 3, 4]))])
        self.sold = 0
        self.open: list[Payout] = []
        self.acts = [self.buys] * 3 + [self.refunds] * 2 + [self.ripens] + [self.pays] * 2 + [self.settles] * 2

    def version(self, number: int) -> ContractTerms:
        starts = self.today() + timedelta(days=self.dice.randint(-2, 4) if number == 1 else self.dice.randint(1, 40))
        return ContractTerms.objects.create(
            agent=self.agent,
            number=number,
            percent_bp=self.dice.choice([1, 33, 750, 1_000, 10_000]),
            basis=self.dice.choice([FIRST, ALL, ALL]),
            hold_days=self.dice.choice([0, 0, 3, 14, 30]),
            starts_on=starts,
            ends_on=self.dice.choice([None, None, starts + timedelta(days=self.dice.randint(0, 30))]),
            cap_total=self.dice.choice(CAPS),
            cap_month=self.dice.choice(CAPS),
            actor=BY,
        )

    def today(self) -> date:
        return local_date(self.now)

    def goes_on(self) -> None:
        for _number in range(ACTS):
            self.now += timedelta(days=self.dice.choice([0, 0, 1, 3, 9]), hours=self.dice.randint(0, 9))
            self.dice.choice(self.acts)()
            account = Account.objects.filter(agent=self.agent).first() or Account()
            pots = (account.pending, account.due, account.paying, account.paid, account.reversed)
            assert pots == self.oracle.says(), self.seed
            assert sum(pots) == sum(one.amount for one in self.oracle.bought), self.seed

    def buys(self) -> None:
        member = self.dice.choice(self.members)
        lines = [
            [self.dice.randint(0, 3_000_000), self.dice.choice([0, 900, 1_000]), 0]
            for _number in range(self.dice.randint(1, 3))
        ]
        self.sold += 1
        row = purchase(
            self.seed * 1_000 + self.sold, member, lines, self.now - timedelta(days=self.dice.choice([0, 0, 5]))
        )
        is_first = all(one.is_back for one in self.oracle.of_member(member.pk))
        self.oracle.buys(Bought(row, local_date(row.occurred_at), lines), is_first=is_first, today=self.today())
        for _twice in range(self.dice.choice([1, 1, 2])):
            earn(self.agent, row, is_first=is_first, now=self.now)

    def refunds(self) -> None:
        if not self.oracle.bought:
            return
        one = self.dice.choice(self.oracle.bought)
        shares = []
        for index, line in enumerate(one.lines):
            back = self.dice.choice([0, line[0] - line[2], self.dice.randint(0, line[0] - line[2])])
            line[2] += back
            shares.append({"index": index, "quantity": 0, "net": back})
        back = sum(share["net"] for share in shares)
        refund = Refund.objects.create(
            purchase=one.row,
            net=back,
            refunded=back,
            points_taken_back=0,
            credit_taken_back=0,
            points_returned=0,
            credit_returned=0,
            lines=shares,
            reason="x",
            actor=BY,
            occurred_at=self.now,
        )
        self.oracle.refunded(one)
        for _twice in range(self.dice.choice([1, 1, 2])):
            take_back(refund)

    def ripens(self) -> None:
        mature_commissions(now=self.now)
        for one in self.oracle.bought:
            one.is_due = one.is_due or one.due_on <= self.today()

    def pays(self) -> None:
        due, minimum = self.oracle.says()[1], self.dice.choice([1, 1, 100_000])
        try:
            run = start_run([self.agent.pk], minimum=minimum, actor=BY, now=self.now)
        except Conflict:
            assert due < minimum
            return
        (payout,) = run.payouts.all()
        assert payout.amount == due >= minimum
        self.open.append(payout)
        self.oracle.paying += due

    def settles(self) -> None:
        if not self.open:
            return
        payout = self.open.pop(self.dice.randrange(len(self.open)))
        self.oracle.paying -= payout.amount
        if self.dice.random() < 0.6:
            mark_paid(payout.run_id, Transfer("7", self.today()), actor=BY, now=self.now)
            self.oracle.paid += payout.amount
        else:
            cancel_payouts(payout.run_id, actor=BY, now=self.now)


def purchase(number: int, member: Member, lines: list[list[int]], at: datetime) -> Purchase:
    """As it stands in the tables, without all that recording one does besides."""
    net = sum(line[0] for line in lines)
    nothing = (
        "discount",
        "vat",
        "paid_by_credit",
        "paid_by_points",
        "points_spent",
        "point_worth",
        "points_earned",
        "credit_earned",
    )
    row = Purchase.objects.create(
        number=number,
        member=member,
        gross=net,
        net=net,
        payable=net,
        actor=BY,
        occurred_at=at,
        **dict.fromkeys(nothing, 0),
    )
    PurchaseLine.objects.bulk_create(
        PurchaseLine(purchase=row, index=index, quantity=1, unit_price=net, gross=net, discount=0, net=net, vat_bp=vat)
        for index, (net, vat, _gone) in enumerate(lines)
    )
    return row


@pytest.mark.slow
def test_all_pots_together_are_what_the_contracts_say(shop: Shop) -> None:
    lives = []
    for seed in range(LIVES):
        lives.append(Life(seed, [shop.member(), shop.member()]))
        lives[-1].goes_on()
    # and the lives were such that it means something
    assert sum(bool(one.oracle.paid) for one in lives) > LIVES / 12
    assert sum(bool(one.oracle.says()[4]) for one in lives) > LIVES / 4
    assert any(one.oracle.says()[1] < 0 for one in lives)
    assert verify_agents() == []
