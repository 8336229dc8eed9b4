"""Who a member was, taken out of the member's records; the figures stay."""

from collections.abc import Sequence
from typing import Any

from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Coalesce, Concat, Now

from club.members.models import Card, CardCode, JoinRequest, Member, NameToken, Note
from club.members.referral_codes import new_referral_code
from club.members.scores import forget_scores
from core.tenancy.scope import cross_club

NOBODY: dict[str, Any] = {
    "phone": None,
    "phone_reversed": "",
    "external_id": None,
    "card": None,
    "first_name": "",
    "last_name": "",
    "email": "",
    "city": "",
    "email_consent": False,
    "gender": "",
    "language": "",
    "birth_date": None,
    "birth_jalali_month": None,
    "birth_jalali_day": None,
    "tags": [],
    "custom": {},
    "sms_consent": False,
    "sms_consent_source": "",
}


def blank_records(record_ids: Sequence[int]) -> list[str]:
    """Blank these records of one person in the running transaction; the phones that they had."""
    rows = Member.objects.select_for_update().filter(pk__in=record_ids).order_by("pk")
    phones = [phone for phone in rows.values_list("phone", flat=True) if phone]
    for record_id in record_ids:
        Member.objects.filter(pk=record_id).update(
            **NOBODY, status=Member.Status.ERASED, referral_code=new_referral_code(), updated_at=Now()
        )
    Card.objects.filter(member__in=record_ids).update(
        number=Concat(Value("erased-"), Cast(F("pk"), CharField())),
        reason="",
        blocked_at=Coalesce(F("blocked_at"), Now()),
    )
    CardCode.objects.filter(member__in=record_ids).delete()
    NameToken.objects.filter(member__in=record_ids).delete()
    Note.objects.filter(member__in=record_ids).delete()
    forget_scores(list(record_ids))
    JoinRequest.objects.filter(Q(member__in=record_ids) | Q(phone__in=phones)).delete()
    return phones


def known_elsewhere(phones: Sequence[str]) -> set[str]:
    """Those of the phones that a member has, or somebody who asked to join, in whatever club."""
    with cross_club("whether a login is still of anybody"):
        members = Member.objects.filter(phone__in=phones).values_list("phone", flat=True)
        asking = JoinRequest.objects.filter(phone__in=phones).values_list("phone", flat=True)
        return {phone for phone in (*members, *asking) if phone}
