"""Ways into the club: invitations by code, and requests that wait for a manager's word."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.language import in_language
from core.tenancy.models import ClubModel


class JoinInvitation(ClubModel):
    """A code that lets people join where the club is joined by invitation: so many times, to the end of a day."""

    code = models.CharField(_("کد دعوت"), max_length=8, db_collation="C")
    note = models.CharField(_("برای"), max_length=60, blank=True)
    most_uses = models.PositiveIntegerField(_("چند بار"))
    used = models.PositiveIntegerField(_("به کار رفته"), default=0)
    last_day = models.DateField(_("تا"), null=True, blank=True)
    made_by = models.CharField(_("سازنده"), max_length=60)
    made_at = models.DateTimeField(_("ساخته‌شده"), db_default=Now())
    revoked_at = models.DateTimeField(_("باطل‌شده"), null=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("دعوت به عضویت")
        verbose_name_plural = _("دعوت‌های عضویت")
        constraints = [
            models.UniqueConstraint(fields=["club", "code"], name="join_invitation_code_once"),
            models.CheckConstraint(
                condition=models.Q(used__lte=models.F("most_uses")), name="join_invitation_not_used_up_twice"
            ),
        ]
        indexes = [models.Index(fields=["club", "-id"], name="join_invitation_newest")]

    def __str__(self) -> str:
        return self.code


class JoinRequest(ClubModel):
    """Somebody who asked to join a club that decides by hand. Once approved, the member has what was told here."""

    class State(models.TextChoices):
        WAITING = "waiting", _("در انتظار")
        APPROVED = "approved", _("پذیرفته")
        REFUSED = "refused", _("ردشده")

    phone = models.CharField(_("موبایل"), max_length=11, null=True, db_collation="C")
    first_name = models.CharField(_("نام"), max_length=60, blank=True)
    last_name = models.CharField(_("نام خانوادگی"), max_length=60, blank=True)
    birth_date = models.DateField(_("تاریخ تولد"), null=True)
    custom = models.JSONField(_("فیلدهای باشگاه"), default=dict)
    source = models.CharField(_("از کجا آمد"), max_length=40, blank=True)
    referrer = models.CharField(_("کد معرف"), max_length=12, blank=True, default="", db_default="", db_collation="C")
    # With which browser it was asked, as a keyed hash, until the member is noted with it.
    device = models.CharField(max_length=64, blank=True, default="", db_default="", db_collation="C")
    sms_consent = models.BooleanField(_("اجازهٔ پیامک"))
    consent_text = models.CharField(_("متنی که دید"), max_length=500, blank=True)
    rules_number = models.PositiveIntegerField(_("نسخهٔ قوانین"), null=True)
    address = models.CharField(_("نشانی اینترنتی"), max_length=45, blank=True)
    state = models.CharField(_("وضعیت"), max_length=8, choices=State.choices, default=State.WAITING)
    member = models.ForeignKey("members.Member", models.PROTECT, null=True, related_name="+", db_index=False)
    asked_at = models.DateTimeField(_("زمان درخواست"))
    decided_at = models.DateTimeField(_("زمان تصمیم"), null=True)
    decided_by = models.CharField(_("چه کسی"), max_length=60, blank=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("درخواست عضویت")
        verbose_name_plural = _("درخواست‌های عضویت")
        constraints = [
            models.UniqueConstraint(fields=["club", "phone"], name="join_request_phone_once"),
            models.CheckConstraint(
                condition=models.Q(state="approved", phone=None, member__isnull=False)
                | (~models.Q(state="approved") & models.Q(phone__isnull=False, member=None)),
                name="join_request_of_a_phone_or_a_member",
            ),
        ]
        indexes = [
            models.Index(fields=["club", "state", "-id"], name="join_request_by_state"),
            models.Index(fields=["club", "member"], name="join_request_of_member"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or in_language(self.phone or f"#{self.pk}")
