"""The ledger: wallets, their append-only entries, lots of what was earned together, and who spent which lot.

Only this package writes points and credit. Amounts are whole Rial for credit and whole points.
"""

from django.db import models
from django.db.models.functions import Least, Now
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from core.tenancy.models import AppendOnly, ClubModel


class Unit(models.TextChoices):
    """What a wallet holds; a debt is what a refund could not take back, a gift card's money is nobody's until spent."""

    POINTS = "points", _("امتیاز")
    CREDIT = "credit", _("اعتبار")
    POINTS_DEBT = "points_debt", _("بدهی امتیاز")
    CREDIT_DEBT = "credit_debt", _("بدهی اعتبار")
    GIFT = "gift", _("کارت هدیه")


MEMBER_UNITS = (Unit.POINTS, Unit.CREDIT, Unit.POINTS_DEBT, Unit.CREDIT_DEBT)
"""A member has one wallet of each; a gift card has one of its own."""


class Kind(models.TextChoices):
    """Why an entry was made."""

    OPENING = "opening", _("ماندهٔ آغاز")
    EARN = "earn", _("گرفته")
    SPEND = "spend", _("خرج")
    EXPIRE = "expire", _("پایان مهلت")
    TAKE_BACK = "take_back", _("پس‌گرفته")
    GIVE_BACK = "give_back", _("پس‌داده")
    ADJUST = "adjust", _("دستی")
    REVERSE = "reverse", _("برگردان")
    MERGE = "merge", _("یکی شدن")


class Wallet(ClubModel):
    """One unit of one member, or a gift card's money: the sum of its entries, and of what remains in its lots."""

    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="wallets", db_index=False)
    unit = models.CharField(max_length=12, choices=Unit.choices)
    balance = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)

    class Meta(ClubModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["club", "member", "unit"], name="one_wallet_per_unit"),
            models.CheckConstraint(condition=models.Q(balance__gte=0), name="wallet_balance_not_negative"),
            models.CheckConstraint(
                condition=models.Q(member__isnull=True, unit=Unit.GIFT)
                | models.Q(models.Q(member__isnull=False), ~models.Q(unit=Unit.GIFT)),
                name="wallet_of_a_member_or_a_gift_card",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.unit}: {self.balance}"


class Lot(ClubModel):
    """What was earned together: spent soonest expiry first. `seq` is that of the entry that brought it in.

    `idle_ends_at`: where it ends after `idle_days` without a purchase, the moment of that as things stand; `ends_at`
    is the first of its two ends. Only `remaining` and that moment ever change; the database refuses anything else.
    """

    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="lots", db_index=False)
    seq = models.BigIntegerField()
    amount = models.BigIntegerField()
    remaining = models.BigIntegerField()
    document = models.CharField(max_length=60)
    usable_from = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    idle_days = models.IntegerField(null=True)
    idle_ends_at = models.DateTimeField(null=True)
    ends_at = models.GeneratedField(
        expression=Least("expires_at", "idle_ends_at"), output_field=models.DateTimeField(null=True), db_persist=True
    )

    class Meta(ClubModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["club", "wallet", "seq"], name="lot_of_entry_once"),
            models.CheckConstraint(
                condition=models.Q(idle_days=None, idle_ends_at=None)
                | models.Q(idle_days__gt=0, idle_ends_at__isnull=False),
                name="lot_idle_end_of_idle_days",
            ),
            models.CheckConstraint(
                condition=models.Q(remaining__gte=0, remaining__lte=models.F("amount"), amount__gt=0),
                name="lot_remaining_within_amount",
            ),
        ]
        indexes = [
            models.Index(
                fields=["club", "wallet", "ends_at", "id"], name="lot_open", condition=models.Q(remaining__gt=0)
            ),
            models.Index(
                fields=["club", "ends_at"],
                name="lot_due",
                condition=models.Q(remaining__gt=0, ends_at__isnull=False),
            ),
            models.Index(
                fields=["club", "wallet"],
                name="lot_open_idle",
                condition=models.Q(remaining__gt=0, idle_days__isnull=False),
            ),
            models.Index(fields=["club", "document"], name="lot_of_document"),
        ]

    def __str__(self) -> str:
        return f"{self.remaining}/{self.amount}"


class Entry(AppendOnly):
    """A change of a wallet, never changed itself. `seq` counts within the wallet, without gaps."""

    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="entries", db_index=False)
    seq = models.BigIntegerField()
    delta = models.BigIntegerField(_("تغییر"))
    balance_after = models.BigIntegerField(_("مانده"))
    kind = models.CharField(_("نوع"), max_length=10, choices=Kind.choices)
    document = models.CharField(_("سند"), max_length=60)
    # Which award or lot of the document: makes a second delivery of the same cause an error instead of a second entry.
    cause = models.CharField(max_length=60)
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="entries", db_index=False)
    reverses = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(_("دلیل"), max_length=200, blank=True)
    actor = models.CharField(_("چه کسی"), max_length=60)
    occurred_at = models.DateTimeField(_("زمان"))
    # Over the row, the lot it brought in and what it took of others, made as it is written: a later change shows.
    digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(AppendOnly.Meta):
        verbose_name = _("ردیف دفتر")
        verbose_name_plural = _("ردیف‌های دفتر")
        constraints = [
            models.UniqueConstraint(fields=["club", "wallet", "seq"], name="entry_seq_once"),
            models.UniqueConstraint(fields=["club", "reverses"], name="entry_reversed_once"),
            models.UniqueConstraint(fields=["club", "wallet", "document", "kind", "cause"], name="entry_cause_once"),
            models.CheckConstraint(condition=~models.Q(delta=0), name="entry_changes_something"),
            models.CheckConstraint(condition=models.Q(balance_after__gte=0), name="entry_balance_not_negative"),
        ]
        indexes = [models.Index(fields=["club", "created_at", "id"], name="entry_created")]

    def __str__(self) -> str:
        return f"{self.delta:+} {self.document}"


class Allocation(AppendOnly):
    """How much of which lot an entry took (positive) or gave back (negative)."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="allocations", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="allocations", db_index=False)
    amount = models.BigIntegerField()

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["club", "entry", "lot"], name="allocation_once"),
            models.CheckConstraint(condition=~models.Q(amount=0), name="allocation_moves_something"),
        ]
        indexes = [models.Index(fields=["club", "lot"], name="allocation_of_lot")]

    def __str__(self) -> str:
        return f"{self.amount} of lot {self.lot_id}"


class LetGo(ClubModel):
    """What a refund should have taken of a wallet and could not, as it had been spent.

    Should something come back that was spent up to the entry `after`, it is claimed of that. Only `claimed` ever
    changes, and the wallet when the record is merged into another.
    """

    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="let_goes", db_index=False)
    amount = models.BigIntegerField()
    claimed = models.BigIntegerField(default=0)
    after = models.BigIntegerField()
    document = models.CharField(max_length=60)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta(ClubModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, claimed__gte=0, claimed__lte=models.F("amount")),
                name="let_go_claimed_within_amount",
            )
        ]
        indexes = [models.Index(fields=["club", "wallet", "after"], name="let_go_of_wallet")]

    def __str__(self) -> str:
        return f"{self.amount - self.claimed} of {self.document}"


class Seal(AppendOnly):
    """A day's entries under a hash that chains to the day before: tampering shows.

    Its digest is kept a second time in the event `ledger.sealed`, so that a seal taken away shows, too.
    """

    class Form(models.IntegerChoices):
        """What the hash is made over."""

        ENTRIES = 1
        ENTRIES_WITH_DIGEST = 2  # and so the lots and allocations that each entry's own digest covers

    day = models.DateField()
    form = models.SmallIntegerField(choices=Form.choices, default=Form.ENTRIES)
    entries = models.BigIntegerField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "day"], name="one_seal_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.digest[:8]}"
