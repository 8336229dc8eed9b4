"""Who answers tickets, when they work, what they promise, and the answers that they keep at hand."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.tenancy.models import ClubModel


class Priority(models.TextChoices):
    LOW = "low", _("کم")
    NORMAL = "normal", _("عادی")
    HIGH = "high", _("زیاد")
    URGENT = "urgent", _("فوری")


class Department(ClubModel):
    """A part of the staff that answers tickets of its own. `head` hears of what is late; archived takes no new ones."""

    code = models.CharField(_("کد"), max_length=32, db_collation="C")
    name = models.CharField(_("نام"), max_length=60)
    position = models.PositiveSmallIntegerField(_("جا"))
    head = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("سرپرست")
    )
    archived_at = models.DateTimeField(_("بایگانی"), null=True, blank=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("واحد پشتیبانی")
        verbose_name_plural = _("واحدهای پشتیبانی")
        constraints = [models.UniqueConstraint(fields=["club", "code"], name="ticket_department_code_once")]

    def __str__(self) -> str:
        return self.name


class DepartmentPerson(ClubModel):
    """That one of the staff answers the tickets of a department."""

    department = models.ForeignKey(Department, models.CASCADE, related_name="people", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False, verbose_name=_("کاربر"))

    class Meta(ClubModel.Meta):
        verbose_name = _("عضو واحد پشتیبانی")
        verbose_name_plural = _("اعضای واحد پشتیبانی")
        constraints = [
            models.UniqueConstraint(fields=["club", "department", "user"], name="ticket_department_person_once")
        ]
        indexes = [models.Index(fields=["club", "user"], name="ticket_departments_of_user")]

    def __str__(self) -> str:
        return f"{self.department_id}: {self.user_id}"


class CannedAnswer(ClubModel):
    """An answer that is given often, with {placeholders}; for one department, or for all."""

    title = models.CharField(_("عنوان"), max_length=80)
    text = models.TextField(_("متن"), max_length=4000)
    department = models.ForeignKey(
        Department, models.CASCADE, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("واحد")
    )

    class Meta(ClubModel.Meta):
        verbose_name = _("پاسخ آماده")
        verbose_name_plural = _("پاسخ‌های آماده")
        constraints = [models.UniqueConstraint(fields=["club", "title"], name="ticket_canned_title_once")]

    def __str__(self) -> str:
        return self.title


class Holiday(ClubModel):
    """A local day on which nobody answers."""

    day = models.DateField(_("روز"))
    name = models.CharField(_("نام"), max_length=60)

    class Meta(ClubModel.Meta):
        verbose_name = _("تعطیلی")
        verbose_name_plural = _("تعطیلی‌ها")
        constraints = [models.UniqueConstraint(fields=["club", "day"], name="ticket_holiday_once")]

    def __str__(self) -> str:
        return self.name


def usual_hours() -> dict[str, Any]:
    """Saturday to Wednesday from 9 to 18, Thursday until 14: minutes of the day by weekday, 0 being Saturday."""
    return {**{str(day): [[540, 1080]] for day in range(5)}, "5": [[540, 840]]}


class TicketSettings(ClubModel):
    """How a club goes about its tickets. `hours` holds the spans of each weekday in minutes of the day."""

    hours = models.JSONField(_("ساعت‌های کاری"), default=usual_hours)
    shares_out = models.BooleanField(_("تقسیم خودکار"), default=True)
    warns_before = models.PositiveSmallIntegerField(_("هشدار پیش از مهلت (دقیقهٔ کاری)"), default=60)
    closes_after = models.PositiveSmallIntegerField(
        _("بستن تیکت حل‌شده پس از (روز)"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
    )
    most_megabytes = models.PositiveIntegerField(_("سقف فایل‌ها (مگابایت)"), default=2_048)

    class Meta(ClubModel.Meta):
        verbose_name = _("تنظیم تیکت‌ها")
        verbose_name_plural = _("تنظیم تیکت‌ها")
        constraints = [models.UniqueConstraint(fields=["club"], name="ticket_settings_once")]

    def __str__(self) -> str:
        return str(self.club_id)


class ServiceTarget(ClubModel):
    """What the club promises for tickets of a priority, in working minutes."""

    priority = models.CharField(_("اولویت"), max_length=8, choices=Priority.choices)
    answer_minutes = models.PositiveIntegerField(_("نخستین پاسخ"))
    solve_minutes = models.PositiveIntegerField(_("حل"))

    class Meta(ClubModel.Meta):
        verbose_name = _("مهلت پاسخ")
        verbose_name_plural = _("مهلت‌های پاسخ")
        constraints = [
            models.UniqueConstraint(fields=["club", "priority"], name="ticket_target_once"),
            models.CheckConstraint(
                condition=models.Q(answer_minutes__gte=1, solve_minutes__gte=models.F("answer_minutes")),
                name="ticket_target_solves_after_it_answers",
            ),
        ]

    def __str__(self) -> str:
        return self.priority
