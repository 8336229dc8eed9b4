"""Recording a purchase and everything that follows from it, and previewing one on the same code."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from club.awards.enrolment import enrol_member
from club.catalogue.models import Branch
from club.ledger.book import Book, load_lots, lock_book
from club.ledger.models import Unit
from club.ledger.posting import Short, WalletState
from club.ledger.services import INSUFFICIENT
from club.members.models import Member
from club.members.selectors import member_by_phone
from club.members.services import DuplicatePhone, MemberBlocked
from club.programme.rules import Programme
from club.purchases import pricing
from club.purchases.basket import priced_lines, with_normal_codes
from club.purchases.decision import Decision, decide
from club.purchases.facts import Facts, MemberFacts, newcomer
from club.purchases.models import Purchase
from club.purchases.orders import PurchaseOrder, check_order
from club.purchases.reading_facts import read_catalogue, read_facts
from club.purchases.receipts import Receipt
from club.purchases.telling import tell_purchase
from club.purchases.validity import usable_span
from club.purchases.writes import write_purchase
from club.tiers.ladder import Step, after_gain, next_step, step_of, with_purchase
from core import events
from core.errors import Conflict, NotFound, ValidationFailed
from core.idempotency import once
from core.phones import normalise_phone
from core.tenancy.scope import current_club_id

NO_SUCH_MEMBER = _("عضوی با این شناسه یا شماره در باشگاه نیست.")


@dataclass(frozen=True)
class Outcome:
    """A purchase reckoned but not written."""

    order: PurchaseOrder
    facts: Facts
    lines: tuple[pricing.Line, ...]
    decision: Decision
    payment: pricing.Payment
    earned: pricing.Earned
    tier_after: str
    steps_after: tuple[Step, ...]

    @property
    def net(self) -> int:
        return sum(line.net for line in self.lines)


def record_purchase(order: PurchaseOrder, *, actor: str, key: str, now: datetime) -> Receipt:
    """Record a sale and everything that follows from it, once.

    Amounts are whole Rial, points are whole points; `now` is aware. The same `key` with the same order returns the
    first receipt with `replayed` set; with another order raises IdempotencyConflict. Raises ValidationFailed,
    NotFound, MemberBlocked, InsufficientPoints, InsufficientCredit, Conflict (a known external_id); then nothing
    has been written.
    """
    check_order(order, now=now)
    try:
        with transaction.atomic(durable=True):
            return record_inside(order, actor=actor, key=key, now=now)
    except IntegrityError as error:
        if "purchase_external_id_once" in str(error):
            first = Purchase.objects.filter(external_id=order.external_id).values_list("number", flat=True).first()
            raise _known_external_id(first) from error
        raise


def record_inside(order: PurchaseOrder, *, actor: str, key: str | None, now: datetime) -> Receipt:
    """`record_purchase` inside a transaction of the caller, who has checked the order: an import, batch by batch.

    Without a key it is the order's external_id that lets it in once.
    """
    if key is None:
        return _record(order, actor=actor, now=now)
    claim = once(key, fingerprint=order.fingerprint())
    if claim.answer is not None:
        return Receipt.load(claim.answer)
    receipt = _record(order, actor=actor, now=now)
    claim.keep(receipt.dump())
    return receipt


def _record(order: PurchaseOrder, *, actor: str, now: datetime) -> Receipt:
    at = order.occurred_at or now
    member_id = _member_of(order, actor=actor, now=now)
    outcome, book = _reckon_for(member_id, order, at=at, lock=True)
    return _write(outcome, book, actor=actor, now=now)


def preview_purchase(order: PurchaseOrder, *, now: datetime) -> Receipt:
    """The receipt that `record_purchase` would give now, on the same code, without locks or writes.

    An unknown phone with `enrol` is reckoned as a newcomer.
    """
    check_order(order, now=now, preview=True)
    at = order.occurred_at or now
    member_id = _known_member(order)
    if member_id is None and order.of_member and not order.enrol:
        raise NotFound(NO_SUCH_MEMBER)
    outcome, book = _reckon_for(member_id, order, at=at, lock=False)
    _branch_id(order.branch)
    if book.wallets:
        _post(outcome, book, "preview")
    return _receipt(outcome, book, purchase_id=None, number=None)


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
        return _enrol(order, actor=actor, now=now)
    if member_id is None:
        raise NotFound(NO_SUCH_MEMBER)
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
        ).pk
    except DuplicatePhone:
        return _known_member(order)


class _Merged(Exception):
    """The record was merged into another's, maybe while its wallets were waited for."""

    def __init__(self, into: int) -> None:
        self.into = into


def _reckon_for(member_id: int | None, order: PurchaseOrder, *, at: datetime, lock: bool) -> tuple[Outcome, Book]:
    """The purchase as reckoned with the member's wallets; of a merged record with those of who took it over."""
    while True:
        book = lock_book(member_id, lock=lock) if member_id else Book({})
        try:
            return _reckon(order, member_id, book, at=at, lock=lock), book
        except _Merged as merged:
            member_id = merged.into


def _reckon(order: PurchaseOrder, member_id: int | None, book: Book, *, at: datetime, lock: bool) -> Outcome:
    facts = read_facts(member_id, at=at, external_id=order.external_id)
    if facts.first_with_external_id is not None and lock:
        raise _known_external_id(facts.first_with_external_id)
    if member_id is not None:
        _check_member(facts.member, book)
    elif order.of_member:
        facts = replace(facts, member=newcomer(facts.steps, at))
    asked = with_normal_codes(order.order_lines())
    lines = priced_lines(asked, *read_catalogue(asked))
    decision = decide(lines, facts) if facts.member else Decision((0,) * len(lines))
    lines = pricing.with_discounts(lines, decision.discounts)
    if order.pay_with.credit or order.pay_with.points or facts.programme.max_points_balance is not None:
        load_lots(book, lock=lock)
    payment = _pay(order, lines, facts.programme, book, at)
    earned = pricing.Earned()
    if facts.member:
        earned = pricing.earn(
            lines,
            payment,
            facts.programme,
            facts.tier,
            points_today=facts.member.points_today,
            points_balance=_counted_balance(book, payment, at),
        )
        lines = pricing.with_earned(lines, earned)
    points = book.kept(Unit.POINTS, earned.points)
    steps = with_purchase(facts.steps, net=sum(line.net for line in lines), points=points)
    tier_after = after_gain(steps, facts.member.tier_now, facts.member.tier_floor) if facts.member else ""
    return Outcome(order, facts, lines, decision, payment, earned, tier_after, steps)


def _counted_balance(book: Book, payment: pricing.Payment, at: datetime) -> int:
    """The points that a cap of the balance counts: what stays after paying, without what has ended or is owed."""
    if not book.wallets:
        return 0
    return book.points.left(at) - payment.points - book.debt("points").balance


def _check_member(member: MemberFacts | None, book: Book) -> None:
    if member is not None and member.merged_into is not None:
        raise _Merged(member.merged_into)
    if member is None or not book.wallets or member.status == Member.Status.ERASED:
        raise NotFound
    if member.status == Member.Status.BLOCKED:
        raise MemberBlocked


def _pay(
    order: PurchaseOrder, lines: tuple[pricing.Line, ...], programme: Programme, book: Book, at: datetime
) -> pricing.Payment:
    points, credit = (book.points.usable(at), book.credit.usable(at)) if book.wallets else (0, 0)
    for unit, asked, usable in (("points", order.pay_with.points, points), ("credit", order.pay_with.credit, credit)):
        if isinstance(asked, int) and asked > usable:
            raise INSUFFICIENT[unit](needed=asked, available=usable)
    try:
        return pricing.pay(
            lines,
            programme,
            credit=order.pay_with.credit,
            points=order.pay_with.points,
            usable_credit=credit,
            usable_points=points,
        )
    except pricing.Unpayable as error:
        text = _("برای این خرید بیش از این نمی‌شود با این روش پرداخت.")
        raise ValidationFailed({f"pay_with.{error.means}": [f"{text} ({error.most})"]}) from error


def _write(outcome: Outcome, book: Book, *, actor: str, now: datetime) -> Receipt:
    facts, order, document = outcome.facts, outcome.order, f"purchase:{outcome.facts.purchase_id}"
    if facts.member:
        _post(outcome, book, document)
        book.write(actor=actor)
        events.emit(
            "purchase.recorded",
            document=document,
            member_id=facts.member.id,
            occurred_at=facts.at,
            # Who fires occasions or sends messages by this event passes over what was imported.
            data={"net": outcome.net, "first": facts.member.ever_before == 0, "imported": order.quiet},
        )
    number = write_purchase(_row(outcome, actor), outcome.lines)
    receipt = _receipt(outcome, book, purchase_id=facts.purchase_id, number=number)
    if facts.member and not order.quiet:
        tell_purchase(
            facts.member,
            receipt,
            held=step_of(facts.steps, outcome.tier_after),
            above=next_step(outcome.steps_after, outcome.tier_after),
            document=document,
        )
    return receipt


def _post(outcome: Outcome, book: Book, document: str) -> None:
    facts, payment, at = outcome.facts, outcome.payment, outcome.facts.at
    for unit, amount in ((Unit.POINTS, payment.points), (Unit.CREDIT, payment.credit)):
        if amount:
            _spend(book.wallets[unit], amount, document, at)
    for unit, amount in ((Unit.POINTS, outcome.earned.points), (Unit.CREDIT, outcome.earned.credit)):
        if amount:
            begin, end = usable_span(unit, facts.programme, at, facts.zone)
            book.earn(unit, amount, document, "base", at, usable_from=begin, expires_at=end)


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
        "payable": outcome.net - payment.by_value,
        "points_earned": outcome.earned.points,
        "points_cut": outcome.earned.points_cut,
        "credit_earned": outcome.earned.credit,
        "visit_number": facts.member.visits_before + 1 if facts.member else None,
        "facts": facts.as_json(),
        "awards": list(outcome.decision.awards),
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


def _receipt(outcome: Outcome, book: Book, *, purchase_id: int | None, number: int | None) -> Receipt:
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
        paid_by_gift_card=0,
        payable=outcome.net - payment.by_value,
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
        awards=list(outcome.decision.awards),
        considered=list(outcome.decision.considered),
        chances=list(outcome.decision.chances),
    )


def _next_tier(outcome: Outcome) -> dict[str, object] | None:
    above = next_step(outcome.steps_after, outcome.tier_after) if outcome.facts.member else None
    return {"code": above.code, "missing": max(0, above.threshold - above.reached)} if above else None


def _balances(outcome: Outcome, book: Book) -> dict[str, int]:
    """What the wallets hold after the purchase; who would join with it has what it earns."""
    if not book.wallets:
        return {"points": outcome.earned.points, "credit": outcome.earned.credit}
    return {"points": book.points.balance, "credit": book.credit.balance}


def _known_external_id(number: int | None) -> Conflict:
    text = _("خریدی با این external_id پیش‌تر به شمارهٔ %(number)s ثبت شده است.")
    return Conflict(text, number=number, field="external_id")
