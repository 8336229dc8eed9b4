"""What is written under a ticket, whom it names, and the files that came with it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.tenancy.models import ClubModel
from tickets.ticket_models import Ticket

SHOWN_WIDTH, SHOWN_HEIGHT = 256, 224


class Comment(ClubModel):
    """A message of the thread. An internal one is a note among the staff, which no member ever sees."""

    class Side(models.TextChoices):
        MEMBER = "member", _("عضو")
        STAFF = "staff", _("کارکنان")
        SYSTEM = "system", _("سامانه")

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="comments", db_index=False)
    side = models.CharField(_("از"), max_length=6, choices=Side.choices)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("نویسنده")
    )
    actor = models.CharField(_("ثبت‌کننده"), max_length=60)
    text = models.TextField(_("متن"), max_length=5000, blank=True)
    is_internal = models.BooleanField(_("یادداشت داخلی"), default=False)
    created_at = models.DateTimeField(_("زمان"))
    token = models.CharField(max_length=64, blank=True, default="", db_collation="C", editable=False)

    class Meta(ClubModel.Meta):
        verbose_name = _("پیام تیکت")
        verbose_name_plural = _("پیام‌های تیکت")
        constraints = [
            models.UniqueConstraint(
                fields=["club", "token"], condition=~models.Q(token=""), name="ticket_comment_of_a_form_once"
            ),
            models.CheckConstraint(
                condition=models.Q(is_internal=False) | ~models.Q(side="member"), name="ticket_note_is_the_staffs"
            ),
        ]
        indexes = [models.Index(fields=["club", "ticket", "id"], name="ticket_comment_of_ticket")]

    def __str__(self) -> str:
        return self.text[:60]


class TicketWord(ClubModel):
    """A folded word of what was written under a ticket: found by range, as LIKE loses its index under row security."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_index=False)
    word = models.CharField(max_length=40, db_collation="C")

    class Meta(ClubModel.Meta):
        verbose_name = _("واژهٔ تیکت")
        verbose_name_plural = _("واژه‌های تیکت‌ها")
        constraints = [models.UniqueConstraint(fields=["club", "word", "ticket"], name="ticket_word_once")]
        indexes = [models.Index(fields=["club", "ticket"], name="ticket_word_of_ticket")]

    def __str__(self) -> str:
        return self.word


class Mention(ClubModel):
    """That a comment calls on one of the staff, who may then see the ticket."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="mentions", db_index=False)
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)

    class Meta(ClubModel.Meta):
        verbose_name = _("خبر کردن همکار")
        verbose_name_plural = _("خبر کردن همکاران")
        constraints = [models.UniqueConstraint(fields=["club", "comment", "user"], name="ticket_mention_once")]
        indexes = [models.Index(fields=["club", "user", "ticket"], name="ticket_mentions_of_user")]

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.user_id}"


class Attachment(ClubModel):
    """A file that came with a comment: its name and kind as they are served. A picture was drawn anew by us."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="attachments", db_index=False)
    name = models.CharField(_("نام فایل"), max_length=120)
    media_type = models.CharField(max_length=100, db_collation="C")
    size = models.PositiveIntegerField(_("اندازه"))
    digest = models.CharField(max_length=64, db_collation="C")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)

    class Meta(ClubModel.Meta):
        verbose_name = _("پیوست")
        verbose_name_plural = _("پیوست‌ها")
        indexes = [
            models.Index(fields=["club", "comment", "id"], name="ticket_attachment_of_comment"),
            # The room that they take is summed up from the index alone.
            models.Index(fields=["club"], include=["size"], name="ticket_attachment_sizes"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        """Whether it is shown in the thread; every other file is only ever downloaded."""
        return self.width is not None

    @property
    def shown_size(self) -> tuple[int, int]:
        """How large a picture stands in the thread, in points: known before it is there, so that nothing jumps."""
        width, height = self.width or 1, self.height or 1
        scale = min(1, SHOWN_WIDTH / width, SHOWN_HEIGHT / height)
        return max(1, round(width * scale)), max(1, round(height * scale))


class AttachmentBytes(ClubModel):
    """What an attachment holds, apart from it, so that no list reads it."""

    attachment = models.ForeignKey(Attachment, models.CASCADE, related_name="+", db_index=False)
    data = models.BinaryField()

    class Meta(ClubModel.Meta):
        verbose_name = _("محتوای پیوست")
        verbose_name_plural = _("محتواهای پیوست")
        constraints = [models.UniqueConstraint(fields=["club", "attachment"], name="ticket_attachment_bytes_once")]

    def __str__(self) -> str:
        return str(self.attachment_id)
