"""What it costs to decide among many live offers: CPU of one decision, beside asking each offer in turn.

Offers as clubs have them (days, hours, amounts, tiers, groups, visits, birthdays; dates, limits, codes), a basket of
five lines. Pure: no database is asked. `--json` prints `milliseconds` at 1,000 offers, `naive_ratio` (the plain loop to
the index, in one run), `growth` (the cost at 10,000 offers to that at 100), how many match, and the same of offers with
fewer conditions, of which many more match. `--oscar PYTHON` lays 100 offers that django-oscar can say too on one
basket, here and there. See docs/benchmarks.md.
"""

import argparse
import json
import random
import statistics
import subprocess
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
from offers.engine import State, Used, choose, evaluate
from offers.parsing import parse
from offers.rules import LiveOffer
from offers.situation import Basket, Line, Person, Situation

AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
CLUB = Valuation(point_worth=1_000, rounding_step=10)
RANKS = {"bronze": 1, "silver": 2, "gold": 3}
ROUNDS = 300
REPEATS = 3
USUAL, FEW = (2, 4), (1, 3)
"""How many conditions an offer has: three as a rule; and fewer, so that many more offers match."""


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


def bounds(draw: random.Random) -> dict[str, Any]:
    """When, how often and with what code: most have an end, a third a limit, one in twenty a code."""
    said: dict[str, Any] = {"starts_at": "2026-11-01T00:00:00Z" if draw.random() < 0.9 else "2026-12-01T00:00:00Z"}
    if draw.random() < 0.7:
        said["ends_at"] = f"2026-12-{draw.randrange(2, 30):02}T00:00:00Z"
    if draw.random() < 0.33:
        said["limits"] = {draw.choice(["per_member", "per_member_per_month"]): draw.randrange(1, 5)}
    if draw.random() < 0.05:
        said["code_required"] = True
    return said


def offers(count: int, conditions: tuple[int, int] = USUAL) -> list[LiveOffer]:
    """So many offers with so few or so many conditions, one in ten of them on top of the others."""
    draw = random.Random(count)
    return [
        LiveOffer(
            number,
            parse(
                {
                    "name": f"offer {number}",
                    "trigger": "purchase",
                    "when": {"all": [condition(draw) for _each in range(draw.randint(*conditions))]},
                    "benefit": benefit(draw),
                    "stacking": "always" if draw.random() < 0.1 else "best",
                    **bounds(draw),
                }
            ),
        )
        for number in range(1, count + 1)
    ]


def uses(some: Sequence[LiveOffer]) -> State:
    """How often those with limits were given to the member; some are used up."""
    draw = random.Random(len(some))
    used = {one.id: Used(draw.randrange(4), 0, draw.randrange(4)) for one in some if one.terms.is_limited}
    return State({number: one for number, one in used.items() if one.by_member})


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
    """CPU milliseconds of one decision: the median over the situations, each new to the process each time."""
    spent = [[timed(work, here) for here in situations(rounds)] for _each in range(REPEATS)]
    return statistics.median(map(min, zip(*spent, strict=True))) / 1_000_000


def timed(work: Callable[[Situation], object], here: Situation) -> int:
    started = time.process_time_ns()
    work(here)
    return time.process_time_ns() - started


def indexed(some: Sequence[LiveOffer]) -> Callable[[Situation], object]:
    index, state = Index(some), uses(some)
    index.matching("purchase", situations(1)[0])  # built with the first look
    return lambda here: choose(index.matching("purchase", here), here, CLUB, reckoner(here), state)


def matching(some: Sequence[LiveOffer]) -> float:
    index = Index(some)
    return round(statistics.mean(len(index.matching("purchase", here)) for here in situations(ROUNDS)), 1)


def measured() -> dict[str, float]:
    thousand, dense = offers(1_000), offers(1_000, FEW)
    one, of_dense = cost(indexed(thousand), ROUNDS), cost(indexed(dense), ROUNDS)
    state = uses(thousand)
    naive = cost(lambda here: evaluate(thousand, here, CLUB, reckoner(here), state), ROUNDS // 10)
    few, many = (cost(indexed(offers(count)), ROUNDS) for count in (100, 10_000))
    return {
        "milliseconds": round(one, 4),
        "naive_ratio": round(naive / one, 1),
        "growth": round(many / few, 1),
        "matching": matching(thousand),
        "milliseconds_of_few_conditions": round(of_dense, 4),
        "matching_of_few_conditions": matching(dense),
    }


def sayable(count: int) -> list[dict[str, Any]]:
    """Offers that django-oscar has words for: above an amount or so many pieces, a percentage or an amount off them."""
    draw = random.Random(count)
    said = []
    for _each in range(count):
        asks, gives = draw.choice(["Value", "Count"]), draw.choice(["Percentage", "Absolute"])
        at_least = draw.randrange(1, 6) * 100_000 if asks == "Value" else draw.randrange(1, 4)
        figure = draw.randrange(3, 30) if gives == "Percentage" else draw.randrange(1, 50) * 10_000
        group = f"g{draw.randrange(200)}" if draw.random() < 0.7 else ""
        said.append({"group": group, "asks": asks, "at_least": at_least, "gives": gives, "figure": figure})
    return said


def as_ours(number: int, said: dict[str, Any]) -> LiveOffer:
    of = {"of": said["group"]} if said["group"] else {}
    fact = ("amount_of" if of else "amount") if said["asks"] == "Value" else "quantity_of"
    kind, figure = ("discount_percent", "percent") if said["gives"] == "Percentage" else ("discount_amount", "amount")
    when = {"fact": fact, "op": "gte", "value": said["at_least"], **of}
    gives = {"kind": kind, figure: said["figure"], **of, "applies_to": "matching_lines"}
    return LiveOffer(number, parse({"name": f"offer {number}", "trigger": "purchase", "when": when, "benefit": gives}))


def beside_oscar(python: str) -> dict[str, Any]:
    """The same offers on the same basket by django-oscar's Applicator, by that Python; empty where it has none."""
    said, here = sayable(100), situations(1)[0]
    lines = [
        {"product": one.product, "group": one.groups[0], "quantity": one.quantity, "unit_price": one.unit_price}
        for one in (here.basket.lines if here.basket else ())
    ]
    script, asked = Path(__file__).with_name("beside_oscar.py"), {"offers": said, "lines": lines, "rounds": 10}
    answer = subprocess.run([python, script], input=json.dumps(asked), capture_output=True, text=True, check=True)
    found = json.loads(answer.stdout)
    if not found:
        return {}
    work = indexed([as_ours(number, one) for number, one in enumerate(said, start=1)])
    ours = statistics.median(timed(work, situations(1)[0]) for _each in range(ROUNDS)) / 1_000_000
    return {
        "oscar_ratio": round(found["milliseconds"] / ours),
        "oscar_milliseconds": round(found["milliseconds"], 1),
        "ours_milliseconds": round(ours, 4),
        "oscar_queries": found["queries"],
        "oscar_version": f"django-oscar {found['oscar']}, Django {found['django']}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--oscar", nargs="?", const=sys.executable, metavar="PYTHON")
    asked = parser.parse_args()
    found, beside = measured(), beside_oscar(asked.oscar) if asked.oscar else {}
    if asked.json:
        print(json.dumps({**found, **beside}))
        return
    print(f"{found['milliseconds']} ms CPU to decide among 1,000 live offers, of which {found['matching']} match")
    print(f"{found['milliseconds_of_few_conditions']} where {found['matching_of_few_conditions']} match")
    print(f"{found['naive_ratio']} times less than asking each; 10,000 cost {found['growth']} times what 100 do")
    if beside:
        print(
            f"100 offers on one basket: {beside['ours_milliseconds']} ms, {beside['oscar_ratio']} times less than the "
            f"{beside['oscar_milliseconds']} ms ({beside['oscar_queries']} queries) of {beside['oscar_version']}"
        )
    elif asked.oscar:
        print(f"django-oscar is not installed for {asked.oscar}: left out")


if __name__ == "__main__":
    main()
