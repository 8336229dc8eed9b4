"""Notices on the panels: one row for everybody they are meant for, and one for each person who has read them."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from club.members.models import Member
from club.members.segment_models import Segment
from core.tenancy.models import ClubModel


class Notice(ClubModel):
    """Something that panels show from a moment on; never sent anywhere. Its words stay, withdrawing hides it.

    `right` narrows a notice to the staff to those who have it, `user` to one of them. `document` names what it tells
    of: about one document nobody is told twice.
    """

    class Audience(models.TextChoices):
        ALL = "all", _("همهٔ اعضا")
        SEGMENT = "segment", _("یک گروه مشتریان")
        MEMBER = "member", _("یک عضو")
        STAFF = "staff", _("کارکنان")

    audience = models.CharField(_("برای"), max_length=8, choices=Audience.choices)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("عضو")
    )
    segment = models.ForeignKey(
        Segment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("گروه مشتریان"),
    )
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    right = models.CharField(max_length=40, blank=True, default="")
    text = models.TextField(_("متن"), max_length=600)
    link = models.CharField(_("پیوند"), max_length=300, blank=True, default="")
    starts_at = models.DateTimeField(_("از"))
    ends_at = models.DateTimeField(_("تا"), null=True, blank=True)
    document = models.CharField(_("سند"), max_length=60, blank=True, default="")
    author = models.CharField(_("نویسنده"), max_length=60)
    created_at = models.DateTimeField(_("ثبت"), db_default=Now())
    withdrawn_at = models.DateTimeField(_("پس گرفتن"), null=True)
    withdrawn_by = models.CharField(max_length=60, blank=True, default="")

    class Meta(ClubModel.Meta):
        verbose_name = _("اعلان")
        verbose_name_plural = _("اعلان‌ها")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(audience="member", member__isnull=False)
                | (~models.Q(audience="member") & models.Q(member=None)),
                name="notice_names_its_member",
            ),
            models.CheckConstraint(
                condition=models.Q(audience="segment", segment__isnull=False)
                | (~models.Q(audience="segment") & models.Q(segment=None)),
                name="notice_names_its_segment",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gt=models.F("starts_at")),
                name="notice_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["club", "member", "document"],
                condition=models.Q(member__isnull=False) & ~models.Q(document=""),
                name="notice_to_member_once_a_document",
            ),
            models.UniqueConstraint(
                fields=["club", "document", "audience", "right", "user", "segment"],
                condition=models.Q(member=None) & ~models.Q(document=""),
                nulls_distinct=False,
                name="notice_to_many_once_a_document",
            ),
        ]
        indexes = [
            models.Index(
                fields=["club", "member", "-starts_at"],
                name="notice_of_member",
                condition=models.Q(member__isnull=False),
            ),
            models.Index(fields=["club", "-starts_at"], name="notice_to_many", condition=models.Q(member=None)),
            # What members were told of one document and may be taken back.
            models.Index(
                fields=["club", "document"],
                name="notice_by_document",
                condition=models.Q(member__isnull=False, withdrawn_at=None) & ~models.Q(document=""),
            ),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class NoticeRead(ClubModel):
    """That a person, a member or one of the staff, has had the notice before the eyes."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="reads", db_index=False)
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="+", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", db_index=False)
    read_at = models.DateTimeField(_("خواندن"))

    class Meta(ClubModel.Meta):
        verbose_name = _("خواندن اعلان")
        verbose_name_plural = _("خواندن اعلان‌ها")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(member=None, user__isnull=False) | models.Q(member__isnull=False, user=None),
                name="notice_read_by_one",
            ),
            models.UniqueConstraint(
                fields=["club", "notice", "member"],
                condition=models.Q(member__isnull=False),
                name="notice_read_by_member_once",
            ),
            models.UniqueConstraint(
                fields=["club", "notice", "user"],
                condition=models.Q(user__isnull=False),
                name="notice_read_by_user_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}: {self.member_id or self.user_id}"
