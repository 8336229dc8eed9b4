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
from offers.engine import Decision, Reckon, State, choose

USED_UP = ("limit_reached", "budget_spent")


def replay(row: Purchase, lines: Sequence[PurchaseLine]) -> Decision:
    """What the offers of then decide; limits and budgets are as used up as they were. Needs a member's purchase."""
    live, here = live_then(row), situation_then(row, lines)
    matching = live.index.matching(TRIGGER, here)
    programme = programme_at(row.occurred_at)
    reckon = reckoning_of(row, lines, programme)
    state = State(
        codes=frozenset(row.facts.get("codes", ())),
        refused={one["offer"]: one["outcome"] for one in row.considered if one["outcome"] in USED_UP},
    )
    return choose(matching, here, valuation(programme, matching), reckon, state)


def reckoning_of(row: Purchase, lines: Sequence[PurchaseLine], programme: Programme) -> Reckon:
    """From the discount of each line to what each line of the recorded purchase earns then."""
    priced, wish = _priced(row, lines), pricing.Wish(**row.facts.get("pay", {}))
    tier = _tier(row)

    def reckon(discounts: Sequence[int]) -> Earnings:
        taken = pricing.with_discounts(priced, discounts)
        payment = pricing.pay_as_far_as_it_goes(taken, programme, wish)
        return earnings_of(taken, payment, programme, tier)

    return reckon


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


def _tier(row: Purchase) -> Step | None:
    return step_of(ladder(None, row.occurred_at), row.facts.get("tier", ""))
