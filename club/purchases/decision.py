"""What the offers add to a purchase: the one place that asks them.

Reads what they need beyond the facts of every purchase, and only where a live offer asks for it; who decides is
`offers.engine`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from club.awards.uses import uses_so_far
from club.awards.valuing import valuation
from club.programme.named_days import named_days
from club.purchases.earning import earnings_of
from club.purchases.facts import Facts
from club.purchases.figures import read_figures
from club.purchases.orders import PurchaseOrder
from club.purchases.pricing import Line, Payment, with_discounts
from club.purchases.situating import situation_of
from core.jalali import local_date
from offers.effects import Earnings
from offers.engine import Decision, Given, State, Verdict, choose
from offers.given_codes import CouponNoEffect, CouponUsed, GivenCode, read_codes
from offers.live import NONE, LiveNow, live_offers
from offers.situation import Situation

TRIGGER = "purchase"
AT_LEAST_MATCHED = ("applied", "lost_to")


@dataclass(frozen=True)
class Decided:
    """The decision with what it was made from; without a member, or without any offer, it is empty."""

    decision: Decision
    here: Situation | None = None
    live: LiveNow | None = None
    codes: tuple[GivenCode, ...] = ()

    @property
    def discounts(self) -> tuple[int, ...]:
        return self.decision.discounts

    @property
    def given(self) -> tuple[Given, ...]:
        return self.decision.given

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        return self.decision.verdicts

    @property
    def coupons(self) -> dict[int, GivenCode]:
        """By offer, the code that brought what is given; of several codes of one offer the first."""
        applied = {one.offer.id for one in self.given}
        return {code.offer: code for code in reversed(self.codes) if code.offer in applied}


def decide(
    order: PurchaseOrder,
    facts: Facts,
    lines: Sequence[Line],
    *,
    pay: Callable[[Sequence[Line]], Payment],
    refused: Mapping[int, str],
) -> Decided:
    """What the live offers give; `pay` tells how lines would be paid for. Raises CouponRefused in its kinds.

    `refused`: offers whose limit or budget the database has found used up, with the outcome that this is.
    """
    nothing = Decided(Decision((0,) * len(lines)))
    member = facts.member
    if member is None or order.is_settled or (facts.offers_version is None and not order.coupons):
        return nothing
    live = live_offers(facts.offers_version).at(facts.at) if facts.offers_version else NONE.at(facts.at)
    codes = read_codes(order.coupons, member_id=member.id or None, live=live, at=facts.at)
    if live.asks and member.id:
        facts = replace(facts, figures=read_figures(member.id, facts.at, live.asks))
    if live.asks.named_days:
        facts = replace(facts, named_days=named_days().on(local_date(facts.at, facts.zone)))
    here = situation_of(facts, lines, order)
    brought = frozenset(code.offer for code in codes)
    matching = [one for one in live.index.matching(TRIGGER, here) if not one.terms.code_required or one.id in brought]
    if not matching:
        _refuse_idle(codes, Decision(()))
        return replace(nothing, here=here, live=live)
    state = State(
        used=uses_so_far(matching, member_id=member.id, at=facts.at),
        codes=brought,
        refused=refused,
    )
    decision = choose(matching, here, valuation(facts.programme, matching), reckon(lines, facts, pay), state)
    _refuse_idle(codes, decision)
    return Decided(decision, here, live, tuple(codes))


def reckon(
    lines: Sequence[Line], facts: Facts, pay: Callable[[Sequence[Line]], Payment]
) -> Callable[[Sequence[int]], Earnings]:
    """From the discount of each line to what each line earns then."""

    def earned(discounts: Sequence[int]) -> Earnings:
        priced = with_discounts(lines, discounts)
        return earnings_of(priced, pay(priced), facts.programme, facts.tier)

    return earned


def _refuse_idle(codes: Sequence[GivenCode], decision: Decision) -> None:
    """A code whose offer gives nothing here is refused; one that only lost to a better offer stays unused."""
    outcomes = {verdict.offer.id: verdict.outcome for verdict in decision.verdicts}
    for code in codes:
        outcome = outcomes.get(code.offer, "not_matched")
        if outcome == "limit_reached":
            raise CouponUsed(coupon=code.code)
        if outcome not in AT_LEAST_MATCHED:
            raise CouponNoEffect(coupon=code.code)
