"""Value given and taken by hand, and entries undone by hand: with a reason, once for each key, noted in the audit."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from club.ledger.book import Book, load_lots, lock_book
from club.ledger.models import Allocation, Entry, Kind, Unit
from club.ledger.posting import PAID, CameBack, LotState, Short
from club.ledger.receipts import EntryReceipt
from club.ledger.returning import settle
from club.ledger.selectors import balances, receipt_of
from club.ledger.services import INSUFFICIENT, adjust
from club.members.models import Member
from club.members.reaching import in_language_of
from core import audit, events
from core.errors import AppError, Conflict, NotFound, Text, ValidationFailed
from core.idempotency import once
from core.jalali import last_day
from core.moments import is_ahead
from core.tenancy.scope import current_club
from sms import outbox

MOST = 10**15  # Rial or points at once: more is a slip of the finger, and sums stay within bigint
UNITS = (Unit.POINTS.value, Unit.CREDIT.value)
BY_HAND = (Kind.OPENING.value, Kind.ADJUST.value)


class EntryAlreadyReversed(AppError):
    code = "already_reversed"
    http_status = 409
    message = _("این سند پیش‌تر برگردانده شده است.")


@dataclass(frozen=True)
class Adjustment:
    """Whole points or Rial of credit to give (`delta` above 0) or to take.

    What is given ends at `expires_at`, or never; `quiet` sends no message.
    """

    member_id: int
    unit: str
    delta: int
    reason: str
    expires_at: datetime | None = None
    occurred_at: datetime | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Reversal:
    """An entry that was made by hand, to undo whole."""

    member_id: int
    entry_id: int
    reason: str


def adjust_value(order: Adjustment, *, actor: str, key: str, now: datetime) -> EntryReceipt:
    """Give or take value by hand, once; what is given pays a debt of that unit first.

    Taken is only what is usable. Raises ValidationFailed by field, NotFound, InsufficientPoints, InsufficientCredit;
    then nothing has been written.
    """
    check_adjustment(order, now)
    return _once(order, key, lambda number: _adjust(order, f"adjust:{number}", actor=actor, now=now))


def reverse_entry(order: Reversal, *, actor: str, key: str, now: datetime) -> EntryReceipt:
    """Undo an entry made by hand, or a member's opening value: the whole of it, and once.

    What it gave is taken from its own lot, then from what else has not ended; what it took goes back to the very lots,
    with their old end; a debt that it paid is owed again. Raises ValidationFailed by field, NotFound,
    EntryAlreadyReversed, Conflict for an entry of a purchase or of the clock, InsufficientPoints, InsufficientCredit;
    then nothing has been written.
    """
    _check_reason(order.reason)
    return _once(order, key, lambda _number: _reverse(order, actor=actor, now=now))


def _once(order: Adjustment | Reversal, key: str, work: Callable[[int], EntryReceipt]) -> EntryReceipt:
    named = [type(order).__name__, *vars(order).values()]
    with transaction.atomic(durable=True):
        claim = once(key, fingerprint=hashlib.sha256(json.dumps(named, default=str).encode()).hexdigest())
        if claim.answer is not None:
            return EntryReceipt.load(claim.answer)
        receipt = work(claim.row_id)
        claim.keep(receipt.dump())
        return receipt


def check_adjustment(order: Adjustment, now: datetime) -> None:
    """Whether it may be asked for at all. Raises ValidationFailed by field."""
    errors: dict[str, list[Text]] = {}
    if order.unit not in UNITS:
        errors["unit"] = [_("یکی از گزینه‌ها را برگزینید.")]
    if not 0 < abs(order.delta) <= MOST:
        errors["delta"] = [_("عددی درست بنویسید که صفر نباشد و از اندازه بیرون نرود.")]
    at = order.occurred_at or now
    if is_ahead(at, now):
        errors["occurred_at"] = [_("زمان این کار در آینده است.")]
    if order.expires_at is not None and order.delta < 0:
        errors["expires_at"] = [_("چیزی که گرفته می‌شود روز پایان ندارد.")]
    elif order.expires_at is not None and order.expires_at <= at:
        errors["expires_at"] = [_("روز پایان پیش از آغاز است.")]
    if errors:
        raise ValidationFailed(errors)
    _check_reason(order.reason)


def _check_reason(reason: str) -> None:
    if not 0 < len(reason.strip()) <= 200:
        raise ValidationFailed({"reason": [_("دلیل را بنویسید؛ تا ۲۰۰ نویسه.")]})


def _adjust(order: Adjustment, document: str, *, actor: str, now: datetime) -> EntryReceipt:
    at = order.occurred_at or now
    adjust(
        order.member_id,
        unit=order.unit,
        delta=order.delta,
        reason=order.reason.strip(),
        actor=actor,
        document=document,
        at=at,
        expires_at=order.expires_at,
    )
    made = Entry.objects.filter(wallet__member=order.member_id, document=document, kind=Kind.ADJUST)
    receipt = receipt_of(made.select_related("wallet", "lot").get())
    _emit(receipt, order.member_id, at)
    if order.unit == Unit.CREDIT and order.delta > 0 and not order.quiet:
        _tell(order, document, now)
    return receipt


def _emit(receipt: EntryReceipt, member_id: int, at: datetime) -> None:
    events.emit(
        "value.adjusted",
        document=f"entry:{receipt.id}",
        member_id=member_id,
        occurred_at=at,
        data={"unit": receipt.unit, "delta": receipt.delta, "kind": receipt.kind, "reason": receipt.reason},
    )


def _tell(order: Adjustment, document: str, now: datetime) -> None:
    member = Member.objects.get(pk=order.member_id)
    if not member.phone:
        return
    last = order.expires_at and last_day(order.expires_at, current_club().time_zone)
    outbox.enqueue(
        "credit_granted",
        phone=member.phone,
        member_id=member.pk,
        document=document,
        context={
            "name": member.first_name,
            "credit": order.delta,
            "expires": last.isoformat() if last else "",
            "credit_balance": balances(member.pk, now).credit,
            **in_language_of(member),
        },
    )


def _reverse(order: Reversal, *, actor: str, now: datetime) -> EntryReceipt:
    book = lock_book(order.member_id)
    entry = _entry_by_hand(order)
    # Read after the wallets were locked: of two that undo it at once, the second sees the first.
    if Entry.objects.filter(reverses=entry).exists():
        raise EntryAlreadyReversed
    try:
        _undo(entry, book, order.reason.strip(), now)
    except Short as short:
        raise INSUFFICIENT[entry.wallet.unit](needed=short.needed, available=short.available) from short
    book.write(actor=actor)
    receipt = receipt_of(Entry.objects.select_related("wallet", "lot").get(reverses=entry))
    audit.record(
        "ledger.reverse",
        actor=actor,
        target=f"member:{order.member_id}",
        before={},
        after={"entry": entry.pk, "unit": receipt.unit, "delta": receipt.delta, "reason": receipt.reason},
    )
    _emit(receipt, order.member_id, now)
    return receipt


def _entry_by_hand(order: Reversal) -> Entry:
    rows = Entry.objects.select_related("wallet").filter(wallet__member=order.member_id, wallet__unit__in=UNITS)
    entry = rows.filter(pk=order.entry_id).first() if 0 < order.entry_id < 2**63 else None
    if entry is None:
        raise NotFound
    if entry.kind not in BY_HAND:
        raise Conflict(_("این سند دستی نیست؛ سند خرید با برگشت همان خرید برمی‌گردد."))
    return entry


def _undo(entry: Entry, book: Book, reason: str, at: datetime) -> None:
    wallet = book.wallets[entry.wallet.unit]
    taken = Allocation.objects.filter(entry=entry).values_list("lot_id", "lot__document", "amount")
    load_lots(book, also_of=[entry.document, *(document for _lot, document, _amount in taken)])
    lots = {lot.lot_id: lot for lot in wallet.lots}
    if entry.delta > 0:
        own = lots[entry.lot_id]
        _owe_again(entry, book, own, reason, at)
        wallet.undo(own, entry.delta, entry.document, entry.cause, at, reverses=entry.pk, reason=reason)
    else:
        portions = [(lots[lot_id], amount) for lot_id, _document, amount in taken]
        wallet.give_back(portions, entry.document, entry.cause, at, kind=Kind.REVERSE, reason=reason, reverses=entry.pk)
        came_back = [CameBack(lot, amount, entry.pk) for lot, amount in portions]
        settle(came_back, wallet, book.debt(wallet.unit), entry.document, entry.cause, at)


def _owe_again(entry: Entry, book: Book, lot: LotState, reason: str, at: datetime) -> None:
    """A debt that the entry paid at once (`Book.earn`) is put back, so that the lot is whole again."""
    cause = f"{entry.cause}{PAID}"
    paid = Entry.objects.filter(wallet__member=entry.wallet.member_id, document=entry.document, cause=cause)
    for row in paid.select_related("wallet").filter(kind=Kind.TAKE_BACK):
        wallet, words = book.wallets[row.wallet.unit], (entry.document, cause, at)
        if row.wallet_id == entry.wallet_id:
            wallet.give_back([(lot, -row.delta)], *words, kind=Kind.REVERSE, reason=reason, reverses=row.pk)
        else:
            wallet.add(-row.delta, Kind.REVERSE, *words, reason=reason, reverses=row.pk, with_lot=False)
