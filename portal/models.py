"""What the portal remembers of its visitors."""

from django.db import models

from club.members.models import Member
from core.tenancy.models import ClubModel


class Congratulated(ClubModel):
    """The last rise in tier for which the member was congratulated: each is said once, on whatever device."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="+", db_index=False)
    tier_change_id = models.BigIntegerField()

    class Meta(ClubModel.Meta):
        constraints = [models.UniqueConstraint(fields=["club", "member"], name="congratulated_member_once")]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.tier_change_id}"
