"""The programme's settings over time."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.tenancy.models import AppendOnly


class ProgrammeVersion(AppendOnly):
    """Settings in force from a moment on; of two with the same moment the later written holds."""

    effective_from = models.DateTimeField(_("از"))
    settings = models.JSONField(_("تنظیم‌ها"))
    actor = models.CharField(_("چه کسی"), max_length=60)
    created_at = models.DateTimeField(_("ثبت"), db_default=Now())

    class Meta(AppendOnly.Meta):
        verbose_name = _("نسخهٔ برنامه")
        verbose_name_plural = _("نسخه‌های برنامه")
        indexes = [models.Index(fields=["club", "-effective_from", "-id"], name="programme_in_force")]

    def __str__(self) -> str:
        return f"{self.effective_from:%F}"
