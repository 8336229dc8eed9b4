"""Passwords that their owner alone knows: a link by SMS sets the first one, or a new one for who forgot theirs.

A link is good once, for a time, in the club that sent it, while its person has a role there. Where no SMS arrives, a
first password may be handed over on paper, but only to somebody whom no other club knows: one password opens all.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffLink, StaffRole, User
from accounts.services import first_password, may_appoint, set_password
from accounts.sessions import proof_of
from accounts.throttle import STAFF_LINK, count_attempt
from core import audit
from core.errors import AppError, Conflict, NotFound
from core.tenancy.scope import cross_club, current_club, current_club_id
from sms import outbox
from sms.wording import portal_link

INVITED_FOR, RESET_FOR = timedelta(days=3), timedelta(hours=2)
LONGEST = 100


class LinkSpent(AppError):
    """No such link, used, too old, or its person is no longer staff here: one answer for all."""

    code = "link_spent"
    http_status = 404
    message = _("این پیوند دیگر کار نمی‌کند؛ از مدیر باشگاه پیوند تازه بخواهید.")


def send_link(user_id: int, *, giver: User, now: datetime) -> StaffLink:
    """Send the person a link that sets a password; links sent to them before are spent.

    Raises NotFound (nobody of the staff here), Forbidden, Throttled.
    """
    with transaction.atomic():
        user = _staff(user_id, giver)
        count_attempt((STAFF_LINK, user.phone), now=now)
        invited = not user.has_usable_password()
        secret = secrets.token_urlsafe(24)
        StaffLink.objects.filter(user=user, expires_at__gt=now).update(expires_at=now)
        link: StaffLink = StaffLink.objects.create(
            user=user,
            digest=_digest(secret),
            proof=proof_of(user),
            created_by=giver.actor,
            created_at=now,
            expires_at=now + (INVITED_FOR if invited else RESET_FOR),
        )
        outbox.enqueue(
            "staff_invited" if invited else "staff_reset",
            phone=user.phone,
            context={
                "name": user.name,
                "address": f"{portal_link(current_club())}/staff/link/{secret}/",
                **({"language": user.language} if user.language else {}),
            },
            document=str(link),
        )
        audit.record("staff.send_link", actor=giver.actor, target=user.actor, before={}, after={"invited": invited})
    return link


def person_of_link(secret: str, *, now: datetime) -> User:
    """Whose password the link sets. Raises LinkSpent."""
    found: StaffLink | None = None
    if len(secret) <= LONGEST and secret.isascii():
        links = StaffLink.objects.select_related("user").filter(expires_at__gt=now, digest=_digest(secret))
        found = links.first()
    if found is None or not found.user.is_active or proof_of(found.user) != found.proof or not _is_staff(found.user):
        raise LinkSpent
    return found.user


def use_link(secret: str, password: str, *, now: datetime) -> User:
    """Set the password that the person of the link chose; of two at once one is too late.

    Raises LinkSpent, ValidationFailed (password).
    """
    with transaction.atomic():
        known = person_of_link(secret, now=now)
        User.objects.select_for_update().get(pk=known.pk)  # who waited here reads the password of who was first
        user = person_of_link(secret, now=now)
        set_password(user, password, actor=user.actor)
    return user


def hand_first_password(user_id: int, *, giver: User) -> str:
    """A first password to print, for who has none and cannot be reached by SMS; it is shown this once.

    Raises NotFound, Forbidden, Conflict when there is a password already or another club knows the person.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=_staff(user_id, giver).pk)
        if user.has_usable_password():
            raise Conflict(_("این فرد خودش گذرواژه دارد؛ اگر فراموش کرده، پیوند بفرستید."))
        if _is_known_elsewhere(user):
            raise Conflict(_("این فرد در باشگاه دیگری هم هست؛ گذرواژه را تنها خودش با پیوند پیامکی می‌سازد."))
        password = first_password()
        set_password(user, password, actor=giver.actor)
    return password


def _staff(user_id: int, giver: User) -> User:
    """The person, when staff here and the giver may appoint to each of their roles."""
    held = list(StaffRole.objects.select_related("user").filter(user_id=user_id, is_active=True))
    if not held:
        raise NotFound
    for one in held:
        may_appoint(giver, one.role)
    return held[0].user


def _is_staff(user: User) -> bool:
    return bool(StaffRole.objects.filter(user=user, is_active=True).exists())


def _is_known_elsewhere(user: User) -> bool:
    here = current_club_id()
    with cross_club("whether a password handed over here would open another club"):
        return bool(StaffRole.objects.filter(user=user).exclude(club_id=here).exists())


def _digest(secret: str) -> str:
    """Plain SHA-256 is enough: the secret has 192 bits."""
    return hashlib.sha256(secret.encode()).hexdigest()
