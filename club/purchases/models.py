"""Purchases as they were recorded, with the facts they were judged by, and their refunds."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from club.catalogue.models import Branch
from club.gift_cards.models import GiftCard
from club.members.models import Member
from core.language import in_language
from core.tenancy.models import AppendOnly, ClubModel


class PurchaseCounter(ClubModel):
    """The last purchase number of the club."""

    last_number = models.BigIntegerField(default=0)

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club"], name="one_purchase_counter")]

    def __str__(self) -> str:
        return str(self.last_number)


class Purchase(ClubModel):
    """A sale, to a member or not. Money is whole Rial, prices include VAT. Only the refunded part ever changes."""

    class Channel(models.TextChoices):
        TILL = "till", _("صندوق")
        ONLINE = "online", _("اینترنتی")
        PHONE = "phone", _("تلفنی")

    number = models.BigIntegerField(_("شماره"))
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="purchases", db_index=False)
    branch = models.ForeignKey(Branch, models.PROTECT, null=True, related_name="+", db_index=False)
    channel = models.CharField(_("کانال"), max_length=6, choices=Channel.choices, default=Channel.TILL)
    payment_method = models.CharField(_("روش پرداخت"), max_length=32, blank=True)
    external_id = models.CharField(_("شناسهٔ بیرونی"), max_length=64, null=True)
    gross = models.BigIntegerField(_("جمع"))
    discount = models.BigIntegerField(_("تخفیف"))
    net = models.BigIntegerField(_("پس از تخفیف"))
    vat = models.BigIntegerField(_("مالیات"))
    paid_by_credit = models.BigIntegerField(_("از اعتبار"))
    paid_by_points = models.BigIntegerField(_("از امتیاز"))
    points_spent = models.BigIntegerField(_("امتیاز خرج‌شده"))
    point_worth = models.BigIntegerField()
    paid_by_gift_card = models.BigIntegerField(_("از کارت هدیه"), default=0, db_default=0)
    gift_card = models.ForeignKey(GiftCard, models.PROTECT, null=True, related_name="purchases", db_index=False)
    payable = models.BigIntegerField(_("پرداختی"))
    points_earned = models.BigIntegerField(_("امتیاز"))
    points_cut = models.BigIntegerField(default=0)
    credit_earned = models.BigIntegerField(_("اعتبار"))
    refunded = models.BigIntegerField(_("برگشتی"), default=0)
    fully_refunded = models.BooleanField(default=False)
    visit_number = models.IntegerField(null=True)
    # What the offers were judged by, for back-tests and for explaining later; never read to recompute the purchase.
    facts = models.JSONField(default=dict)
    awards = models.JSONField(default=list)
    # Of the offers that matched, what became of each; why the others did not is worked out from the facts.
    considered = models.JSONField(default=list, db_default=[])
    tier_before = models.CharField(max_length=32, blank=True)
    tier_after = models.CharField(max_length=32, blank=True)
    # The way to the next tier as the receipt told it.
    next_tier = models.JSONField(null=True)
    actor = models.CharField(_("ثبت‌کننده"), max_length=60)
    imported = models.BooleanField(default=False)
    occurred_at = models.DateTimeField(_("زمان"))
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("خرید")
        verbose_name_plural = _("خریدها")
        constraints = [
            models.UniqueConstraint(fields=["club", "number"], name="purchase_number_once"),
            models.UniqueConstraint(fields=["club", "external_id"], name="purchase_external_id_once"),
            models.CheckConstraint(
                condition=models.Q(refunded__gte=0, refunded__lte=models.F("net")), name="purchase_refund_within_net"
            ),
            models.CheckConstraint(
                condition=models.Q(net=models.F("gross") - models.F("discount"), net__gte=0, discount__gte=0),
                name="purchase_net_is_gross_less_discount",
            ),
            models.CheckConstraint(condition=models.Q(payable__gte=0), name="purchase_payable_not_negative"),
            models.CheckConstraint(
                condition=models.Q(gift_card__isnull=True, paid_by_gift_card=0)
                | models.Q(gift_card__isnull=False, paid_by_gift_card__gt=0),
                name="purchase_paid_by_gift_card_names_it",
            ),
        ]
        indexes = [
            models.Index(fields=["club", "member", "-occurred_at", "-id"], name="purchase_of_member"),
            models.Index(fields=["club", "-occurred_at", "-id"], name="purchase_newest"),
            # The till shows the last ones recorded here, however much history was imported.
            models.Index(
                fields=["club", "-occurred_at", "-id"],
                name="purchase_newest_here",
                condition=models.Q(imported=False),
            ),
            models.Index(fields=["club", "-updated_at", "-id"], name="purchase_updated"),
            models.Index(
                fields=["club", "gift_card"],
                name="purchase_by_gift_card",
                condition=models.Q(gift_card__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return _now("خرید %(number)s") % {"number": in_language(self.number)}

    @property
    def document(self) -> str:
        """How the ledger and the audit name it."""
        return f"purchase:{self.pk}"

    @property
    def left(self) -> int:
        """What of the net has not been refunded."""
        return self.net - self.refunded


class PurchaseLine(ClubModel):
    """A line of a purchase with its shares of the discount and of what was earned, so that a later return is exact."""

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="lines", db_index=False)
    index = models.SmallIntegerField()
    product_code = models.CharField(max_length=32, blank=True)
    name = models.CharField(max_length=120, blank=True)
    group_codes = models.JSONField(default=list)
    quantity = models.IntegerField()
    unit_price = models.BigIntegerField()
    vat_bp = models.IntegerField(default=0)
    gross = models.BigIntegerField()
    discount = models.BigIntegerField()
    net = models.BigIntegerField()
    # What of the purchase's points and credit is due to this line, so that its return undoes that and no more.
    points_earned = models.BigIntegerField(default=0)
    credit_earned = models.BigIntegerField(default=0)
    refunded_quantity = models.IntegerField(default=0)
    refunded_net = models.BigIntegerField(default=0)

    class Meta(ClubModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["club", "purchase", "index"], name="purchase_line_once"),
            models.CheckConstraint(
                condition=models.Q(
                    refunded_net__gte=0,
                    refunded_net__lte=models.F("net"),
                    refunded_quantity__gte=0,
                    refunded_quantity__lte=models.F("quantity"),
                ),
                name="line_refund_within_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} × {self.quantity}"


class Refund(AppendOnly):
    """A refund of a purchase, in whole or in part: a document of its own."""

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="refunds", db_index=False)
    net = models.BigIntegerField(_("از خرید"))
    refunded = models.BigIntegerField(_("پول برگشتی"))
    points_taken_back = models.BigIntegerField()
    credit_taken_back = models.BigIntegerField()
    points_returned = models.BigIntegerField()
    credit_returned = models.BigIntegerField()
    gift_card_returned = models.BigIntegerField(_("به کارت هدیه"), default=0, db_default=0)
    points_shortfall = models.BigIntegerField(default=0)
    credit_shortfall = models.BigIntegerField(default=0)
    lines = models.JSONField(default=list)
    reason = models.CharField(_("دلیل"), max_length=200)
    actor = models.CharField(_("ثبت‌کننده"), max_length=60)
    occurred_at = models.DateTimeField(_("زمان"))
    created_at = models.DateTimeField(db_default=Now())

    class Meta(AppendOnly.Meta):
        verbose_name = _("برگشت")
        verbose_name_plural = _("برگشت‌ها")
        indexes = [
            models.Index(fields=["club", "purchase", "id"], name="refund_of_purchase"),
            models.Index(fields=["club", "-id"], name="refund_newest"),
            models.Index(fields=["club", "-occurred_at"], name="refund_by_day"),
        ]

    def __str__(self) -> str:
        return _now("برگشت %(number)s") % {"number": in_language(self.pk)}

    @property
    def document(self) -> str:
        """How the ledger and the audit name it."""
        return f"refund:{self.pk}"
