"""What offers gave, and lists of customers to be brought in: the file, how far it has come, what did not go in."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from club.members.models import Member
from core.tenancy.models import ClubModel
from offers.models import Offer


class ImportRun(ClubModel):
    """One file on its way in: first checked, then, when somebody says so, brought in. One at a time in a club."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("منتظر ستون‌ها")
        WAITING = "waiting", _("در صف")
        RUNNING = "running", _("در حال انجام")
        CHECKED = "checked", _("آمادهٔ ورود")
        STOPPED = "stopped", _("متوقف")
        DONE = "done", _("انجام شد")
        FAILED = "failed", _("خوانده نشد")

    # What it is a list of: a code of `import_subjects`.
    subject = models.CharField(max_length=12, default="members", db_default="members")
    file_name = models.CharField(_("فایل"), max_length=200)
    form = models.CharField(max_length=4)
    encoding = models.CharField(max_length=40, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    header = models.JSONField(default=list)
    head = models.JSONField(default=list)
    places = models.JSONField(default=dict)
    status = models.CharField(_("وضعیت"), max_length=8, choices=Status.choices, default=Status.DRAFT)
    # Whether it is being brought in, or only checked.
    writes = models.BooleanField(default=False)
    welcome = models.BooleanField(_("پیامک خوش‌آمد"), default=True)
    # How the people of the list agreed to messages, in the manager's words; without it nobody's yes is believed.
    consent = models.CharField(_("راه گرفتن رضایت"), max_length=500, blank=True, default="", db_default="")
    # Of whoever had it read last: reasons are written in it.
    language = models.CharField(_("زبان"), max_length=5, blank=True, default="", db_default="")
    lines = models.IntegerField(_("سطرها"), default=0)
    done = models.IntegerField(default=0)
    joined = models.IntegerField(_("عضو تازه"), default=0)
    known = models.IntegerField(_("از پیش عضو"), default=0)
    refused = models.IntegerField(_("ردشده"), default=0)
    points = models.BigIntegerField(default=0)
    credit = models.BigIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    # Who works on it: a worker that lost it to another finds the number changed and writes no more.
    attempt = models.IntegerField(default=0)
    deaths = models.SmallIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True)
    actor = models.CharField(_("چه کسی"), max_length=60)
    created_at = models.DateTimeField(_("زمان"), db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("ورود اعضا")
        verbose_name_plural = _("ورودهای اعضا")
        constraints = [
            models.UniqueConstraint(
                fields=["club"],
                condition=models.Q(status__in=["waiting", "running"]),
                name="one_import_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportFile(ClubModel):
    """The file itself, apart from the run so that nobody reads it by accident; kept for IMPORT_FILES_DAYS."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="+", db_index=False)
    content = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "run"], name="one_file_an_import")]

    def __str__(self) -> str:
        return f"{self.run_id}"


class ImportFault(ClubModel):
    """A line that did not go in, as it came, with every reason; kept as long as the file."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="+", db_index=False)
    number = models.IntegerField()
    cells = models.JSONField(default=list)
    reasons = models.JSONField(default=list)

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "run", "number"], name="import_fault_once")]

    def __str__(self) -> str:
        return f"{self.number}: {'; '.join(self.reasons)}"


class Award(ClubModel):
    """What one offer gave by one document, in the version that it was judged by; `worth` to the member in Rial.

    Written once; `given_back` when the whole document was taken back, and its use of the limits with it.
    """

    member = models.ForeignKey(Member, models.PROTECT, related_name="awards", db_index=False)
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="awards", db_index=False)
    version = models.IntegerField()
    document = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    worth = models.BigIntegerField()
    discount = models.BigIntegerField(default=0)
    credit = models.BigIntegerField(default=0)
    points = models.BigIntegerField(default=0)
    given_back = models.BooleanField(default=False)
    occurred_at = models.DateTimeField(_("زمان"))
    created_at = models.DateTimeField(db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("پاداش پیشنهاد")
        verbose_name_plural = _("پاداش‌های پیشنهاد")
        constraints = [models.UniqueConstraint(fields=["club", "document", "offer"], name="award_once_a_document")]
        indexes = [
            models.Index(fields=["club", "member", "offer", "-occurred_at"], name="award_of_member"),
            models.Index(fields=["club", "offer", "-occurred_at"], name="award_of_offer"),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id}: {self.document}"
