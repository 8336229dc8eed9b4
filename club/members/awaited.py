"""Phones that somebody named to the club before their owners join: as one joins, the code that named it is tied."""

from collections.abc import Iterable, Mapping, Sequence

from club.members.models import AwaitedMember, Member
from club.members.services import ReferralRefused, set_referrer
from core.errors import ValidationFailed


def await_member(phone: str, code: str) -> None:
    """Keep whose referral code named the phone, in the running transaction; who named it first stays."""
    await_members({phone: code})


def await_members(codes: Mapping[str, str]) -> None:
    """The same of many phones, each with its code."""
    rows = [AwaitedMember(phone=phone, code=code) for phone, code in codes.items()]
    AwaitedMember.objects.bulk_create(rows, ignore_conflicts=True)


def await_no_more(phones: Iterable[str]) -> None:
    """Forget who named the phones, in the running transaction."""
    AwaitedMember.objects.filter(phone__in=list(phones)).delete()


def tie_awaited(members: Sequence[Member], *, actor: str) -> None:
    """Give those who were named before joining their referrer, in the running transaction that makes them members.

    A code that has come to an end meanwhile, or is the newcomer's own, ties nobody and hinders no joining.
    """
    by_phone = {member.phone: member for member in members if member.phone}
    named = list(AwaitedMember.objects.filter(phone__in=by_phone).order_by("pk")) if by_phone else []
    for row in named:
        member = by_phone[row.phone]
        try:
            set_referrer(member.pk, row.code, actor=actor)
        except (ReferralRefused, ValidationFailed):
            continue
        member.refresh_from_db(fields=["referred_by", "agent_code"])
    await_no_more(row.phone for row in named)
