"""What a club's purchases were judged by, read once, and the engine's decision with another offer beside it."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from club.awards.valuing import valuation
from club.catalogue.selectors import prices_of
from club.programme.rules import Programme
from club.programme.selectors import programmes
from club.purchases.models import Purchase, PurchaseLine
from club.purchases.replaying import Reckoner, known_then
from club.purchases.retelling import situation_then
from club.tiers.ladder import Step
from club.tiers.selectors import ladder
from offers.effects import Valuation
from offers.engine import Decision, Used, choose
from offers.live import read_versions
from offers.rules import LiveOffer
from reports.back_test.contest import Kept, Result, Version, others_of
from reports.back_test.history import microseconds_of

Lines = Sequence[PurchaseLine]


class Then:
    """Settings by their moments, the tiers of now, and the offers of then as far as purchases named them."""

    def __init__(self, offer: LiveOffer, now: datetime) -> None:
        found = programmes()
        self.offer = offer
        self.moments = [microseconds_of(moment) for moment in found.moments]
        self.settings = found.settings
        self.steps: dict[str, Step] = {step.code: step for step in ladder(None, now)}
        self.ranks = {step.code: step.rank for step in self.steps.values()}
        self.margin_bp = found.at(now).margin_bp
        self.versions: dict[Version, LiveOffer] = {}
        self.valuations: list[Valuation] = []
        self._prices: dict[str, int] = {}
        self._know_prices([offer])

    def at(self, microseconds: int) -> tuple[Programme, Valuation]:
        """The settings in force at the moment, and what value was worth by them."""
        place = bisect_right(self.moments, microseconds)
        return self.settings[place], self.valuations[place]

    def know(self, kept: Iterable[Kept]) -> None:
        """Read the versions that what was kept of purchases names; none that is known already."""
        named = {(one["offer"], one["version"]) for some in kept for one in others_of(some, self.offer)}
        missing = sorted(named - self.versions.keys())
        if missing:
            found = read_versions(missing)
            self.versions |= found
            self._know_prices(found.values())

    def _know_prices(self, offers: Iterable[LiveOffer]) -> None:
        """What the offers give away costs what it costs today."""
        products = {offer.terms.benefit.product for offer in offers if offer.terms.benefit.product}
        self._prices |= prices_of(products) if products else {}
        self.valuations = [replace(valuation(settings, ()), prices=self._prices) for settings in self.settings]

    def decide(self, row: Purchase, lines: Lines, used: Used, *, refused: str = "", matches: bool = True) -> Decision:
        """What the offers of then give, and where it `matches` this one; `refused`: why it is surely not given."""
        others = [self.versions.get((one["offer"], one["version"])) for one in others_of(row.considered, self.offer)]
        programme, club = self.at(microseconds_of(row.occurred_at))
        state = known_then(row)
        of_then = {offer: why for offer, why in state.refused.items() if offer != self.offer.id}
        state = replace(
            state,
            used={self.offer.id: used},
            refused={**of_then, self.offer.id: refused} if refused else of_then,
        )
        reckon = Reckoner(row, lines, programme, self.steps.get(row.facts.get("tier", "")))
        matching = [*(one for one in others if one), *([self.offer] if matches else [])]
        return choose(matching, situation_then(row, lines), club, reckon, state)

    def result(self, row: Purchase, lines: Lines, used: Used) -> Result:
        """What becomes of the offer on the purchase, by the engine."""
        decision = self.decide(row, lines, used)
        verdict = next((one for one in decision.verdicts if one.offer.id == self.offer.id), None)
        given = {one.offer.id: one.worth for one in decision.given}
        if self.offer.id not in given:
            return Result(verdict.outcome, verdict.worth) if verdict else Result("no_effect")
        gone = [one for one in row.awards if one["offer"] == self.offer.id or one["offer"] not in given]
        return Result("applied", given[self.offer.id], tuple((one["offer"], one["worth"]) for one in gone))
