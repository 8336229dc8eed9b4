"""Changing a member: own data, tier floor and referrer in one transaction. Here because it reaches up to tiers."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from club.ledger.book import lock_book
from club.members.models import Member
from club.members.reaching import change_details
from club.members.selectors import get_member
from club.members.services import ReferralRefused, set_referrer
from club.tiers.services import set_tier_floor
from core.errors import NotFound


@transaction.atomic
def change_member(member_id: int, changes: dict[str, Any], *, actor: str, now: datetime) -> Member:
    """Change the named fields: those of `change_details`, `tier_floor` (None: none) and `referred_by` (a code).

    Raises NotFound, ValidationFailed by field, DuplicatePhone, Conflict, ReferralRefused; then nothing is written.
    """
    changes = dict(changes)
    if not changes.keys() & {"tier_floor", "referred_by"}:
        return change_details(member_id, changes, actor=actor)
    if get_member(member_id).status == Member.Status.ERASED:
        raise NotFound
    lock_book(member_id)  # before the member's row, in the order of a purchase: is it the first one?
    if "tier_floor" in changes:
        set_tier_floor(member_id, changes.pop("tier_floor"), actor=actor, at=now)
    if "referred_by" in changes:
        _refer(member_id, changes.pop("referred_by"), actor=actor)
    return change_details(member_id, changes, actor=actor) if changes else get_member(member_id)


def _refer(member_id: int, code: str | None, *, actor: str) -> None:
    if code:
        set_referrer(member_id, code, actor=actor)
    elif get_member(member_id).is_referred:
        raise ReferralRefused(_("معرف ثبت‌شده برداشته نمی‌شود."))
