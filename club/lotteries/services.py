"""Giving chances, and taking them back with the document that gave them."""

from collections.abc import Mapping
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
