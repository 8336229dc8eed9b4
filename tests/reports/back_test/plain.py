"""A back-test as plainly as it can be said: the whole engine, purchase by purchase, with all offers of then."""

import itertools
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from club.awards.valuing import valuation
from club.programme.selectors import programme_at
from club.purchases.models import Purchase, PurchaseLine
from club.purchases.replaying import Reckoner, known_then
from club.purchases.retelling import live_then, situation_then
from club.tiers.ladder import step_of
from club.tiers.selectors import ladder
from core.jalali import local_date, to_jalali, weekday
from core.tenancy.scope import club_zone
from offers.compile import Index
from offers.engine import Used, choose
from offers.rules import LiveOffer, Terms
from offers.situation import Situation
from reports.ranges import Span

NEW = 2**63 - 1


@dataclass
class Plain:
    """What was found."""

    members: set[int] = field(default_factory=set)
    purchases: int = 0
    cost: int = 0
    net: int = 0
    sales: int = 0
    weeks: dict[date, tuple[int, int]] = field(default_factory=dict)
    displaced: dict[int, tuple[int, int]] = field(default_factory=dict)
    lasts_days: int | None = None


def plain_replay(terms: Terms, number: int | None, span: Span) -> Plain:
    """The same figures by the engine alone."""
    offer = LiveOffer(number or NEW, replace(terms, starts_at=None, ends_at=None, code_required=False))
    found, given = Plain(), _Given()
    start, end = span.bounds(club_zone())
    rows = Purchase.objects.select_related("branch").prefetch_related("lines").order_by("occurred_at", "id")
    rows = rows.filter(occurred_at__gte=start, occurred_at__lt=end, member__isnull=False, fully_refunded=False)
    for row in rows:
        found.sales += row.net - row.refunded
        lines = list(row.lines.all())
        here = _situation(row, lines)
        day = local_date(row.occurred_at, club_zone())
        used = given.used(row.member_id, day)
        decision, verdict = _decide(row, lines, here, offer, used)
        worths = {one.offer.id: one.worth for one in decision.given}
        if offer.id not in worths:
            budget = offer.terms.limits.budget
            if verdict == "budget_spent" and budget is not None and found.lasts_days is None:
                worth = next(one.worth for one in decision.verdicts if one.offer.id == offer.id)
                if used.spent + worth > budget:
                    found.lasts_days = (day - span.first).days
            continue
        worth = worths[offer.id]
        given.add(row.member_id, day, worth)
        found.members.add(row.member_id)
        found.purchases += 1
        found.cost += worth
        found.net += row.net
        saturday = day - timedelta(days=weekday(day))
        times, cost = found.weeks.get(saturday, (0, 0))
        found.weeks[saturday] = times + 1, cost + worth
        for award in row.awards:
            if award["offer"] == offer.id or award["offer"] not in worths:
                times, saved = found.displaced.get(award["offer"], (0, 0))
                found.displaced[award["offer"]] = times + 1, saved + award["worth"]
    return found


def _decide(row: Purchase, lines: list[PurchaseLine], here: Situation, offer: LiveOffer, used: Used) -> Any:
    asked_then = not row.facts.get("is_settled")
    live = live_then(row).index.matching("purchase", here) if asked_then else []
    matching = [one for one in live if one.id != offer.id] + Index([offer]).matching("purchase", here)
    programme = programme_at(row.occurred_at)
    tier = step_of(ladder(None, row.occurred_at), row.facts.get("tier", ""))
    state = known_then(row)
    refused = {number: why for number, why in state.refused.items() if number != offer.id}
    state = replace(state, used={offer.id: used}, refused=refused)
    decision = choose(matching, here, valuation(programme, matching), Reckoner(row, lines, programme, tier), state)
    return decision, next((one.outcome for one in decision.verdicts if one.offer.id == offer.id), "")


class _Given:
    """How often it was given so far, and what that was worth: by whom, when, and by whom when."""

    def __init__(self) -> None:
        self.times: Counter[object] = Counter()
        self.worth: Counter[object] = Counter()

    def add(self, member: int, day: date, worth: int) -> None:
        month = to_jalali(day)[:2]
        for of in ("all", month, member, (member, day), (member, month)):
            self.times[of] += 1
            self.worth[of] += worth

    def used(self, member: int, day: date) -> Used:
        month = to_jalali(day)[:2]
        return Used(
            by_member=self.times[member],
            by_member_today=self.times[member, day],
            by_member_this_month=self.times[member, month],
            total=self.times["all"],
            spent=self.worth["all"],
            spent_this_month=self.worth[month],
        )


def _situation(row: Purchase, lines: list[PurchaseLine]) -> Situation:
    """As it was kept; what nobody asked for then is looked up in the purchases before."""
    here = situation_then(row, lines)
    before = list(
        Purchase.objects.filter(member=row.member_id, fully_refunded=False, occurred_at__lte=row.occurred_at)
        .exclude(occurred_at=row.occurred_at, pk__gte=row.pk)
        .order_by("occurred_at", "id")
    )
    person = here.person
    spent: dict[int, int] = _Reckoned(lambda days: sum(one.net - one.refunded for one in _last(before, row, days)))
    visits: dict[int, int] = _Reckoned(lambda days: len(_last(before, row, days)))
    spent.update(person.spent)
    visits.update(person.visits)
    year = _last(before, row, 365)
    mean = _half_up(sum(one.net - one.refunded for one in year), len(year)) if len(year) >= 3 else None
    days = [local_date(one.occurred_at, club_zone()) for one in before]
    gaps = sorted((later - earlier).days for earlier, later in itertools.pairwise(days))
    middle = len(gaps) // 2
    usual = None
    if len(before) >= 3:
        usual = gaps[middle] if len(gaps) % 2 else _half_up(gaps[middle - 1] + gaps[middle], 2)
    whole = replace(
        person,
        spent=spent,
        visits=visits,
        mean_basket=mean if person.mean_basket is None else person.mean_basket,
        usual_gap=usual if person.usual_gap is None else person.usual_gap,
    )
    ranks = here.ranks or {step.code: step.rank for step in ladder(None, row.occurred_at)}
    return replace(here, person=whole, ranks=ranks)


class _Reckoned(dict):  # type: ignore[type-arg]
    """By days, what is worked out when it is asked for."""

    def __init__(self, reckon: Any) -> None:
        super().__init__()
        self.reckon = reckon

    def get(self, days: int, default: Any = None) -> Any:
        return self[days] if days in self else self.reckon(days)


def _last(before: list[Purchase], row: Purchase, days: int) -> list[Purchase]:
    return [one for one in before if one.occurred_at > row.occurred_at - timedelta(days=days)]


def _half_up(whole: int, count: int) -> int:
    return (2 * whole + count) // (2 * count)
