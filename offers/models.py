"""Offers with the versions they were live in, how much of each was given, and the codes that bring them."""

from django.db import models
from django.db.models.functions import Now, Replace
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from core.tenancy.models import ClubModel


class Offer(ClubModel):
    """An offer as its manager has it now; what it says is kept as the REST API says it.

    Name, trigger, time and code stand in columns as well, for lists; `version` is that of the newest version, 0 for
    one that was never published.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("پیش‌نویس")
        LIVE = "live", _("فعال")
        PAUSED = "paused", _("ایستاده")
        ENDED = "ended", _("پایان‌یافته")

    class MadeFor(models.TextChoices):
        """What of the programme it was made for; a manager's own has none, and lists show no other."""

        REWARD = "reward", _("جایزه")
        MISSION = "mission", _("مأموریت")

    name = models.CharField(_("نام"), max_length=100)
    trigger = models.CharField(_("رویداد"), max_length=46)
    status = models.CharField(_("وضعیت"), max_length=6, choices=Status.choices, default=Status.DRAFT)
    terms = models.JSONField(default=dict)
    starts_at = models.DateTimeField(_("آغاز"), null=True)
    ends_at = models.DateTimeField(_("پایان"), null=True)
    code_required = models.BooleanField(_("با کد"), default=False)
    made_for = models.CharField(max_length=7, choices=MadeFor.choices, blank=True, default="")
    version = models.IntegerField(default=0)
    actor = models.CharField(_("سازنده"), max_length=60)
    created_at = models.DateTimeField(_("ساخت"), db_default=Now())
    updated_at = models.DateTimeField(_("تغییر"), db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("پیشنهاد")
        verbose_name_plural = _("پیشنهادها")
        indexes = [
            models.Index(fields=["club", "status", "-id"], name="offer_by_status"),
            models.Index(fields=["club", "-updated_at", "-id"], name="offer_updated"),
        ]

    def __str__(self) -> str:
        return self.name


class OfferVersion(ClubModel):
    """What an offer said from one moment to another, while it was live. Only its end is ever written later."""

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="versions", db_index=False)
    number = models.IntegerField(_("نسخه"))
    terms = models.JSONField()
    live_from = models.DateTimeField(_("از"))
    live_until = models.DateTimeField(_("تا"), null=True)
    actor = models.CharField(_("چه کسی"), max_length=60)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("نسخهٔ پیشنهاد")
        verbose_name_plural = _("نسخه‌های پیشنهاد")
        constraints = [
            models.UniqueConstraint(fields=["club", "offer", "number"], name="offer_version_once"),
            models.UniqueConstraint(
                fields=["club", "offer"], condition=models.Q(live_until=None), name="one_live_version_of_an_offer"
            ),
            models.CheckConstraint(
                condition=models.Q(live_until=None) | models.Q(live_until__gte=models.F("live_from")),
                name="offer_version_ends_after_its_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} v{self.number}"


class OfferSet(ClubModel):
    """How often the club's live offers have changed: whoever keeps them in memory compares this number."""

    version = models.BigIntegerField(default=1)

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club"], name="one_offer_set")]

    def __str__(self) -> str:
        return str(self.version)


class OfferCounter(ClubModel):
    """How often an offer was given and what it cost in worth: in all (`period` empty), and in a Jalali month."""

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="+", db_index=False)
    period = models.CharField(max_length=7, blank=True, default="")
    used = models.BigIntegerField(default=0)
    spent = models.BigIntegerField(default=0)
    # Since when a purchase that matched got nothing any more; empty again when the limits are changed.
    stopped_at = models.DateTimeField(null=True)

    class Meta(ClubModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["club", "offer", "period"], name="offer_counter_once"),
            models.CheckConstraint(condition=models.Q(used__gte=0, spent__gte=0), name="offer_counter_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.period}: {self.used}"


class Coupon(ClubModel):
    """A code that brings an offer: how often in all and for each member, for whom, and when.

    `code` is kept in capitals and Latin digits. `uses` and `per_member` None: no limit. `document`: what granted it;
    `void`: taken back with what granted it.
    """

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="coupons", db_index=False)
    code = models.CharField(_("کد"), max_length=64)
    # What it is found by: people leave dashes out.
    key = models.GeneratedField(
        expression=Replace("code", models.Value("-"), models.Value("")),
        output_field=models.CharField(max_length=64),
        db_persist=True,
    )
    uses = models.IntegerField(_("دفعات"), null=True)
    per_member = models.IntegerField(_("برای هر عضو"), null=True)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="coupons", db_index=False)
    starts_at = models.DateTimeField(_("از"), null=True)
    ends_at = models.DateTimeField(_("تا"), null=True)
    used = models.IntegerField(_("استفاده"), default=0)
    void = models.BooleanField(default=False)
    document = models.CharField(max_length=60, blank=True, default="")
    actor = models.CharField(_("سازنده"), max_length=60)
    created_at = models.DateTimeField(_("ساخت"), db_default=Now())
    updated_at = models.DateTimeField(_("تغییر"), db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("کوپن")
        verbose_name_plural = _("کوپن‌ها")
        constraints = [
            models.UniqueConstraint(fields=["club", "key"], name="coupon_key_once"),
            models.CheckConstraint(
                condition=models.Q(used__gte=0) & (models.Q(uses=None) | models.Q(used__lte=models.F("uses"))),
                name="coupon_used_within_uses",
            ),
        ]
        indexes = [
            models.Index(fields=["club", "offer", "-id"], name="coupon_of_offer"),
            models.Index(
                fields=["club", "member", "-id"], name="coupon_of_member", condition=models.Q(member__isnull=False)
            ),
            models.Index(fields=["club", "-updated_at", "-id"], name="coupon_updated"),
            # Of many codes few end within days.
            models.Index(
                fields=["club", "ends_at"],
                name="own_coupon_by_end",
                condition=models.Q(member__isnull=False, void=False, ends_at__isnull=False),
            ),
            models.Index(fields=["club", "document"], name="coupon_of_document", condition=~models.Q(document="")),
        ]

    def __str__(self) -> str:
        return self.code


class CouponUse(ClubModel):
    """A code used in a document; `given_back` with a full refund of it."""

    coupon = models.ForeignKey(Coupon, models.PROTECT, related_name="+", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    document = models.CharField(max_length=60)
    given_back = models.BooleanField(default=False)
    occurred_at = models.DateTimeField(_("زمان"))

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "document", "coupon"], name="coupon_use_once")]
        indexes = [models.Index(fields=["club", "coupon", "member"], name="coupon_use_of_member")]

    def __str__(self) -> str:
        return f"{self.coupon_id}: {self.document}"
