"""Giving chances, and taking them back with the document that gave them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from club.lotteries.models import Chance, Lottery
from core import audit
from core.errors import Conflict
from core.rows import insert_rows
from core.text import clean_name


@transaction.atomic
def open_lottery(*, code: str, name: str, actor: str) -> Lottery:
    """A lottery in which chances can be given. Raises Conflict for a code that is taken."""
    try:
        with transaction.atomic():
            lottery: Lottery = Lottery.objects.create(code=code, name=clean_name(name))
    except IntegrityError as error:
        raise Conflict(_("این کد پیش‌تر به کار رفته است."), field="code") from error
    noted = {"code": code, "name": lottery.name}
    audit.record("lottery.create", actor=actor, target=f"lottery:{lottery.pk}", before={}, after=noted)
    return lottery


@dataclass(frozen=True)
class ChancesOf:
    """So many chances in each lottery, by its code, that a document gives a member."""

    counts: Mapping[str, int]
    member_id: int
    document: str
    at: datetime


def give_chances(given: Sequence[ChancesOf]) -> None:
    """Note the chances of each document; of a lottery that is no more none are noted."""
    codes = {code for one in given for code in one.counts}
    if not codes:
        return
    ids = dict(Lottery.objects.filter(code__in=codes).values_list("code", "pk"))
    rows = [
        (ids[code], one.member_id, one.document, one.counts[code], one.at)
        for one in given
        for code in sorted(ids.keys() & one.counts.keys())
    ]
    insert_rows(Chance, ("lottery_id", "member_id", "document", "count", "occurred_at"), rows)


def take_back_chances(document: str) -> None:
    """The whole document was taken back."""
    Chance.objects.filter(document=document).update(given_back=True)
