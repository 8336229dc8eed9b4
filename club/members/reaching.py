"""A member's mobile changed: from then on the new one logs in and is written to, and the old one is told."""

from typing import Any, Protocol

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from club.members.consent import follow_phone
from club.members.models import Member
from club.members.selectors import get_member
from club.members.services import update_member
from core.errors import ValidationFailed
from core.phones import InvalidPhone, mask_phone, normalise_phone
from sms import outbox


class Reader(Protocol):
    """Whoever has chosen a language, or not."""

    @property
    def language(self) -> str: ...


def in_language_of(reader: Reader) -> dict[str, str]:
    """What the context of an SMS says of the language its reader chose; nothing where that is left to the club."""
    return {"language": reader.language} if reader.language else {}


@transaction.atomic
def change_phone(member_id: int, phone: str, *, actor: str) -> Member:
    """Give the member this mobile, in any form, and tell the old one. Who logs in with the old one is no member now.

    That the new one is the member's is for the caller to have proven. Raises NotFound, ValidationFailed (phone),
    DuplicatePhone for another member's.
    """
    try:
        new = normalise_phone(phone)
    except InvalidPhone as refused:
        raise ValidationFailed({"phone": [refused.detail]}) from refused
    if get_member(member_id).phone == new:
        raise ValidationFailed({"phone": [_("این همان شمارهٔ کنونی است.")]})
    return change_details(member_id, {"phone": new}, actor=actor)


@transaction.atomic
def change_details(member_id: int, changes: dict[str, Any], *, actor: str) -> Member:
    """`update_member` for every door: a mobile that changed is told to the old one, and a no to messages goes along."""
    old = get_member(member_id).phone
    member = update_member(member_id, changes, actor=actor)
    # A number that was only taken off has no new one to tell of.
    if member.phone and member.phone != old:
        follow_phone(member, now=timezone.now())
        if old:
            _tell(old, member)
    return member


def _tell(old: str, member: Member) -> None:
    outbox.enqueue(
        "phone_changed",
        phone=old,
        member_id=member.pk,
        document=f"member:{member.pk}",
        context={"name": member.first_name, "phone": mask_phone(member.phone or ""), **in_language_of(member)},
    )
