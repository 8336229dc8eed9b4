"""Joining with a browser that is noted: who invites may have used it, too."""

from datetime import datetime

from django.db import transaction

from club.awards.joining import Joined, join_club
from club.members.joining import Joiner
from crm.referrals.links import note_device


@transaction.atomic
def join_by_browser(joiner: Joiner, *, actor: str, now: datetime) -> Joined:
    """Join as `join_club` does, and note the browser in the same transaction; a request carries it until it is decided.

    Noted a moment later, the referral could be judged before.
    """
    joined = join_club(joiner, actor=actor, now=now)
    if joined.member and joiner.device:
        note_device(joined.member.pk, joiner.device)
    return joined
