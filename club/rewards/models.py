"""The catalogue of rewards, the vouchers that members got of it, and lists of members who were given one."""

from datetime import datetime

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from core.tenancy.models import ClubModel
from offers.models import Coupon, Offer


class Reward(ClubModel):
    """What members can have for points. `benefit` None: a thing handed over the counter.

    `offer` gives the benefit; one whose benefit was changed has another, and vouchers given before keep theirs.
    `stock`: how many there are in all, `taken` how many of them are gone; None: as many as are wanted.
    """

    code = models.CharField(_("کد"), max_length=32)
    name = models.CharField(_("نام"), max_length=100)
    about = models.CharField(_("شرح"), max_length=200, blank=True)
    points = models.BigIntegerField(_("امتیاز"))
    benefit = models.JSONField(_("چه می‌دهد"), null=True, blank=True)
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, related_name="+", db_index=False)
    stock = models.IntegerField(_("موجودی"), null=True, blank=True)
    taken = models.IntegerField(_("گرفته‌شده"), default=0)
    per_member = models.IntegerField(_("برای هر عضو"), null=True, blank=True)
    valid_days = models.IntegerField(_("روزهای اعتبار"), null=True, blank=True)
    position = models.IntegerField(_("ترتیب"), default=0)
    is_active = models.BooleanField(_("فعال"), default=True)
    created_at = models.DateTimeField(_("ساخت"), db_default=Now())
    updated_at = models.DateTimeField(_("تغییر"), db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("جایزه")
        verbose_name_plural = _("جایزه‌ها")
        constraints = [
            models.UniqueConstraint(fields=["club", "code"], name="reward_code_once"),
            models.CheckConstraint(condition=models.Q(points__gte=1), name="reward_costs_points"),
            models.CheckConstraint(
                condition=models.Q(taken__gte=0) & (models.Q(stock=None) | models.Q(taken__lte=models.F("stock"))),
                name="reward_taken_within_stock",
            ),
        ]
        indexes = [models.Index(fields=["club", "-updated_at", "-id"], name="reward_updated")]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> str:
        """The kind of benefit it gives; empty for a thing handed over the counter."""
        return str((self.benefit or {}).get("kind", ""))

    @property
    def left(self) -> int | None:
        """How many there still are; None: as many as are wanted."""
        return None if self.stock is None else max(0, self.stock - self.taken)


class Grant(ClubModel):
    """A reward, a gift of its own name, points or credit given to a list of members; once to each, whatever is re-run.

    A worker goes through the list in the order of its members; `reached` is the last one that is done. `undoing`: it
    goes through it once more and takes back what was not used.
    """

    class Gives(models.TextChoices):
        VOUCHER = "voucher", _("کد جایزه")
        POINTS = "points", _("امتیاز")
        CREDIT = "credit", _("اعتبار")

    class Status(models.TextChoices):
        WAITING = "waiting", _("در صف")
        RUNNING = "running", _("در حال انجام")
        STOPPED = "stopped", _("متوقف")
        DONE = "done", _("انجام شد")
        FAILED = "failed", _("انجام نشد")

    reward = models.ForeignKey(Reward, models.PROTECT, null=True, related_name="+", db_index=False)
    name = models.CharField(_("نام"), max_length=100)
    key = models.CharField(max_length=64)
    gives = models.CharField(_("چه داده شد"), max_length=7, choices=Gives.choices, default=Gives.VOUCHER)
    amount = models.BigIntegerField(_("مقدار"), default=0)
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, related_name="+", db_index=False)
    reason = models.CharField(_("دلیل"), max_length=200, blank=True, default="")
    valid_days = models.IntegerField(null=True, blank=True)
    asked = models.IntegerField(_("شماره‌های فهرست"), default=0)
    done = models.IntegerField(default=0)
    given = models.IntegerField(_("داده شد"), default=0)
    undone = models.IntegerField(_("پس گرفته شد"), default=0)
    status = models.CharField(_("وضعیت"), max_length=7, choices=Status.choices, default=Status.DONE)
    undoing = models.BooleanField(default=False)
    undone_by = models.CharField(max_length=60, blank=True, default="")
    reached = models.BigIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True, default="")
    # Who works on it: a worker that lost it to another finds the number changed and writes no more.
    attempt = models.IntegerField(default=0)
    deaths = models.SmallIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True)
    actor = models.CharField(_("چه کسی"), max_length=60)
    created_at = models.DateTimeField(_("زمان"), db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("هدیه به یک فهرست")
        verbose_name_plural = _("هدیه به فهرست‌ها")
        constraints = [models.UniqueConstraint(fields=["club", "key"], name="grant_once")]
        indexes = [models.Index(fields=["club", "-id"], name="grant_newest")]

    def __str__(self) -> str:
        return self.name


class GrantMember(ClubModel):
    """One of the list that a grant is for, and what came of it; value given bears it as its document."""

    class Outcome(models.TextChoices):
        WAITING = "", _("در صف")
        GIVEN = "given", _("گرفت")
        LEFT_OUT = "left_out", _("نگرفت")
        UNDONE = "undone", _("پس گرفته شد")
        USED = "used", _("خرج شده")

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="members", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True, default="")

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "grant", "member"], name="in_a_grant_once")]

    def __str__(self) -> str:
        return f"{self.grant_id}: {self.member_id}"

    @property
    def document(self) -> str:
        """What entries and awards call it."""
        return f"grant:{self.pk}"


class Redemption(ClubModel):
    """A voucher: what a member took for points (`points` 0: was given), to be used once until `expires_at`.

    `kind`: that of the benefit, empty for a thing handed over. `worth` in Rial. Where a coupon stands behind it, the
    code is the coupon's and a purchase uses it. What has ended keeps the state `issued`.
    """

    class Status(models.TextChoices):
        ISSUED = "issued", _("باز")
        USED = "used", _("استفاده‌شده")
        CANCELLED = "cancelled", _("لغوشده")

    member = models.ForeignKey(Member, models.PROTECT, related_name="redemptions", db_index=False)
    reward = models.ForeignKey(Reward, models.PROTECT, null=True, related_name="redemptions", db_index=False)
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="redemptions", db_index=False)
    name = models.CharField(_("جایزه"), max_length=100)
    kind = models.CharField(_("نوع"), max_length=20, blank=True)
    points = models.BigIntegerField(_("امتیاز"), default=0)
    worth = models.BigIntegerField(_("ارزش"), default=0)
    code = models.CharField(_("کد"), max_length=64)
    coupon = models.ForeignKey(Coupon, models.PROTECT, null=True, related_name="+", db_index=False)
    status = models.CharField(_("وضعیت"), max_length=9, choices=Status.choices, default=Status.ISSUED)
    expires_at = models.DateTimeField(_("پایان"), null=True)
    occurred_at = models.DateTimeField(_("زمان"))
    actor = models.CharField(_("چه کسی"), max_length=60)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=60, blank=True, default="")
    used_in = models.CharField(max_length=60, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(_("تغییر"), db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("جایزهٔ گرفته‌شده")
        verbose_name_plural = _("جایزه‌های گرفته‌شده")
        constraints = [
            models.UniqueConstraint(fields=["club", "code"], name="redemption_code_once"),
            models.UniqueConstraint(fields=["club", "coupon"], name="redemption_of_coupon"),
            models.UniqueConstraint(fields=["club", "grant", "member"], name="granted_once_to_each"),
            models.CheckConstraint(condition=models.Q(points__gte=0, worth__gte=0), name="redemption_not_negative"),
        ]
        indexes = [
            models.Index(fields=["club", "member", "reward"], name="redemption_of_member"),
            models.Index(fields=["club", "reward", "-id"], name="redemption_of_reward"),
            models.Index(fields=["club", "status", "-id"], name="redemption_by_status"),
            models.Index(fields=["club", "-updated_at", "-id"], name="redemption_updated"),
            models.Index(
                fields=["club", "expires_at"],
                name="redemption_by_end",
                condition=models.Q(status="issued", expires_at__isnull=False),
            ),
            models.Index(fields=["club", "used_in"], name="redemption_used_in", condition=~models.Q(used_in="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def document(self) -> str:
        """What entries, coupons and events call it."""
        return f"redemption:{self.pk}"

    def state_at(self, at: datetime) -> str:
        """The status, `expired` for one that ended unused."""
        has_ended = self.expires_at is not None and self.expires_at <= at
        return "expired" if self.status == self.Status.ISSUED and has_ended else str(self.status)
