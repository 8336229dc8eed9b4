"""Three purchases of a back-test as their receipts would have read, each with the reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from club.programme.named_days import named_days
from club.purchases import pricing
from club.purchases.earning import earn
from club.purchases.explaining import award_of, considered, kept_verdict, missed, nearness
from club.purchases.models import Purchase, PurchaseLine
from club.purchases.recorded import receipts_of
from club.purchases.replaying import Reckoner
from club.purchases.retelling import live_then, situation_then
from offers.asks import Asks, asks_of
from offers.compile import Index
from offers.engine import UNUSED, Decision
from offers.judging import holds
from offers.live import LiveNow
from offers.rules import LiveOffer
from offers.situation import Situation
from reports.back_test.again import Then
from reports.back_test.history import microseconds_of
from reports.back_test.reading import bounds
from reports.back_test.running import NEW, Replay, Tally

COUNT = 3
LOOKED_AT = 100
"""Among so many of the last purchases the nearest miss is looked for."""


@dataclass(frozen=True)
class Sampled:
    """A purchase: whether the offer is given in it, for how much in Rial, and why or why not, in words."""

    purchase: int
    at: datetime
    gross: int
    is_given: bool
    worth: int
    text: str
    receipt: Mapping[str, Any]


def samples_of(replay: Replay) -> list[Sampled]:
    """One in which it gives little, one in which it gives much, and one that it passes by; else what comes nearest."""
    wanted = _wanted(replay.tally)
    rows = _rows(wanted)
    looked_at = [(row, lines, wanted[row.pk]) for row, lines in rows]
    if len(looked_at) < COUNT:
        nearest = _nearest(replay, known=wanted)
        lost = replay.tally.lost is not None
        looked_at += [(row, lines, "") for row, lines in nearest[: COUNT - len(looked_at) if not lost else 0]]
    told = {row["id"]: row for row in receipts_of([row for row, _lines, _why in looked_at])}
    return [_sampled(row, lines, why, replay, told[row.pk]) for row, lines, why in looked_at]


def _wanted(tally: Tally) -> dict[int, str]:
    """The purchases by what refused it there; empty where it is given."""
    order = sorted(range(len(tally.worths)), key=lambda place: (tally.worths[place], -place))
    places = dict.fromkeys(order[len(order) * quarter // 4] for quarter in (1, 3)) if order else {}
    found = {tally.given[place]: "" for place in places}
    if tally.lost:
        found[tally.lost[0]] = tally.lost[1]
    return found


def _rows(ids: Iterable[int]) -> list[tuple[Purchase, list[PurchaseLine]]]:
    place = {one: number for number, one in enumerate(ids)}
    rows = Purchase.objects.select_related("branch").prefetch_related("lines").filter(pk__in=place)
    return [(row, list(row.lines.all())) for row in sorted(rows, key=lambda row: place[row.pk])]


def _nearest(replay: Replay, *, known: Iterable[int]) -> list[tuple[Purchase, list[PurchaseLine]]]:
    """Of the last purchases those that missed it by the least."""
    offer, span = replay.offer, bounds(replay.span)
    rows = (
        Purchase.objects.filter(occurred_at__gte=span["start"], occurred_at__lt=span["end"], member__isnull=False)
        .filter(fully_refunded=False)
        .exclude(pk__in=list(known))
        .select_related("branch")
        .prefetch_related("lines")
        .order_by("-occurred_at", "-id")[:LOOKED_AT]
    )
    found = []
    for row in rows:
        lines = list(row.lines.all())
        here = _situation(row, lines, replay)
        if not holds(offer.terms.when, here) or not Index([offer]).matching("purchase", here):
            found.append((nearness(missed(offer, here)), row, lines))
    found.sort(key=lambda one: one[0])
    return [(row, lines) for _near, row, lines in found]


def _sampled(row: Purchase, lines: list[PurchaseLine], why: str, replay: Replay, told: dict[str, Any]) -> Sampled:
    then, offer, here = replay.then, replay.offer, _situation(row, lines, replay)
    matches = bool(Index([offer]).matching("purchase", here))
    refused = why if why not in ("", "lost_to", "no_effect") else ""
    decision = then.decide(row, lines, UNUSED, refused=refused, matches=matches)
    kept = [kept_verdict(verdict) for verdict in decision.verdicts]
    said = considered(kept, here, _live(row, offer))
    given = {one.offer.id: one.worth for one in decision.given}
    about = next((one for one in said if one["offer"] == offer.id), None)
    return Sampled(
        purchase=row.pk,
        at=row.occurred_at,
        gross=row.gross,
        is_given=offer.id in given,
        worth=given.get(offer.id, 0),
        text=about["text"] if about else "",
        receipt={**told, **_changed(row, lines, then, decision), "considered": [_named(one) for one in said]},
    )


def _changed(row: Purchase, lines: Sequence[PurchaseLine], then: Then, decision: Decision) -> dict[str, Any]:
    """What of the receipt is another with the offer; the balances stay those that were."""
    programme, _club = then.at(microseconds_of(row.occurred_at))
    reckon = Reckoner(row, lines, programme, then.steps.get(row.facts.get("tier", "")))
    taken = pricing.with_discounts(reckon.lines, decision.discounts)
    payment = reckon.payment(taken)
    earned = earn(reckon(decision.discounts), programme, decision.given)
    net = sum(line.net for line in taken)
    by_card = min(row.paid_by_gift_card, net - payment.by_value)
    pairs = zip(decision.given, earned.points_of_offers, strict=True)
    return {
        "discount": sum(line.discount for line in taken),
        "net": net,
        "vat": sum(line.vat for line in taken),
        "paid_by_credit": payment.credit,
        "paid_by_points": payment.point_rial,
        "paid_by_gift_card": by_card,
        "payable": net - payment.by_value - by_card,
        "points_earned": earned.points,
        "points_cut": earned.points_cut,
        "credit_earned": earned.credit,
        "lines": [
            {
                "product": line.product or None,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "gross": line.gross,
                "discount": line.discount,
                "net": line.net,
            }
            for line in taken
        ],
        "awards": [_named(award_of(one, points, "")) for one, points in pairs],
    }


def _named(said: dict[str, Any]) -> dict[str, Any]:
    """An offer without a number is nobody's but the one that is tried."""
    return {name: None if value == NEW and name in ("offer", "lost_to") else value for name, value in said.items()}


def _live(row: Purchase, offer: LiveOffer) -> LiveNow:
    """The offers of then beside the one that is tried; none had a say in what was brought in from elsewhere."""
    then = {} if row.facts.get("is_settled") else live_then(row).by_id
    return LiveNow(Index([offer]), Asks(), {**then, offer.id: offer})


def _situation(row: Purchase, lines: Sequence[PurchaseLine], replay: Replay) -> Situation:
    """The situation as it was kept, with what nobody asked for then worked out again."""
    here, history = situation_then(row, lines), replay.history
    person, place = here.person, history.place(row.pk, row.member_id, row.occurred_at)
    asks = asks_of([replay.offer])

    def own(figure: str, kept: int | None) -> int | None:
        return history.own(figure, place) if kept is None and asks.own else kept

    person = replace(
        person,
        spent={day: history.spent(place, day) for day in asks.days} | dict(person.spent),
        visits={day: history.visits(place, day) for day in asks.days} | dict(person.visits),
        mean_basket=own("mean_basket", person.mean_basket),
        usual_gap=own("usual_gap", person.usual_gap),
    )
    named = here.named_days
    if named is None and asks.named_days:
        named = named_days().on(here.today)
    return replace(here, person=person, ranks=here.ranks or replay.then.ranks, named_days=named)
