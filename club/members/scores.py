"""What the nightly analysis says of members: RFM scores, kept here as rows for segments, offers and the card."""

from datetime import datetime
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from core.tenancy.models import ClubModel
from core.tenancy.scope import current_club_id


class RfmClass(models.TextChoices):
    """The eleven usual classes of recency, frequency and money, best first."""

    CHAMPIONS = "champions", _("قهرمان")
    LOYAL = "loyal", _("وفادار")
    POTENTIAL_LOYALIST = "potential_loyalist", _("وفادار بالقوه")
    NEW = "new", _("تازه‌وارد")
    PROMISING = "promising", _("امیدوارکننده")
    NEED_ATTENTION = "need_attention", _("نیازمند توجه")
    ABOUT_TO_SLEEP = "about_to_sleep", _("رو به خواب")
    AT_RISK = "at_risk", _("در خطر رفتن")
    CANNOT_LOSE = "cannot_lose", _("ازدست‌ندادنی")
    HIBERNATING = "hibernating", _("به‌خواب‌رفته")
    LOST = "lost", _("ازدست‌رفته")


class MemberScore(ClubModel):
    """Recency, frequency and money of a member among the club's, 1 to 5 each; no row for who bought nothing lately.

    `scored_at` is when the row was last changed, not when it was last looked at.
    """

    member = models.ForeignKey("members.Member", models.CASCADE, related_name="+", db_index=False)
    rfm_class = models.CharField(_("کلاس RFM"), max_length=20, choices=RfmClass.choices)
    r = models.SmallIntegerField(_("تازگی"))
    f = models.SmallIntegerField(_("تکرار"))
    m = models.SmallIntegerField(_("مبلغ"))
    scored_at = models.DateTimeField(_("زمان امتیازدهی"))

    class Meta(ClubModel.Meta):
        verbose_name = _("کلاس RFM عضو")
        verbose_name_plural = _("کلاس‌های RFM اعضا")
        constraints = [
            models.UniqueConstraint(fields=["club", "member"], name="member_scored_once"),
            models.CheckConstraint(
                condition=models.Q(r__range=(1, 5), f__range=(1, 5), m__range=(1, 5)), name="score_is_a_quintile"
            ),
        ]
        indexes = [models.Index(fields=["club", "rfm_class", "member"], name="score_by_class")]

    def __str__(self) -> str:
        return f"{self.r}{self.f}{self.m}"


def score_of(member_id: int) -> MemberScore | None:
    """The member's scores, None where nothing was bought in the last twelve months."""
    return MemberScore.objects.filter(member=member_id).first()


def forget_scores(member_ids: list[int]) -> None:
    """Drop the scores of records that are nobody any more, in the running transaction."""
    MemberScore.objects.filter(member__in=member_ids).delete()


def write_scores(scored: str, sent: dict[str, Any], *, now: datetime) -> tuple[int, int]:
    """Let the scores be what the query `scored` answers; how many rows were written and how many dropped.

    `scored` is a SELECT of (member_id, rfm_class, r, f, m), each member once, with `sent` as its parameters. Rows that
    say the same already stay untouched. Runs inside a transaction of the caller, as one statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(WRITE.replace("<scored>", scored), {**sent, "club": current_club_id(), "now": now})
        written, dropped = cursor.fetchone()
    return int(written), int(dropped)


WRITE = """
WITH scored AS MATERIALIZED (<scored>), dropped AS (
    DELETE FROM members_memberscore s WHERE s.club_id = %(club)s
        AND NOT EXISTS (SELECT 1 FROM scored WHERE scored.member_id = s.member_id)
    RETURNING 1
), written AS (
    INSERT INTO members_memberscore AS s (club_id, member_id, rfm_class, r, f, m, scored_at)
    SELECT %(club)s, n.member_id, n.rfm_class, n.r, n.f, n.m, %(now)s FROM scored n
    LEFT JOIN members_memberscore o ON o.club_id = %(club)s AND o.member_id = n.member_id
    WHERE o.id IS NULL OR (o.rfm_class, o.r, o.f, o.m) IS DISTINCT FROM (n.rfm_class, n.r, n.f, n.m)
    ORDER BY n.member_id
    ON CONFLICT (club_id, member_id) DO UPDATE SET rfm_class = excluded.rfm_class, r = excluded.r, f = excluded.f,
        m = excluded.m, scored_at = excluded.scored_at
    RETURNING 1
)
SELECT (SELECT count(*) FROM written), (SELECT count(*) FROM dropped)
"""
