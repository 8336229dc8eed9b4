"""Deciding a recorded purchase once more, from what was kept of it: the same decision each time.

The programme's settings, the tiers' factors and the price of what offers give away are those of now for that moment.
"""

from collections.abc import Sequence

from club.awards.valuing import valuation
from club.programme.rules import Programme
from club.programme.selectors import programme_at
from club.purchases import pricing
from club.purchases.decision import TRIGGER
from club.purchases.earning import earnings_of
from club.purchases.models import Purchase, PurchaseLine
from club.purchases.retelling import live_then, situation_then
from club.tiers.ladder import Step, step_of
from club.tiers.selectors import ladder
from offers.effects import Earnings
from offers.engine import Decision, State, choose

USED_UP = ("limit_reached", "budget_spent")


def replay(row: Purchase, lines: Sequence[PurchaseLine]) -> Decision:
    """What the offers of then decide; limits and budgets are as used up as they were. Needs a member's purchase."""
    live, here = live_then(row), situation_then(row, lines)
    matching = live.index.matching(TRIGGER, here)
    programme = programme_at(row.occurred_at)
    return choose(matching, here, valuation(programme, matching), reckoning_of(row, lines, programme), known_then(row))


def known_then(row: Purchase) -> State:
    """Which codes were given with the purchase, and which offers were used up."""
    return State(
        codes=frozenset(row.facts.get("codes", ())),
        refused={one["offer"]: one["outcome"] for one in row.considered if one["outcome"] in USED_UP},
    )


class Reckoner:
    """From the discount of each line of a recorded purchase to what each line earns then, paid for as it was."""

    def __init__(self, row: Purchase, lines: Sequence[PurchaseLine], programme: Programme, tier: Step | None) -> None:
        self.lines, self.programme, self.tier = _priced(row, lines), programme, tier
        self.wish = pricing.Wish(**row.facts.get("pay", {}))

    def __call__(self, discounts: Sequence[int]) -> Earnings:
        taken = pricing.with_discounts(self.lines, discounts)
        return earnings_of(taken, self.payment(taken), self.programme, self.tier)

    def payment(self, taken: Sequence[pricing.Line]) -> pricing.Payment:
        """How the lines would have been paid for."""
        return pricing.pay_as_far_as_it_goes(taken, self.programme, self.wish)


def reckoning_of(row: Purchase, lines: Sequence[PurchaseLine], programme: Programme) -> Reckoner:
    """The same by the tier that the member held then, its factors as they are now."""
    return Reckoner(row, lines, programme, step_of(ladder(None, row.occurred_at), row.facts.get("tier", "")))


def _priced(row: Purchase, lines: Sequence[PurchaseLine]) -> tuple[pricing.Line, ...]:
    rules = row.facts.get("rules") or [{}] * len(lines)
    return tuple(
        pricing.Line(
            index=line.index,
            product=line.product_code,
            name=line.name,
            groups=tuple(line.group_codes),
            quantity=line.quantity,
            unit_price=line.unit_price,
            vat_bp=line.vat_bp,
            **rule,
        )
        for line, rule in zip(sorted(lines, key=lambda line: line.index), rules, strict=True)
    )
