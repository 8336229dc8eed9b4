"""Taking back what an occasion gave: by staff, with a reason, the whole of it and once."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from club.awards.gifts import TakenBack, take_back
from club.ledger.book import Book, lock_book
from club.members.models import Member
from club.members.selectors import records_of
from core import audit, events
from core.errors import AppError, InProgress, NotFound, ValidationFailed
from crm.occasions.models import Occasion


class TakenBackBefore(AppError):
    code = "already_reversed"
    http_status = 409
    message = _("این هدیه پیش‌تر پس گرفته شده است.")


@transaction.atomic(durable=True)
def take_back_occasion(occasion_id: int, *, reason: str, actor: str, now: datetime) -> TakenBack:
    """Take back what the offers gave; the offers have had their turn, so that they do not give it again.

    Raises NotFound, ValidationFailed (reason), TakenBackBefore; then nothing has been written.
    """
    if not 0 < len(reason.strip()) <= 200:
        raise ValidationFailed({"reason": [_("دلیل را بنویسید؛ تا ۲۰۰ نویسه.")]})
    rows = Occasion.objects.select_for_update()
    occasion = rows.filter(pk=occasion_id).first() if 0 < occasion_id < 2**63 else None
    if occasion is None:
        raise NotFound
    if occasion.taken_back_at:
        raise TakenBackBefore
    return _take_back(occasion, reason=reason.strip(), actor=actor, now=now)


def undo_occasions(member_id: int, key: str, *, reason: str, now: datetime) -> None:
    """Take back by itself what was given for something that has not come to pass after all, in the transaction."""
    rows = Occasion.objects.select_for_update().filter(member__in=records_of(member_id), key=key, taken_back_at=None)
    for occasion in rows.order_by("pk"):
        _take_back(occasion, reason=reason, actor="system", now=now)


def _take_back(occasion: Occasion, *, reason: str, actor: str, now: datetime) -> TakenBack:
    member, book = _owner(occasion.member_id)
    at = max(now, occasion.occurred_at)
    found = take_back(occasion.document, member, book, at=at, actor=actor, reason=reason)
    book.write(actor=actor)
    Occasion.objects.filter(pk=occasion.pk).update(taken_back_at=at, taken_back_by=actor, reason=reason)
    after = {"reason": reason, "taken": dict(found.taken), "shortfall": dict(found.shortfall)}
    audit.record("occasion.take_back", actor=actor, target=occasion.document, before={}, after=after)
    events.emit("occasion.taken_back", document=occasion.document, member_id=member.pk, occurred_at=at)
    return found


def _owner(member_id: int) -> tuple[Member, Book]:
    """Whose the gift is now, and the wallets, locked: the occasion learns of a merge only later."""
    owner_id = Member.objects.values_list("merged_into_id", flat=True).get(pk=member_id) or member_id
    book = lock_book(owner_id)
    member = Member.objects.get(pk=owner_id)
    if member.merged_into_id is not None:
        raise InProgress  # merged into another between the two looks
    return member, book
