"""Campaigns: what is said to whom over which channel, what became of it for each member, and how often is enough."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from club.members.segment_models import Segment
from club.rewards.models import Grant
from core.tenancy.models import ClubModel
from offers.models import Offer

NOTICE_DAYS = 30


class ContactPolicy(ClubModel):
    """How many advertising messages by SMS and e-mail a member gets in seven days at most; no row is the usual two."""

    most_a_week = models.PositiveSmallIntegerField(_("پیام تبلیغاتی در هفته"), default=2)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("قاعدهٔ تماس")
        verbose_name_plural = _("قاعدهٔ تماس")
        constraints = [models.UniqueConstraint(fields=["club"], name="contact_policy_once")]

    def __str__(self) -> str:
        return str(self.most_a_week)


class Campaign(ClubModel):
    """One message to an audience, once to each member, whatever is re-run.

    A worker goes through the audience in the order of its members; `reached` is the last one that is done. Shares are
    basis points, `amount` is points or Rial by `gives`.
    """

    class Channel(models.TextChoices):
        SMS = "sms", _("پیامک")
        EMAIL = "email", _("ایمیل")
        PANEL = "panel", _("اعلان پنل")

    class Audience(models.TextChoices):
        ALL = "all", _("همهٔ اعضا")
        SEGMENT = "segment", _("یک گروه مشتریان")

    class Gives(models.TextChoices):
        NOTHING = "", _("هیچ؛ تنها پیام")
        COUPON = "coupon", _("کد شخصی یک پیشنهاد")
        POINTS = "points", _("امتیاز")
        CREDIT = "credit", _("اعتبار")

    class Status(models.TextChoices):
        DRAFT = "draft", _("پیش‌نویس")
        SCHEDULED = "scheduled", _("زمان‌بندی‌شده")
        WAITING = "waiting", _("در صف")
        RUNNING = "running", _("در حال فرستادن")
        STOPPED = "stopped", _("متوقف")
        DONE = "done", _("انجام شد")
        FAILED = "failed", _("انجام نشد")

    name = models.CharField(_("نام"), max_length=80)
    channel = models.CharField(_("کانال"), max_length=8, choices=Channel.choices, default=Channel.SMS)
    audience = models.CharField(_("مخاطب"), max_length=8, choices=Audience.choices, default=Audience.ALL)
    segment = models.ForeignKey(Segment, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    subject = models.CharField(_("موضوع"), max_length=150, blank=True, default="")
    text = models.TextField(_("متن"), max_length=900)
    control_bp = models.PositiveIntegerField(_("گروه شاهد"), default=0)
    gives = models.CharField(_("هدیه"), max_length=8, choices=Gives.choices, blank=True, default=Gives.NOTHING)
    amount = models.BigIntegerField(_("مقدار هدیه"), default=0)
    valid_days = models.PositiveSmallIntegerField(_("اعتبار کد"), null=True, blank=True)
    # What it tells of: whose code it brings, or which it announces.
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, editable=False, related_name="+", db_index=False)
    effect_days = models.PositiveSmallIntegerField(_("روزهای سنجش"), default=14)
    starts_at = models.DateTimeField(_("زمان فرستادن"), null=True, blank=True)
    notice_days = models.PositiveSmallIntegerField(_("روزهای اعلان"), default=NOTICE_DAYS, db_default=NOTICE_DAYS)

    status = models.CharField(_("وضعیت"), max_length=9, choices=Status.choices, default=Status.DRAFT, editable=False)
    key = models.CharField(max_length=64, blank=True, editable=False)
    asked = models.IntegerField(default=0, editable=False)
    done = models.IntegerField(default=0, editable=False)
    reached = models.BigIntegerField(default=0, editable=False)
    error = models.CharField(max_length=500, blank=True, editable=False)
    # Who works on it: a worker that lost it to another finds the number changed and writes no more.
    attempt = models.IntegerField(default=0, editable=False)
    deaths = models.SmallIntegerField(default=0, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    actor = models.CharField(_("چه کسی"), max_length=60, editable=False)
    created_at = models.DateTimeField(_("ساخته‌شده"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    began_at = models.DateTimeField(_("آغاز"), null=True, editable=False)
    stopped_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(_("پایان"), null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_by = models.CharField(max_length=60, blank=True, default="", db_default="", editable=False)
    # What became of its messages, as summed up at that moment; without one it is to be summed anew.
    figures = models.JSONField(default=dict, db_default={}, editable=False)
    figured_at = models.DateTimeField(null=True, editable=False)

    class Meta(ClubModel.Meta):
        verbose_name = _("کارزار")
        verbose_name_plural = _("کارزارها")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(control_bp__lte=5_000, amount__gte=0), name="campaign_figures_fit"
            ),
        ]
        indexes = [
            models.Index(fields=["club", "-id"], name="campaign_newest"),
            models.Index(fields=["club", "status"], name="campaign_by_status"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def document(self) -> str:
        """What its messages and codes bear."""
        return f"campaign:{self.pk}"


class CampaignMember(ClubModel):
    """What a campaign came to for one member: written to, held out by lot, or left out and why."""

    class Outcome(models.TextChoices):
        SENT = "sent", _("فرستاده شد")
        CONTROL = "control", _("گروه شاهد")
        NO_ADDRESS = "no_address", _("نشانی ندارد")
        NO_CONSENT = "no_consent", _("رضایت نداده")
        OPTED_OUT = "opted_out", _("در فهرست بی‌پیامک")
        POLICY = "policy", _("سقف پیام هفته")
        ALREADY = "already", _("همین پیام را با شمارهٔ دیگرش گرفته")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="members", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(_("نتیجه"), max_length=10, choices=Outcome.choices)
    # The row of the outbox of SMS or of mails; a notice has none.
    message_id = models.BigIntegerField(null=True)
    at = models.DateTimeField(_("زمان"))

    class Meta(ClubModel.Meta):
        verbose_name = _("پیام کارزار")
        verbose_name_plural = _("پیام‌های کارزار")
        constraints = [models.UniqueConstraint(fields=["club", "campaign", "member"], name="in_a_campaign_once")]
        indexes = [models.Index(fields=["club", "member", "-at", "-id"], name="campaigns_of_member")]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.member_id}"
