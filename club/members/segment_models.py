"""Groups of members: live ones follow rules, static ones are lists. Written by `club.members.segments` alone."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.tenancy.models import ClubModel


class Segment(ClubModel):
    """Members who share a rule or a list. Conditions of offers name it by `code`, which never changes.

    `rules` of a live one are a group of conditions, as in offers; counting them is the work of a higher package.
    `size` is how many there were when it was last written. An archived one holds for nobody.
    """

    class Kind(models.TextChoices):
        LIVE = "live", _("زنده")
        STATIC = "static", _("ثابت")

    class Badge(models.TextChoices):
        NONE = "", _("بدون نشان")
        GOLD = "gold", _("طلایی")
        GREEN = "green", _("سبز")
        BLUE = "blue", _("آبی")
        RED = "red", _("قرمز")

    code = models.CharField(_("کد"), max_length=32, db_collation="C")
    name = models.CharField(_("نام"), max_length=60)
    description = models.CharField(_("توضیح"), max_length=200, blank=True)
    kind = models.CharField(_("نوع"), max_length=8, choices=Kind.choices)
    rules = models.JSONField(_("قاعده"), default=dict, blank=True)
    badge = models.CharField(_("نشان"), max_length=8, blank=True, default="", choices=Badge.choices)
    size = models.PositiveIntegerField(_("شمار اعضا"), default=0)
    counted_at = models.DateTimeField(_("آخرین شمارش"), null=True)
    archived_at = models.DateTimeField(_("بایگانی"), null=True)
    created_at = models.DateTimeField(_("ساخت"), db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("گروه مشتریان")
        verbose_name_plural = _("گروه‌های مشتریان")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["club", "code"], name="segment_code_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def document(self) -> str:
        """How events and the audit name it."""
        return f"segment:{self.pk}"

    @property
    def is_live(self) -> bool:
        """Whether its members follow from rules."""
        return self.kind == self.Kind.LIVE


class SegmentMember(ClubModel):
    """That a member is in a segment now, and since when."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="+", db_index=False)
    member = models.ForeignKey("members.Member", models.CASCADE, related_name="+", db_index=False)
    since = models.DateTimeField(_("از"), db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("عضو گروه")
        verbose_name_plural = _("اعضای گروه")
        constraints = [models.UniqueConstraint(fields=["club", "segment", "member"], name="segment_member_once")]
        indexes = [models.Index(fields=["club", "member", "segment"], name="segments_of_member")]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.member_id}"


class SegmentDay(ClubModel):
    """The size of a segment at the end of a day of the club, and how many entered and left it on that day."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField(_("روز"))
    size = models.PositiveIntegerField(_("شمار اعضا"))
    entered = models.PositiveIntegerField(_("وارد شدند"), default=0)
    left = models.PositiveIntegerField(_("بیرون رفتند"), default=0)

    class Meta(ClubModel.Meta):
        verbose_name = _("روز گروه")
        verbose_name_plural = _("روزهای گروه")
        constraints = [models.UniqueConstraint(fields=["club", "segment", "day"], name="segment_day_once")]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.day}"
