"""The club (the tenant) and the records every package writes by kind and id: events, audit, idempotency, job runs."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core import language
from core.tenancy.models import AppendOnly, ClubModel

# Names below BASE_DOMAIN that mean something else to people, to mail and to certificates.
RESERVED_SLUGS = {"www", "api", "admin", "localhost", "app", "static", "media", "cdn"} | {
    "mail", "smtp", "imap", "pop3", "webmail", "ftp", "ns1", "ns2", "support", "status", "root",
}  # fmt: skip


class Club(models.Model):
    """A tenant: one business and its members."""

    class CurrencyUnit(models.TextChoices):
        TOMAN = "toman", _("واحد روزمره")
        RIAL = "rial", _("ریال")

    class Joining(models.TextChoices):
        OPEN = "open", _("آزاد")
        INVITED = "invited", _("با دعوت")
        APPROVED = "approved", _("با تأیید")
        CLOSED = "closed", _("بسته")

    slug = models.CharField(
        _("نشانی"),
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[a-z][a-z0-9-]{1,38}[a-z0-9]$", _("حرف‌های کوچک لاتین، رقم و خط تیره."))],
    )
    name = models.CharField(_("نام"), max_length=80)
    currency_unit = models.CharField(
        _("واحد پول"), max_length=10, choices=CurrencyUnit.choices, default=CurrencyUnit.TOMAN
    )
    time_zone = models.CharField(max_length=40, default="Asia/Tehran")
    language = models.CharField(
        _("زبان باشگاه"),
        max_length=5,
        choices=list(language.NAMES.items()),
        default=language.PERSIAN,
        db_default=language.PERSIAN,
        help_text=_("زبان پیامک‌ها، API و صفحه‌ها برای کسی که زبان دیگری نخواسته است."),
    )
    brand_colour = models.CharField(
        _("رنگ"), max_length=7, default="#0e7c86", validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$")]
    )
    # The name under which browsers keep the logo; empty where there is none. The picture itself is a ClubLogo.
    logo_digest = models.CharField(max_length=12, blank=True, default="", db_default="", editable=False)
    tagline = models.CharField(_("شرح کوتاه"), max_length=80, blank=True)
    address = models.CharField(_("نشانی پستی"), max_length=200, blank=True)
    phone = models.CharField(_("تلفن"), max_length=30, blank=True)
    receipt_footer = models.CharField(_("پانویس رسید"), max_length=200, blank=True)
    joining = models.CharField(
        _("عضویت از صفحهٔ باشگاه"),
        max_length=8,
        choices=Joining.choices,
        default=Joining.OPEN,
        db_default=Joining.OPEN,
        help_text=_("چه کسی خودش می‌تواند عضو شود. صندوق همیشه می‌تواند عضو بسازد."),
    )
    # Digits with the country's code, and names without @, as wa.me, t.me and Instagram take them.
    whatsapp = models.CharField(_("واتساپ"), max_length=15, blank=True, default="", db_default="")
    telegram = models.CharField(_("تلگرام"), max_length=32, blank=True, default="", db_default="")
    instagram = models.CharField(_("اینستاگرام"), max_length=30, blank=True, default="", db_default="")
    asks_two_factor = models.BooleanField(
        _("ورود دومرحله‌ای مالک و مدیر"),
        default=False,
        db_default=False,
        help_text=_("از ورود بعدی، مالک‌ها و مدیرها پس از گذرواژه کد برنامهٔ رمزساز را هم می‌نویسند."),
    )
    is_active = models.BooleanField(_("فعال"), default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("باشگاه")
        verbose_name_plural = _("باشگاه‌ها")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse an address that is not a club's to have."""
        if self.slug in RESERVED_SLUGS:
            raise ValidationError({"slug": _("این نشانی برای کار دیگری است؛ نشانی دیگری برگزینید.")})


class ClubHost(models.Model):
    """A domain of the club's own, beside slug.<BASE_DOMAIN>."""

    serves = models.ForeignKey(Club, models.CASCADE, related_name="hosts")
    host = models.CharField(max_length=253, unique=True)

    def __str__(self) -> str:
        return self.host


class ClubLogo(ClubModel):
    """The club's logo as it is served: a small WebP, in the database so that every machine has it."""

    digest = models.CharField(max_length=12)
    picture = models.BinaryField()

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club"], name="one_logo_per_club")]

    def __str__(self) -> str:
        return self.digest


class IdempotencyKey(ClubModel):
    """A request that moved value, and its answer; inserted first, in the same transaction as the work."""

    key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    answer = models.TextField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "key"], name="idempotency_key_once")]

    def __str__(self) -> str:
        return self.key


class DomainEvent(AppendOnly):
    """Something that happened, for consumers in higher packages; `seq` is given after commit, in order."""

    seq = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=40)
    member_id = models.BigIntegerField(null=True)
    document = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "seq"], name="event_seq_once")]
        indexes = [
            models.Index(fields=["club", "id"], name="event_unnumbered", condition=models.Q(seq=None)),
            models.Index(fields=["club", "member_id", "occurred_at"], name="event_of_member"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.document}"


class EventCursor(ClubModel):
    """How far a named consumer has read in this club."""

    consumer = models.CharField(max_length=60)
    seq = models.BigIntegerField(default=0)

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "consumer"], name="one_cursor_per_consumer")]

    def __str__(self) -> str:
        return f"{self.consumer}@{self.seq}"


class AuditEntry(AppendOnly):
    """Who did what to what, with the values before and after."""

    actor = models.CharField(_("چه کسی"), max_length=60)
    action = models.CharField(_("چه کاری"), max_length=60)
    target = models.CharField(_("روی چه"), max_length=60)
    before = models.JSONField(_("پیش"), default=dict)
    after = models.JSONField(_("پس"), default=dict)
    created_at = models.DateTimeField(_("زمان"), db_default=Now())

    class Meta(AppendOnly.Meta):
        verbose_name = _("ردپا")
        verbose_name_plural = _("ردپاها")
        indexes = [
            models.Index(fields=["club", "-created_at"], name="audit_newest"),
            models.Index(fields=["club", "target", "-created_at"], name="audit_of_target"),
            models.Index(fields=["club", "actor", "-created_at"], name="audit_of_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"


class JobRun(ClubModel):
    """One run of a scheduled job in a club: unique by its due time, so that no beat or hand runs it twice."""

    job = models.CharField(max_length=60)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=500, blank=True)
    failed = models.BooleanField(default=False)

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "job", "due_at"], name="job_run_once")]

    def __str__(self) -> str:
        return f"{self.job} {self.due_at:%F %T}"
