"""Reckoning a purchase: facts, prices, offers, payment and what is earned, with nothing written yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from club.awards.gifts import points_of_gifts
from club.awards.giving import Things, things_of
from club.gift_cards.spending import CardNamed, card_named, check_spendable
from club.ledger.book import Book, load_lots, lock_book, lock_book_and_card
from club.ledger.models import Unit
from club.ledger.services import INSUFFICIENT
from club.members.models import Member
from club.members.selectors import is_open_code
from club.members.services import MemberBlocked
from club.programme.rules import Programme
from club.purchases import pricing
from club.purchases.basket import priced_lines, with_normal_codes
from club.purchases.decision import Decided, decide
from club.purchases.earning import Earned, earn, earnings_of, with_earned
from club.purchases.explaining import award_of, considered, kept_verdict
from club.purchases.facts import Facts, MemberFacts, newcomer
from club.purchases.missions import Advance, advanced
from club.purchases.orders import PurchaseOrder
from club.purchases.reading_facts import read_catalogue, read_facts
from club.purchases.shared_cards import without_doubtful_referrer
from club.purchases.situating import as_kept, rules_kept
from club.tiers.ladder import Step, after_gain, with_purchase
from core.errors import Conflict, NotFound, ValidationFailed


@dataclass(frozen=True)
class Outcome:
    """A purchase reckoned but not written."""

    order: PurchaseOrder
    facts: Facts
    lines: tuple[pricing.Line, ...]
    decided: Decided
    payment: pricing.Payment
    earned: Earned
    tier_after: str
    steps_after: tuple[Step, ...]
    things: Things
    wish: pricing.Wish
    card: CardNamed | None = None
    advances: tuple[Advance, ...] = ()

    @property
    def document(self) -> str:
        """How the ledger names the purchase that this becomes."""
        return f"purchase:{self.facts.purchase_id}"

    @property
    def awards(self) -> list[dict[str, Any]]:
        """What the offers give, as the receipt says it."""
        used = {offer: code.code for offer, code in self.decided.coupons.items()}
        codes = {**used, **self.things.coupons}
        pairs = zip(self.decided.given, self.earned.points_of_offers, strict=True)
        return [award_of(one, points, codes.get(one.offer.id, "")) for one, points in pairs]

    @property
    def chances(self) -> list[dict[str, Any]]:
        """The chances that the offers give, as the receipt says them."""
        return [{"lottery": code, "count": count} for code, count in sorted(self.things.chances.items())]

    @property
    def missions(self) -> list[dict[str, Any]]:
        """The missions that the purchase counts for, as the till says them."""
        return [advance.as_json() for advance in self.advances]

    def considered(self) -> list[dict[str, Any]]:
        """What became of every live offer; of an imported purchase nobody asks."""
        decided = self.decided
        if decided.here is None or decided.live is None or self.order.quiet:
            return []
        kept = [kept_verdict(verdict) for verdict in decided.verdicts]
        return considered(kept, decided.here, decided.live, coded=frozenset(code.offer for code in decided.codes))

    def kept(self) -> dict[str, Any]:
        """What is kept beside the facts of every purchase, for looking at it later."""
        here, asked = self.decided.here, self.order.pay_with
        kept = {**(as_kept(here) if here else {}), **rules_kept(self.lines)}
        if asked.credit or asked.points:
            kept["pay"] = vars(self.wish)
        if self.order.is_settled:
            kept["is_settled"] = True
        if self.advances:
            kept["missions"] = self.missions
        if self.decided.codes:
            kept["codes"] = sorted({code.offer for code in self.decided.codes})
        return kept

    @property
    def net(self) -> int:
        return sum(line.net for line in self.lines)


class Merged(Exception):
    """The record was merged into another's, maybe while its wallets were waited for."""

    def __init__(self, into: int) -> None:
        self.into = into


NONE_REFUSED: Mapping[int, str] = {}


def reckon_for(
    member_id: int | None,
    order: PurchaseOrder,
    *,
    at: datetime,
    lock: bool,
    refused: Mapping[int, str] = NONE_REFUSED,
) -> tuple[Outcome, Book]:
    """The purchase as reckoned with its wallets, a gift card's too; of a merged record with those of who took it over.

    `refused`: offers that the database would not let through, with the outcome that this is. Raises Merged where the
    record's wallets are locked: who holds those and waits for others does it in another order than everybody.
    """
    card = card_named(order.pay_with.gift_card) if order.pay_with.gift_card else None
    while True:
        if card:
            book = lock_book_and_card(member_id, card.wallet_id, lock=lock)
        else:
            book = lock_book(member_id, lock=lock) if member_id else Book({})
        try:
            return _reckon(order, member_id, book, card, at=at, lock=lock, refused=refused), book
        except Merged as merged:
            if lock:
                raise
            member_id = merged.into


def _reckon(
    order: PurchaseOrder,
    member_id: int | None,
    book: Book,
    card: CardNamed | None,
    *,
    at: datetime,
    lock: bool,
    refused: Mapping[int, str],
) -> Outcome:
    facts = _facts(order, member_id, book, at=at, lock=lock)
    if card:
        check_spendable(card.card_id, code=order.pay_with.gift_card or "", member_id=member_id, at=at)
        facts = without_doubtful_referrer(facts, card.card_id)
    asked = with_normal_codes(order.order_lines())
    lines = priced_lines(asked, *read_catalogue(asked))
    if card or order.pay_with.credit or order.pay_with.points or facts.programme.max_points_balance is not None:
        load_lots(book, lock=lock)
    till = _Till(order, facts, book)
    decided = decide(order, facts, lines, pay=till.as_far_as_it_goes, refused=refused)
    lines = pricing.with_discounts(lines, decided.discounts)
    payment = _with_card(till.pay(lines), lines, book, at)
    earned = Earned()
    if facts.member:
        earned = earn(
            earnings_of(lines, payment, facts.programme, facts.tier),
            facts.programme,
            decided.given,
            points_today=facts.member.points_today + _gifts_today(facts.programme, member_id, at),
            points_balance=_counted_balance(book, payment, at),
        )
        lines = with_earned(lines, earned)
    points = book.kept(Unit.POINTS, earned.points)
    steps = with_purchase(facts.steps, net=sum(line.net for line in lines), points=points)
    things = things_of(decided.given, at)
    tier_after = _tier_after(facts.member, steps, things)
    missions = () if order.quiet else advanced(facts, lines, points=earned.points, silent=order.is_settled)
    return Outcome(order, facts, lines, decided, payment, earned, tier_after, steps, things, till.wish, card, missions)


def _with_card(payment: pricing.Payment, lines: Sequence[pricing.Line], book: Book, at: datetime) -> pricing.Payment:
    """The payment with what a gift card pays of what is left, as far as it reaches."""
    if book.gift is None:
        return payment
    left = sum(line.net for line in lines) - payment.by_value
    return replace(payment, gift=min(left, book.gift.usable(at)))


def _tier_after(member: MemberFacts | None, steps: tuple[Step, ...], things: Things) -> str:
    """What the figures reach now, never below what is held, the floor, or what an offer gives for a time."""
    if member is None:
        return ""
    tier = after_gain(steps, member.tier_now, member.tier_floor)
    for code, _until in things.tiers:
        tier = after_gain(steps, tier, code)
    return tier


def _facts(order: PurchaseOrder, member_id: int | None, book: Book, *, at: datetime, lock: bool) -> Facts:
    facts = read_facts(member_id, at=at, external_id=order.external_id)
    if facts.first_with_external_id is not None and lock:
        raise known_external_id(facts.first_with_external_id)
    if member_id is not None:
        _check_member(facts.member, book)
    elif order.of_member:
        referred = bool(order.referrer) and is_open_code(order.referrer)
        return replace(facts, member=newcomer(facts.steps, at, referred=referred))
    elif order.coupons:
        raise ValidationFailed({"coupons": [_("کد تخفیف برای اعضا است؛ نخست عضو را پیدا کنید.")]})
    return facts


def known_external_id(number: int | None) -> Conflict:
    """A purchase with this external id is there already."""
    text = _("خریدی با این external_id پیش‌تر به شمارهٔ %(number)s ثبت شده است.")
    return Conflict(text, number=number, field="external_id")


def _gifts_today(programme: Programme, member_id: int | None, at: datetime) -> int:
    """The points of the day that came without a purchase, where a cap counts them."""
    return points_of_gifts(member_id, at) if member_id and programme.max_points_per_day is not None else 0


def _counted_balance(book: Book, payment: pricing.Payment, at: datetime) -> int:
    """The points that a cap of the balance counts: what stays after paying, without what has ended or is owed."""
    if not book.wallets:
        return 0
    return book.points.left(at) - payment.points - book.debt("points").balance


def _check_member(member: MemberFacts | None, book: Book) -> None:
    if member is not None and member.merged_into is not None:
        raise Merged(member.merged_into)
    if member is None or not book.wallets or member.status == Member.Status.ERASED:
        raise NotFound
    if member.status == Member.Status.BLOCKED:
        raise MemberBlocked


@dataclass(frozen=True)
class _Till:
    """How a price is paid: what was asked for by value, as far as the wallets and the programme let it."""

    order: PurchaseOrder
    facts: Facts
    book: Book

    def pay(self, lines: Sequence[pricing.Line]) -> pricing.Payment:
        """The payment as it was asked for. Raises InsufficientPoints, InsufficientCredit, ValidationFailed."""
        asked = self.order.pay_with
        for unit, amount in (("points", asked.points), ("credit", asked.credit)):
            usable = self._usable(unit)
            if isinstance(amount, int) and amount > usable:
                raise INSUFFICIENT[unit](needed=amount, available=usable)
        try:
            return pricing.pay(lines, self.facts.programme, self.wish)
        except pricing.Unpayable as error:
            text = _("برای این خرید بیش از این نمی‌شود با این روش پرداخت.")
            raise ValidationFailed({f"pay_with.{error.means}": [f"{text} ({error.most})"]}) from error

    def as_far_as_it_goes(self, lines: Sequence[pricing.Line]) -> pricing.Payment:
        """The same where offers are only tried on: a number that does not fit is taken as far as it does."""
        return pricing.pay_as_far_as_it_goes(lines, self.facts.programme, self.wish)

    @property
    def wish(self) -> pricing.Wish:
        """What was asked for, beside what could be had."""
        asked = self.order.pay_with
        return pricing.Wish(asked.credit, asked.points, self._usable("credit"), self._usable("points"))

    def _usable(self, unit: str) -> int:
        return self.book.wallets[unit].usable(self.facts.at) if self.book.wallets else 0
