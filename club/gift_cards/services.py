"""Selling gift cards and issuing them; what becomes of a card later is in `changing`."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from club.catalogue.models import Branch
from club.gift_cards.models import Batch, GiftCard
from club.ledger.cards import fill_card_wallets, open_card_wallets
from club.members.holding import hold_members
from club.members.models import Member
from club.members.reaching import in_language_of
from club.members.selectors import member_by_phone
from core import audit, events
from core.errors import InProgress, NotFound, Text, ValidationFailed
from core.idempotency import once
from core.jalali import day_bounds, last_day, local_date
from core.phones import InvalidPhone, normalise_phone
from core.rows import insert_rows
from core.tenancy.scope import club_zone
from offers.codes import random_code
from sms import outbox

MOST_RIAL = 10**12
MOST_AT_ONCE = 1_000
LONGEST_REASON = 200


@dataclass(frozen=True, kw_only=True)
class CardSale:
    """A card sold: whole Rial, how they were paid, and the phone of who gets it ("": a card of paper alone).

    `is_personal`: only the member of that phone may spend it. `ends_at` is the end of its last day; None: no end.
    `quiet` sends no message.
    """

    amount: int
    payment_method: str = ""
    phone: str = ""
    is_personal: bool = False
    ends_at: datetime | None = None
    branch: int | None = None
    quiet: bool = False
    buyer: int | None = None
    """The member who pays for it."""

    def fingerprint(self) -> str:
        """The same for the same request."""
        said = [value for name, value in vars(self).items() if name != "buyer" or value]
        return hashlib.sha256(json.dumps(["gift_card", *said], default=str).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class CardIssue:
    """Cards given away: so many of this amount, for one member alone or for whoever has the code, and why."""

    amount: int
    count: int = 1
    member: int | None = None
    ends_at: datetime | None = None
    reason: str = ""

    def fingerprint(self) -> str:
        """The same for the same request."""
        return hashlib.sha256(json.dumps(["gift_cards", *vars(self).values()], default=str).encode()).hexdigest()


def sell_card(sale: CardSale, *, actor: str, key: str, now: datetime) -> GiftCard:
    """A card for money, once for its key: no purchase, nothing earned, no sale in the figures.

    It is sent to the phone, where there is one. Raises ValidationFailed by field, IdempotencyConflict.
    """
    with transaction.atomic(durable=True):
        claim = once(key, fingerprint=sale.fingerprint())
        if claim.answer is not None:
            return GiftCard.objects.get(pk=int(claim.answer))
        phone, member = _receiver(sale, now)
        buyer = _buyer(sale)
        [card] = _make(
            1,
            {
                "amount": sale.amount,
                "price": sale.amount,
                "origin": GiftCard.Origin.SOLD.value,
                "payment_method": sale.payment_method,
                "branch_id": sale.branch,
                "member_id": member.pk if member else None,
                "is_personal": sale.is_personal,
                "ends_at": sale.ends_at,
                "buyer_id": buyer,
            },
            actor=actor,
            now=now,
        )
        note = {"amount": sale.amount, "payment_method": sale.payment_method, **_said(card)}
        audit.record("gift_card.sell", actor=actor, target=f"giftcard:{card.pk}", before={}, after=note)
        if buyer is not None:
            bought = {"card": card.masked_code, "amount": sale.amount}
            audit.record("gift_card.bought", actor=actor, target=f"member:{buyer}", before={}, after=bought)
        _emit("gift_card.sold", [card], payment_method=sale.payment_method)
        if phone and not sale.quiet:
            tell_card(card, phone=phone, member=member)
        claim.keep(str(card.pk))
        return card


def issue_cards_once(issue: CardIssue, *, actor: str, key: str, now: datetime) -> Batch:
    """`issue_cards`, once for the key of a form. Raises as it does, and IdempotencyConflict."""
    with transaction.atomic(durable=True):
        claim = once(key, fingerprint=issue.fingerprint())
        if claim.answer is not None:
            return Batch.objects.get(pk=int(claim.answer))
        batch = issue_cards(issue, actor=actor, now=now)
        claim.keep(str(batch.pk))
        return batch


@transaction.atomic
def issue_cards(issue: CardIssue, *, actor: str, now: datetime) -> Batch:
    """Cards nobody paid for, made together. A member's own single one is sent. Raises ValidationFailed, NotFound."""
    errors = _faults(issue.amount, issue.ends_at, now)
    if not 1 <= issue.count <= MOST_AT_ONCE:
        errors["count"] = [_("در هر بار ۱ تا ۱٬۰۰۰ کارت ساخته می‌شود.")]
    if len(issue.reason) > LONGEST_REASON or "\x00" in issue.reason:
        errors["reason"] = [_("دلیل بلندتر از ۲۰۰ نویسه است.")]
    if errors:
        raise ValidationFailed(errors)
    member = None
    if issue.member is not None:
        member = next(iter(hold_members([issue.member])), None)
        if member is None or member.status != Member.Status.ACTIVE:
            raise NotFound
    batch: Batch = Batch.objects.create(
        count=issue.count, amount=issue.amount, ends_at=issue.ends_at, reason=issue.reason.strip(), actor=actor
    )
    same = {
        "amount": issue.amount,
        "origin": GiftCard.Origin.ISSUED.value,
        "batch_id": batch.pk,
        "member_id": issue.member,
        "is_personal": issue.member is not None,
        "ends_at": issue.ends_at,
    }
    cards = _make(issue.count, same, actor=actor, now=now)
    note = {"count": issue.count, "amount": issue.amount, **_said(cards[0])}
    note |= {"reason": batch.reason} if batch.reason else {}
    audit.record("gift_card.issue", actor=actor, target=f"batch:{batch.pk}", before={}, after=note)
    _emit("gift_card.issued", cards, batch=batch.pk)
    if member and member.phone and len(cards) == 1:
        tell_card(cards[0], phone=member.phone, member=member)
    return batch


def tell_card(card: GiftCard, *, phone: str, member: Member | None) -> None:
    """Put the SMS with the card's code, and what is on it, in the outbox."""
    context: dict[str, Any] = {"amount": card.wallet.balance, "code": card.shown_code}
    if card.ends_at:
        context["ends"] = last_day(card.ends_at, club_zone()).isoformat()
    if member:
        context |= {"name": member.first_name, **in_language_of(member)}
    member_id = member.pk if member else None
    outbox.enqueue("gift_card", phone=phone, member_id=member_id, document=card.document, context=context)


def _emit(kind: str, cards: Sequence[GiftCard], **data: object) -> None:
    """Tell of each card; its code is a secret."""
    events.emit_many(
        kind,
        [
            events.Happened(card.document, card.occurred_at, card.member_id, {"amount": card.amount, **data})
            for card in cards
        ],
    )


def free_codes(count: int) -> list[str]:
    """So many codes that no card has or had: 65 random bits each, so another may as well not exist."""
    return [random_code() for _card in range(count)]


def _make(count: int, same: dict[str, Any], *, actor: str, now: datetime) -> list[GiftCard]:
    """The cards with their wallets filled; `same` names the columns that all of them share."""
    wallets, codes = open_card_wallets(count), free_codes(count)
    names = ("wallet_id", "code", "actor", "occurred_at", *same)
    rows = [(wallet, code, actor, now, *same.values()) for wallet, code in zip(wallets, codes, strict=True)]
    ids = insert_rows(GiftCard, names, rows)
    documents = [(wallet, f"gift_card:{card}") for wallet, card in zip(wallets, ids, strict=True)]
    # From the morning on: a till's clock may be behind ours.
    morning = day_bounds(local_date(now, club_zone()), club_zone())[0]
    fill_card_wallets(documents, amount=same["amount"], usable_from=morning, at=now, actor=actor)
    return list(GiftCard.objects.filter(pk__in=ids).order_by("pk"))


def _receiver(sale: CardSale, now: datetime) -> tuple[str, Member | None]:
    """The phone that the card is sent to and the member behind it. Raises ValidationFailed by field."""
    errors, phone, member = _faults(sale.amount, sale.ends_at, now), "", None
    if sale.phone.strip():
        try:
            phone = normalise_phone(sale.phone)
            member = member_by_phone(phone)
            if member and not hold_members([member.pk]):
                raise InProgress  # merged or erased meanwhile
        except InvalidPhone as refused:
            errors["phone"] = [refused.detail]
    if sale.is_personal and member is None and "phone" not in errors:
        errors["phone"] = [_("کارت شخصی برای یک عضو است؛ موبایل عضو را بنویسید.")]
    if len(sale.payment_method) > 32:
        errors["payment_method"] = [_("بلندتر از اندازه است.")]
    if sale.branch is not None and not Branch.objects.filter(pk=sale.branch).exists():
        errors["branch"] = [_("چنین شعبه‌ای در باشگاه نیست.")]
    if errors:
        raise ValidationFailed(errors)
    return phone, member


def _buyer(sale: CardSale) -> int | None:
    """Who pays, held as they are. Raises NotFound."""
    if sale.buyer is None:
        return None
    held = hold_members([sale.buyer])
    if not held or held[0].merged_into_id is not None:
        raise NotFound
    return held[0].pk


def _faults(amount: int, ends_at: datetime | None, now: datetime) -> dict[str, list[Text]]:
    errors: dict[str, list[Text]] = {}
    if not 1 <= amount <= MOST_RIAL:
        errors["amount"] = [_("مبلغ کارت باید بیش از صفر باشد و از اندازه نگذرد.")]
    if ends_at is not None and ends_at <= now:
        errors["ends_at"] = [_("آخرین روز کارت گذشته است.")]
    return errors


def _said(card: GiftCard) -> dict[str, Any]:
    """What the audit says of a card; its code is a secret."""
    said: dict[str, Any] = {"member": card.member_id} if card.member_id else {}
    if card.ends_at:
        said["ends_at"] = last_day(card.ends_at, club_zone()).isoformat()
    return said
