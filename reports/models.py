"""What the reports keep of their own: days without any entry, and what an offer was expected to cost."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.language import in_language
from core.tenancy.models import ClubModel
from offers.models import Offer


class DataGap(ClubModel):
    """A day that is over and on which nobody recorded anything; `is_closed`: a manager said that the shop was shut."""

    day = models.DateField(_("روز"))
    is_closed = models.BooleanField(_("تعطیل"), default=False, db_default=False)
    note = models.CharField(_("یادداشت"), max_length=200, blank=True, default="", db_default="")
    actor = models.CharField(_("چه کسی"), max_length=60, blank=True, default="", db_default="")
    noted_at = models.DateTimeField(_("یافته‌شده"), db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("روز بی‌داده")
        verbose_name_plural = _("روزهای بی‌داده")
        constraints = [models.UniqueConstraint(fields=["club", "day"], name="data_gap_once_a_day")]

    def __str__(self) -> str:
        return in_language(self.day.isoformat())


class OfferForecast(ClubModel):
    """What an offer was expected to cost on the day it was first published, in Rial.

    `most`: what its limits let it cost, None where nothing bounds it. `expected`: what it would have cost in the days
    before, had it been live; None where nobody asked. `days`: of how many days that is.
    """

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="+", db_index=False)
    most = models.BigIntegerField(_("بیشترین هزینه"), null=True)
    expected = models.BigIntegerField(_("هزینهٔ برآوردی"), null=True)
    days = models.IntegerField(null=True)
    made_at = models.DateTimeField(_("زمان"))

    class Meta(ClubModel.Meta):
        verbose_name = _("پیش‌بینی پیشنهاد")
        verbose_name_plural = _("پیش‌بینی‌های پیشنهاد")
        constraints = [models.UniqueConstraint(fields=["club", "offer"], name="offer_forecast_once")]

    def __str__(self) -> str:
        return f"{self.offer_id}: {self.most}"
