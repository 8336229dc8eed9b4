"""Texts and addresses of a person, taken out of what was sent and received; that it was, and what it cost, stays."""

from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone

from sms.models import WAITING, InboundMessage, OutboxMessage, Silence, Status


def forget_messages(*, member_ids: Sequence[int], phones: Sequence[str]) -> None:
    """Blank the messages to and from the person, in the running transaction; what waits is not sent.

    A phone on the list of those who want no messages stays there: it is what keeps us from writing to it again.
    """
    Silence.objects.filter(member_id__in=member_ids).delete()
    ours = OutboxMessage.objects.filter(Q(member_id__in=member_ids) | Q(phone__in=phones))
    ours.filter(status__in=WAITING).update(status=Status.SKIPPED, final_at=timezone.now())
    ours.update(phone="", context={}, text="")
    for phone in phones:  # a provider writes the number in a form of its own
        InboundMessage.objects.filter(phone__endswith=phone.removeprefix("0")).update(phone="", text="")
