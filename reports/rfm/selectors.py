"""How the members of the club in scope are spread over the classes of RFM."""

from dataclasses import dataclass

from django.db.models import Count, Sum

from club.members.scores import MemberScore, RfmClass
from core.errors import Text
from core.money import round_half_up

BP, PERCENT = 10_000, 100


@dataclass(frozen=True)
class ClassShare:
    """A class with its members and what they have bought in all, in Rial; shares are basis points, whole percents."""

    code: str
    name: Text
    members: int
    spent: int
    share: int
    share_of_spent: int


def class_shares() -> list[ClassShare]:
    """All eleven classes, best first, also those with nobody; an empty list before the first night."""
    rows = MemberScore.objects.values("rfm_class").annotate(members=Count("pk"), spent=Sum("member__spent_rial"))
    found = {row["rfm_class"]: (row["members"], row["spent"]) for row in rows}
    if not found:
        return []
    members, spent = (sum(figures[place] for figures in found.values()) for place in (0, 1))
    return [
        ClassShare(code, name, *found.get(code, (0, 0)), *_shares(found.get(code, (0, 0)), members, spent))
        for code, name in RfmClass.choices
    ]


def _shares(figures: tuple[int, int], members: int, spent: int) -> tuple[int, int]:
    return round_half_up(figures[0] * BP, members, PERCENT), round_half_up(figures[1] * BP, spent or 1, PERCENT)
