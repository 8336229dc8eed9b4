"""The programme's settings over time."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.jalali import format_datetime
from core.named_days import NAMES
from core.tenancy.models import AppendOnly, ClubModel
from core.tenancy.scope import current_club


class ProgrammeVersion(AppendOnly):
    """Settings in force from a moment on; of two with the same moment the later written holds."""

    effective_from = models.DateTimeField(_("از"))
    settings = models.JSONField(_("تنظیم‌ها"))
    # What somebody asked to hold from then on; empty for the club's first settings, and where a change that holds from
    # an earlier moment only goes on through this one.
    changes = models.JSONField(default=dict)
    withdraws = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    actor = models.CharField(_("چه کسی"), max_length=60)
    created_at = models.DateTimeField(_("ثبت"), db_default=Now())

    class Meta(AppendOnly.Meta):
        verbose_name = _("نسخهٔ برنامه")
        verbose_name_plural = _("نسخه‌های برنامه")
        indexes = [models.Index(fields=["club", "-effective_from", "-id"], name="programme_in_force")]

    def __str__(self) -> str:
        return format_datetime(self.effective_from, tz=current_club().time_zone)


class NamedDayDate(ClubModel):
    """That a named day of the country comes on another day in the club than in the table; `given`: the table's."""

    code = models.CharField(_("روز"), max_length=32)
    given = models.DateField(_("روز جدول"))
    day = models.DateField(_("روز باشگاه"))
    actor = models.CharField(_("چه کسی"), max_length=60)
    updated_at = models.DateTimeField(_("تغییر"), auto_now=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("روز اصلاح‌شدهٔ تقویم")
        verbose_name_plural = _("روزهای اصلاح‌شدهٔ تقویم")
        constraints = [models.UniqueConstraint(fields=["club", "code", "given"], name="named_day_corrected_once")]

    def __str__(self) -> str:
        return str(NAMES.get(self.code, self.code))
