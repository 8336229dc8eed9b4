"""Giving what offers give outside a purchase (an occasion, a reward, a mission), and taking such a document back.

Inside a transaction of the caller, who holds the member's wallets and writes the book:

    book = lock_book(member_id)
    member = Member.objects.get(pk=member_id)                       # in a later statement than the lock
    given = given_by(offer, valuation(programme, [offer]))          # or what `offers.engine.choose` decides
    refused = reserve([given], {}, member_id=…, document=…, at=…)   # club.awards.giving; empty: there was room
    [handed] = give([Gift(member, book, document, at, [given])], programme=programme, actor=…)
    book.write(actor=…)

    taken = take_back(document, member, book, at=…, actor=…)        # the whole of it, once; again is nothing
    book.write(actor=…)

Reserve before giving whatever has a limit. A benefit that needs a basket gives nothing here: make a coupon for it
(`coupon_for`), which `take_back` makes void with the rest of its document.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from club.awards.giving import Handing, Things, give_things, record_awards, take_back_awards, things_of
from club.awards.models import Award
from club.ledger.book import Book, load_lots
from club.ledger.models import Unit
from club.ledger.taking_back import Earner, take_back_earned
from club.members.known import Known
from club.members.models import Member
from club.programme.rules import Programme
from club.programme.selectors import programme_at
from club.programme.validity import idle_days, usable_span
from club.tiers.changing import Change, change_tiers
from club.tiers.falling import tier_without
from club.tiers.ladder import Step, after_gain, with_purchase, without
from club.tiers.selectors import any_counts_points, ladder, ladders
from core.jalali import day_bounds, local_date
from core.rows import insert_rows
from core.tenancy.scope import club_zone, current_club_id
from offers.codes import random_code
from offers.effects import Valuation, plain_effect, worth_of
from offers.engine import Given
from offers.models import Coupon
from offers.rules import LiveOffer

UNITS = (Unit.POINTS.value, Unit.CREDIT.value)
_Spans = Mapping[tuple[str, datetime], tuple[datetime, datetime | None]]


@dataclass(frozen=True)
class Gift:
    """What a member is to be given by one document; `book` are the member's wallets, locked."""

    member: Member | Known
    book: Book
    document: str
    at: datetime
    given: Sequence[Given]


@dataclass(frozen=True)
class Handed:
    """What was given: of each offer the points that the programme's caps left, things, and the tier held then."""

    gift: Gift
    points: tuple[int, ...]
    things: Things
    tier: str

    @property
    def credit(self) -> int:
        return sum(one.effect.credit for one in self.gift.given)


@dataclass(frozen=True)
class TakenBack:
    """What a document lost of what it had given, by unit, and what was no longer there to take.

    `tier` and `steps`: what is left to the member without it; None where it had given nothing.
    """

    taken: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(UNITS, 0))
    shortfall: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(UNITS, 0))
    tier: str | None = None
    steps: Sequence[Step] | None = None


def given_by(offer: LiveOffer, club: Valuation) -> Given | None:
    """What the offer gives without any purchase; None where it gives nothing then."""
    effect = plain_effect(offer.terms.benefit)
    points = int(effect.points)
    return None if effect.is_nothing else Given(offer, effect, points, worth_of(effect, points, club))


def give(gifts: Sequence[Gift], *, programme: Programme, actor: str) -> list[Handed]:
    """Post the value into each book, and write awards, coupons, chances, tiers for a time and tier changes.

    However many gifts there are, of different members each, it is the same handful of statements; the books are
    written by the caller. All gifts are of about one moment: the first one's day is that of a cap by day.
    """
    if not gifts:
        return []
    today = _points_today(gifts) if programme.max_points_per_day is not None else {}
    kept = [_kept(gift, programme, today.get(gift.member.id, 0)) for gift in gifts]
    things = {(id(gift.given), gift.at): things_of(gift.given, gift.at) for gift in _unlike(gifts)}
    handings = [
        Handing(gift.member.id, gift.document, gift.at, gift.given, points, things[id(gift.given), gift.at])
        for gift, points in zip(gifts, kept, strict=True)
    ]
    tiers = _tiers_after(gifts, handings)
    spans = _spans(gifts, programme)
    for gift, points in zip(gifts, kept, strict=True):
        _post(gift, points, spans, programme)
    made = give_things(handings, actor=actor)
    record_awards(made)
    change_tiers(
        [
            Change(gift.member.id, gift.member.tier_code, tier, gift.document, _since(gift.member, gift.at))
            for gift, tier in zip(gifts, tiers, strict=True)
            if tier != gift.member.tier_code
        ]
    )
    rows = zip(gifts, kept, made, tiers, strict=True)
    return [Handed(gift, points, handing.things, tier) for gift, points, handing, tier in rows]


def coupon_for(
    offer_id: int, *, member_id: int, ends_at: datetime | None, document: str, actor: str
) -> tuple[int, str]:
    """Make a code that brings this offer to the member once; its id and the code."""
    code = random_code()
    columns = ("offer_id", "code", "uses", "member_id", "ends_at", "document", "actor")
    return insert_rows(Coupon, columns, [(offer_id, code, 1, member_id, ends_at, document, actor)])[0], code


def take_back(document: str, member: Member, book: Book, *, at: datetime, actor: str, reason: str = "") -> TakenBack:
    """Take everything back that a document gave: value, coupons, chances, tier, its uses of limits and budgets.

    Value comes from the document's own lots first; what is gone is let go or becomes a debt, as the programme says.
    The entries are the document's own. `member` as it is now; the caller writes the book.
    """
    Coupon.objects.filter(document=document, void=False).update(void=True)
    found = post_back(document, member, book, at=at, reason=reason)
    if found.tier is None:
        return found
    take_back_awards(document)
    if found.tier != member.tier_code:
        change_tiers([Change(member.id, member.tier_code, found.tier, document, _since(member, at))])
    return found


def post_back(
    document: str,
    member: Member,
    book: Book,
    *,
    at: datetime,
    reason: str = "",
    before: Sequence[Step] | None = None,
    gone: Collection[str] = (),
    lock: bool = True,
) -> TakenBack:
    """What `take_back` takes, posted into the book alone: nothing is written, so that it can be shown beforehand.

    `before`, `gone`: where other documents are seen as taken back already, the figures without them, and which.
    """
    awards = Award.objects.filter(document=document, given_back=False)
    rows = list(awards.values_list("points", "credit", "occurred_at"))
    if not rows:
        return TakenBack()
    earned = {"points": sum(row[0] for row in rows), "credit": sum(row[1] for row in rows)}
    steps = ladder(member.id, at) if before is None else before
    load_lots(book, also_of=[document], lock=lock)
    carry_debt = programme_at(at).refund_shortfall == "debt"
    found = {
        unit: take_back_earned(
            book,
            unit,
            earned[unit],
            of=Earner(document, earned[unit]),
            document=document,
            cause="taken_back",
            at=at,
            carry_debt=carry_debt,
            reason=reason,
        )
        for unit in UNITS
    }
    taken = {unit: amount for unit, (amount, _short) in found.items()}
    lost, age = {"spent": 0, "visits": 0, "points": taken["points"]}, max(at - rows[0][2], timedelta())
    tier = tier_without(member, steps, lost, age=age, document=document, gone=(document, *gone))
    shortfall = {unit: short for unit, (_amount, short) in found.items()}
    return TakenBack(taken, shortfall, tier, without(steps, lost, age=age))


def _since(member: Member | Known, at: datetime) -> datetime:
    """A late gift lifts from what came after it."""
    return max(at, member.last_purchase_at) if member.last_purchase_at else at


def _unlike(gifts: Sequence[Gift]) -> Iterable[Gift]:
    """One of all those that give the very same at the same moment."""
    return {(id(gift.given), gift.at): gift for gift in gifts}.values()


def _spans(gifts: Sequence[Gift], programme: Programme) -> _Spans:
    """From when to when what is given at each of the moments is usable, by unit."""
    zone, moments = club_zone(), {gift.at for gift in gifts}
    return {(unit, at): usable_span(unit, programme, at, zone) for unit in UNITS for at in moments}


def _post(gift: Gift, points: Sequence[int], spans: _Spans, programme: Programme) -> None:
    for one, kept in zip(gift.given, points, strict=True):
        for unit, amount in ((Unit.POINTS, kept), (Unit.CREDIT, one.effect.credit)):
            if amount:
                begin, end = spans[unit, gift.at]
                cause, reason = f"offer:{one.offer.id}", one.offer.terms.name
                gift.book.earn(
                    unit,
                    amount,
                    gift.document,
                    cause,
                    gift.at,
                    usable_from=begin,
                    expires_at=end,
                    idle_days=idle_days(unit, programme),
                    reason=reason,
                )


def _kept(gift: Gift, programme: Programme, today: int) -> tuple[int, ...]:
    """What the caps by day and of the balance leave of each offer's points: what comes last is cut first.

    Where the lots were not loaded, what has ended but was not swept yet counts as there.
    """
    rooms = []
    if programme.max_points_per_day is not None:
        rooms.append(programme.max_points_per_day - today)
    if programme.max_points_balance is not None and gift.book.wallets:
        wallet = gift.book.points
        held = wallet.left(gift.at) if wallet.lots else wallet.balance
        rooms.append(programme.max_points_balance - held + gift.book.debt("points").balance)
    room = max(0, min(rooms)) if rooms else None
    kept = []
    for one in gift.given:
        kept.append(one.points if room is None else min(one.points, room))
        room = None if room is None else room - kept[-1]
    return tuple(kept)


def _tiers_after(gifts: Sequence[Gift], handings: Sequence[Handing]) -> list[str]:
    """The code of the tier that each member holds with the points and the tiers for a time that are given.

    Where no tier counts points, they lift nobody, and nobody's purchases are summed.
    """
    lifts = any_counts_points()
    asking = [one.member_id for one in handings if one.things.tiers or (lifts and any(one.points))]
    steps = ladders(asking, max(gift.at for gift in gifts)) if asking else {}
    return [
        _tier_after(gift, handing, steps[gift.member.id]) if steps.get(gift.member.id) else gift.member.tier_code
        for gift, handing in zip(gifts, handings, strict=True)
    ]


def _tier_after(gift: Gift, handing: Handing, steps: Sequence[Step]) -> str:
    points = gift.book.kept(Unit.POINTS, sum(handing.points))
    reached = with_purchase(steps, net=0, points=points, visits=0)
    tier = after_gain(reached, gift.member.tier_code, gift.member.tier_floor)
    for code, _until in handing.things.tiers:
        tier = after_gain(reached, tier, code)
    return tier


def points_of_gifts(member_id: int, at: datetime) -> int:
    """The points that gifts outside of purchases have brought the member on the local day of the moment."""
    start, end = _day(at)
    rows = Award.objects.filter(member=member_id, given_back=False, occurred_at__gte=start, occurred_at__lt=end)
    found = rows.exclude(document__startswith="purchase:").values_list("points", flat=True)
    return sum(found)


def _points_today(gifts: Sequence[Gift]) -> dict[int, int]:
    """What each member has earned on the first gift's day, less what was taken back of it."""
    start, end = _day(gifts[0].at)
    members = [gift.member.id for gift in gifts]
    with connection.cursor() as cursor:
        cursor.execute(EARNED, {"club": current_club_id(), "members": members, "from": start, "to": end})
        return dict(cursor.fetchall())


def _day(at: datetime) -> tuple[datetime, datetime]:
    zone = club_zone()
    return day_bounds(local_date(at, zone), zone)


EARNED = """
SELECT w.member_id, sum(e.delta)::bigint FROM ledger_wallet w
JOIN ledger_entry e ON e.club_id = w.club_id AND e.wallet_id = w.id
WHERE w.club_id = %(club)s AND w.member_id = ANY(%(members)s) AND w.unit = 'points'
    AND e.occurred_at >= %(from)s AND e.occurred_at < %(to)s
    AND (e.kind = 'earn' OR e.kind = 'take_back' AND e.cause NOT LIKE '%%:debt')
GROUP BY w.member_id
"""
