"""Which offers apply to a situation, and what they give: facts in, decision out. Pure.

The best of the `best` and every `always` apply together, higher priority first, then the older; an `alone` takes the
place of them all where it is worth more than they give together. (REST API, "Which apply" and after.)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from hashlib import sha256
from math import floor
from operator import attrgetter, sub
from typing import NamedTuple

from core.money import share_out
from offers.alone import Claim, Measures
from offers.effects import (
    BP,
    NOTHING,
    Earnings,
    Effect,
    Valuation,
    discount_of,
    earning_of,
    plain_effect,
    worth_of,
)
from offers.judging import holds
from offers.rules import LiveOffer
from offers.situation import Situation
from offers.vocabulary import BENEFITS

Reckon = Callable[[Sequence[int]], Earnings]
"""From the discount of each line to what each line earns then."""


@dataclass(frozen=True)
class Used:
    """How often an offer has been given, to the member and at all, and what it has cost in worth."""

    by_member: int = 0
    by_member_today: int = 0
    by_member_this_month: int = 0
    total: int = 0
    spent: int = 0
    spent_this_month: int = 0


class Given(NamedTuple):
    """What an offer that applied has given; `points` are whole."""

    offer: LiveOffer
    effect: Effect
    points: int
    worth: int


Together = tuple[list[Given], list[int]]
"""What each offer gives beside the others, in the order applied, and the discount of each line."""


class Verdict(NamedTuple):
    """Why an offer that matched applied or not: `worth` alone on the basket; `by` how many Rial it lost.

    Those that an `alone` took the place of lost by what was between it and all that they give together.
    """

    offer: LiveOffer
    outcome: str
    worth: int = 0
    lost_to: int | None = None
    by: int | None = None


@dataclass(frozen=True)
class Decision:
    """What offers add to the purchase: the discount of each line, and what each offer gives, in the order applied."""

    discounts: tuple[int, ...]
    given: tuple[Given, ...] = ()
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True)
class State:
    """What is known of the offers' limits, of the codes that were given, and of refusals by the database."""

    used: Mapping[int, Used] = field(default_factory=dict)
    codes: frozenset[int] = frozenset()
    """Offers whose code was given."""
    refused: Mapping[int, str] = field(default_factory=dict)
    """Offers that the database would not let through, with the outcome that this is."""


UNUSED = Used()
NOTHING_KNOWN = State()


def evaluate(
    offers: Sequence[LiveOffer], here: Situation, club: Valuation, reckon: Reckon, state: State | None = None
) -> Decision:
    """The decision about all offers of the trigger, each asked in turn; `offers.compile` finds the few that match."""
    return choose([offer for offer in offers if holds(offer.terms.when, here)], here, club, reckon, state)


def choose(
    matching: Sequence[LiveOffer], here: Situation, club: Valuation, reckon: Reckon, state: State | None = None
) -> Decision:
    """The decision among offers whose conditions hold. Those that are not open, or lack their code, leave no trace."""
    if not matching:
        return Decision((0,) * len(here.basket.lines if here.basket else ()))
    state = state or NOTHING_KNOWN
    table = _Table(here, club, reckon)
    refused: list[Verdict] = []
    able: dict[str, list[Claim]] = {"best": [], "always": [], "alone": []}
    for offer in matching:
        terms = offer.terms
        if terms.is_bound and not _is_asked(offer, here, state):
            continue
        one = table.alone(offer)
        outcome = _refusal(one, here, state) if terms.is_limited or state.refused else ""
        if outcome or not one.gives:
            refused.append(Verdict(offer, outcome or "no_effect", one.worth))
        else:
            able[terms.stacking].append(one)
    chosen, lost, (given, discounts) = _choose(able, table)
    applied = {one.offer.id for one in given}
    first = [Verdict(one.offer, "applied", one.worth) for one in chosen if one.offer.id in applied]
    in_vain = [one for one in chosen if one.offer.id not in applied]
    lost += [Verdict(one.offer, table.why_nothing(one.offer), one.worth) for one in in_vain]
    return Decision(tuple(discounts), tuple(given), (*_in_order(first), *_in_order([*refused, *lost])))


def is_held_out(offer: int, member: int, control_bp: int) -> bool:
    """Whether the member is of the offer's control group: the same members each time, others for each offer."""
    drawn = int.from_bytes(sha256(f"{offer}:{member}".encode()).digest()[:8])
    return drawn % BP < control_bp


def _is_asked(offer: LiveOffer, here: Situation, state: State) -> bool:
    terms = offer.terms
    return terms.is_open(here.at) and (not terms.code_required or offer.id in state.codes)


def _refusal(alone: Claim, here: Situation, state: State) -> str:
    """Why an offer that matches cannot be given; empty where nothing stands against it."""
    offer = alone.offer
    if offer.id in state.refused:
        return state.refused[offer.id]
    return refusal(offer, here.person.id, alone.worth, state.used.get(offer.id, UNUSED))


def refusal(offer: LiveOffer, member: int, worth: int, used: Used) -> str:
    """Why an offer of that worth is not for the member, or no longer; empty where nothing stands against it."""
    if offer.terms.control_bp and is_held_out(offer.id, member, offer.terms.control_bp):
        return "held_out"
    limits = offer.terms.limits
    if (
        _is_reached(used.by_member, limits.per_member)
        or _is_reached(used.by_member_today, limits.per_member_per_day)
        or _is_reached(used.by_member_this_month, limits.per_member_per_month)
        or _is_reached(used.total, limits.total)
    ):
        return "limit_reached"
    after, after_this_month = used.spent + worth, used.spent_this_month + worth
    budgets = (after, limits.budget), (after_this_month, limits.budget_per_month)
    return "budget_spent" if any(most is not None and spent > most for spent, most in budgets) else ""


def _is_reached(count: int, most: int | None) -> bool:
    return most is not None and count >= most


def _choose(able: Mapping[str, Sequence[Claim]], table: "_Table") -> tuple[list[Claim], list[Verdict], Together]:
    """Those that apply together, what the others lost to, and what they give."""
    best, alone = (min(able[kind], key=_rank, default=None) for kind in ("best", "alone"))
    together = [best, *able["always"]] if best else [*able["always"]]
    found = table.together([one.offer for one in together])
    worth = sum(one.worth for one in found[0])
    if alone and alone.worth > worth:
        beaten = [_lost(one, alone, one.worth + alone.worth - worth) for one in (*able["best"], *able["always"])]
        return [alone], [*beaten, *_beaten(able["alone"], alone, alone.worth)], table.together([alone.offer])
    lost = _beaten(able["best"], best, best.worth) if best else []
    if alone and together:
        lost += _beaten(able["alone"], best or min(together, key=_rank), worth)
    return together, lost, found


def _beaten(some: Sequence[Claim], winner: Claim, worth: int) -> list[Verdict]:
    return [_lost(one, winner, worth) for one in some if one is not winner]


def _lost(one: Claim, winner: Claim, worth: int) -> Verdict:
    """The offer lost to the winner, whose side was worth so much; those that would apply together lose together."""
    return Verdict(one.offer, "lost_to", one.worth, winner.offer.id, worth - one.worth)


def _rank(one: Claim) -> tuple[int, tuple[int, datetime, int]]:
    """Worth the most first; of equals by their turn."""
    return -one.worth, one.offer.turn


def _in_order(verdicts: list[Verdict]) -> list[Verdict]:
    """What was worth the most first, of equals the older."""
    verdicts.sort(key=attrgetter("offer.id"))
    verdicts.sort(key=attrgetter("worth"), reverse=True)
    return verdicts


@dataclass
class _Table:
    """The basket on which offers are laid, alone or together."""

    here: Situation
    club: Valuation
    reckon: Reckon

    def __post_init__(self) -> None:
        self.lines = self.here.basket.lines if self.here.basket else ()
        self.capped: set[int] = set()
        self.earned: dict[tuple[int, ...], Earnings] = {}
        basket = self.here.basket
        self.measures = Measures(basket, self._earnings_after([0] * len(self.lines)), self.club) if basket else None

    def _earnings_after(self, discounts: Sequence[int]) -> Earnings:
        key = tuple(discounts)
        if key not in self.earned:
            self.earned[key] = self.reckon(discounts)
        return self.earned[key]

    def alone(self, offer: LiveOffer) -> Claim:
        """What the offer would give if it were the only one."""
        found = self.measures.worth(offer.terms.benefit) if self.measures else None
        if found:
            return Claim(offer, found[0], found[1])
        given, _discounts = self.together([offer])
        return Claim(offer, given[0].worth, True) if given else Claim(offer, 0, False)

    def why_nothing(self, offer: LiveOffer) -> str:
        """Why an offer that was to apply gave nothing beside the others."""
        return "cap_reached" if offer.id in self.capped else "no_effect"

    def together(self, offers: Sequence[LiveOffer]) -> Together:
        """What each gives beside the others, in the order applied, and the discount of each line."""
        queue = sorted(offers, key=lambda offer: (-offer.terms.priority, offer.id))
        self.capped.clear()
        effects, discounts = self._discounts(queue)
        if self.here.basket is None:
            effects.update({offer.id: plain_effect(offer.terms.benefit) for offer in queue})
        elif any(not BENEFITS[offer.terms.benefit.kind].discount for offer in queue):
            self._earnings(queue, effects, self._earnings_after(discounts))
        return self._weighed(queue, effects, discounts), discounts

    def _discounts(self, queue: Sequence[LiveOffer]) -> tuple[dict[int, Effect], list[int]]:
        measures = self.measures
        left = before = [line.left for line in measures.of_lines] if measures else []
        room = measures.room if measures else 0
        effects: dict[int, Effect] = {}
        for offer in queue:
            benefit = offer.terms.benefit
            if benefit.kind == "free_delivery" and self.here.basket:
                effects[offer.id] = Effect(delivery=self.here.basket.delivery_price)
            elif BENEFITS[benefit.kind].discount and self.here.basket:
                effect = discount_of(benefit, self.lines, left, self.club.rounding_step)
                if effect.discount > room:
                    self.capped.add(offer.id)
                    effect = _cut(effect, room)
                if effect.discounts:
                    room -= effect.discount
                    left = list(map(sub, left, effect.discounts))
                effects[offer.id] = effect
        return effects, list(map(sub, before, left))

    def _earnings(self, queue: Sequence[LiveOffer], effects: dict[int, Effect], earnings: Earnings) -> None:
        for offer in queue:
            if offer.id not in effects:
                effects[offer.id] = earning_of(offer.terms.benefit, self.lines, earnings, self.club.rounding_step)

    def _weighed(
        self, queue: Sequence[LiveOffer], effects: Mapping[int, Effect], discounts: Sequence[int]
    ) -> list[Given]:
        """Those that give anything, with whole points: rounded down on the sum of all, base points included."""
        with_points = self.here.basket and any(effect.points for effect in effects.values())
        exact = self._earnings_after(discounts).whole_points if with_points else Fraction()
        given = []
        for offer in queue:
            effect = effects[offer.id]
            points = floor(exact + effect.points) - floor(exact) if effect.points else 0
            if points:
                exact += effect.points
            elif effect.points:
                effect = effect._replace(points=Fraction())  # nor does its fraction help another
            if not effect.is_nothing:
                given.append(Given(offer, effect, points, worth_of(effect, points, self.club)))
        return given


def _cut(effect: Effect, room: int) -> Effect:
    """The discount cut to what the club lets be taken off."""
    return effect._replace(discounts=tuple(share_out(room, effect.discounts))) if room else NOTHING
