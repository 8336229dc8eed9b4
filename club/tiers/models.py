"""Tiers of the club."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from core.tenancy.models import ClubModel


class Tier(ClubModel):
    """A level that members reach at `threshold` or more of its metric within its window."""

    class Metric(models.TextChoices):
        SPENT = "spent", _("جمع خرید (ریال)")
        POINTS = "points", _("امتیاز به‌دست‌آمده")
        VISITS = "visits", _("شمار خرید")

    class Downgrade(models.TextChoices):
        NEVER = "never", _("هرگز")
        ONE_STEP = "one_step", _("یک پله")
        TO_FITTING = "to_fitting", _("تا سطح درخور")

    code = models.CharField(_("کد"), max_length=32)
    name = models.CharField(_("نام"), max_length=60)
    rank = models.SmallIntegerField(_("پایه"))
    metric = models.CharField(_("سنجه"), max_length=6, choices=Metric.choices, default=Metric.SPENT)
    threshold = models.BigIntegerField(_("از"), validators=[MinValueValidator(0)])
    window_days = models.IntegerField(
        _("در چند روز"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(36_500)]
    )
    points_factor_bp = models.IntegerField(
        default=10_000, validators=[MinValueValidator(0), MaxValueValidator(1_000_000)]
    )
    extra_credit_bp = models.IntegerField(default=0, validators=[MinValueValidator(0), MaxValueValidator(10_000)])
    downgrade = models.CharField(_("پایین رفتن"), max_length=10, choices=Downgrade.choices, default=Downgrade.NEVER)
    grace_days = models.IntegerField(_("روزهای مهلت"), default=0, validators=[MinValueValidator(0)])
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("سطح")
        verbose_name_plural = _("سطح‌ها")
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["club", "code"], name="tier_code_once"),
            models.UniqueConstraint(fields=["club", "rank"], name="tier_rank_once"),
            models.CheckConstraint(condition=models.Q(threshold__gte=0), name="tier_threshold_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


class TierGrant(ClubModel):
    """A tier that a document gave a member up to a moment; below it the member does not fall until then."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="tier_grants", db_index=False)
    code = models.CharField(_("سطح"), max_length=32)
    document = models.CharField(max_length=60)
    until = models.DateTimeField(_("تا"))
    ended = models.BooleanField(default=False)
    warned_at = models.DateTimeField(_("هشدار"), null=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("سطح زمان‌دار")
        verbose_name_plural = _("سطح‌های زمان‌دار")
        constraints = [models.UniqueConstraint(fields=["club", "document", "code"], name="tier_grant_once_a_document")]
        indexes = [
            models.Index(fields=["club", "member"], name="open_tier_grant_of_member", condition=models.Q(ended=False)),
            models.Index(fields=["club", "until"], name="open_tier_grant_until", condition=models.Q(ended=False)),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.code}"


class Grace(ClubModel):
    """The time that a member has left in a tier whose threshold is no longer reached; at most one is open.

    Its end is what was told and does not move. Reached again or risen above it is `kept`; over, it `fell`.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", _("در مهلت")
        KEPT = "kept", _("ماند")
        FELL = "fell", _("پایین آمد")

    member = models.ForeignKey(Member, models.PROTECT, related_name="tier_graces", db_index=False)
    code = models.CharField(_("سطح"), max_length=32)
    began_at = models.DateTimeField(_("آغاز مهلت"))
    falls_at = models.DateTimeField(_("پایان مهلت"))
    warned_at = models.DateTimeField(_("هشدار"), null=True)
    outcome = models.CharField(_("سرانجام"), max_length=4, choices=Outcome.choices, default=Outcome.OPEN)
    ended_at = models.DateTimeField(_("روز سرانجام"), null=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("مهلت سطح")
        verbose_name_plural = _("مهلت‌های سطح")
        constraints = [
            models.UniqueConstraint(
                fields=["club", "member"], name="one_open_tier_grace", condition=models.Q(outcome="open")
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="open", ended_at=None)
                | (~models.Q(outcome="open") & models.Q(ended_at__isnull=False)),
                name="tier_grace_ended_or_open",
            ),
        ]
        indexes = [models.Index(fields=["club", "member", "-id"], name="tier_grace_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.code}"
