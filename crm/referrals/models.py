"""Who was brought by a member, what it earned the member, and what was doubtful about it."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from club.purchases.models import Purchase
from core.tenancy.models import AppendOnly, ClubModel


class ReferralTerms(AppendOnly):
    """What bringing a friend earns from a moment on; a club without a row has the usual terms (`rules.Terms`)."""

    is_on = models.BooleanField(_("پاداش معرفی"))
    percent_bp = models.PositiveIntegerField(_("درصد از خرید"))
    every_purchase = models.BooleanField(_("از هر خرید"))
    hold_days = models.PositiveSmallIntegerField(_("روز درنگ"))
    most_friends = models.PositiveIntegerField(_("سقف دوستان پاداش‌دار"), null=True)
    min_amount_rial = models.BigIntegerField(_("کمترین خرید"))
    most_a_day = models.PositiveSmallIntegerField(_("عضویت در یک روز"))
    actor = models.CharField(_("چه کسی"), max_length=60)
    effective_from = models.DateTimeField(_("از"), db_default=Now())

    class Meta(AppendOnly.Meta):
        verbose_name = _("شرایط پاداش معرفی")
        verbose_name_plural = _("شرایط پاداش معرفی")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent_bp__lte=10_000, min_amount_rial__gte=0), name="referral_terms_in_bounds"
            )
        ]
        indexes = [models.Index(fields=["club", "-effective_from", "-id"], name="referral_terms_newest")]

    def __str__(self) -> str:
        return f"{self.percent_bp}"


class ReferralPage(ClubModel):
    """How the club speaks of it on the members' pages; no row is the usual words."""

    share_text = models.CharField(_("متن دعوت"), max_length=300, blank=True)
    shows_leaders = models.BooleanField(_("نشان دادن برترین معرف‌ها"), default=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("صفحهٔ معرفی")
        verbose_name_plural = _("صفحهٔ معرفی")
        constraints = [models.UniqueConstraint(fields=["club"], name="referral_page_once")]

    def __str__(self) -> str:
        return self.share_text


class Referral(ClubModel):
    """One member who was brought by another: once and for good. `reasons` are codes of what was doubtful."""

    class Review(models.TextChoices):
        CLEAR = "", _("بی‌اشکال")
        HELD = "held", _("در انتظار بررسی")
        APPROVED = "approved", _("پذیرفته")
        REFUSED = "refused", _("ردشده")

    friend = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    referrer = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(_("از کجا آمد"), max_length=40, blank=True)
    joined_at = models.DateTimeField(_("عضویت"))
    reasons = models.JSONField(_("دلیل‌ها"), default=list)
    review = models.CharField(_("بررسی"), max_length=8, choices=Review.choices, blank=True, default=Review.CLEAR)
    decided_by = models.CharField(_("چه کسی"), max_length=60, blank=True)
    decided_at = models.DateTimeField(_("زمان تصمیم"), null=True)
    decision_reason = models.CharField(_("دلیل تصمیم"), max_length=200, blank=True, default="")
    first_purchase = models.ForeignKey(Purchase, models.PROTECT, null=True, related_name="+", db_index=False)
    converted_at = models.DateTimeField(_("نخستین خرید"), null=True)
    told_at = models.DateTimeField(null=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("معرفی")
        verbose_name_plural = _("معرفی‌ها")
        constraints = [models.UniqueConstraint(fields=["club", "friend"], name="referral_of_friend_once")]
        indexes = [
            models.Index(fields=["club", "referrer", "-id"], name="referral_of_referrer"),
            models.Index(fields=["club", "review", "id"], name="referral_by_review", condition=~models.Q(review="")),
        ]

    def __str__(self) -> str:
        return f"{self.referrer_id} → {self.friend_id}"


class ReferralReward(ClubModel):
    """What a purchase of a friend brings the referrer, in Rial of credit: given once, taken back as the sale is."""

    class State(models.TextChoices):
        HELD = "held", _("در انتظار بررسی")
        WAITING = "waiting", _("در راه")
        PAID = "paid", _("داده‌شده")
        CANCELLED = "cancelled", _("لغو شده")

    referral = models.ForeignKey(Referral, models.PROTECT, related_name="rewards", db_index=False)
    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="+", db_index=False)
    base_rial = models.BigIntegerField(_("مبنای پاداش"))
    amount = models.BigIntegerField(_("پاداش"))
    taken = models.BigIntegerField(_("پس گرفته"), default=0)
    state = models.CharField(_("وضعیت"), max_length=9, choices=State.choices)
    due_at = models.DateTimeField(_("سررسید"))
    paid_at = models.DateTimeField(_("پرداخت"), null=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("پاداش معرفی")
        verbose_name_plural = _("پاداش‌های معرفی")
        constraints = [
            models.UniqueConstraint(fields=["club", "purchase"], name="referral_reward_of_purchase_once"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, taken__gte=0, taken__lte=models.F("amount")),
                name="referral_reward_taken_within_it",
            ),
        ]
        indexes = [
            models.Index(fields=["club", "referral", "id"], name="reward_of_referral"),
            models.Index(
                fields=["club", "due_at", "id"], name="referral_reward_due", condition=models.Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return self.document

    @property
    def document(self) -> str:
        """How the ledger names it: by the sale, of which there is one."""
        return f"referral:{self.purchase_id}"

    @property
    def left(self) -> int:
        """What of it is the referrer's."""
        return self.amount - self.taken


class MemberDevice(ClubModel):
    """A browser that a member joined or shared the link with, as a keyed hash of its cookie."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False)
    device = models.CharField(max_length=64, db_collation="C")
    seen_at = models.DateTimeField(db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("مرورگر عضو")
        verbose_name_plural = _("مرورگرهای اعضا")
        constraints = [models.UniqueConstraint(fields=["club", "device", "member"], name="device_of_member_once")]
        indexes = [models.Index(fields=["club", "member"], name="devices_of_member")]

    def __str__(self) -> str:
        return f"member:{self.member_id}"


class ShownReferrer(ClubModel):
    """A member who wants to stand by name among those who brought the most."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False)

    class Meta(ClubModel.Meta):
        verbose_name = _("معرف نام‌دار")
        verbose_name_plural = _("معرف‌های نام‌دار")
        constraints = [models.UniqueConstraint(fields=["club", "member"], name="shown_referrer_once")]

    def __str__(self) -> str:
        return f"member:{self.member_id}"


class LinkClicks(ClubModel):
    """How often the link of a code was opened, by the network that it stood in."""

    code = models.CharField(_("کد معرفی"), max_length=12, db_collation="C")
    source = models.CharField(_("از کجا"), max_length=20, blank=True, db_collation="C")
    clicks = models.PositiveIntegerField(_("باز شدن"), default=0)

    class Meta(ClubModel.Meta):
        verbose_name = _("باز شدن پیوند")
        verbose_name_plural = _("باز شدن پیوندها")
        constraints = [models.UniqueConstraint(fields=["club", "code", "source"], name="link_clicks_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.source}".strip()
