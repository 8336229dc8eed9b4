"""Letting the live offers answer to occasions of members, many at once: what each gives, and that it had its turn.

An offer takes part in an occasion on the first day on which its conditions hold; those of one day compete as on a
purchase, without a basket. However many members there are, it is a constant number of statements.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from django.db import connection

from club.awards.gifts import Gift, Handed, give
from club.awards.stopping import tell_stops
from club.awards.uses import uses_of_many
from club.awards.valuing import valuation
from club.ledger.book import Book, lock_books, write_books
from club.members.known import Known, known_members
from club.programme.named_days import named_days
from club.programme.rules import Programme
from club.programme.selectors import programme_at
from club.purchases.explaining import award_of, considered, kept_verdict
from club.purchases.people import people_of
from club.tiers.models import Tier
from core import events
from core.jalali import local_date
from core.rows import write_rows
from core.tenancy.scope import club_zone, current_club_id
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
    `segment` where it is about coming to one or going, which alone is then the member's. `person` where the member is
    to be seen as of then.
    """

    member_id: int
    key: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    tier: str | None = None
    segment: str | None = None
    basket: Basket | None = None
    reckon: Reckon | None = None
    person: Person | None = None


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


class Answer(NamedTuple):
    """What came of one happening: the columns of the occasion that was written, None where nothing was kept."""

    happening: Happening
    member: Known
    book: Book
    kept: Mapping[str, Any] | None = None

    @property
    def occasion(self) -> Occasion | None:
        """The occasion as a record."""
        return Occasion(club_id=current_club_id(), **self.kept) if self.kept is not None else None


class _Case(NamedTuple):
    """A happening with the situation it is judged in and the offers that may answer."""

    happening: Happening
    member: Known
    book: Book
    here: Situation
    matching: tuple[LiveOffer, ...]
    decision: Decision = UNDECIDED


COLUMNS = (
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
)
_Alike = dict[tuple[int, ...], tuple[Decision, Sequence[Take]]]
"""The decisions of a batch that are the same for many, by the offers that match, with what each takes."""


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
    members = known_members(ids)
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
    sent: dict[str, Any] = {"club": current_club_id(), "members": list(member_ids), "keys": list(keys)}
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, sent)
        return set(cursor.fetchall())


def _situation(
    call: Call, one: Happening, person: Person, ranks: Mapping[str, int], today: frozenset[str] | None
) -> Situation:
    person = one.person or person
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
        list(asked.values()), member_ids=[case.member.id for case in cases if case.matching], at=call.at
    )
    club = valuation(programme, list(asked.values()))
    shared = lock_shared(asked, at=call.at)
    alike: _Alike = {}
    decided = [_decided(case, club, used.get(case.member.id, {}), shared, alike) for case in cases]
    shared.write()
    return decided


def _decided(case: _Case, club: Valuation, used: Mapping[int, Used], shared: Shared, alike: _Alike) -> _Case:
    refused: dict[int, str] = {}
    reckon = case.happening.reckon or (lambda _discounts: NO_EARNINGS)
    key = _alike(case)
    while True:
        known = None if refused or key is None else alike.get(key)
        if known is None:
            decision = choose(case.matching, case.here, club, reckon, State(used=used, refused=refused))
            known = decision, [Take(one.offer.id, one.worth, one.offer.terms.limits) for one in decision.given]
            if key is not None and not refused:
                alike[key] = known
        decision, takes = known
        found = shared.take(takes)
        if not found:
            return case._replace(decision=decision)
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
    awards = _awards_of(list(handed.values()))
    occasions = [
        _occasion(call, case, pk, awards.get(f"occasion:{pk}", []), said[place])
        for place, (case, pk) in enumerate(zip(kept, ids, strict=True))
    ]
    write_rows(Occasion, COLUMNS, [tuple(one.values()) for one in occasions])
    write_rows(Turn, ("occasion_id", "offer_id", "member_id", "key"), _turns(zip(kept, ids, strict=True)))
    events.emit_many("occasion.recorded", _told(occasions))
    if call.tell:
        call.tell(list(handed.values()))
    tell_stops([verdict for case in kept for verdict in case.decision.verdicts], at=call.at)
    known = {one["member_id"]: one for one in occasions}
    return [Answer(case.happening, case.member, case.book, known.get(case.member.id)) for case in cases]


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


def _occasion(
    call: Call, case: _Case, pk: int, awards: list[dict[str, Any]], said: list[dict[str, Any]]
) -> dict[str, Any]:
    """What the columns of the occasion hold, in their order."""
    happening = case.happening
    values = (
        pk,
        case.member.id,
        call.trigger,
        happening.key,
        as_facts(case.here),
        happening.properties,
        said,
        awards,
        happening.note,
        call.actor,
        call.at,
    )
    return dict(zip(COLUMNS, values, strict=True))


def _awards_of(handed: Sequence[Handed]) -> dict[str, list[dict[str, Any]]]:
    """By document as a receipt says them, with the last day of a coupon; the same list where the same was given."""
    alike: dict[tuple[int, tuple[int, ...]], list[dict[str, Any]]] = {}
    found = {}
    for one in handed:
        if one.things.coupons:
            found[one.gift.document] = _awards(one)
            continue
        key = id(one.gift.given), one.points
        if key not in alike:
            alike[key] = _awards(one)
        found[one.gift.document] = alike[key]
    return found


def _awards(handed: Handed) -> list[dict[str, Any]]:
    said = []
    for one, points in zip(handed.gift.given, handed.points, strict=True):
        award = award_of(one, points, handed.things.coupons.get(one.offer.id, ""))
        ends_at = handed.things.coupon_ends.get(one.offer.id)
        said.append({**award, "ends_at": ends_at.isoformat()} if ends_at else award)
    return said


def _turns(cases: Iterable[tuple[_Case, int]]) -> list[tuple[int, int, int, str]]:
    return [
        (pk, verdict.offer.id, case.member.id, case.happening.key)
        for case, pk in cases
        for verdict in case.decision.verdicts
    ]


def _told(occasions: Sequence[Mapping[str, Any]]) -> list[events.Happened]:
    """Of each occasion what was given; the same where the same was."""
    data = {
        id(one["awards"]): {"trigger": one["trigger"], "awards": [award["offer"] for award in one["awards"]]}
        for one in occasions
    }
    return [
        events.Happened(f"occasion:{one['id']}", one["occurred_at"], one["member_id"], data[id(one["awards"])])
        for one in occasions
    ]


def _next_ids(count: int) -> list[int]:
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('occasions_occasion', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]


# Each record's turns by the index of its own: the database would else read all those of the club for a batch.
TAKEN = """
WITH records AS MATERIALIZED (
    SELECT id, id AS owner FROM unnest(%(members)s::bigint[]) AS m(id)
    UNION ALL
    SELECT id, merged_into_id FROM members_member WHERE club_id = %(club)s AND merged_into_id = ANY(%(members)s)
)
SELECT r.owner, t.key, t.offer_id FROM records r CROSS JOIN LATERAL (
    SELECT key, offer_id FROM occasions_turn
    WHERE club_id = %(club)s AND member_id = r.id AND key = ANY(%(keys)s) OFFSET 0) t
"""
