"""Letting the live offers answer to occasions of members, many at once: what each gives, and that it had its turn.

An offer takes part in an occasion on the first day on which its conditions hold; those of one day compete as on a
purchase, without a basket. However many members there are, it is a constant number of statements.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db import connection
from django.db.models.functions import Coalesce

from club.awards.gifts import Gift, Handed, give
from club.awards.stopping import tell_stops
from club.awards.uses import uses_of_many
from club.awards.valuing import valuation
from club.ledger.book import Book, lock_books, write_books
from club.members.models import Member
from club.programme.named_days import named_days
from club.programme.rules import Programme
from club.programme.selectors import programme_at
from club.purchases.explaining import award_of, considered, kept_verdict
from club.purchases.people import people_of
from club.tiers.models import Tier
from core import events
from core.jalali import local_date
from core.rows import insert_rows
from core.tenancy.scope import club_zone
from crm.occasions.facts import as_facts
from crm.occasions.models import Occasion, Turn
from crm.occasions.telling import tell_gifts
from offers.counters import Take
from offers.effects import Earnings, Valuation
from offers.engine import Decision, Reckon, State, Used, choose
from offers.live import LiveNow
from offers.rules import LiveOffer
from offers.shared import Shared, lock_shared
from offers.situation import Basket, Person, Situation

NO_EARNINGS = Earnings((), (), (), Fraction())


UNDECIDED = Decision(())


@dataclass(frozen=True)
class Happening:
    """Something about a member: `key` says which one of its kind, in which an offer takes part once.

    `basket` and `reckon` where another's purchase comes with it; `tier` where it is about one that may have passed;
    `segment` where it is about coming to one or going, which alone is then the member's.
    """

    member_id: int
    key: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    tier: str | None = None
    segment: str | None = None
    basket: Basket | None = None
    reckon: Reckon | None = None


@dataclass(frozen=True)
class Call:
    """To which trigger offers are to answer, as of when, and by whom it was noted.

    `takes_part` says more than the conditions: whether it is this offer's day. `as_of`: conditions are judged as of an
    earlier moment, what is given is given at `at`. `always`: kept also where no offer answered; `tell` tells the
    members what was given, None tells nobody; `with_misses`: say why the others did not.
    """

    trigger: str
    at: datetime
    actor: str
    live: LiveNow
    takes_part: Callable[[LiveOffer, Situation], bool] = lambda _offer, _here: True
    as_of: datetime | None = None
    always: bool = False
    tell: Callable[[Sequence[Handed]], None] | None = tell_gifts
    with_misses: bool = False


@dataclass(frozen=True)
class Answer:
    """What came of one happening; `occasion` is None where nothing was kept."""

    happening: Happening
    member: Member
    book: Book
    occasion: Occasion | None = None


@dataclass(frozen=True)
class _Case:
    """A happening with the situation it is judged in and the offers that may answer."""

    happening: Happening
    member: Member
    book: Book
    here: Situation
    matching: tuple[LiveOffer, ...]
    decision: Decision = UNDECIDED


_Alike = dict[tuple[int, ...], Decision]
"""The decisions of a batch that are the same for many, by the offers that match."""


def answer(call: Call, happenings: Sequence[Happening]) -> list[Answer]:
    """Let the offers answer to each, inside the running transaction; those of nobody that is a member now are left out.

    Each member comes once among the happenings.
    """
    books = lock_books([one.member_id for one in happenings])
    cases = _cases(call, happenings, books)
    programme = programme_at(call.at)
    decided = _decide(call, cases, programme)
    return _write(call, decided, programme)


def _cases(call: Call, happenings: Sequence[Happening], books: Mapping[int, Book]) -> list[_Case]:
    """In statements after the lock: who waited for it sees the turns that were taken meanwhile."""
    ids = [one.member_id for one in happenings if books[one.member_id].wallets]
    members = {member.pk: member for member in Member.objects.filter(pk__in=ids, status=Member.Status.ACTIVE)}
    people = people_of(list(members.values()), at=call.at, asks=call.live.asks)
    ranks = dict(Tier.objects.values_list("code", "rank"))
    taken = _turns_taken(list(members), {one.key for one in happenings})
    today = named_days().on(local_date(call.as_of or call.at, club_zone())) if call.live.asks.named_days else None
    cases = []
    for one in happenings:
        if one.member_id not in members:
            continue
        here = _situation(call, one, people[one.member_id], ranks, today)
        matching = tuple(
            offer
            for offer in call.live.index.matching(call.trigger, here)
            if (one.member_id, one.key, offer.id) not in taken and call.takes_part(offer, here)
        )
        cases.append(_Case(one, members[one.member_id], books[one.member_id], here, matching))
    return cases


def _turns_taken(member_ids: Sequence[int], keys: Collection[str]) -> set[tuple[int, str, int]]:
    """By member, key and offer; of who was merged into a member, too, whose turns follow only later."""
    owner = Coalesce("member__merged_into_id", "member_id")
    records = [*member_ids, *Member.objects.filter(merged_into__in=member_ids).values_list("pk", flat=True)]
    turns = Turn.objects.filter(member__in=records, key__in=keys)
    return set(turns.annotate(owner=owner).values_list("owner", "key", "offer_id"))


def _situation(
    call: Call, one: Happening, person: Person, ranks: Mapping[str, int], today: frozenset[str] | None
) -> Situation:
    if one.tier is not None:
        person = replace(person, tier=one.tier)
    if one.segment is not None:
        person = replace(person, segments=frozenset({one.segment}))
    at, zone = call.as_of or call.at, club_zone()
    return Situation(at=at, zone=zone, person=person, basket=one.basket, ranks=ranks, named_days=today)


def _decide(call: Call, cases: Sequence[_Case], programme: Programme) -> list[_Case]:
    """What each is given, of what all share as much as there is: who comes first has it."""
    asked = {offer.id: offer for case in cases for offer in case.matching}
    used = uses_of_many(
        list(asked.values()), member_ids=[case.member.pk for case in cases if case.matching], at=call.at
    )
    club = valuation(programme, list(asked.values()))
    shared = lock_shared(asked, at=call.at)
    alike: _Alike = {}
    decided = [_decided(case, club, used.get(case.member.pk, {}), shared, alike) for case in cases]
    shared.write()
    return decided


def _decided(case: _Case, club: Valuation, used: Mapping[int, Used], shared: Shared, alike: _Alike) -> _Case:
    refused: dict[int, str] = {}
    reckon = case.happening.reckon or (lambda _discounts: NO_EARNINGS)
    key = _alike(case)
    while True:
        decision = None if refused or key is None else alike.get(key)
        if decision is None:
            decision = choose(case.matching, case.here, club, reckon, State(used=used, refused=refused))
            if key is not None and not refused:
                alike[key] = decision
        takes = [Take(one.offer.id, one.worth, one.offer.terms.limits) for one in decision.given]
        found = shared.take(takes)
        if not found:
            return replace(case, decision=decision)
        refused |= found


def _alike(case: _Case) -> tuple[int, ...] | None:
    """What a decision hangs on, the same for all with these offers: nothing of the member, where none is limited.

    None where it may be another for each.
    """
    if case.here.basket is not None or any(offer.terms.is_limited for offer in case.matching):
        return None
    return tuple(offer.id for offer in case.matching)


def _write(call: Call, cases: Sequence[_Case], programme: Programme) -> list[Answer]:
    kept = [case for case in cases if case.decision.verdicts or call.always]
    ids = _next_ids(len(kept))
    giving = [(case, f"occasion:{pk}") for case, pk in zip(kept, ids, strict=True) if case.decision.given]
    gifts = [Gift(case.member, case.book, document, call.at, case.decision.given) for case, document in giving]
    handed = {one.gift.document: one for one in give(gifts, programme=programme, actor=call.actor)}
    write_books([case.book for case, _document in giving], actor=call.actor)
    said = _said(call, kept)
    occasions = [
        _occasion(call, case, pk, handed.get(f"occasion:{pk}"), said[place])
        for place, (case, pk) in enumerate(zip(kept, ids, strict=True))
    ]
    _insert(occasions)
    insert_rows(Turn, ("occasion_id", "offer_id", "member_id", "key"), _turns(zip(kept, ids, strict=True)))
    events.emit_many("occasion.recorded", [_told(one) for one in occasions])
    if call.tell:
        call.tell(list(handed.values()))
    tell_stops([verdict for case in kept for verdict in case.decision.verdicts], at=call.at)
    known = {occasion.member_id: occasion for occasion in occasions}
    return [Answer(case.happening, case.member, case.book, known.get(case.member.pk)) for case in cases]


def _said(call: Call, cases: Sequence[_Case]) -> list[list[dict[str, Any]]]:
    """Of each case what became of the offers, in words; worked out once for those that share their decision."""
    known: dict[int, list[dict[str, Any]]] = {}
    found = []
    for case in cases:
        said = None if call.with_misses else known.get(id(case.decision))
        if said is None:
            kept = [kept_verdict(verdict) for verdict in case.decision.verdicts]
            said = considered(kept, case.here, call.live, trigger=call.trigger if call.with_misses else "")
            known[id(case.decision)] = said
        found.append(said)
    return found


def _occasion(call: Call, case: _Case, pk: int, handed: Handed | None, said: list[dict[str, Any]]) -> Occasion:
    happening = case.happening
    return Occasion(
        pk=pk,
        member=case.member,
        trigger=call.trigger,
        key=happening.key,
        facts=as_facts(case.here),
        properties=dict(happening.properties),
        considered=said,
        awards=_awards(handed) if handed else [],
        note=happening.note,
        actor=call.actor,
        occurred_at=call.at,
    )


def _awards(handed: Handed) -> list[dict[str, Any]]:
    """As a receipt says them, with the last day of a coupon."""
    said = []
    for one, points in zip(handed.gift.given, handed.points, strict=True):
        award = award_of(one, points, handed.things.coupons.get(one.offer.id, ""))
        ends_at = handed.things.coupon_ends.get(one.offer.id)
        said.append({**award, "ends_at": ends_at.isoformat()} if ends_at else award)
    return said


def _insert(occasions: Sequence[Occasion]) -> None:
    names = [
        "id",
        "member_id",
        "trigger",
        "key",
        "facts",
        "properties",
        "considered",
        "awards",
        "note",
        "actor",
        "occurred_at",
    ]
    insert_rows(Occasion, names, [[getattr(one, name) for name in names] for one in occasions])


def _turns(cases: Iterable[tuple[_Case, int]]) -> list[tuple[int, int, int, str]]:
    return [
        (pk, verdict.offer.id, case.member.pk, case.happening.key)
        for case, pk in cases
        for verdict in case.decision.verdicts
    ]


def _told(occasion: Occasion) -> events.Happened:
    data = {"trigger": occasion.trigger, "awards": [award["offer"] for award in occasion.awards]}
    return events.Happened(occasion.document, occasion.occurred_at, occasion.member_id, data)


def _next_ids(count: int) -> list[int]:
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('occasions_occasion', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]
