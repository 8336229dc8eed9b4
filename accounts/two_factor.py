"""The second factor of staff: codes of an app (TOTP, RFC 6238), and ten recovery codes for a lost phone.

It is kept for each club apart, so that an owner who resets it here weakens nobody's login elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.oath import hotp

from accounts.models import Role, TwoFactor, User
from accounts.rights import roles_of
from accounts.services import may_appoint
from accounts.throttle import TWO_FACTOR, count_attempt, forgive
from core import audit
from core.errors import AppError, Conflict, NotFound
from core.tenancy.scope import current_club, current_club_id
from core.text import latin_digits

STEP = 30
DIGITS = 6
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class WrongTwoFactor(AppError):
    """Neither the code of this minute nor a recovery code that is left."""

    code = "two_factor_wrong"
    http_status = 422
    message = _("کد درست نیست. ساعت گوشی را نگاه کنید و کد تازه را بنویسید.")


def is_on(user: User) -> bool:
    """Whether the person's login here asks for a code."""
    return bool(TwoFactor.objects.filter(user=user, confirmed_at__isnull=False).exists())


def is_asked_of(user: User) -> bool:
    """Whether the club wants a second factor of this person."""
    return bool(current_club().asks_two_factor and roles_of(user) & {Role.OWNER, Role.MANAGER})


def begin(user: User) -> str:
    """The key for the person's app, the same until it is confirmed. Raises Conflict when one is on already."""
    with transaction.atomic():
        fresh = base64.b32encode(secrets.token_bytes(20)).decode()
        row, _made = TwoFactor.objects.get_or_create(user=user, defaults={"secret": fresh})
        if row.confirmed_at:
            raise Conflict(_("ورود دومرحله‌ای روشن است."))
    return str(row.secret.text)


def address_of(user: User, key: str) -> str:
    """What the QR code says to the app."""
    issuer = current_club().name
    label = quote(f"{issuer}:{user.phone}")
    return f"otpauth://totp/{label}?{urlencode({'secret': key, 'issuer': issuer}, quote_via=quote)}"


def confirm(user: User, typed: str, *, now: datetime) -> list[str]:
    """Switch it on by the first code of the app: the recovery codes, which are never shown again.

    Raises WrongTwoFactor, Throttled, Conflict.
    """
    _count(user, now)
    with transaction.atomic():
        row = TwoFactor.objects.select_for_update(of=("self",)).filter(user=user).first()
        if row is None or row.confirmed_at:
            raise Conflict
        step = _step_of(row, typed, now)
        if step is None:
            raise WrongTwoFactor
        codes = ["-".join(_letters(4) for _part in range(2)) for _code in range(RECOVERY_CODES)]
        row.confirmed_at, row.last_step, row.recovery = now, step, [_digest(row, code) for code in codes]
        row.save(update_fields=["confirmed_at", "last_step", "recovery"])
        audit.record("staff.two_factor_on", actor=user.actor, target=user.actor, before={}, after={"two_factor": True})
    forgive(TWO_FACTOR, _subject(user))
    return codes


def check(user: User, typed: str, *, now: datetime) -> None:
    """Take a code of the app or a recovery code, each once. Raises WrongTwoFactor, Throttled.

    Not to be called inside a transaction: a wrong try must stay counted.
    """
    _count(user, now)
    with transaction.atomic():
        row = TwoFactor.objects.select_for_update(of=("self",)).filter(user=user, confirmed_at__isnull=False).first()
        if row is None:
            raise WrongTwoFactor
        step, used = _step_of(row, typed, now), _digest(row, _plain(typed))
        if step is not None:
            row.last_step = step
        elif used in row.recovery:
            row.recovery = [code for code in row.recovery if code != used]
            audit.record(
                "staff.recovery_code", actor=user.actor, target=user.actor, before={}, after={"left": len(row.recovery)}
            )
        else:
            raise WrongTwoFactor
        row.save(update_fields=["last_step", "recovery"])
    forgive(TWO_FACTOR, _subject(user))


def turn_off(user: User, typed: str, *, now: datetime) -> None:
    """Switch off one's own, with a code as proof. Raises WrongTwoFactor, Throttled, Conflict where the club asks it."""
    if is_asked_of(user):
        raise Conflict(_("این باشگاه از مالک‌ها و مدیرها ورود دومرحله‌ای می‌خواهد."))
    check(user, typed, now=now)
    _drop(user, actor=user.actor)


def reset(user: User, *, giver: User) -> None:
    """Take the second factor from somebody whose phone is lost; an owner may. Raises Forbidden, NotFound."""
    may_appoint(giver, Role.OWNER)
    if not TwoFactor.objects.filter(user=user).exists():
        raise NotFound
    _drop(user, actor=giver.actor)


def _drop(user: User, *, actor: str) -> None:
    with transaction.atomic():
        TwoFactor.objects.filter(user=user).delete()
        audit.record("staff.two_factor_off", actor=actor, target=user.actor, before={"two_factor": True}, after={})


def _step_of(row: TwoFactor, typed: str, now: datetime) -> int | None:
    """The half-minute whose code was typed: this one or a neighbour, but none that was used."""
    digits, key = latin_digits(_plain(typed)), base64.b32decode(row.secret.text)
    present = int(now.timestamp()) // STEP
    found = None
    for step in (present - 1, present, present + 1):
        if secrets.compare_digest(f"{hotp(key, step):0{DIGITS}}".encode(), digits.encode()) and step > row.last_step:
            found = step
    return found


def _plain(typed: str) -> str:
    return "".join(char for char in typed.lower() if not char.isspace() and char not in "-\u200c\u200e\u200f")


def _digest(row: TwoFactor, code: str) -> str:
    """Salted by the row's key, which is sealed: about 40 bits each, behind a limit of tries."""
    return hashlib.sha256(f"{row.secret.text}:{_plain(code)}".encode()).hexdigest()


def _letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _letter in range(count))


def _count(user: User, now: datetime) -> None:
    count_attempt((TWO_FACTOR, _subject(user)), now=now)


def _subject(user: User) -> str:
    return f"{current_club_id()}:{user.pk}"
