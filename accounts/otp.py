"""Codes by SMS: six digits, two minutes, five tries, good only where they were asked for.

The same work is done for a known and an unknown phone: who has a number proves it, what the number may open is
asked afterwards. Only an HMAC of the code is kept, so a copy of the table opens nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import OtpCode
from accounts.throttle import OTP_ADDRESS, OTP_PHONE, count_attempt
from core.errors import AppError
from core.language import PERSIAN, in_language
from sms import outbox

DIGITS = 6
VALID = timedelta(seconds=120)
TRIES = 5
RESEND_AFTER = timedelta(seconds=60)
KEPT = timedelta(days=1)


class WrongCode(AppError):
    """Not the code that was sent; `data["left"]` tries remain, at least one."""

    code = "otp_wrong"
    http_status = 422
    message = _("کد درست نیست.")


class CodeSpent(AppError):
    """No code waits here: it is too old, was used, or its tries are gone."""

    code = "otp_spent"
    http_status = 422
    message = _("این کد دیگر کار نمی‌کند؛ کد تازه بگیرید.")


@dataclass(frozen=True)
class SentCode:
    """What the browser's session keeps of a code on its way."""

    id: int
    phone: str
    sent_at: datetime


@transaction.atomic
def send_code(phone: str, *, address: str, domain: str = "", kind: str = "otp", now: datetime) -> SentCode:
    """Make a code for this phone in the club in scope and put its SMS in the outbox.

    `phone` is in the stored form; `domain` is the host that a phone's browser may fill the code into (WebOTP), in the
    language of its page. `kind` names the words: what is read out to the staff is not called a login code for nobody.
    Raises Throttled past 1 a minute, 5 an hour, 10 a day for the phone in all clubs, or the multiples of an address.
    """
    count_attempt((OTP_PHONE, phone), (OTP_ADDRESS, address), now=now)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    nonce = secrets.token_hex(16)
    row = OtpCode.objects.create(
        phone=phone, nonce=nonce, digest=_digest(phone, nonce, code), created_at=now, expires_at=now + VALID
    )
    of_the_page = {"domain": domain, "language": get_language() or PERSIAN} if domain else {}
    outbox.enqueue(kind, phone=phone, context={"code": code, **of_the_page})
    return SentCode(row.pk, phone, now)


def check_code(code_id: int, phone: str, typed: str, *, now: datetime) -> None:
    """Use the code up, or raise WrongCode (a try is gone) or CodeSpent.

    Not to be called inside a transaction: a wrong try must stay counted.
    """
    if not take_try(code_id, phone, now=now):
        raise CodeSpent
    code = OtpCode.objects.get(pk=code_id)
    if not constant_time_compare(code.digest, _digest(phone, code.nonce, typed)):
        left = TRIES - code.tries
        if left <= 0:
            raise CodeSpent
        message = _("کد درست نیست. %(left)s بار دیگر می‌توانید امتحان کنید") % {"left": in_language(left)}
        raise WrongCode(message, left=left)
    if not OtpCode.objects.filter(pk=code_id, used_at=None).update(used_at=now):
        raise CodeSpent


def take_try(code_id: int, phone: str, *, now: datetime) -> bool:
    """Count one try, False when there is none left: one statement, so that many at once share the five."""
    alive = OtpCode.objects.filter(pk=code_id, phone=phone, used_at=None, expires_at__gt=now, tries__lt=TRIES)
    return bool(alive.update(tries=F("tries") + 1))


def forget_old_codes(now: datetime) -> int:
    """Delete the codes of the club in scope that are long spent; the number of rows."""
    deleted, _by_model = OtpCode.objects.filter(created_at__lt=now - KEPT).delete()
    return int(deleted)


def forget_codes_of(phones: Sequence[str]) -> None:
    """Delete the codes sent to these phones from the club in scope."""
    OtpCode.objects.filter(phone__in=phones).delete()


def _digest(phone: str, nonce: str, code: str) -> str:
    return salted_hmac("accounts.otp", f"{nonce}:{phone}:{code}", algorithm="sha256").hexdigest()
