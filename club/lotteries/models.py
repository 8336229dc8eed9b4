"""Lotteries by their code, and the chances that members hold in them; draws come later."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from core.tenancy.models import ClubModel


class Lottery(ClubModel):
    """What chances are given in."""

    code = models.CharField(_("کد"), max_length=32)
    name = models.CharField(_("نام"), max_length=120)
    created_at = models.DateTimeField(_("ساخت"), db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("قرعه‌کشی")
        verbose_name_plural = _("قرعه‌کشی‌ها")
        constraints = [models.UniqueConstraint(fields=["club", "code"], name="lottery_code_once")]

    def __str__(self) -> str:
        return self.name


class Chance(ClubModel):
    """So many chances of a member by one document; `given_back` when the whole document was taken back."""

    lottery = models.ForeignKey(Lottery, models.PROTECT, related_name="chances", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="chances", db_index=False)
    document = models.CharField(max_length=60)
    count = models.IntegerField(_("شانس"))
    given_back = models.BooleanField(default=False)
    occurred_at = models.DateTimeField(_("زمان"))

    class Meta(ClubModel.Meta):
        verbose_name = _("شانس")
        verbose_name_plural = _("شانس‌ها")
        constraints = [
            models.UniqueConstraint(fields=["club", "document", "lottery"], name="chances_once_a_document"),
            models.CheckConstraint(condition=models.Q(count__gte=1), name="chances_at_least_one"),
        ]
        indexes = [models.Index(fields=["club", "member", "lottery"], name="chances_of_member")]

    def __str__(self) -> str:
        return f"{self.count} × {self.lottery_id}"
