"""Missions: a target that a member's purchases fill within a window, and each time that one was filled."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from core.tenancy.models import ClubModel
from offers.models import Offer


class Mission(ClubModel):
    """What is counted, up to where, within which window, and what it brings.

    What it asks is never changed once it is live, so that nobody's target moves away. `benefit` is that of an offer,
    as the REST API says it; `offer` the hidden one made of it. `won`: how often it was filled and not taken back.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("پیش‌نویس")
        LIVE = "live", _("فعال")
        ENDED = "ended", _("پایان‌یافته")

    class Counts(models.TextChoices):
        VISITS = "visits", _("خرید")
        SPENT = "spent", _("مبلغ خرید")
        POINTS = "points", _("امتیاز خرید")
        GROUPS = "groups", _("گروه‌های گوناگون")
        PRODUCTS = "products", _("کالاهای گوناگون")
        UNITS = "units", _("تعداد کالا")

    class Window(models.TextChoices):
        WHOLE = "whole", _("از آغاز تا پایان مأموریت")
        MONTH = "month", _("هر ماه جدا")
        SEASON = "season", _("هر فصل جدا")
        YEAR = "year", _("هر سال جدا")
        DAYS = "days", _("چند روز از نخستین خرید")

    class Again(models.TextChoices):
        ONCE = "once", _("یک بار")
        WINDOW = "window", _("در هر بازه یک بار")
        EACH = "each", _("هر بار که پر شود")

    name = models.CharField(_("نام"), max_length=60)
    about = models.CharField(_("توضیح"), max_length=200, blank=True)
    counts = models.CharField(_("چه چیزی شمرده شود؟"), max_length=8, choices=Counts.choices)
    target = models.BigIntegerField(_("هدف"))
    of = models.JSONField(_("از چه کالاهایی؟"), default=list)
    window = models.CharField(_("در چه بازه‌ای؟"), max_length=6, choices=Window.choices, default=Window.WHOLE)
    days = models.IntegerField(_("چند روز؟"), null=True)
    again = models.CharField(_("چند بار؟"), max_length=6, choices=Again.choices, default=Again.ONCE)
    benefit = models.JSONField(_("هدیه"), null=True)
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, related_name="+", db_index=False)
    valid_days = models.IntegerField(_("کد هدیه تا چند روز؟"), default=30)
    badge = models.CharField(_("نام نشان"), max_length=40, blank=True)
    icon = models.CharField(_("شکل"), max_length=24, default="stamp")
    tier_code = models.CharField(_("از کدام سطح؟"), max_length=32, blank=True)
    limit = models.IntegerField(_("سقف هدیه‌ها"), null=True)
    won = models.IntegerField(default=0)
    status = models.CharField(_("وضعیت"), max_length=5, choices=Status.choices, default=Status.DRAFT)
    starts_at = models.DateTimeField(_("آغاز"), null=True)
    ends_at = models.DateTimeField(_("پایان"), null=True)
    actor = models.CharField(_("سازنده"), max_length=60)
    created_at = models.DateTimeField(_("ساخت"), db_default=Now())
    updated_at = models.DateTimeField(_("تغییر"), db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("مأموریت")
        verbose_name_plural = _("مأموریت‌ها")
        constraints = [
            models.CheckConstraint(condition=models.Q(target__gte=1), name="mission_target_at_least_one"),
            models.CheckConstraint(
                condition=models.Q(won__gte=0) & (models.Q(limit=None) | models.Q(won__lte=models.F("limit"))),
                name="mission_won_within_limit",
            ),
        ]
        indexes = [models.Index(fields=["club", "status", "-id"], name="mission_by_status")]

    def __str__(self) -> str:
        return self.name


class MissionWin(ClubModel):
    """A round of a mission filled by a member: the guard that it is rewarded once, and what it was judged by.

    `window` names the window where each has its own, `number` the round in it; `cause` is the purchase that filled
    it. `taken_back` with the refund that undid it: then the round is open again.
    """

    mission = models.ForeignKey(Mission, models.PROTECT, related_name="wins", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="mission_wins", db_index=False)
    window = models.CharField(_("بازه"), max_length=8, blank=True)
    number = models.IntegerField(_("دور"))
    target = models.BigIntegerField(_("هدف"))
    cause = models.CharField(_("با خرید"), max_length=60)
    offer = models.ForeignKey(Offer, models.PROTECT, null=True, related_name="+", db_index=False)
    worth = models.BigIntegerField(_("ارزش"), default=0)
    taken_back = models.BooleanField(_("پس گرفته شد"), default=False)
    occurred_at = models.DateTimeField(_("زمان"))
    created_at = models.DateTimeField(db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("مأموریت پرشده")
        verbose_name_plural = _("مأموریت‌های پرشده")
        constraints = [
            models.UniqueConstraint(
                fields=["club", "mission", "member", "window", "number"],
                condition=models.Q(taken_back=False),
                name="mission_round_once",
            ),
        ]
        indexes = [
            models.Index(fields=["club", "member", "-id"], name="mission_win_of_member"),
            models.Index(fields=["club", "mission", "-id"], name="mission_win_of_mission"),
        ]

    def __str__(self) -> str:
        return f"{self.mission_id}: {self.member_id}"

    @property
    def document(self) -> str:
        """How the ledger, awards and coupons name it."""
        return f"mission:{self.pk}"
