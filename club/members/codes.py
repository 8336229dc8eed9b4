"""The code on a member's screen: six digits for a minute, for the till whose scanner does not read the card.

Given out one by one and not reckoned from a secret and the clock: at a till nothing else says who stands there, and of
ten thousand members some would always show the same six digits.
"""

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from club.members.models import CardCode, Member

DIGITS = 6
VALID = timedelta(seconds=60)
# One that ends sooner is of no use to somebody who has yet to read it out.
FRESH = timedelta(seconds=20)
TRIES = 20


def shown_code(member_id: int, *, now: datetime) -> CardCode:
    """The code to show the member now, the same on all devices; a new one where the last has ended or soon will."""
    known = CardCode.objects.filter(member=member_id, valid_until__gte=now + FRESH).first()
    return known or _new_code(member_id, now)


def member_by_code(text: str, *, now: datetime) -> Member | None:
    """The member whose screen shows this code now, None for any other text."""
    if len(text) != DIGITS or not (text.isascii() and text.isdigit()):
        return None
    row = CardCode.objects.select_related("member").filter(code=text, valid_until__gt=now).first()
    return row.member if row and row.member.status != Member.Status.ERASED else None


def _new_code(member_id: int, now: datetime) -> CardCode:
    for _try in range(TRIES):
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        try:
            with transaction.atomic():
                CardCode.objects.filter(code=code, valid_until__lte=now).delete()
                row, _is_new = CardCode.objects.update_or_create(
                    member_id=member_id, defaults={"code": code, "valid_until": now + VALID}
                )
                return row
        except IntegrityError:  # somebody else's screen shows it
            continue
    raise RuntimeError("no code is free")
