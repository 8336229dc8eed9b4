"""The link by which a member leaves the mails of a club: signed, without a login, good for as long as the key is."""

from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils.translation import gettext as _

from club.members.consent import change_consent
from club.members.models import Member
from core.errors import NotFound
from core.tenancy.scope import current_club, current_club_id
from sms.wording import portal_link


def leaving_link(member_id: int) -> str:
    """The whole address, at the club's own host."""
    return portal_link(current_club()) + reverse("portal:mail_off", args=[token_of(member_id)])


def token_of(member_id: int) -> str:
    """The member's part of the address; in another club it opens nothing."""
    return _signer().sign(str(member_id)).replace(":", ".")


def leaver(token: str) -> Member:
    """Whose link it is, now that records may have been merged. Raises NotFound for one that was not made here."""
    number, _dot, signature = token.partition(".")
    try:
        member_id = int(_signer().unsign(f"{number}:{signature}"))
    except (BadSignature, ValueError):
        raise NotFound from None
    member = Member.objects.select_related("merged_into").filter(pk=member_id).first()
    if member is None:
        raise NotFound
    found: Member = member.merged_into or member
    return found


def leave(token: str, *, now: datetime) -> Member:
    """No more mails of the club to this member; again is nothing new. Raises NotFound."""
    member = leaver(token)
    if member.status != Member.Status.ERASED:
        words = _("پیوند پایان ایمیل")
        change_consent(
            member.pk, channel="email", given=False, source="email", actor=f"member:{member.pk}", now=now, text=words
        )
    return member


def _signer() -> Signer:
    return Signer(salt=f"mail.leaving.{current_club_id()}", fallback_keys=settings.SECRET_KEY_FALLBACKS)
