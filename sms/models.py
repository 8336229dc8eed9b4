"""What is sent, to whom it is not, with which words, and over which account."""

import secrets
from datetime import time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.language import in_language
from core.secrets import SecretField
from core.tenancy.models import ClubModel
from sms import kinds


def random_localid() -> int:
    """A positive 63-bit number no earlier message has: the provider silently drops one it has seen."""
    return secrets.randbelow(2**63 - 1) + 1


def random_secret() -> str:
    """The part of the callback address that nobody can guess."""
    return secrets.token_urlsafe(24)


class MessageClass(models.TextChoices):
    OTP = kinds.OTP, _("کد ورود")
    SERVICE = kinds.SERVICE, _("خدماتی")
    ADVERTISING = kinds.ADVERTISING, _("تبلیغاتی")


class Status(models.TextChoices):
    QUEUED = "queued", _("در صف")
    SENDING = "sending", _("در حال فرستادن")
    SENT = "sent", _("فرستاده شد")
    DELIVERED = "delivered", pgettext_lazy("state", "رسید")
    UNDELIVERED = "undelivered", _("نرسید")
    BLOCKED = "blocked", _("گیرنده نمی‌پذیرد")
    FAILED = "failed", _("ناموفق")
    SKIPPED = "skipped", _("فرستاده نشد")
    UNKNOWN = "unknown", _("نامعلوم")


WAITING = (Status.QUEUED, Status.SENDING)


class SmsTemplate(ClubModel):
    """The club's own words for a kind of message; without a row the kind's default text is sent."""

    kind = models.CharField(_("پیام"), max_length=40)
    message_class = models.CharField(_("دسته"), max_length=12, choices=MessageClass.choices)
    text = models.TextField(_("متن"), max_length=900)
    enabled = models.BooleanField(_("فعال"), default=True)
    updated_at = models.DateTimeField(_("آخرین تغییر"), auto_now=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("متن پیامک")
        verbose_name_plural = _("متن‌های پیامک")
        ordering = ["kind"]
        constraints = [models.UniqueConstraint(fields=["club", "kind"], name="sms_template_once")]

    def __str__(self) -> str:
        return str(kinds.name_of(self.kind))

    def clean(self) -> None:
        """Refuse an unknown kind or placeholder, and a class that would send codes as advertising."""
        from sms.templates import faults

        known = kinds.known(self.kind)
        if known is None or known.carried:
            raise ValidationError({"kind": _("چنین پیامی نداریم.")})
        if (known.message_class == kinds.OTP) != (self.message_class == kinds.OTP):
            raise ValidationError({"message_class": _("دستهٔ «کد ورود» فقط برای پیام کد ورود است.")})
        if known.message_class == kinds.OTP and not self.enabled:
            raise ValidationError({"enabled": _("بدون کد ورود هیچ‌کس وارد نمی‌شود؛ این پیام خاموش نمی‌شود.")})
        if found := faults(known, self.text):
            raise ValidationError({"text": found})


class OutboxMessage(ClubModel):
    """One SMS from the moment something wanted it to its final state; written in the transaction of that something."""

    kind = models.CharField(_("پیام"), max_length=40)
    message_class = models.CharField(_("دسته"), max_length=12, choices=MessageClass.choices)
    phone = models.CharField(_("گیرنده"), max_length=11)
    context = models.JSONField(default=dict)
    text = models.TextField(_("متن"), blank=True)
    localid = models.BigIntegerField(editable=False)
    status = models.CharField(_("وضعیت"), max_length=12, choices=Status.choices, default=Status.QUEUED)
    parts = models.SmallIntegerField(_("بخش"), default=0)
    cost_rial = models.BigIntegerField(_("هزینه"), default=0)
    provider_id = models.BigIntegerField(_("شناسهٔ سرویس‌دهنده"), null=True)
    attempts = models.SmallIntegerField(_("تلاش"), default=0)
    in_doubt = models.BooleanField(default=False)
    next_attempt_at = models.DateTimeField(db_default=Now())
    polls = models.SmallIntegerField(default=0)
    next_poll_at = models.DateTimeField(null=True)
    error_code = models.CharField(_("کد خطا"), max_length=20, blank=True)
    error_text = models.CharField(_("شرح خطا"), max_length=300, blank=True)
    member_id = models.BigIntegerField(_("عضو"), null=True)
    document = models.CharField(_("سند"), max_length=60, blank=True)
    created_at = models.DateTimeField(_("ثبت"), db_default=Now())
    sent_at = models.DateTimeField(_("فرستادن"), null=True)
    final_at = models.DateTimeField(_("پایان"), null=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("پیامک")
        verbose_name_plural = _("پیامک‌ها")
        constraints = [models.UniqueConstraint(fields=["club", "localid"], name="sms_localid_once")]
        indexes = [
            models.Index(
                fields=["club", "message_class", "next_attempt_at"],
                name="sms_waiting",
                condition=models.Q(status__in=["queued", "sending"]),
            ),
            models.Index(fields=["club", "next_poll_at"], name="sms_to_poll", condition=models.Q(status="sent")),
            models.Index(
                fields=["club", "provider_id"], name="sms_by_provider_id", condition=models.Q(provider_id__isnull=False)
            ),
            models.Index(fields=["club", "member_id", "-id"], name="sms_of_member"),
            # How often each member was advertised to lately.
            models.Index(
                fields=["club", "created_at", "member_id"],
                name="sms_advertised",
                condition=models.Q(message_class="advertising"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind_name} {in_language(self.phone)}"

    @property
    def kind_name(self) -> str:
        """What the message is called; one of a family by what was written in it, without asking for its name."""
        return str(("-" in self.kind and self.context.get("occasion")) or kinds.name_of(self.kind))

    def claim_for_scope(self) -> None:
        """A new message has its random number as it has its club: saved alone or in bulk."""
        super().claim_for_scope()
        self.localid = self.localid or random_localid()


class Suppression(ClubModel):
    """A phone that does not want our messages, and since when; codes of login still reach it."""

    class Reason(models.TextChoices):
        OPT_OUT = "opt_out", _("فرستادن ۱۱")
        OPERATOR = "operator", _("بستن پیامک تبلیغاتی نزد اپراتور")
        MANUAL = "manual", _("به درخواست مشتری")

    phone = models.CharField(_("شماره"), max_length=11)
    since = models.DateTimeField(_("از"), db_default=Now())
    reason = models.CharField(_("چرا"), max_length=12, choices=Reason.choices, default=Reason.MANUAL)
    # That one is known beside another reason: who comes back to us has not opened it there.
    closed_at_operator = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta(ClubModel.Meta):
        verbose_name = _("شمارهٔ بی‌پیامک")
        verbose_name_plural = _("شماره‌های بی‌پیامک")
        constraints = [models.UniqueConstraint(fields=["club", "phone"], name="sms_suppressed_once")]

    def __str__(self) -> str:
        return self.phone


class Silence(ClubModel):
    """A member whom nothing calls or advertises to for now, as told by who knows the members: asked when it leaves."""

    member_id = models.BigIntegerField()
    since = models.DateTimeField(db_default=Now())

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "member_id"], name="sms_silent_once")]

    def __str__(self) -> str:
        return str(self.member_id)


class InboundMessage(ClubModel):
    """An SMS that a member sent to our line; kept once however often the provider delivers it."""

    provider_id = models.BigIntegerField()
    phone = models.CharField(_("فرستنده"), max_length=20)
    line = models.CharField(_("خط"), max_length=20, blank=True)
    text = models.TextField(_("متن"), blank=True)
    received_at = models.DateTimeField(_("دریافت"), db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("پیامک رسیده")
        verbose_name_plural = _("پیامک‌های رسیده")
        constraints = [models.UniqueConstraint(fields=["club", "provider_id"], name="sms_inbound_once")]

    def __str__(self) -> str:
        return self.phone


class SmsSettings(ClubModel):
    """The club's account and lines; without a row, or without a key, the installation's own account is used."""

    class Gateway(models.TextChoices):
        KAVENEGAR = "kavenegar", _("کاوه‌نگار")
        CONSOLE = "console", _("فقط نمایش")

    line_digits = RegexValidator(r"^(00|\+)?[0-9]{4,16}$", _("شمارهٔ خط فقط رقم دارد."))

    gateway = models.CharField(
        _("سرویس‌دهنده"), max_length=12, choices=Gateway.choices, blank=True, help_text=_("خالی: همان که برای همه است")
    )
    api_key = SecretField(_("کلید API"), blank=True)
    sender_line = models.CharField(_("خط فرستنده"), max_length=20, blank=True, validators=[line_digits])
    is_service_line = models.BooleanField(_("خط خدماتی است"), default=False)
    advertising_line = models.CharField(_("خط تبلیغاتی"), max_length=20, blank=True, validators=[line_digits])
    otp_template = models.CharField(
        _("نام الگوی کد ورود"), max_length=60, blank=True, validators=[RegexValidator(r"^[A-Za-z0-9-]+$")]
    )
    callback_secret = SecretField(editable=False)
    window_from = models.TimeField(_("تبلیغ از ساعت"), default=time(9))
    window_to = models.TimeField(_("تبلیغ تا ساعت"), default=time(21))
    stopped_code = models.CharField(max_length=20, blank=True, editable=False)
    stopped_text = models.CharField(max_length=300, blank=True, editable=False)
    stopped_at = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("تنظیم پیامک")
        verbose_name_plural = _("تنظیم پیامک")
        constraints = [models.UniqueConstraint(fields=["club"], name="sms_settings_once")]

    def __str__(self) -> str:
        return str(_("تنظیم پیامک"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Settings saved anew are tried anew: what the provider had refused is forgotten, and what waits goes out."""
        if not self.callback_secret.is_readable:
            self.callback_secret = random_secret()
        self.stopped_code, self.stopped_text, self.stopped_at = "", "", None
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """The window must be open for some time of the day."""
        if self.window_from >= self.window_to:
            raise ValidationError({"window_to": _("پایان بازه باید پس از آغاز آن باشد.")})
