"""The outbox of e-mail: one row a mail, from the moment something wanted it to its end."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from club.members.models import Member
from core.tenancy.models import ClubModel


class Mail(ClubModel):
    """A mail to a member. The address is the member's when it leaves, and kept then."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("در صف")
        SENDING = "sending", _("در حال فرستادن")
        SENT = "sent", _("فرستاده شد")
        FAILED = "failed", _("ناموفق")
        SKIPPED = "skipped", _("فرستاده نشد")

    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False, verbose_name=_("عضو"))
    subject = models.CharField(_("موضوع"), max_length=150)
    text = models.TextField(_("متن"), max_length=5_000)
    link = models.CharField(_("پیوند"), max_length=300, blank=True, default="")
    is_advertising = models.BooleanField(pgettext_lazy("mail", "تبلیغاتی"), default=True)
    address = models.EmailField(_("نشانی"), blank=True, default="")
    document = models.CharField(_("سند"), max_length=60, blank=True, default="")
    status = models.CharField(_("وضعیت"), max_length=8, choices=Status.choices, default=Status.QUEUED)
    attempts = models.SmallIntegerField(_("تلاش"), default=0)
    next_attempt_at = models.DateTimeField(db_default=Now())
    error_code = models.CharField(_("کد خطا"), max_length=20, blank=True, default="")
    error_text = models.CharField(_("شرح خطا"), max_length=300, blank=True, default="")
    created_at = models.DateTimeField(_("ثبت"), db_default=Now())
    sent_at = models.DateTimeField(_("فرستادن"), null=True)
    final_at = models.DateTimeField(_("پایان"), null=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("ایمیل")
        verbose_name_plural = _("ایمیل‌ها")
        constraints = [
            models.UniqueConstraint(
                fields=["club", "member", "document"], condition=~models.Q(document=""), name="mail_once_a_document"
            ),
        ]
        indexes = [
            models.Index(
                fields=["club", "next_attempt_at"],
                name="mail_waiting",
                condition=models.Q(status__in=["queued", "sending"]),
            ),
            models.Index(fields=["club", "member", "-id"], name="mail_of_member"),
            models.Index(
                fields=["club", "created_at", "member"],
                name="mail_advertised",
                condition=models.Q(is_advertising=True),
            ),
            models.Index(fields=["club", "document"], name="mail_by_document", condition=~models.Q(document="")),
        ]

    def __str__(self) -> str:
        return self.subject


WAITING = (Mail.Status.QUEUED, Mail.Status.SENDING)
