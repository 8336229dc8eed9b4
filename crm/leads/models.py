"""Leads: people and organisations who may become members, and the stages through which a club brings them there."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from club.members.models import Member
from club.purchases.models import Purchase
from core.language import in_language
from core.tenancy.models import AppendOnly, ClubModel
from crm.agents.models import Agent
from offers.models import Coupon, Offer


class LeadKind(models.TextChoices):
    PERSON = "person", _("شخص")
    COMPANY = "company", _("شرکت")
    INSTITUTE = "institute", _("مؤسسه")
    PUBLIC_BODY = "public_body", _("نهاد دولتی")


class LeadStage(ClubModel):
    """A column of the board, in the club's own order and words. One of them may mean that the lead is qualified."""

    code = models.CharField(_("کد"), max_length=32, db_collation="C")
    name = models.CharField(_("نام"), max_length=60)
    position = models.PositiveSmallIntegerField(_("جا"))
    is_qualifying = models.BooleanField(_("واجد شرایط"), default=False)
    archived_at = models.DateTimeField(_("بایگانی"), null=True, blank=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("مرحلهٔ فروش")
        verbose_name_plural = _("مرحله‌های فروش")
        constraints = [
            models.UniqueConstraint(fields=["club", "code"], name="lead_stage_code_once"),
            models.UniqueConstraint(
                fields=["club"], condition=models.Q(is_qualifying=True), name="lead_stage_qualifying_once"
            ),
            models.CheckConstraint(
                condition=models.Q(is_qualifying=False) | models.Q(archived_at=None),
                name="lead_stage_qualifying_is_open",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Lead(ClubModel):
    """Somebody who may become a member, who looks after it, and how far it is.

    `is_second` is set where the staff registered it knowing that the phone has an open lead already. `was_customer`
    says that the person had bought before the lead was there: winning it makes no new customer.
    """

    class Status(models.TextChoices):
        OPEN = "open", _("باز")
        WON = "won", _("مشتری شد")
        LOST = "lost", _("از دست رفت")

    class Channel(models.TextChoices):
        DESK = "desk", _("کارکنان")
        PORTAL = "portal", _("پنل عضو")
        AGENT = "agent", _("پنل عامل")
        API = "api", _("API")
        IMPORT = "import", _("ورود از فایل")

    name = models.CharField(_("نام"), max_length=120)
    phone = models.CharField(_("موبایل"), max_length=11, blank=True, db_collation="C")
    email = models.EmailField(_("ایمیل"), blank=True)
    kind = models.CharField(_("نوع"), max_length=12, choices=LeadKind.choices, default=LeadKind.PERSON)
    source = models.CharField(_("از کجا آمد"), max_length=40, blank=True)
    channel = models.CharField(_("از کدام در"), max_length=8, choices=Channel.choices, default=Channel.DESK)
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("کارشناس")
    )
    agent = models.ForeignKey(
        Agent, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("عامل فروش")
    )
    referrer = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("معرف")
    )
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("عضو")
    )
    stage = models.ForeignKey(LeadStage, models.PROTECT, related_name="+", db_index=False, verbose_name=_("مرحله"))
    status = models.CharField(_("وضعیت"), max_length=4, choices=Status.choices, default=Status.OPEN)
    expected_rial = models.BigIntegerField(_("مبلغ پیش‌بینی"), null=True, blank=True)
    note = models.TextField(_("یادداشت"), max_length=1000, blank=True)
    next_activity = models.CharField(_("کار بعدی"), max_length=200, blank=True)
    next_activity_on = models.DateField(_("روز کار بعدی"), null=True, blank=True)
    qualified_at = models.DateTimeField(_("واجد شرایط شد"), null=True, blank=True)
    lost_reason = models.CharField(_("چرا از دست رفت"), max_length=200, blank=True)
    rival = models.CharField(_("رقیب"), max_length=80, blank=True)
    converted_at = models.DateTimeField(_("مشتری شد"), null=True, blank=True)
    purchase = models.ForeignKey(
        Purchase, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("نخستین خرید")
    )
    coupon = models.ForeignKey(
        Coupon, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("کد مشوق")
    )
    is_second = models.BooleanField(default=False, editable=False)
    was_customer = models.BooleanField(default=False, editable=False)
    registered_by = models.CharField(_("ثبت‌کننده"), max_length=60)
    created_at = models.DateTimeField(_("ثبت"))
    updated_at = models.DateTimeField(_("تغییر"), db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("سرنخ")
        verbose_name_plural = _("سرنخ‌ها")
        constraints = [
            models.UniqueConstraint(
                fields=["club", "phone"],
                condition=models.Q(status="open", is_second=False) & ~models.Q(phone=""),
                name="lead_open_phone_once",
            ),
            models.CheckConstraint(
                condition=models.Q(status="won", converted_at__isnull=False)
                | (~models.Q(status="won") & models.Q(converted_at=None)),
                name="lead_won_has_its_day",
            ),
            models.CheckConstraint(condition=models.Q(agent=None) | models.Q(referrer=None), name="lead_named_by_one"),
            models.CheckConstraint(
                condition=models.Q(expected_rial=None) | models.Q(expected_rial__gte=0),
                name="lead_expected_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(next_activity="") | models.Q(next_activity_on__isnull=False),
                name="lead_activity_has_its_day",
            ),
        ]
        indexes = [
            models.Index(fields=["club", "stage", "-id"], name="lead_board", condition=models.Q(status="open")),
            models.Index(fields=["club", "-id"], name="lead_newest"),
            models.Index(fields=["club", "-updated_at", "-id"], name="lead_updated"),
            models.Index(fields=["club", "phone"], name="lead_by_phone"),
            models.Index(fields=["club", "owner", "-id"], name="lead_of_owner"),
            models.Index(
                fields=["club", "agent", "-id"], name="lead_of_agent", condition=models.Q(agent__isnull=False)
            ),
            models.Index(fields=["club", "member"], name="lead_of_member", condition=models.Q(member__isnull=False)),
            models.Index(
                fields=["club", "referrer", "-id"], name="lead_of_referrer", condition=models.Q(referrer__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.name or in_language(self.phone) or f"#{self.pk}"

    @property
    def document(self) -> str:
        """How audit and events name it."""
        return f"lead:{self.pk}"

    @property
    def is_agents(self) -> bool:
        """Whether the agent who brought it sees to it."""
        return self.agent is not None and self.owner_id == self.agent.user_id

    @property
    def seen_to_by(self) -> Agent | User | None:
        """Who sees to it: the agent who brought it, or whoever has it since."""
        return self.agent if self.is_agents else self.owner

    @property
    def is_customer(self) -> bool:
        """Whether the person has bought: «بالفعل», else «بالقوه»."""
        return self.was_customer or self.purchase_id is not None


class StageChange(AppendOnly):
    """That a lead came to a stage or its status changed: the history of the pipeline."""

    lead = models.ForeignKey(Lead, models.PROTECT, related_name="changes", db_index=False)
    from_stage = models.ForeignKey(LeadStage, models.PROTECT, null=True, related_name="+", db_index=False)
    to_stage = models.ForeignKey(LeadStage, models.PROTECT, related_name="+", db_index=False)
    from_status = models.CharField(max_length=4, blank=True)
    to_status = models.CharField(_("وضعیت"), max_length=4, choices=Lead.Status.choices)
    actor = models.CharField(_("چه کسی"), max_length=60)
    at = models.DateTimeField(_("زمان"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("جابه‌جایی سرنخ")
        verbose_name_plural = _("جابه‌جایی‌های سرنخ")
        indexes = [models.Index(fields=["club", "lead", "-id"], name="lead_change_of_lead")]

    def __str__(self) -> str:
        return f"{self.lead_id}: {self.to_stage_id} {self.to_status}"


class LeadRule(ClubModel):
    """Who gets the leads of a source or kind; the first that fits decides, blank fits all."""

    position = models.PositiveSmallIntegerField(_("جا"))
    source = models.CharField(_("از کجا آمد"), max_length=40, blank=True)
    kind = models.CharField(_("نوع"), max_length=12, choices=LeadKind.choices, blank=True)
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False, verbose_name=_("کارشناس"))

    class Meta(ClubModel.Meta):
        verbose_name = _("قاعدهٔ واگذاری")
        verbose_name_plural = _("قاعده‌های واگذاری")
        constraints = [
            models.UniqueConstraint(fields=["club", "source", "kind"], name="lead_rule_once"),
        ]

    def __str__(self) -> str:
        return f"{self.source or '*'} {self.kind or '*'}"


class LeadSettings(ClubModel):
    """What a club has decided about its leads: the incentive of a qualified one, and who gets those no rule names."""

    incentive = models.ForeignKey(
        Offer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("مشوق خرید نخست")
    )
    incentive_days = models.PositiveSmallIntegerField(_("اعتبار کد (روز)"), default=30)
    shares_out = models.BooleanField(_("تقسیم خودکار"), default=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("تنظیم سرنخ‌ها")
        verbose_name_plural = _("تنظیم سرنخ‌ها")
        constraints = [models.UniqueConstraint(fields=["club"], name="lead_settings_once")]

    def __str__(self) -> str:
        return str(self.club_id)
