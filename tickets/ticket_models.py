"""Tickets: what somebody wrote in for, how far it is, and where it has been."""

from datetime import datetime

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from club.catalogue.models import Product
from club.members.models import Member
from core.language import in_language
from core.tenancy.models import AppendOnly, ClubModel
from tickets import states
from tickets.office_models import Department, Priority


class TicketKind(models.TextChoices):
    QUESTION = "question", _("پرسش")
    REQUEST = "request", _("درخواست")
    COMPLAINT = "complaint", _("شکایت")
    TASK = "task", _("کار")


class TicketCounter(ClubModel):
    """The last ticket number of the club."""

    last_number = models.BigIntegerField(default=0)

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club"], name="ticket_counter_once")]

    def __str__(self) -> str:
        return str(self.last_number)


class Ticket(ClubModel):
    """One matter of a member, with a number of the club's own. A task is the staff's alone: its member never sees it.

    `answer_due_at` and `solve_due_at` are what was promised; the latter is moved by as much working time as the member
    was waited for, from `paused_at` on. `due_at` is the one that counts now: None while nothing is awaited of us.
    `own_kind` is what it was until a complaint was merged into it.
    `answer_seconds` and `solve_seconds` are working time, as it was when it happened.
    """

    class Status(models.TextChoices):
        NEW = states.NEW, _("تازه")
        WAITING_FOR_US = states.WAITING_FOR_US, _("منتظر ما")
        WAITING_FOR_MEMBER = states.WAITING_FOR_MEMBER, _("منتظر عضو")
        SOLVED = states.SOLVED, _("حل‌شده")
        CLOSED = states.CLOSED, _("بسته")

    class Channel(models.TextChoices):
        PORTAL = "portal", _("پنل عضو")
        DESK = "desk", _("کارکنان")
        API = "api", _("API")
        SYSTEM = "system", _("سامانه")

    number = models.BigIntegerField(_("شماره"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False, verbose_name=_("عضو"))
    kind = models.CharField(_("نوع"), max_length=10, choices=TicketKind.choices)
    subject = models.CharField(_("موضوع"), max_length=150)
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("واحد")
    )
    priority = models.CharField(_("اولویت"), max_length=8, choices=Priority.choices, default=Priority.NORMAL)
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("کالا")
    )
    channel = models.CharField(_("از کدام در"), max_length=8, choices=Channel.choices)
    status = models.CharField(_("وضعیت"), max_length=20, choices=Status.choices, default=Status.NEW)
    assignee = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("مسئول")
    )
    opened_by = models.CharField(_("ثبت‌کننده"), max_length=60)
    created_at = models.DateTimeField(_("ثبت"))
    updated_at = models.DateTimeField(_("تغییر"))
    member_wrote_at = models.DateTimeField(null=True, blank=True)
    staff_wrote_at = models.DateTimeField(null=True, blank=True)
    member_read_at = models.DateTimeField(null=True, blank=True)
    staff_read_at = models.DateTimeField(null=True, blank=True)
    first_answer_at = models.DateTimeField(_("نخستین پاسخ"), null=True, blank=True)
    first_answer_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    answer_seconds = models.PositiveBigIntegerField(null=True, blank=True)
    answer_due_at = models.DateTimeField(_("مهلت پاسخ"), null=True, blank=True)
    solve_due_at = models.DateTimeField(_("مهلت حل"), null=True, blank=True)
    due_at = models.DateTimeField(_("مهلت"), null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_seconds = models.PositiveBigIntegerField(default=0)
    warned_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(_("ارجاع به سرپرست"), null=True, blank=True)
    solved_at = models.DateTimeField(_("حل"), null=True, blank=True)
    solve_seconds = models.PositiveBigIntegerField(null=True, blank=True)
    solved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    closed_at = models.DateTimeField(_("بسته شدن"), null=True, blank=True)
    reopened = models.PositiveSmallIntegerField(_("دفعه‌های باز شدن دوباره"), default=0)
    rating = models.PositiveSmallIntegerField(_("امتیاز"), null=True, blank=True)
    rating_text = models.CharField(_("نظر"), max_length=500, blank=True, default="")
    rated_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    # Where it was put, while `merged_into` is where its matter goes on by now; and what it was before.
    merged_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    merged_at = models.DateTimeField(null=True, blank=True)
    merged_by = models.CharField(max_length=60, blank=True, default="", db_default="", editable=False)
    merged_status = models.CharField(max_length=20, blank=True, default="", db_default="", editable=False)
    own_kind = models.CharField(max_length=10, blank=True, default="", db_default="", editable=False)
    follows = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    token = models.CharField(max_length=64, blank=True, default="", db_collation="C", editable=False)

    class Meta(ClubModel.Meta):
        verbose_name = _("تیکت")
        verbose_name_plural = _("تیکت‌ها")
        constraints = [
            models.UniqueConstraint(fields=["club", "number"], name="ticket_number_once"),
            models.UniqueConstraint(
                fields=["club", "token"], condition=~models.Q(token=""), name="ticket_of_a_form_once"
            ),
            models.UniqueConstraint(
                fields=["club", "follows"], condition=models.Q(follows__isnull=False), name="ticket_followed_up_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status="closed", closed_at__isnull=False)
                | (~models.Q(status="closed") & models.Q(closed_at=None)),
                name="ticket_closed_has_its_time",
            ),
            models.CheckConstraint(
                condition=models.Q(rating=None) | models.Q(rating__range=(1, 5)), name="ticket_rating_of_five"
            ),
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | models.Q(status="closed"), name="ticket_merged_is_closed"
            ),
        ]
        indexes = [
            # The inbox: what is due first, of those that are open.
            models.Index(
                fields=["club", "due_at", "id"],
                name="ticket_inbox",
                condition=models.Q(status__in=sorted(states.OPEN)),
            ),
            models.Index(fields=["club", "-updated_at", "-id"], name="ticket_updated"),
            models.Index(
                fields=["club", "-updated_at", "-id"],
                name="ticket_ended",
                condition=models.Q(status__in=sorted(states.ENDED), merged_into=None),
            ),
            models.Index(fields=["club", "member", "-updated_at", "-id"], name="ticket_of_member"),
            models.Index(
                fields=["club", "assignee", "due_at", "id"],
                name="ticket_of_assignee",
                condition=models.Q(status__in=sorted(states.OPEN)),
            ),
            models.Index(
                fields=["club", "solved_at"], name="ticket_to_close", condition=models.Q(status=states.SOLVED)
            ),
            models.Index(fields=["club", "created_at"], name="ticket_created"),
            models.Index(
                fields=["club", "merged_into"], name="ticket_merged", condition=models.Q(merged_into__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.shown_number} {self.subject}"

    @property
    def document(self) -> str:
        """How audit, events and messages name it."""
        return f"ticket:{self.pk}"

    @property
    def shown_number(self) -> str:
        """The number as people read it."""
        return in_language(self.number)

    @property
    def is_open(self) -> bool:
        """Whether something is still awaited, of us or of the member."""
        return self.status in states.OPEN

    @property
    def waits_for_answer(self) -> bool:
        """Whether it is the first answer that was promised and not given yet, and not only the solution."""
        return self.answer_due_at is not None and self.first_answer_at is None

    @property
    def has_news_for_member(self) -> bool:
        """Whether we wrote something that its member has not seen."""
        return _is_after(self.staff_wrote_at, self.member_read_at)

    @property
    def has_news_for_staff(self) -> bool:
        """Whether its member wrote something that none of us has seen."""
        return _is_after(self.member_wrote_at, self.staff_read_at)

    @property
    def is_rated(self) -> bool:
        """Whether its member has said how it was since it ended; what ends anew may be rated anew."""
        return self.rated_at is not None and self.solved_at is not None and self.rated_at >= self.solved_at

    @property
    def is_internal(self) -> bool:
        """Whether it is the staff's own."""
        return self.kind == TicketKind.TASK


def _is_after(wrote_at: datetime | None, read_at: datetime | None) -> bool:
    return wrote_at is not None and (read_at is None or wrote_at > read_at)


class StatusChange(AppendOnly):
    """That a ticket came to a state: what the backlog of a week is counted from."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="changes", db_index=False)
    from_status = models.CharField(max_length=20, blank=True)
    to_status = models.CharField(_("وضعیت"), max_length=20, choices=Ticket.Status.choices)
    actor = models.CharField(_("چه کسی"), max_length=60)
    at = models.DateTimeField(_("زمان"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("تغییر وضعیت تیکت")
        verbose_name_plural = _("تغییرهای وضعیت تیکت")
        indexes = [
            models.Index(fields=["club", "ticket", "-id"], name="ticket_change_of_ticket"),
            models.Index(fields=["club", "at"], name="ticket_change_at"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.to_status}"


class TicketLink(ClubModel):
    """That two tickets have to do with each other; the older one stands first."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_index=False)
    actor = models.CharField(max_length=60)
    at = models.DateTimeField(db_default=Now())

    class Meta(ClubModel.Meta):
        verbose_name = _("پیوند دو تیکت")
        verbose_name_plural = _("پیوندهای تیکت‌ها")
        constraints = [
            models.UniqueConstraint(fields=["club", "ticket", "other"], name="ticket_link_once"),
            models.CheckConstraint(condition=models.Q(ticket__lt=models.F("other")), name="ticket_link_older_first"),
        ]
        indexes = [models.Index(fields=["club", "other"], name="ticket_link_of_other")]

    def __str__(self) -> str:
        return f"{self.ticket_id}, {self.other_id}"
