"""Who is staff of a club, and which programs may speak to it: each change audited in the transaction that makes it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, Role, StaffRole, User
from accounts.rights import can, forget_roles, rights_by_role
from accounts.sessions import end_every_session
from core import audit, events
from core.errors import Conflict, Forbidden, NotFound, Text, ValidationFailed
from core.phones import InvalidPhone, normalise_phone
from core.tenancy.scope import cross_club
from core.text import clean_name

# No look-alikes (0 O 1 l I): a first password is read from a screen and typed.
PASSWORD_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # noqa: S105 - an alphabet
PASSWORD_REFUSALS: dict[str, Text] = {
    "password_too_short": _("گذرواژه دست‌کم ۸ نویسه می‌خواهد."),
    "password_too_common": _("این گذرواژه بسیار رایج است؛ دیگری بگذارید."),
    "password_entirely_numeric": _("گذرواژه نباید تنها از رقم باشد."),
}
KEY_START = "ck"
ROLE_ENDED = "staff.role_ended"
USED_COARSELY = timedelta(minutes=10)


def give_role(
    *, phone: str, role: str, actor: str, name: str = "", branch_id: int | None = None, giver: User | None = None
) -> StaffRole:
    """Make the person with this phone (in any form) staff of the club in scope; the user is made where unknown.

    With a `giver`, that person's rights decide: managers and owners are appointed by owners only.
    Raises ValidationFailed (phone, role), Forbidden, Conflict when the person holds the role already.
    """
    if role not in Role.values:
        raise ValidationFailed({"role": [_("چنین نقشی نیست.")]})
    may_appoint(giver, role)
    try:
        stored = normalise_phone(phone)
    except InvalidPhone as refused:
        raise ValidationFailed({"phone": [refused.detail]}) from refused
    with transaction.atomic():
        user = User.objects.of_phone(stored)
        if name and not user.name:
            user.name = clean_name(name)[:80]
            user.save(update_fields=["name"])
        try:
            with transaction.atomic():
                _refuse_what_is_held(user, role, branch_id)
                held: StaffRole = StaffRole.objects.create(user=user, role=role, branch_id=branch_id, invited_by=giver)
        except IntegrityError as error:
            raise Conflict(_("این فرد همین نقش را دارد.")) from error
        audit.record(
            "staff.give_role",
            actor=actor,
            target=user.actor,
            before={},
            after={"role": role, "branch_id": branch_id, "phone": stored},
        )
    forget_roles(user)
    return held


def _refuse_what_is_held(user: User, role: str, branch_id: int | None) -> None:
    """A role is held at all branches or at some: Conflict for one at a branch beside one at all, either way round."""
    same = StaffRole.objects.filter(user=user, role=role, is_active=True)
    if same.filter(branch_id=None).exists() or (branch_id is None and same.exists()):
        raise Conflict(_("این فرد همین نقش را دارد."))


def end_role(role_id: int, *, actor: str, now: datetime, giver: User | None = None) -> None:
    """End a role: from the next request on it opens nothing. History stays; a second ending changes nothing.

    The person's sessions here end with it, and the API keys they made, once no other role lets them make any.

    Raises NotFound (also another club's), Forbidden, Conflict for the last owner.
    """
    with transaction.atomic():
        # All owners are locked, always in one order: two owners who end each other at once must not both succeed.
        owners = StaffRole.objects.select_for_update(of=("self",)).filter(role=Role.OWNER, is_active=True)
        active_owners = [owner.pk for owner in owners.order_by("pk")]
        held = StaffRole.objects.select_related("user").filter(pk=role_id).first()
        if held is None:
            raise NotFound
        may_appoint(giver, held.role)
        if active_owners == [role_id]:
            raise Conflict(_("باشگاه بی‌مالک نمی‌ماند؛ نخست مالک دیگری بگذارید."))
        if StaffRole.objects.filter(pk=role_id, is_active=True).update(is_active=False, ended_at=now):
            audit.record(
                "staff.end_role",
                actor=actor,
                target=f"user:{held.user_id}",
                before={"role": held.role},
                after={"role": None},
            )
            told = {"user": held.user_id, "role": held.role}
            events.emit(ROLE_ENDED, document=f"staffrole:{role_id}", occurred_at=now, data=told)
            end_every_session(held.user, actor=actor, now=now)
            forget_roles(held.user)
            if "manage_api_keys" not in rights_by_role(held.user):
                _revoke_keys_of(held.user, actor=actor, now=now)


def leave_club(user_id: int, *, actor: str, now: datetime, giver: User | None = None) -> None:
    """End every role of the person here, all or none. Raises NotFound, Forbidden, Conflict for the last owner."""
    with transaction.atomic():
        held = StaffRole.objects.filter(user_id=user_id, is_active=True).order_by("pk").values_list("pk", flat=True)
        role_ids = list(held)
        if not role_ids:
            raise NotFound
        for role_id in role_ids:
            end_role(role_id, actor=actor, now=now, giver=giver)


def move_role(role_id: int, *, branch_id: int | None, actor: str, giver: User | None = None) -> None:
    """Let a role count at another branch, or at all.

    Raises NotFound, also for a role that ended, Forbidden, and Conflict where it is held there already.
    """
    with transaction.atomic():
        held = StaffRole.objects.select_for_update(of=("self",)).filter(pk=role_id, is_active=True).first()
        if held is None:
            raise NotFound
        may_appoint(giver, held.role)
        before, held.branch_id = held.branch_id, branch_id
        if before != branch_id:
            others = StaffRole.objects.filter(user=held.user_id, role=held.role, is_active=True).exclude(pk=held.pk)
            if others.filter(branch_id=branch_id).exists() or (branch_id is None and others.exists()):
                raise Conflict(_("این نقش را در شعبهٔ دیگری هم دارد؛ نخست آن را پایان دهید."))
            held.save(update_fields=["branch_id"])
            audit.record(
                "staff.move_role",
                actor=actor,
                target=f"user:{held.user_id}",
                before={"branch_id": before},
                after={"branch_id": branch_id},
            )


def set_password(user: User, password: str, *, actor: str) -> None:
    """Give the person a password; every session of theirs ends. Raises ValidationFailed (password)."""
    try:
        validate_password(password, user)
    except ValidationError as refused:
        raise ValidationFailed({"password": [_in_persian(error) for error in refused.error_list]}) from refused
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        audit.record("staff.set_password", actor=actor, target=user.actor, before={}, after={"password": "set"})
        end_every_session(user, actor=actor, now=timezone.now())


def first_password() -> str:
    """A password to hand over, about 59 bits, easy to read out: four groups of three."""
    return "-".join("".join(secrets.choice(PASSWORD_LETTERS) for _letter in range(3)) for _group in range(4))


def make_owner(*, phone: str, name: str = "", actor: str) -> tuple[User, str | None]:
    """Make the person owner of the club in scope, with a first password where they have none yet.

    Who has a password from another club keeps it, and None is returned in its place.
    """
    with transaction.atomic():
        user = give_role(phone=phone, role=Role.OWNER, actor=actor, name=name).user
        if user.has_usable_password():
            return user, None
        password = first_password()
        set_password(user, password, actor=actor)
    return user, password


def create_api_key(*, name: str, scope: str, actor: str) -> tuple[ApiKey, str]:
    """A new key of the club in scope: its row and the key itself, which is never shown again.

    Raises ValidationFailed (name, scope).
    """
    name = clean_name(name)
    errors: dict[str, list[Text]] = {}
    if not name or len(name) > 80:
        errors["name"] = [_("نامی تا ۸۰ نویسه بنویسید.")]
    if scope not in ApiKey.Scope.values:
        errors["scope"] = [_("دامنه یکی از pos، read و manage است.")]
    if errors:
        raise ValidationFailed(errors)
    prefix, secret = secrets.token_hex(5), secrets.token_hex(24)
    raw = f"{KEY_START}_{prefix}_{secret}"
    with transaction.atomic():
        key = ApiKey.objects.create(name=name, scope=scope, prefix=prefix, digest=_digest(raw), created_by=actor)
        audit.record("api_key.create", actor=actor, target=key.actor, before={}, after={"name": name, "scope": scope})
    return key, raw


def revoke_api_key(key_id: int, *, actor: str, now: datetime) -> None:
    """From the next request on the key is unknown. Raises NotFound; a second time changes nothing."""
    with transaction.atomic():
        if not ApiKey.objects.filter(pk=key_id).exists():
            raise NotFound
        if ApiKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=now):
            audit.record(
                "api_key.revoke",
                actor=actor,
                target=f"api_key:{key_id}",
                before={"revoked_at": None},
                after={"revoked_at": now.isoformat()},
            )


def authenticate_key(raw: str, *, now: datetime) -> ApiKey | None:
    """The key of the club in scope, None when unknown here, wrong or revoked. Notes the use every ten minutes."""
    prefix = prefix_of(raw)
    if prefix is None:
        return None
    key: ApiKey | None = ApiKey.objects.filter(prefix=prefix, revoked_at=None).first()
    if key is None or not constant_time_compare(key.digest, _digest(raw)):
        return None
    if key.last_used_at is None or key.last_used_at <= now - USED_COARSELY:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USED_COARSELY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    return key


def prefix_of(raw: str) -> str | None:
    """The part of a key that is no secret; None for what is no key at all."""
    start, _mark, rest = raw.partition("_")
    prefix, _mark, secret = rest.partition("_")
    if start != KEY_START or len(prefix) != 10 or not secret or not raw.isascii() or "\x00" in raw:
        return None
    return prefix


def forget_logins(phones: Iterable[str]) -> None:
    """Drop the logins of these phones, but not of who is or was staff of any club: what they did names them."""
    users = User.objects.filter(phone__in=list(phones))
    with cross_club("whether these logins are of anybody's staff"):
        staff = set(StaffRole.objects.filter(user__in=users).values_list("user_id", flat=True))
    users.exclude(pk__in=staff).delete()


def _revoke_keys_of(user: User, *, actor: str, now: datetime) -> None:
    for key_id in ApiKey.objects.filter(created_by=user.actor, revoked_at=None).values_list("pk", flat=True):
        revoke_api_key(key_id, actor=actor, now=now)


def _in_persian(error: ValidationError) -> Text:
    """Django's own locale leaves some of these in English."""
    return PASSWORD_REFUSALS.get(str(error.code), " ".join(error.messages))


def may_appoint(giver: User | None, role: str) -> None:
    """Refuse a giver whose rights do not reach so far; the system itself (None) may. Raises Forbidden."""
    if giver is None:
        return
    needed = "appoint_managers" if role in {Role.OWNER, Role.MANAGER} else "manage_staff"
    if not can(giver, needed):
        raise Forbidden


def _digest(raw: str) -> str:
    """Plain SHA-256 is enough: the secret has 192 bits, there is nothing to guess slowly."""
    return hashlib.sha256(raw.encode()).hexdigest()
