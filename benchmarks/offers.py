"""What it costs to decide among many live offers: CPU of one decision, beside asking each offer in turn.

Offers as clubs have them (days, hours, amounts, tiers, groups, visits, birthdays), a basket of five lines. Pure: no
is asked. `--json` prints `milliseconds` at 1,000 offers, `naive_ratio` (the plain loop to the index, in one run) and
`growth` (the cost at 10,000 offers to that at 100). See docs/benchmarks.md.
"""

import argparse
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from offers.compile import Index
from offers.effects import Earnings, Valuation
from offers.engine import choose, evaluate
from offers.parsing import parse
from offers.rules import LiveOffer
from offers.situation import Basket, Line, Person, Situation

AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
CLUB = Valuation(point_worth=1_000, rounding_step=10)
RANKS = {"bronze": 1, "silver": 2, "gold": 3}
ROUNDS = 300


def condition(draw: random.Random) -> dict[str, Any]:
    """One of the conditions that shops ask for."""
    return draw.choice(
        [
            {"fact": "weekday", "op": "eq", "value": draw.randrange(7)},
            {
                "fact": "time",
                "op": "between",
                "value": [f"{draw.randrange(8, 14):02}:00", f"{draw.randrange(15, 24):02}:00"],
            },
            {"fact": "amount", "op": "gt", "value": draw.randrange(1, 60) * 500_000},
            {"fact": "tier", "op": "gte", "value": draw.choice(list(RANKS))},
            {"fact": "visit_number", "op": draw.choice(["gt", "every", "eq"]), "value": draw.randrange(2, 30)},
            {"fact": "days_from_birthday", "op": "between", "value": [-draw.randrange(4), draw.randrange(4)]},
            {"fact": "amount_of", "op": "gte", "value": 100_000, "of": f"g{draw.randrange(200)}"},
            {"fact": "quantity_of", "op": "gte", "value": 2, "of": f"g{draw.randrange(200)}"},
            {"fact": "tag", "op": "has", "value": f"t{draw.randrange(40)}"},
            {"fact": "days_since_last_purchase", "op": "gte", "value": draw.randrange(1, 90)},
            {"fact": "is_first_purchase", "op": "eq", "value": True},
            {"fact": "branch", "op": "eq", "value": f"b{draw.randrange(12)}"},
        ]
    )


def benefit(draw: random.Random) -> dict[str, Any]:
    kind = draw.choice(["discount_percent", "credit_percent", "discount_amount", "points_amount", "points_factor"])
    figures: dict[str, dict[str, Any]] = {
        "discount_percent": {"percent": draw.randrange(3, 30)},
        "credit_percent": {"percent": draw.randrange(3, 30)},
        "discount_amount": {"amount": draw.randrange(1, 50) * 10_000},
        "points_amount": {"points": draw.randrange(5, 200)},
        "points_factor": {"factor": draw.choice([1.5, 2, 3])},
    }
    of = {"of": f"g{draw.randrange(200)}"} if draw.random() < 0.3 else {}
    return {"kind": kind, **figures[kind], **of}


def offers(count: int) -> list[LiveOffer]:
    """So many offers with one to three conditions, one in ten of them on top of the others."""
    draw = random.Random(count)
    return [
        LiveOffer(
            number,
            parse(
                {
                    "name": f"offer {number}",
                    "trigger": "purchase",
                    "when": {"all": [condition(draw) for _each in range(draw.randrange(2, 4))]},
                    "benefit": benefit(draw),
                    "stacking": "always" if draw.random() < 0.1 else "best",
                }
            ),
        )
        for number in range(1, count + 1)
    ]


def line(draw: random.Random) -> Line:
    group = f"g{draw.randrange(200)}"
    return Line(f"p{draw.randrange(500)}", (group,), draw.randrange(1, 4), draw.randrange(5, 90) * 10_000)


def situations(count: int) -> list[Situation]:
    draw = random.Random(7)
    return [
        Situation(
            AT,
            "Asia/Tehran",
            Person(
                id=draw.randrange(10_000),
                visit_number=draw.randrange(2, 40),
                is_first_purchase=False,
                tier=draw.choice(list(RANKS)),
                tags=frozenset({f"t{draw.randrange(40)}"}),
                birth_date=date(1985, draw.randrange(1, 13), draw.randrange(1, 28)),
                last_purchase=date(2026, 11, draw.randrange(1, 21)),
            ),
            Basket(tuple(line(draw) for _line in range(5)), branch=f"b{draw.randrange(12)}"),
            RANKS,
        )
        for _each in range(count)
    ]


def reckoner(here: Situation) -> Callable[[Sequence[int]], Earnings]:
    """A point for 100,000 Rial and 1% of base credit."""
    lines = here.basket.lines if here.basket else ()

    def reckon(discounts: Sequence[int]) -> Earnings:
        net = [line.gross - off for line, off in zip(lines, discounts, strict=True)]
        points, credit = (tuple([Fraction(rial, by) for rial in net]) for by in (100_000, 100))
        return Earnings(tuple(map(Fraction, net)), points, credit, Fraction(sum(net), 100_000))

    return reckon


def cost(work: Callable[[Situation], object], rounds: int) -> float:
    """CPU milliseconds of one decision: the median over the situations."""
    spent = []
    for here in situations(rounds):
        started = time.process_time_ns()
        work(here)
        spent.append(time.process_time_ns() - started)
    return statistics.median(spent) / 1_000_000


def indexed(some: Sequence[LiveOffer]) -> Callable[[Situation], object]:
    index = Index(some)
    index.matching("purchase", situations(1)[0])  # built with the first look
    return lambda here: choose(index.matching("purchase", here), here, CLUB, reckoner(here))


def measured() -> dict[str, float]:
    thousand = offers(1_000)
    one = cost(indexed(thousand), ROUNDS)
    naive = cost(lambda here: evaluate(thousand, here, CLUB, reckoner(here)), ROUNDS // 10)
    few, many = (cost(indexed(offers(count)), ROUNDS) for count in (100, 10_000))
    matching = statistics.mean(len(Index(thousand).matching("purchase", here)) for here in situations(20))
    return {
        "milliseconds": round(one, 4),
        "naive_ratio": round(naive / one, 1),
        "growth": round(many / few, 1),
        "matching": round(matching, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    found = measured()
    if parser.parse_args().json:
        print(json.dumps(found))
    else:
        print(f"{found['milliseconds']} ms CPU to decide among 1,000 live offers, of which {found['matching']} match")
        print(f"{found['naive_ratio']} times less than asking each; 10,000 cost {found['growth']} times what 100 do")


if __name__ == "__main__":
    main()
