"""What becomes of a card: taken into a member's own list, blocked and opened again, given a new code, paid back.

Each first locks the card's wallet, as a purchase that is paid with it does: what comes second sees what came first.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from club.gift_cards.codes import card_key
from club.gift_cards.models import GiftCard, LostCode
from club.gift_cards.selectors import card_by_code, get_card
from club.gift_cards.services import free_codes, tell_card
from club.ledger.book import Book, load_lots, lock_book_and_card
from club.ledger.models import Kind
from core import audit, events
from core.errors import Conflict, NotFound
from sms.models import OutboxMessage

Status = GiftCard.Status
MOST_SENT = 3
"""SMS of one card within a day."""


@transaction.atomic
def claim_card(code: str, *, member_id: int) -> GiftCard:
    """A card of paper comes into the list of the member who has its code; who else has it may still spend it.

    Raises NotFound (of an unknown code and of another's own card alike), Conflict where it is in somebody's list.
    """
    card, _book = _locked(card_by_code(code).pk)
    if card.code != card_key(code) or (card.is_personal and card.member_id != member_id):
        raise NotFound
    if card.member_id not in (None, member_id):
        raise Conflict(_("این کارت در فهرست کس دیگری است؛ تا مانده دارد با همین کد خرجش می‌کنی."))
    if card.member_id is None:
        GiftCard.objects.filter(pk=card.pk).update(member=member_id, updated_at=Now())
        target, who = f"giftcard:{card.pk}", f"member:{member_id}"
        audit.record("gift_card.claim", actor=who, target=target, before={"member": None}, after={"member": member_id})
        card.refresh_from_db()
    return card


@transaction.atomic
def block_card(card_id: int, *, actor: str, member_id: int | None = None) -> GiftCard:
    """From now on nothing is paid with the card; what is on it stays. Raises NotFound, Conflict (paid back).

    `member_id`: who may only block their own.
    """
    if member_id is not None and get_card(card_id).member_id != member_id:
        raise NotFound
    return _turn(card_id, Status.BLOCKED, "gift_card.block", "gift_card.blocked", actor=actor)


@transaction.atomic
def unblock_card(card_id: int, *, actor: str) -> GiftCard:
    """A card that was found again can be spent. Raises NotFound, Conflict where it was paid back."""
    return _turn(card_id, Status.ACTIVE, "gift_card.unblock", "gift_card.unblocked", actor=actor)


@transaction.atomic
def replace_card(card_id: int, *, actor: str) -> GiftCard:
    """A new code with all that is on the card, sent to its member; the old one opens nothing. Raises as block_card.

    Card and wallet stay the same, so that what a purchase paid with the old code brings back is there, too.
    """
    card, _book = _locked(card_id)
    [code] = free_codes(1)
    LostCode.objects.create(card=card, code=card.code, actor=actor)
    GiftCard.objects.filter(pk=card.pk).update(code=code, status=Status.ACTIVE, updated_at=Now())
    before = {"status": card.status, "code": card.masked_code}
    card.refresh_from_db()
    after = {"status": card.status, "code": card.masked_code}
    audit.record("gift_card.replace", actor=actor, target=f"giftcard:{card.pk}", before=before, after=after)
    _emit("gift_card.replaced", card, timezone.now())
    if card.member and card.member.phone:
        tell_card(card, phone=card.member.phone, member=card.member)
    return card


@transaction.atomic
def send_card_again(card_id: int, *, actor: str, now: datetime) -> None:
    """Send the SMS with the code once more, to where it went before; MOST_SENT times a day.

    Raises NotFound, Conflict where it was never sent, cannot be spent, or was sent too often.
    """
    card, _book = _locked(card_id)
    if card.status != Status.ACTIVE or card.has_ended(now) or not card.wallet.balance:
        raise Conflict(_("با این کارت چیزی خریده نمی‌شود؛ پیامکش فرستاده نمی‌شود."))
    sent = OutboxMessage.objects.filter(kind="gift_card", document=card.document).order_by("-pk")
    phone = card.member.phone if card.member and card.member.phone else sent.values_list("phone", flat=True).first()
    if not phone:
        raise Conflict(_("این کارت گیرنده‌ای ندارد؛ کدش چاپ می‌شود."))
    if sent.filter(created_at__gt=now - timedelta(days=1)).count() >= MOST_SENT:
        raise Conflict(_("امروز چند بار فرستاده شده است؛ فردا دوباره بفرستید یا چاپش کنید."))
    tell_card(card, phone=phone, member=card.member)
    audit.record("gift_card.send_again", actor=actor, target=f"giftcard:{card.pk}", before={}, after={})


@transaction.atomic
def refund_card(card_id: int, *, actor: str, now: datetime) -> int:
    """Take the sale of a card back: it loses what is left on it, and that is the money to hand back, in Rial.

    Raises NotFound, and Conflict where nothing is left or nobody paid for it.
    """
    card = get_card(card_id)
    book = lock_book_and_card(None, card.wallet_id)
    card = get_card(card_id)
    wallet = book.gift
    assert wallet is not None  # noqa: S101 - lock_book_and_card answers it or fails
    if card.origin != GiftCard.Origin.SOLD:
        raise Conflict(_("این کارت فروخته نشده است؛ پولی برای پس دادن ندارد. می‌شود آن را بست."))
    if not wallet.balance:
        raise Conflict(_("روی این کارت چیزی برای پس دادن نمانده است."))
    load_lots(book)
    money = wallet.balance
    wallet.take_back(
        list(wallet.in_order()), money, card.document, f"refund:{wallet.version}", now, kind=Kind.TAKE_BACK
    )
    book.write(actor=actor)
    GiftCard.objects.filter(pk=card.pk).update(
        status=Status.REFUNDED, money_back=F("money_back") + money, updated_at=Now()
    )
    audit.record("gift_card.refund", actor=actor, target=f"giftcard:{card.pk}", before={}, after={"money_back": money})
    _emit("gift_card.refunded", card, now, money_back=money)
    return money


def _turn(card_id: int, status: Status, action: str, event: str, *, actor: str) -> GiftCard:
    card, _book = _locked(card_id)
    if card.status != status:
        GiftCard.objects.filter(pk=card.pk).update(status=status, updated_at=Now())
        states = {"status": card.status}, {"status": status.value}
        audit.record(action, actor=actor, target=f"giftcard:{card.pk}", before=states[0], after=states[1])
        _emit(event, card, timezone.now())
        card.refresh_from_db()
    return card


def _emit(kind: str, card: GiftCard, at: datetime, **data: object) -> None:
    events.emit(kind, document=card.document, member_id=card.member_id, occurred_at=at, data=data)


def _locked(card_id: int) -> tuple[GiftCard, Book]:
    """The card as it is once its wallet is locked. Raises NotFound, Conflict where it was paid back."""
    book = lock_book_and_card(None, get_card(card_id).wallet_id)
    card = get_card(card_id)
    if card.status == Status.REFUNDED:
        raise Conflict(_("پول این کارت پس داده شده است."))
    return card, book


def hand_over_cards(source_id: int, into_id: int) -> None:
    """The cards of one record are another's from now on: the two are one person."""
    GiftCard.objects.filter(member=source_id).update(member=into_id, updated_at=Now())
    GiftCard.objects.filter(buyer=source_id).update(buyer=into_id, updated_at=Now())


def forget_cards(member_ids: list[int]) -> None:
    """Cards say no more whose they were. What is on them was paid for, so whoever has the code may spend it."""
    GiftCard.objects.filter(member__in=member_ids).update(member=None, is_personal=False, updated_at=Now())
    GiftCard.objects.filter(buyer__in=member_ids).update(buyer=None, updated_at=Now())
