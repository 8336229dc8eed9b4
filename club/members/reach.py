"""Who may get advertising now, by channel: as sets, so that a campaign to a million asks once.

The panel reaches everybody who may log in. Over the others goes to who said yes; by SMS also to nobody on the list of
those who want none, which the dispatcher looks at once more when a message is due.
"""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from club.members.models import Member
from core.errors import ValidationFailed
from sms.models import Suppression

SMS, EMAIL, PANEL = CHANNELS = ("sms", "email", "panel")


@dataclass(frozen=True)
class Reach:
    """How many of some members a channel reaches, and why not the others, each counted under the first reason."""

    total: int
    reachable: int
    no_member: int
    """Blocked, erased or merged."""
    no_address: int
    no_consent: int
    opted_out: int
    """On the list of those who want no SMS."""


def reachable(channel: str, members: QuerySet[Member] | None = None) -> QuerySet[Member]:
    """Those of the members (of all in the club in scope) who may get advertising over the channel now.

    One condition on the member's row, and for SMS one anti-join with the list of phones; unordered, meant to be
    narrowed, counted or written on. Raises ValidationFailed (channel).
    """
    asked = Member.objects.all() if members is None else members
    alive, addressed, agreed = _conditions(channel)
    found = asked.filter(alive, addressed, agreed)
    return found.exclude(_off_our_list()) if channel == SMS else found


def reach_of(channel: str, members: QuerySet[Member]) -> Reach:
    """How many of these members the channel reaches, in one query. Raises ValidationFailed (channel)."""
    alive, addressed, agreed = _conditions(channel)
    off = Q(_off_our_list()) if channel == SMS else Q(pk__in=[])
    counts = members.order_by().aggregate(
        total=Count("pk"),
        reachable=Count("pk", filter=alive & addressed & agreed & ~off),
        no_member=Count("pk", filter=~alive),
        no_address=Count("pk", filter=alive & ~addressed),
        no_consent=Count("pk", filter=alive & addressed & ~agreed & ~off),
        opted_out=Count("pk", filter=alive & addressed & off),
    )
    return Reach(**counts)


def conditions_of(channel: str) -> tuple[Q, Q, Q, Q]:
    """Whether somebody is a member, can be written to over the channel, has agreed, and is on the list against it."""
    off = Q(_off_our_list()) if channel == SMS else Q(pk__in=[])
    return (*_conditions(channel), off)


def _conditions(channel: str) -> tuple[Q, Q, Q]:
    """Whether somebody is a member, can be written to, and has agreed."""
    alive, anybody = Q(status=Member.Status.ACTIVE), Q(pk__isnull=False)
    if channel == SMS:
        return alive, Q(phone__isnull=False), Q(sms_consent=True)
    if channel == EMAIL:
        return alive, Q(email__gt=""), Q(email_consent=True)
    if channel == PANEL:
        return alive, anybody, anybody
    raise ValidationFailed({"channel": ["sms, email, panel"]})


def _off_our_list() -> Exists:
    return Exists(Suppression.objects.filter(phone=OuterRef("phone")))
