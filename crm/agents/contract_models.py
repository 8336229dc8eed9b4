"""Agents: people who bring customers to the club for a commission."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from core.tenancy.models import AppendOnly, ClubModel
from crm.agents.commission import ALL, FIRST, Terms


class Agent(ClubModel):
    """A person who brings customers under a contract. Ended, never deleted: what was earned stays owed.

    Who comes back is the same row, with the same account and code, under a contract that follows the one before.
    `user` is known from the invitation or the approval on; who has only applied cannot log in as an agent.
    """

    class Kind(models.TextChoices):
        AGENT = "agent", _("عامل")
        REPRESENTATIVE = "representative", pgettext_lazy("kind of agent", "نماینده")
        MARKETER = "marketer", _("بازاریاب")

    class Status(models.TextChoices):
        APPLIED = "applied", _("درخواست داده")
        INVITED = "invited", _("دعوت‌شده")
        ACTIVE = "active", _("فعال")
        ENDED = "ended", _("پایان‌یافته")
        REFUSED = "refused", _("ردشده")

    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("کاربر")
    )
    name = models.CharField(_("نام"), max_length=80)
    phone = models.CharField(_("موبایل"), max_length=11)
    kind = models.CharField(_("نوع"), max_length=14, choices=Kind.choices)
    status = models.CharField(_("وضعیت"), max_length=8, choices=Status.choices)
    iban = models.CharField(_("شبا"), max_length=26, blank=True, default="")
    note = models.CharField(_("یادداشت"), max_length=500, blank=True, default="")
    created_at = models.DateTimeField(_("ثبت"), db_default=Now())
    decided_by = models.CharField(_("تصمیم‌گیرنده"), max_length=60, blank=True, default="")
    joined_at = models.DateTimeField(_("آغاز"), null=True, blank=True)
    ended_at = models.DateTimeField(_("پایان"), null=True, blank=True)
    end_reason = models.CharField(_("دلیل پایان"), max_length=200, blank=True, default="")

    class Meta(ClubModel.Meta):
        verbose_name = _("عامل فروش")
        verbose_name_plural = _("عاملان فروش")
        constraints = [
            models.UniqueConstraint(
                fields=["club", "phone"],
                condition=models.Q(status__in=["applied", "invited", "active"]),
                name="agent_phone_once",
            ),
            models.UniqueConstraint(
                fields=["club", "user"],
                condition=models.Q(status__in=["invited", "active"]),
                name="agent_user_once",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["applied", "refused"]) | models.Q(user__isnull=False),
                name="agent_at_work_has_a_user",
            ),
            models.CheckConstraint(
                condition=models.Q(status="ended", ended_at__isnull=False)
                | models.Q(status__in=["applied", "refused"])
                | models.Q(status__in=["invited", "active"], ended_at=None),
                name="agent_ended_or_not",
            ),
        ]
        indexes = [models.Index(fields=["club", "status", "-id"], name="agent_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def document(self) -> str:
        """How audit and events name them."""
        return f"agent:{self.pk}"


class ContractTerms(AppendOnly):
    """A version of an agent's contract: each purchase is judged by the one that held on its day."""

    class Basis(models.TextChoices):
        FIRST = FIRST, _("نخستین خرید")
        ALL = ALL, _("همهٔ خریدها")

    agent = models.ForeignKey(Agent, models.PROTECT, related_name="terms", db_index=False)
    number = models.IntegerField(_("نسخه"))
    percent_bp = models.IntegerField(_("درصد"))
    basis = models.CharField(_("از کدام خرید"), max_length=5, choices=Basis.choices)
    hold_days = models.IntegerField(_("روزهای نگه‌داری"))
    cap_total = models.BigIntegerField(_("سقف کل"), null=True)
    cap_month = models.BigIntegerField(_("سقف ماه"), null=True)
    starts_on = models.DateField(_("از روز"))
    ends_on = models.DateField(_("تا پایان روز"), null=True)
    came_after = models.DateTimeField(_("پس از پایان قرارداد پیشین"), null=True)
    actor = models.CharField(_("چه کسی"), max_length=60)
    created_at = models.DateTimeField(_("ثبت"), db_default=Now())

    class Meta(AppendOnly.Meta):
        verbose_name = _("قرارداد عامل")
        verbose_name_plural = _("قراردادهای عاملان")
        constraints = [
            models.UniqueConstraint(fields=["club", "agent", "number"], name="contract_terms_number_once"),
            models.CheckConstraint(
                condition=models.Q(percent_bp__gt=0, percent_bp__lte=10_000, hold_days__gte=0),
                name="contract_terms_give_something",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                name="contract_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id}: {self.number}"

    def as_terms(self) -> Terms:
        """What commissions are reckoned by."""
        return Terms(
            number=self.number,
            percent_bp=self.percent_bp,
            basis=self.basis,
            hold_days=self.hold_days,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            cap_total=self.cap_total,
            cap_month=self.cap_month,
            came_after=self.came_after,
        )


class AgentSettings(ClubModel):
    """What a club offers its agents to begin with, and whether anybody may ask to become one."""

    takes_applications = models.BooleanField(_("درخواست همکاری می‌پذیرد"), default=False)
    percent_bp = models.IntegerField(_("درصد"), default=1_000)
    basis = models.CharField(_("از کدام خرید"), max_length=5, choices=ContractTerms.Basis.choices, default=FIRST)
    hold_days = models.IntegerField(_("روزهای نگه‌داری"), default=14)
    about = models.TextField(_("دربارهٔ همکاری"), max_length=1_000, blank=True, default="")

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club"], name="one_agent_settings")]

    def __str__(self) -> str:
        return f"agents of club {self.club_id}"
