"""Giving chances, and taking them back with the document that gave them."""

from collections.abc import Mapping
from datetime import datetime

from club.lotteries.models import Chance, Lottery
from core.rows import insert_rows


def give_chances(counts: Mapping[str, int], *, member_id: int, document: str, at: datetime) -> None:
    """Note so many chances in each lottery, by its code; of a lottery that is no more none are noted."""
    if not counts:
        return
    ids = dict(Lottery.objects.filter(code__in=counts).values_list("code", "pk"))
    rows = [(ids[code], member_id, document, counts[code], at) for code in sorted(ids)]
    insert_rows(Chance, ("lottery_id", "member_id", "document", "count", "occurred_at"), rows)


def take_back_chances(document: str) -> None:
    """The whole document was taken back."""
    Chance.objects.filter(document=document).update(given_back=True)
