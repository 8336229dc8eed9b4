"""Who was named to the club before joining. Leads, which stand in a higher package, register the phone here."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.tenancy.models import ClubModel


class AwaitedMember(ClubModel):
    """A phone that is no member yet, and the referral code, a member's or an agent's, that named it first."""

    phone = models.CharField(_("موبایل"), max_length=11, db_collation="C")
    code = models.CharField(_("کد معرفی"), max_length=12, db_collation="C")

    class Meta(ClubModel.Meta):
        verbose_name = _("عضو چشم‌به‌راه")
        verbose_name_plural = _("اعضای چشم‌به‌راه")
        constraints = [models.UniqueConstraint(fields=["club", "phone"], name="awaited_member_once")]

    def __str__(self) -> str:
        return f"{self.phone}: {self.code}"
