"""Gift cards: a code, a wallet of its own with what is left on it, and how the card came into the world.

Amounts are whole Rial. A card is no purchase and earns nothing; what is paid with it is a payment like money.
"""

from datetime import datetime

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.catalogue.models import Branch
from club.gift_cards.codes import masked_code, shown_code
from club.ledger.models import Wallet
from club.members.models import Member
from core.tenancy.models import AppendOnly, ClubModel


class Batch(ClubModel):
    """Cards that were issued together: how many, of what amount, and why."""

    count = models.IntegerField(_("شمار"))
    amount = models.BigIntegerField(_("مبلغ"))
    ends_at = models.DateTimeField(_("تا پایان روز"), null=True)
    reason = models.CharField(_("برای چه"), max_length=200, blank=True)
    actor = models.CharField(_("چه کسی"), max_length=60)
    created_at = models.DateTimeField(_("ساخت"), db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("دستهٔ کارت هدیه")
        verbose_name_plural = _("دسته‌های کارت هدیه")

    def __str__(self) -> str:
        return self.reason or f"#{self.pk}"


class GiftCard(ClubModel):
    """A gift card. Its balance is that of its wallet; what ended stays there, unusable."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("باز")
        BLOCKED = "blocked", _("بسته")
        REFUNDED = "refunded", _("پس‌داده")

    class Origin(models.TextChoices):
        SOLD = "sold", _("فروخته")
        ISSUED = "issued", _("صادرشده")

    code = models.CharField(_("کد"), max_length=13)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="gift_cards", db_index=False)
    amount = models.BigIntegerField(_("مبلغ"))
    status = models.CharField(_("وضعیت"), max_length=8, choices=Status.choices, default=Status.ACTIVE)
    ends_at = models.DateTimeField(_("تا پایان روز"), null=True)
    # Whom it is for: seen in the member's own pages, and where it is personal spent by nobody else.
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="gift_cards", db_index=False)
    is_personal = models.BooleanField(_("تنها برای خود عضو"), default=False)
    # Who paid for it, where that was told.
    buyer = models.ForeignKey(Member, models.PROTECT, null=True, related_name="bought_gift_cards", db_index=False)
    origin = models.CharField(_("از کجا"), max_length=6, choices=Origin.choices)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="cards", db_index=False)
    price = models.BigIntegerField(_("پول گرفته‌شده"), default=0)
    payment_method = models.CharField(_("روش پرداخت"), max_length=32, blank=True)
    branch = models.ForeignKey(Branch, models.PROTECT, null=True, related_name="+", db_index=False)
    money_back = models.BigIntegerField(_("پول پس‌داده"), default=0)
    actor = models.CharField(_("چه کسی"), max_length=60)
    occurred_at = models.DateTimeField(_("زمان"))
    created_at = models.DateTimeField(_("ساخت"), db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("کارت هدیه")
        verbose_name_plural = _("کارت‌های هدیه")
        constraints = [
            models.UniqueConstraint(fields=["club", "code"], name="gift_card_code_once"),
            models.UniqueConstraint(fields=["club", "wallet"], name="gift_card_of_wallet_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="gift_card_holds_something"),
            models.CheckConstraint(
                condition=models.Q(is_personal=False) | models.Q(member__isnull=False),
                name="personal_card_has_a_member",
            ),
        ]
        indexes = [
            models.Index(fields=["club", "member"], name="gift_card_of_member"),
            models.Index(fields=["club", "buyer"], name="gift_card_of_buyer", condition=models.Q(buyer__isnull=False)),
            models.Index(fields=["club", "batch"], name="gift_card_of_batch"),
            models.Index(fields=["club", "-updated_at", "-id"], name="gift_card_updated"),
            models.Index(fields=["club", "origin", "-occurred_at"], name="gift_card_sales"),
        ]

    def __str__(self) -> str:
        return masked_code(self.code)

    @property
    def document(self) -> str:
        """How the ledger names it."""
        return f"gift_card:{self.pk}"

    @property
    def shown_code(self) -> str:
        """The code as it is printed."""
        return shown_code(self.code)

    @property
    def masked_code(self) -> str:
        """The code as lists show it."""
        return masked_code(self.code)

    def has_ended(self, at: datetime) -> bool:
        """Whether its last day is over."""
        return self.ends_at is not None and self.ends_at <= at


class LostCode(AppendOnly):
    """A code that opens a card no more, since a new one took its place."""

    card = models.ForeignKey(GiftCard, models.PROTECT, related_name="lost_codes", db_index=False)
    code = models.CharField(max_length=13)
    actor = models.CharField(_("چه کسی"), max_length=60)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "code"], name="lost_code_once")]

    def __str__(self) -> str:
        return masked_code(self.code)
