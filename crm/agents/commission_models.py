"""What agents earn: an account of five sums each, the commissions behind it, its entries, and what is paid out.

Amounts are whole Rial. This is money that the club owes and pays by bank, no value of the loyalty ledger.
"""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from club.purchases.models import Purchase
from core.tenancy.models import AppendOnly, ClubModel
from crm.agents.contract_models import Agent, ContractTerms

POTS = ("pending", "due", "paying", "paid", "reversed")
"""Where the money of an agent can be; together they are all that the purchases ever brought."""


class Account(ClubModel):
    """The sums of an agent's entries, and the row that whoever writes one locks. Due alone may fall below zero.

    A refund after the payout makes it negative; what comes next is set off against it.
    """

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="accounts", db_index=False)
    version = models.BigIntegerField(default=0)
    pending = models.BigIntegerField(_("در انتظار"), default=0)
    due = models.BigIntegerField(_("قابل پرداخت"), default=0)
    paying = models.BigIntegerField(_("در راه پرداخت"), default=0)
    paid = models.BigIntegerField(_("پرداخت‌شده"), default=0)
    reversed = models.BigIntegerField(_("برگشته"), default=0)

    class Meta(ClubModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["club", "agent"], name="one_account_per_agent"),
            models.CheckConstraint(
                condition=models.Q(pending__gte=0, paying__gte=0, paid__gte=0, reversed__gte=0),
                name="agent_account_only_due_below_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"agent:{self.agent_id}"

    @property
    def earned(self) -> int:
        """What was brought and not taken back."""
        return self.pending + self.due + self.paying + self.paid


class Commission(ClubModel):
    """What one purchase brought its agent by the terms of its day; what came back of it is added as it happens."""

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="commissions", db_index=False)
    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="+", db_index=False)
    terms = models.ForeignKey(ContractTerms, models.PROTECT, related_name="+", db_index=False)
    base = models.BigIntegerField(_("مبنا"))
    amount = models.BigIntegerField(_("پورسانت"))
    reversed = models.BigIntegerField(_("برگشته"), default=0)
    month = models.IntegerField()
    due_on = models.DateField(_("قابل پرداخت از"))
    matured_at = models.DateTimeField(null=True)
    occurred_at = models.DateTimeField(_("زمان خرید"))
    created_at = models.DateTimeField(db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("پورسانت")
        verbose_name_plural = _("پورسانت‌ها")
        constraints = [
            models.UniqueConstraint(fields=["club", "purchase"], name="one_commission_per_purchase"),
            models.CheckConstraint(
                condition=models.Q(amount__gte=0, reversed__gte=0, reversed__lte=models.F("amount")),
                name="commission_reversed_within_amount",
            ),
        ]
        indexes = [
            models.Index(fields=["club", "agent", "month"], name="commission_of_month"),
            models.Index(fields=["club", "agent", "-id"], name="commission_of_agent"),
            models.Index(fields=["club", "due_on"], name="commission_on_hold", condition=models.Q(matured_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id}: purchase:{self.purchase_id}"

    @property
    def left(self) -> int:
        """What of it has not come back."""
        return self.amount - self.reversed


class CommissionEntry(AppendOnly):
    """One movement between the pots of an account: how much came to each (less, where it left it)."""

    class Kind(models.TextChoices):
        EARNED = "earned", _("از خرید")
        MATURED = "matured", _("قابل پرداخت شد")
        REVERSED = "reversed", _("برگشت خرید")
        CLAIMED = "claimed", _("در فهرست پرداخت")
        RETURNED = "returned", _("پرداخت لغو شد")
        PAID = "paid", pgettext_lazy("entry of a statement", "پرداخت شد")

    account = models.ForeignKey(Account, models.PROTECT, related_name="entries", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(_("چه شد"), max_length=8, choices=Kind.choices)
    document = models.CharField(max_length=60)
    commission = models.ForeignKey(Commission, models.PROTECT, null=True, related_name="entries", db_index=False)
    pending = models.BigIntegerField(default=0)
    due = models.BigIntegerField(default=0)
    paying = models.BigIntegerField(default=0)
    paid = models.BigIntegerField(default=0)
    reversed = models.BigIntegerField(default=0)
    occurred_at = models.DateTimeField(_("زمان"))
    created_at = models.DateTimeField(db_default=Now())

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["club", "account", "seq"], name="commission_entry_seq_once"),
            models.UniqueConstraint(
                fields=["club", "account", "document", "kind"], name="commission_entry_document_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.document}"


class PayoutRun(ClubModel):
    """A list of payouts made together, for one file for the bank."""

    actor = models.CharField(_("چه کسی"), max_length=60)
    created_at = models.DateTimeField(_("ساخت"))

    class Meta(ClubModel.Meta):
        verbose_name = _("فهرست پرداخت")
        verbose_name_plural = _("فهرست‌های پرداخت")
        indexes = [models.Index(fields=["club", "-id"], name="payout_run_newest")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Payout(ClubModel):
    """What one agent is paid in a run, to which account. Open, then paid or cancelled, once."""

    class Status(models.TextChoices):
        OPEN = "open", _("در راه پرداخت")
        PAID = "paid", _("پرداخت‌شده")
        CANCELLED = "cancelled", _("لغوشده")

    run = models.ForeignKey(PayoutRun, models.PROTECT, related_name="payouts", db_index=False)
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="payouts", db_index=False)
    amount = models.BigIntegerField(_("مبلغ"))
    name = models.CharField(_("نام"), max_length=80)
    iban = models.CharField(_("شبا"), max_length=26)
    status = models.CharField(_("وضعیت"), max_length=9, choices=Status.choices, default=Status.OPEN)
    reference = models.CharField(_("شمارهٔ پیگیری"), max_length=60, blank=True, default="")
    paid_on = models.DateField(_("روز پرداخت"), null=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=60, blank=True, default="")

    class Meta(ClubModel.Meta):
        verbose_name = _("پرداخت به عامل")
        verbose_name_plural = _("پرداخت‌ها به عاملان")
        constraints = [
            models.UniqueConstraint(fields=["club", "run", "agent"], name="one_payout_per_agent_and_run"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payout_of_something"),
            models.CheckConstraint(
                condition=(models.Q(status="paid", paid_on__isnull=False) & ~models.Q(reference=""))
                | (~models.Q(status="paid") & models.Q(paid_on=None)),
                name="payout_paid_names_its_day",
            ),
        ]
        indexes = [models.Index(fields=["club", "agent", "-id"], name="payout_of_agent")]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def document(self) -> str:
        """How entries and the audit name it."""
        return f"payout:{self.pk}"
