"""A stand on which offers are judged: a member, a basket, and a programme that earns by a plain rule."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from core.jalali import from_jalali
from offers.effects import Earnings, Valuation
from offers.engine import Decision, State, evaluate
from offers.parsing import parse
from offers.rules import LiveOffer
from offers.situation import Basket, Line, Person, Situation

RANKS = {"bronze": 1, "silver": 2, "gold": 3}
AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)  # Sunday 1 Azar 1405, 16:00 in Tehran
BIRTHDAY = from_jalali(1370, 9, 1)
SPECIAL = Line("phone", ("special",), 1, 6_000_000)
CLUB = Valuation(point_worth=1_000, rounding_step=10, prices={"tea": 150_000})


@dataclass(frozen=True)
class Rule:
    """A point for each so many Rial, base credit of so many basis points, the tier's factor; nothing paid by value."""

    rial_per_point: int = 100_000
    credit_bp: int = 100
    factor_bp: int = 10_000

    def reckoned(self, lines: Sequence[Line], discounts: Sequence[int]) -> Earnings:
        bases = tuple(Fraction(line.gross - off) for line, off in zip(lines, discounts, strict=True))
        points = tuple(base / self.rial_per_point for base in bases)
        credit = tuple(base * self.credit_bp / 10_000 for base in bases)
        return Earnings(bases, points, credit, sum(points, Fraction()) * self.factor_bp / 10_000)


def offer(number: int, benefit: dict[str, Any], **said: Any) -> LiveOffer:
    return LiveOffer(number, parse({"name": f"offer {number}", "trigger": "purchase", "benefit": benefit, **said}))


def situation(*lines: Line, at: datetime = AT, delivery_price: int = 0, **person: Any) -> Situation:
    basket = Basket(lines or (SPECIAL,), delivery_price=delivery_price)
    return Situation(at, "Asia/Tehran", replace(Person(id=1), **person), basket, RANKS)


def decide(
    *offers: LiveOffer,
    here: Situation | None = None,
    club: Valuation = CLUB,
    rule: Rule | None = None,
    state: State | None = None,
) -> Decision:
    here, rule = here or situation(), rule or Rule()
    lines = here.basket.lines if here.basket else ()
    return evaluate(offers, here, club, lambda discounts: rule.reckoned(lines, discounts), state)


def outcomes(decision: Decision) -> dict[int, str]:
    return {verdict.offer.id: verdict.outcome for verdict in decision.verdicts}


def points_of(decision: Decision) -> int:
    return sum(given.points for given in decision.given)
