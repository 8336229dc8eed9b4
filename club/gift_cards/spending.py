"""Paying with a gift card: which card a code opens, and whether it may be used now."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from club.gift_cards.codes import card_key
from club.gift_cards.models import GiftCard, LostCode
from core import events
from core.errors import Text, ValidationFailed

FIELD = "pay_with.gift_card"
UNKNOWN = _("کارت هدیه‌ای با این کد نیست.")
LOST = _("این کارت گم‌شده اعلام شده و کارت تازه‌ای جای آن را گرفته است.")
BLOCKED = _("این کارت هدیه بسته است.")
ENDED = _("مهلت این کارت هدیه گذشته است.")
REFUNDED = _("این کارت هدیه پس داده شده است.")
NOT_THEIRS = _("این کارت هدیه برای عضو دیگری است.")


@dataclass(frozen=True)
class CardNamed:
    """The card that a code opens, as far as nothing of it ever changes."""

    card_id: int
    wallet_id: int


def card_named(code: str) -> CardNamed:
    """The card that the code opens, before its wallet is locked. Raises ValidationFailed for an unknown or lost one."""
    key = card_key(code)
    row = GiftCard.objects.filter(code=key).values_list("pk", "wallet_id").first() if key.isprintable() else None
    if row is None:
        raise _refused(LOST if key.isprintable() and LostCode.objects.filter(code=key).exists() else UNKNOWN)
    return CardNamed(*row)


def check_spendable(card_id: int, *, code: str, member_id: int | None, at: datetime) -> None:
    """Whether the code still opens the card and the member (None: nobody) may spend it at the moment.

    Read after its wallet is locked, which blocking, replacing and refunding a card lock too. Raises ValidationFailed.
    """
    card = GiftCard.objects.get(pk=card_id)
    if fault := spending_fault(card, member_id=member_id, at=at):
        raise _refused(fault)
    if card.code != card_key(code):
        raise _refused(LOST)


def spending_fault(card: GiftCard, *, member_id: int | None, at: datetime) -> Text | None:
    """Why the card cannot be spent by this member at the moment; None where it can."""
    if card.status == GiftCard.Status.REFUNDED:
        return REFUNDED
    if card.status == GiftCard.Status.BLOCKED:
        return BLOCKED
    if card.is_personal and card.member_id != member_id:
        return NOT_THEIRS
    return ENDED if card.has_ended(at) else None


def tell_spent(card_id: int, *, amount: int, purchase: str, member_id: int | None, at: datetime) -> None:
    """Tell that so much Rial of the card paid a purchase, the member's or (None) nobody's."""
    data = {"amount": amount, "purchase": purchase}
    events.emit("gift_card.spent", document=f"gift_card:{card_id}", member_id=member_id, occurred_at=at, data=data)


def tell_given_back(card_id: int, *, amount: int, refund: str, member_id: int | None, at: datetime) -> None:
    """Tell that a refund has put so much Rial back onto the card."""
    data = {"amount": amount, "refund": refund}
    events.emit("gift_card.given_back", document=f"gift_card:{card_id}", member_id=member_id, occurred_at=at, data=data)


def _refused(text: Text) -> ValidationFailed:
    return ValidationFailed({FIELD: [text]})
