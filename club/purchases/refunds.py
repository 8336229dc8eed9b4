"""Refunding a purchase, in whole or in part: a document of its own that undoes its share (mission.md, decision 9)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from club.awards.giving import take_back_awards
from club.ledger.book import Book, load_lots, lock_book, lock_book_and_card
from club.ledger.idling import follow_purchases
from club.ledger.posting import LotMove
from club.ledger.returning import give_back
from club.ledger.taking_back import Earner, take_back_earned
from club.programme.selectors import programme_at
from club.purchases.giving_back import given_before, paid_of, spent_lots
from club.purchases.missions import Lost
from club.purchases.models import Purchase, PurchaseLine
from club.purchases.receipts import RefundReceipt
from club.purchases.repeats import refuse_stale, refuse_twin
from club.purchases.shares import (
    NOTHING,
    LineShare,
    LineState,
    after,
    all_left,
    by_amount,
    by_quantity,
    is_whole,
    returned_by,
    undone,
)
from club.purchases.telling import tell_refund
from club.purchases.undoing import Undoing, move_member, next_refund_id, tier_after, write_refund
from club.purchases.winning import LostGift, buyer, foresee_rounds, lost_by, take_back_rounds
from club.tiers.ladder import Step
from club.tiers.selectors import ladder
from core.errors import AppError, NotFound, ValidationFailed
from core.idempotency import once
from core.moments import is_ahead


class AlreadyReversed(AppError):
    code = "already_reversed"
    http_status = 409
    message = _("از این خرید چیزی برای برگرداندن نمانده است.")


class RefundExceedsPurchase(AppError):
    code = "refund_exceeds_purchase"
    http_status = 409
    message = _("بیش از مانده خرید نمی‌شود برگرداند.")


@dataclass(frozen=True)
class RefundOrder:
    """What to refund: lines as {index: quantity}, or Rial of net, or (neither) all that is left.

    `quiet` sends no message (history). A form says what was refunded when it was opened, in `refunded_before`, and has
    what went back just so a moment ago refused by `not_again`.
    """

    purchase_id: int
    lines: tuple[tuple[int, int], ...] | None = None
    amount: int | None = None
    reason: str = ""
    occurred_at: datetime | None = None
    quiet: bool = False
    refunded_before: int | None = None
    not_again: bool = False

    def fingerprint(self) -> str:
        """The same for the same request."""
        return hashlib.sha256(json.dumps(["refund", *vars(self).values()], default=str).encode()).hexdigest()


@dataclass(frozen=True)
class RefundOutlook:
    """A refund as it would be: its receipt, and lot by lot what comes back (positive) and what is taken back.

    `lost`: what the rounds of missions that it undoes had brought.
    """

    receipt: RefundReceipt
    moves: tuple[LotMove, ...]
    lost: tuple[LostGift, ...] = ()


def refund_purchase(order: RefundOrder, *, actor: str, key: str, now: datetime) -> RefundReceipt:
    """Undo a share of a purchase, once.

    Raises NotFound, ValidationFailed, AlreadyReversed (nothing left), RefundExceedsPurchase; then nothing is written.
    """
    _check(order, now)
    with transaction.atomic(durable=True):
        claim = once(key, fingerprint=order.fingerprint())
        if claim.answer is not None:
            return RefundReceipt.load(claim.answer)
        receipt, _book, _lost = _refund(order, actor=actor, now=now, write=True)
        claim.keep(receipt.dump())
        return receipt


def preview_refund(order: RefundOrder, *, now: datetime) -> RefundReceipt:
    """What `refund_purchase` would answer now; nothing is locked or written."""
    return look_at_refund(order, now=now).receipt


def look_at_refund(order: RefundOrder, *, now: datetime) -> RefundOutlook:
    """`preview_refund` with the lots that would be given to and taken from. Raises as it does."""
    _check(order, now)
    receipt, book, lost = _refund(order, actor="", now=now, write=False)
    units = (book.points, book.credit) if book.wallets else ()
    return RefundOutlook(receipt, tuple(move for wallet in units for move in wallet.moves()), lost)


def _check(order: RefundOrder, now: datetime) -> None:
    if order.lines is not None and order.amount is not None:
        raise ValidationFailed({"amount": [_("یا سطرها یا مبلغ.")]})
    if order.amount is not None and order.amount <= 0:
        raise ValidationFailed({"amount": [_("مبلغ برگشت باید بیش از صفر باشد.")]})
    if order.lines is not None and not order.lines:
        raise ValidationFailed({"lines": [_("سطری برگزیده نشده است.")]})
    if len(order.reason) > 200:
        raise ValidationFailed({"reason": [_("دلیل بلندتر از ۲۰۰ نویسه است.")]})
    if order.occurred_at is not None and (order.occurred_at.tzinfo is None or is_ahead(order.occurred_at, now)):
        raise ValidationFailed({"occurred_at": [_("زمان برگشت در آینده است.")]})


def _refund(
    order: RefundOrder, *, actor: str, now: datetime, write: bool
) -> tuple[RefundReceipt, Book, tuple[LostGift, ...]]:
    purchase, at = _found(order, now=now, lock=write)
    book = _locked_book(purchase, lock=write)
    member, has_won = buyer(purchase.member_id)
    refuse_stale(purchase, order.refunded_before)
    undoing = _reckon(order, purchase)
    if order.not_again:
        refuse_twin(purchase, undoing.net, now)
    steps: Sequence[Step] = ladder(member.pk, at) if member else []
    refund_id = next_refund_id() if write else 0
    document = f"refund:{refund_id}"
    if book.every:
        _post(undoing, book, document, at, reason=order.reason, lock=write)
    if write:
        if member and undoing.fully:
            take_back_awards(purchase.document)
        book.write(actor=actor)
    tier, steps = tier_after(undoing, member, steps, at) if member else (None, [])
    lost = lost_by(member, undoing.undone) if member and has_won else Lost()
    if write:
        write_refund(undoing, refund_id, reason=order.reason, actor=actor, at=at)
        move_member(undoing, member, tier or "", document, at)
        if member and undoing.fully and book.has_idle:
            follow_purchases([member.pk], at=at)
        if member and lost.rounds:
            book, tier = take_back_rounds(lost.rounds, member, document, at=at, actor=actor, reason=order.reason)
    gifts: tuple[LostGift, ...] = ()
    if not write and member and lost.rounds:
        gone = (purchase.document,) if undoing.fully else ()
        gifts, tier = foresee_rounds(lost.rounds, member, book, at=at, steps=steps, tier=tier or "", gone=gone)
    receipt = replace(_receipt(undoing, book, refund_id or None, tier), missions=lost.missions)
    if write and not order.quiet:
        tell_refund(member, receipt, number=purchase.number, net=undoing.net, document=document)
    return receipt, book, gifts


def _found(order: RefundOrder, *, now: datetime, lock: bool) -> tuple[Purchase, datetime]:
    """The purchase, and the moment of the refund."""
    purchases = Purchase.objects.select_related("gift_card")
    if lock:
        purchases = purchases.select_for_update(of=("self",))
    purchase = purchases.filter(pk=order.purchase_id).first()
    if purchase is None:
        raise NotFound
    at = order.occurred_at or max(now, purchase.occurred_at)  # a till's clock may have been ahead
    if at < purchase.occurred_at:
        raise ValidationFailed({"occurred_at": [_("برگشت پیش از خود خرید است.")]})
    return purchase, at


def _reckon(order: RefundOrder, purchase: Purchase) -> Undoing:
    lines = [
        LineState(
            line.index,
            line.quantity,
            line.net,
            line.refunded_quantity,
            line.refunded_net,
            line.points_earned,
            line.credit_earned,
        )
        for line in PurchaseLine.objects.filter(purchase=purchase).order_by("index")
    ]
    if purchase.fully_refunded:
        raise AlreadyReversed
    step = programme_at(purchase.occurred_at).rounding_step
    shares = _shares(order, lines, step)
    net = sum(share.net for share in shares)
    total = purchase.refunded + net
    lines_after = after(lines, shares)
    given = given_before(purchase) if purchase.refunded else NOTHING
    to_give = returned_by(paid_of(purchase), total, given=given, now=net, step=step)
    return Undoing(
        purchase=purchase,
        shares=shares,
        net=net,
        fully=is_whole(lines_after),
        money=to_give.money - given.money,
        given={
            "points": to_give.points - given.points,
            "credit": to_give.credit - given.credit,
            "gift": to_give.gift - given.gift,
        },
        taken={
            "points": undone(lines_after, "points") - undone(lines, "points"),
            "credit": undone(lines_after, "credit", step=step) - undone(lines, "credit", step=step),
        },
        shortfall={"points": 0, "credit": 0},
    )


def _locked_book(purchase: Purchase, *, lock: bool) -> Book:
    """The wallets of who bought and of the gift card that was paid with."""
    if purchase.gift_card:
        return lock_book_and_card(purchase.member_id, purchase.gift_card.wallet_id, lock=lock)
    return lock_book(purchase.member_id, lock=lock) if purchase.member_id else Book({})


def _shares(order: RefundOrder, lines: list[LineState], step: int) -> list[LineShare]:
    left = sum(line.left for line in lines)
    if order.amount is not None:
        if order.amount > left:
            raise AlreadyReversed if not left else RefundExceedsPurchase(left=left)
        return by_amount(lines, order.amount)
    if order.lines is None:
        return all_left(lines)
    try:
        return by_quantity(lines, dict(order.lines), step=step)
    except KeyError as error:
        place = [index for index, _quantity in order.lines].index(error.args[0])
        raise ValidationFailed({f"lines[{place}].index": [_("چنین سطری در خرید نیست.")]}) from error
    except ValueError as error:
        raise RefundExceedsPurchase(index=error.args[0]) from error


def _post(undoing: Undoing, book: Book, document: str, at: datetime, *, reason: str, lock: bool) -> None:
    purchase = undoing.purchase
    bought = purchase.document
    spent = spent_lots(purchase)
    load_lots(book, also_of=[bought, *{row.document for row in spent}], lock=lock)
    carry_debt = programme_at(at).refund_shortfall == "debt"
    earned = {"points": purchase.points_earned, "credit": purchase.credit_earned}
    if book.gift:
        undoing.given["gift"] = give_back(spent, book.gift, undoing.given["gift"], document, at, reason=reason)
    for unit in ("points", "credit") if book.wallets else ():
        undoing.taken[unit], undoing.shortfall[unit] = take_back_earned(
            book,
            unit,
            undoing.taken[unit],
            of=Earner(bought, earned[unit]),
            document=document,
            cause="earned",
            at=at,
            carry_debt=carry_debt,
            reason=reason,
        )
        undoing.given[unit] = give_back(
            spent, book.wallets[unit], undoing.given[unit], document, at, reason=reason, debt=book.debt(unit)
        )


def _receipt(undoing: Undoing, book: Book, refund_id: int | None, tier: str | None) -> RefundReceipt:
    balances = (
        {"points": book.points.balance, "credit": book.credit.balance} if book.wallets else {"points": 0, "credit": 0}
    )
    return RefundReceipt(
        id=refund_id,
        refunded=undoing.money,
        points_taken_back=undoing.taken["points"],
        credit_taken_back=undoing.taken["credit"],
        points_returned=undoing.given["points"],
        credit_returned=undoing.given["credit"],
        shortfall=undoing.shortfall,
        balances=balances,
        tier=tier or None,
        gift_card_returned=undoing.given["gift"],
    )
