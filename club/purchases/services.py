"""Recording a purchase and everything that follows from it, and previewing one on the same code."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from club.awards.enrolment import enrol_member
from club.awards.giving import Handing, give_things, record_awards, reserve
from club.awards.stopping import tell_stops
from club.catalogue.models import Branch
from club.gift_cards.spending import tell_spent
from club.ledger.book import Book
from club.ledger.models import Unit
from club.ledger.posting import Short, WalletState
from club.ledger.services import INSUFFICIENT
from club.members.selectors import member_by_phone
from club.members.services import DuplicatePhone, set_referrer
from club.missions.models import MissionWin
from club.programme.validity import idle_days, usable_span
from club.purchases.explaining import kept_verdict
from club.purchases.models import Purchase
from club.purchases.orders import PurchaseOrder, check_order
from club.purchases.receipts import Receipt
from club.purchases.reckoning import Merged, Outcome, known_external_id, reckon_for
from club.purchases.telling import tell_purchase
from club.purchases.winning import note_wins, reward
from club.purchases.writes import write_purchase
from club.tiers.ladder import next_step, step_of
from core import events
from core.errors import NotFound, ValidationFailed
from core.idempotency import once
from core.phones import normalise_phone
from core.tenancy.scope import current_club_id

Considered = list[dict[str, Any]]
"""What became of each live offer, as the receipt says it."""
NO_SUCH_MEMBER = _("عضوی با این شناسه یا شماره در باشگاه نیست.")


def record_purchase(order: PurchaseOrder, *, actor: str, key: str, now: datetime) -> Receipt:
    """Record a sale and everything that follows from it, once.

    Amounts are whole Rial, points are whole points; `now` is aware. The same `key` with the same order returns the
    first receipt with `replayed` set; with another order raises IdempotencyConflict. Raises ValidationFailed,
    NotFound, MemberBlocked, InsufficientPoints, InsufficientCredit, Conflict (a known external_id); then nothing
    has been written.
    """
    check_order(order, now=now)
    owner = None
    while True:
        try:
            with transaction.atomic(durable=True):
                return _once(order, key, partial(_record, order, owner, actor=actor, now=now))
        except Merged as merged:
            owner = merged.into  # all anew, as what is locked of the dead record is let go only with the transaction
        except IntegrityError as error:
            if "purchase_external_id_once" in str(error):
                first = Purchase.objects.filter(external_id=order.external_id).values_list("number", flat=True).first()
                raise known_external_id(first) from error
            raise


def record_inside(order: PurchaseOrder, *, actor: str, key: str | None, now: datetime) -> Receipt:
    """`record_purchase` inside a transaction of the caller, who has checked the order: an import, batch by batch.

    Without a key it is the order's external_id that lets it in once. The caller tries a deadlock again.
    """

    def work() -> Receipt:
        owner = None
        while True:
            try:
                return _record(order, owner, actor=actor, now=now)
            except Merged as merged:
                owner = merged.into

    return work() if key is None else _once(order, key, work)


def _once(order: PurchaseOrder, key: str, work: Callable[[], Receipt]) -> Receipt:
    claim = once(key, fingerprint=order.fingerprint())
    if claim.answer is not None:
        return Receipt.load(claim.answer)
    receipt = work()
    claim.keep(receipt.dump())
    return receipt


def _record(order: PurchaseOrder, owner: int | None, *, actor: str, now: datetime) -> Receipt:
    """`owner`: who took the order's member over, where that is known. Raises Merged where it is not."""
    at = order.occurred_at or now
    member_id = owner or _member_of(order, actor=actor, now=now)
    outcome, book, considered = _reserved(member_id, order, at=at)
    if not order.quiet:
        tell_stops(outcome.decided.verdicts, at=at)
    return _write(outcome, book, considered, actor=actor)


def _reserved(member_id: int | None, order: PurchaseOrder, *, at: datetime) -> tuple[Outcome, Book, Considered]:
    """The purchase with what it takes of limits, budgets and codes; without the offers of which nothing was left.

    What became of each offer is put into words before anything is taken that other tills wait for.
    """
    refused: dict[int, str] = {}
    while True:
        outcome, book = reckon_for(member_id, order, at=at, lock=True, refused=refused)
        member, decided, considered = outcome.facts.member, outcome.decided, outcome.considered()
        if member is None or not decided.given:
            return outcome, book, considered
        coupons = {offer: code.coupon_id for offer, code in decided.coupons.items()}
        found = reserve(decided.given, coupons, member_id=member.id, document=outcome.document, at=at)
        if not found:
            return outcome, book, considered
        refused |= found


def preview_purchase(order: PurchaseOrder, *, now: datetime) -> Receipt:
    """The receipt that `record_purchase` would give now, on the same code, without locks or writes.

    An unknown phone with `enrol` is reckoned as a newcomer.
    """
    check_order(order, now=now, preview=True)
    at = order.occurred_at or now
    member_id = _known_member(order)
    if member_id is None and order.of_member and not order.enrol:
        raise NotFound(NO_SUCH_MEMBER)
    outcome, book = reckon_for(member_id, order, at=at, lock=False)
    _branch_id(order.branch)
    if book.wallets:
        _post(outcome, book, "preview")
    waiting = _waiting(book, ["preview"], at)
    return _receipt(outcome, book, outcome.considered(), purchase_id=None, number=None, waiting=waiting)


def _known_member(order: PurchaseOrder) -> int | None:
    if order.member_id is not None or not order.member_phone:
        return order.member_id
    member = member_by_phone(normalise_phone(order.member_phone))
    return member.pk if member else None


def _member_of(order: PurchaseOrder, *, actor: str, now: datetime) -> int | None:
    if not order.of_member:
        return None
    member_id = _known_member(order)
    if member_id is None and order.enrol:
        member_id = _enrol(order, actor=actor, now=now)
    if member_id is None:
        raise NotFound(NO_SUCH_MEMBER)
    if order.referrer:
        set_referrer(member_id, order.referrer, actor=actor)
    return member_id


def _enrol(order: PurchaseOrder, *, actor: str, now: datetime) -> int | None:
    """The newcomer, a member since the purchase; a till that another was quicker than finds the member."""
    since = min(order.occurred_at or now, now)
    try:
        return enrol_member(
            phone=order.member_phone,
            first_name=order.first_name,
            last_name=order.last_name,
            custom=order.custom,
            actor=actor,
            now=now,
            enrolled_at=since,
            source=order.channel,
            quiet=order.quiet,
            imported=order.quiet,
        ).pk
    except DuplicatePhone:
        return _known_member(order)


def _write(outcome: Outcome, book: Book, considered: Considered, *, actor: str) -> Receipt:
    facts, order, document = outcome.facts, outcome.order, outcome.document
    outcome, wins = _with_wins(outcome)
    handing = _handing(outcome)
    if handing:
        handing = give_things([handing], actor=actor)[0]
        outcome = replace(outcome, things=handing.things)
    if facts.member:
        _post(outcome, book, document)
    if book.gift and outcome.payment.gift:
        book.gift.spend(outcome.payment.gift, "spend", document, "payment", facts.at)
    book.write(actor=actor)
    if outcome.card and outcome.payment.gift:
        buyer = facts.member.id if facts.member else None
        tell_spent(outcome.card.card_id, amount=outcome.payment.gift, purchase=document, member_id=buyer, at=facts.at)
    if facts.member:
        events.emit(
            "purchase.recorded",
            document=document,
            member_id=facts.member.id,
            occurred_at=facts.at,
            # Offers go by "first"; for "first_standing" what has come back whole was never bought.
            # Who fires occasions or sends messages by this event passes over what was imported.
            data={
                "net": outcome.net,
                "first": facts.member.ever_before == 0,
                "first_standing": facts.member.visits_before == 0,
                "imported": order.quiet,
            },
        )
    number = write_purchase(_row(outcome, actor), outcome.lines)
    if handing:
        record_awards([handing])
    left_on_card = book.gift.balance if book.gift and outcome.payment.gift else 0
    waiting = _waiting(book, [document], facts.at)
    if facts.member and wins:
        book = reward(wins, member_id=facts.member.id, programme=facts.programme, actor=actor, tells=not order.quiet)
        waiting += _waiting(book, [win.document for win in wins], facts.at)
    receipt = _receipt(outcome, book, considered, purchase_id=facts.purchase_id, number=number, waiting=waiting)
    if facts.member and not order.quiet:
        tell_purchase(
            facts.member,
            receipt,
            held=step_of(facts.steps, outcome.tier_after),
            above=next_step(outcome.steps_after, outcome.tier_after),
            document=document,
            left_on_card=left_on_card,
        )
    return receipt


def _with_wins(outcome: Outcome) -> tuple[Outcome, list[MissionWin]]:
    """The outcome with the rounds of missions that it fills and that had room left under their limits, noted."""
    member = outcome.facts.member
    if member is None or not any(advance.filled for advance in outcome.advances):
        return outcome, []
    noted, wins = note_wins(outcome.advances, member_id=member.id, document=outcome.document, at=outcome.facts.at)
    return replace(outcome, advances=noted), wins


def _handing(outcome: Outcome) -> Handing | None:
    """What the offers give by this purchase, None where they give nothing."""
    facts, given = outcome.facts, outcome.decided.given
    if facts.member is None or not given:
        return None
    points = outcome.earned.points_of_offers
    return Handing(facts.member.id, outcome.document, facts.at, given, points, outcome.things)


def _post(outcome: Outcome, book: Book, document: str) -> None:
    facts, payment, at = outcome.facts, outcome.payment, outcome.facts.at
    for unit, amount in ((Unit.POINTS, payment.points), (Unit.CREDIT, payment.credit)):
        if amount:
            _spend(book.wallets[unit], amount, document, at)
    for unit, amount, cause, reason in _gains(outcome):
        if amount:
            begin, end = usable_span(unit, facts.programme, at, facts.zone)
            idle = idle_days(unit, facts.programme)
            book.earn(
                unit, amount, document, cause, at, usable_from=begin, expires_at=end, idle_days=idle, reason=reason
            )


def _gains(outcome: Outcome) -> Iterator[tuple[Unit, int, str, str]]:
    """Unit, amount, cause and reason of each gain: the programme's own, then that of each offer under its name."""
    earned = outcome.earned
    yield Unit.POINTS, earned.base_points, "base", ""
    yield Unit.CREDIT, earned.base_credit, "base", ""
    for one, points in zip(outcome.decided.given, earned.points_of_offers, strict=True):
        yield Unit.POINTS, points, f"offer:{one.offer.id}", one.offer.terms.name
        yield Unit.CREDIT, one.effect.credit, f"offer:{one.offer.id}", one.offer.terms.name


def _spend(wallet: WalletState, amount: int, document: str, at: datetime) -> None:
    try:
        wallet.spend(amount, "spend", document, "payment", at)
    except Short as short:
        raise INSUFFICIENT[wallet.unit](needed=short.needed, available=short.available) from short


def _row(outcome: Outcome, actor: str) -> dict[str, object]:
    facts, order, payment = outcome.facts, outcome.order, outcome.payment
    return {
        "id": facts.purchase_id,
        "club": current_club_id(),
        "member": facts.member.id if facts.member else None,
        "branch": _branch_id(order.branch),
        "channel": order.channel,
        "payment_method": order.payment_method,
        "external_id": order.external_id,
        "gross": sum(line.gross for line in outcome.lines),
        "discount": sum(line.discount for line in outcome.lines),
        "net": outcome.net,
        "vat": sum(line.vat for line in outcome.lines),
        "paid_by_credit": payment.credit,
        "paid_by_points": payment.point_rial,
        "points_spent": payment.points,
        "point_worth": facts.programme.point_worth,
        "paid_by_gift_card": payment.gift,
        "gift_card": outcome.card.card_id if outcome.card and payment.gift else None,
        "payable": outcome.net - payment.by_value - payment.gift,
        "points_earned": outcome.earned.points,
        "points_cut": outcome.earned.points_cut,
        "credit_earned": outcome.earned.credit,
        "visit_number": facts.member.visits_before + 1 if facts.member else None,
        "facts": facts.as_json() | outcome.kept(),
        "awards": outcome.awards,
        "considered": [kept_verdict(verdict) for verdict in outcome.decided.verdicts],
        "tier_before": facts.member.tier_now if facts.member else "",
        "tier_after": outcome.tier_after,
        "next_tier": _next_tier(outcome),
        "actor": actor,
        "imported": order.quiet,
        "occurred_at": facts.at,
    }


def _branch_id(code: str | None) -> int | None:
    if not code:
        return None
    branch = Branch.objects.filter(code=code).values_list("pk", flat=True).first()
    if branch is None:
        raise ValidationFailed({"branch": [_("چنین شعبه‌ای در باشگاه نیست.")]})
    return int(branch)


def _receipt(
    outcome: Outcome,
    book: Book,
    considered: Considered,
    *,
    purchase_id: int | None,
    number: int | None,
    waiting: int,
) -> Receipt:
    """`waiting`: what of the points that were given just now cannot be spent yet."""
    facts, payment, earned = outcome.facts, outcome.payment, outcome.earned
    return Receipt(
        id=purchase_id,
        number=number,
        member=facts.member.id or None if facts.member else None,
        occurred_at=facts.at.astimezone(UTC).isoformat(),
        gross=sum(line.gross for line in outcome.lines),
        discount=sum(line.discount for line in outcome.lines),
        net=outcome.net,
        vat=sum(line.vat for line in outcome.lines),
        paid_by_credit=payment.credit,
        paid_by_points=payment.point_rial,
        paid_by_gift_card=payment.gift,
        payable=outcome.net - payment.by_value - payment.gift,
        points_earned=earned.points,
        points_cut=earned.points_cut,
        credit_earned=earned.credit,
        balances=_balances(outcome, book),
        tier=outcome.tier_after or None,
        tier_changed=bool(facts.member and outcome.tier_after != facts.member.tier_now),
        next_tier=_next_tier(outcome),
        lines=[
            {
                "product": line.product or None,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "gross": line.gross,
                "discount": line.discount,
                "net": line.net,
            }
            for line in outcome.lines
        ],
        awards=outcome.awards,
        considered=considered,
        chances=outcome.chances,
        missions=outcome.missions,
        usable_points=_usable_points(outcome, book, waiting),
    )


def _next_tier(outcome: Outcome) -> dict[str, object] | None:
    above = next_step(outcome.steps_after, outcome.tier_after) if outcome.facts.member else None
    return {"code": above.code, "missing": max(0, above.threshold - above.reached)} if above else None


def _balances(outcome: Outcome, book: Book) -> dict[str, int]:
    """What the wallets hold after the purchase; who would join with it has what it earns."""
    if not book.wallets:
        return {"points": outcome.earned.points, "credit": outcome.earned.credit}
    return {"points": book.points.balance, "credit": book.credit.balance}


def _usable_points(outcome: Outcome, book: Book, waiting: int) -> int:
    """What of the points after the purchase can be spent at its moment."""
    facts = outcome.facts
    if not book.wallets:
        begin, _end = usable_span(Unit.POINTS, facts.programme, facts.at, facts.zone)
        return outcome.earned.points if begin <= facts.at else 0
    return book.points.balance - waiting - (facts.member.points_waiting if facts.member else 0)


def _waiting(book: Book, documents: Collection[str], at: datetime) -> int:
    """What of the points that these documents brought cannot be spent at the moment."""
    lots = book.points.lots if book.wallets else []
    return sum(lot.remaining for lot in lots if lot.document in documents and not lot.usable_at(at))
