"""What a filled round of a mission gives, within the purchase that fills it, and its taking back by a refund.

A win is a document of its own (`mission:<id>`) beside the purchase: what it gives is in its ledger entries, awards
and codes. The caller holds the member's wallets.
"""

from collections.abc import Collection, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import translation

from club.awards.gifts import Gift, TakenBack, coupon_for, give, given_by, post_back, take_back
from club.awards.giving import reserve
from club.awards.naming import names_for
from club.awards.valuing import valuation
from club.ledger.book import Book, lock_book
from club.members.models import Member
from club.members.reaching import in_language_of
from club.missions.models import Mission, MissionWin
from club.missions.selectors import rules
from club.missions.services import note_win, take_back_win, worth_known
from club.programme.rules import Programme
from club.purchases.missions import Advance, Lost, Round, Undone, lost_rounds, read_record
from club.tiers.ladder import Step
from core import events
from core.jalali import day_bounds, last_day, local_date
from core.tenancy.scope import club_zone
from offers.made import AT_ONCE
from offers.models import Offer
from offers.parsing import parse
from offers.rules import LiveOffer
from offers.words import Words
from sms import outbox


@dataclass(frozen=True)
class Reward:
    """What one win brought: in words, with the points, credit or code."""

    win: MissionWin
    gift: str = ""
    points: int = 0
    credit: int = 0
    coupon: str = ""
    ends_at: datetime | None = None


def note_wins(
    advances: Sequence[Advance], *, member_id: int, document: str, at: datetime
) -> tuple[tuple[Advance, ...], list[MissionWin]]:
    """Note each filled round, as far as the missions' limits have room; the advances with those that were noted."""
    noted, wins = [], []
    for advance in sorted(advances, key=lambda one: one.rule.id):
        numbers = []
        for number in advance.filled:
            win = note_win(advance.rule, number, member_id=member_id, window=advance.window, cause=document, at=at)
            if win is not None:
                numbers.append(number)
                wins.append(win)
        noted.append(replace(advance, filled=tuple(numbers)))
    return tuple(noted), wins


def reward(wins: Iterable[MissionWin], *, member_id: int, programme: Programme, actor: str, tells: bool) -> Book:
    """Give what each win brings, tell the member, and write it; the wallets as they are then."""
    book, member = lock_book(member_id), Member.objects.get(pk=member_id)
    for win in wins:
        found, member = _give(win, member, book, programme=programme, actor=actor)
        events.emit(
            "mission.filled",
            document=win.document,
            member_id=member_id,
            occurred_at=win.occurred_at,
            data={"mission": win.mission_id, "purchase": win.cause, "round": win.number},
        )
        if tells:
            _tell(member, found)
    book.write(actor=actor)
    return book


def buyer(member_id: int | None) -> tuple[Member | None, bool]:
    """Who bought, and whether they hold a win: read together, after their wallets were locked."""
    if member_id is None:
        return None, False
    has_won = Exists(MissionWin.objects.filter(member=OuterRef("pk"), taken_back=False))
    member = Member.objects.annotate(has_won=has_won).get(pk=member_id)
    return member, member.has_won


def lost_by(member: Member, undone: Undone) -> Lost:
    """The rounds of missions, ended ones too, that no longer hold when a refund is written; before it is."""
    held = Mission.objects.filter(wins__member=member, wins__taken_back=False).distinct().order_by("pk")
    found = rules(held)
    return lost_rounds(found, read_record(member.pk, found, at=None), undone)


def take_back_rounds(
    rounds: Iterable[Round], member: Member, document: str, *, at: datetime, actor: str, reason: str
) -> tuple[Book, str]:
    """Take back what these wins gave, in the order given; the wallets and the tier as they are then."""
    wins = [take_back_win(one.win) for one in rounds]
    book = lock_book(member.pk)
    for win in wins:
        member = Member.objects.get(pk=member.pk)
        take_back(win.document, member, book, at=at, actor=actor, reason=reason)
        events.emit(
            "mission.taken_back",
            document=win.document,
            member_id=member.pk,
            occurred_at=at,
            data={"mission": win.mission_id, "refund": document},
        )
    book.write(actor=actor)
    member.refresh_from_db(fields=["tier_code"])
    return book, member.tier_code


@dataclass(frozen=True)
class LostGift:
    """What would be taken back of one round that a refund undoes."""

    mission: str
    found: TakenBack


def foresee_rounds(
    rounds: Sequence[Round],
    member: Member,
    book: Book,
    *,
    at: datetime,
    steps: Sequence[Step],
    tier: str,
    gone: Collection[str],
) -> tuple[tuple[LostGift, ...], str]:
    """What `take_back_rounds` would take, posted into the book alone, and the tier as it would be then.

    `steps`, `tier`: the member's as the refund leaves them; `gone`: the documents that it takes back whole.
    """
    names = dict(Mission.objects.filter(pk__in={one.mission for one in rounds}).values_list("pk", "name"))
    left, lost = copy(member), []
    left.tier_code = tier
    for one in rounds:
        document = MissionWin(pk=one.win).document
        found = post_back(document, left, book, at=at, before=steps, gone=gone, lock=False)
        if found.tier is not None and found.steps is not None:
            left.tier_code, steps = found.tier, found.steps
        gone = (*gone, document)
        lost.append(LostGift(names[one.mission], found))
    return tuple(lost), left.tier_code


def live_offer(offer_id: int) -> LiveOffer:
    """A mission's hidden offer, whether or not purchases may find it."""
    offer = Offer.objects.get(pk=offer_id)
    return LiveOffer(offer.pk, parse(offer.terms, zone=club_zone), offer.version)


def _give(win: MissionWin, member: Member, book: Book, *, programme: Programme, actor: str) -> tuple[Reward, Member]:
    if win.offer_id is None:
        return Reward(win), member
    offer, document, at = live_offer(win.offer_id), win.document, win.occurred_at
    said = _words(offer, member)
    if offer.terms.benefit.kind not in AT_ONCE:
        days = Mission.objects.values_list("valid_days", flat=True).get(pk=win.mission_id)
        zone = club_zone()
        ends_at = day_bounds(local_date(at, zone) + timedelta(days=days), zone)[1]
        _id, code = coupon_for(offer.id, member_id=member.pk, ends_at=ends_at, document=document, actor=actor)
        return Reward(win, said, coupon=code, ends_at=ends_at), member
    given = given_by(offer, valuation(programme, [offer]))
    if given is None:
        return Reward(win, said), member
    reserve([given], {}, member_id=member.pk, document=document, at=at)
    [handed] = give([Gift(member, book, document, at, [given])], programme=programme, actor=actor)
    worth_known(win, given.worth)
    member.tier_code = handed.tier
    coupon = next(iter(handed.things.coupons.values()), "")
    return Reward(win, said, sum(handed.points), handed.credit, coupon), member


def _words(offer: LiveOffer, member: Member) -> str:
    """The gift as its member reads it."""
    with translation.override(member.language or translation.get_language()):
        return Words(names_for([offer.terms])).benefit(offer.terms.benefit)


def _tell(member: Member, found: Reward) -> None:
    """Put the SMS of a filled mission in the outbox, where there is a phone to send it to."""
    if not member.phone:
        return
    said = {"gift": found.gift, "coupon": found.coupon}
    outbox.enqueue(
        "mission_filled",
        phone=member.phone,
        member_id=member.pk,
        document=found.win.document,
        context={
            "name": member.first_name,
            "mission": Mission.objects.values_list("name", flat=True).get(pk=found.win.mission_id),
            **said,
            "expires": last_day(found.ends_at, club_zone()).isoformat() if found.ends_at else "",
            "unsaid": [name for name, value in said.items() if not value],
            **in_language_of(member),
        },
    )
