"""What offers answered to beyond purchases: each occasion of a member, and that an offer took part in it once."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from core.tenancy.models import ClubModel
from offers.models import Offer


class ActivityType(ClubModel):
    """Something that members do and staff or a program may note, as a story on Instagram; offers name it by its code.

    `code` stands in triggers as `event:<code>` and never changes.
    """

    code = models.CharField(_("کد"), max_length=40)
    name = models.CharField(_("نام"), max_length=60)
    is_active = models.BooleanField(_("به کار می‌رود"), default=True)
    created_at = models.DateTimeField(_("ساخت"), db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("نوع فعالیت")
        verbose_name_plural = _("نوع‌های فعالیت")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["club", "code"], name="activity_type_code_once")]

    def __str__(self) -> str:
        return self.name


class Occasion(ClubModel):
    """Something about a member that offers answered to, with what they gave; a document of the ledger.

    Written once; later only that it was taken back.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="occasions", db_index=False)
    trigger = models.CharField(_("مناسبت"), max_length=46)
    # Which one of its kind it is: the year of the birthday, the last purchase of who stays away.
    key = models.CharField(max_length=80)
    # What the offers were judged by, and for an activity what was told of it.
    facts = models.JSONField(default=dict)
    properties = models.JSONField(default=dict)
    considered = models.JSONField(default=list)
    awards = models.JSONField(default=list)
    note = models.CharField(_("یادداشت"), max_length=200, blank=True)
    actor = models.CharField(_("چه کسی"), max_length=60)
    occurred_at = models.DateTimeField(_("زمان"))
    created_at = models.DateTimeField(db_default=Now())
    taken_back_at = models.DateTimeField(_("پس گرفته‌شده"), null=True)
    taken_back_by = models.CharField(max_length=60, blank=True)
    reason = models.CharField(_("دلیل"), max_length=200, blank=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("مناسبت")
        verbose_name_plural = _("مناسبت‌ها")
        indexes = [
            models.Index(fields=["club", "member", "-occurred_at", "-id"], name="occasion_of_member"),
            models.Index(fields=["club", "-occurred_at", "-id"], name="occasion_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.trigger} {self.key}"

    @property
    def document(self) -> str:
        """How the ledger and the audit name it."""
        return f"occasion:{self.pk}"


class Turn(ClubModel):
    """An offer took part in an occasion of a member: once, whatever is run again or at once.

    Also where it gave nothing: it lost, or its limit was used up.
    """

    occasion = models.ForeignKey(Occasion, models.PROTECT, related_name="turns", db_index=False)
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="+", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=80)

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "member", "key", "offer"], name="offers_turn_once")]

    def __str__(self) -> str:
        return f"{self.offer_id}: {self.key}"


class Greeting(ClubModel):
    """An occasion of which the member was told, as `birthday:1405`: once, whatever is run again or at once."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=80)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "member", "key"], name="told_once_an_occasion")]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.key}"


class Timing(ClubModel):
    """How many days before an occasion, or after the last purchase, the club tells its members of it."""

    code = models.CharField(max_length=40)
    days = models.SmallIntegerField(_("روز"))

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "code"], name="timing_of_occasion_once")]

    def __str__(self) -> str:
        return f"{self.code}: {self.days}"
