"""Two records that became one: what the one had brought, or was brought by, is the other's."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q

from crm.referrals.models import MemberDevice, Referral, ReferralReward, ShownReferrer
from crm.referrals.paying import cancel


def hand_over(source_id: int, into_id: int) -> None:
    """In the running transaction. A friend who turns out to be the referrer brings nothing more."""
    Referral.objects.filter(referrer=source_id).update(referrer=into_id)
    if not Referral.objects.filter(friend=into_id).exists():
        Referral.objects.filter(friend=source_id).update(friend=into_id)
    known = MemberDevice.objects.filter(member=into_id, device=OuterRef("device"))
    MemberDevice.objects.filter(~Exists(known), member=source_id).update(member=into_id)
    MemberDevice.objects.filter(member=source_id).delete()
    if ShownReferrer.objects.filter(member=source_id).delete()[0]:
        ShownReferrer.objects.get_or_create(member_id=into_id)
    for own in Referral.objects.filter(friend=into_id, referrer=into_id):
        Referral.objects.filter(pk=own.pk).update(review=Referral.Review.REFUSED)
        for reward in ReferralReward.objects.filter(referral=own):
            cancel(reward)


def forget(record_ids: Sequence[int]) -> None:
    """Nothing is left of which browsers somebody used, of a wish to stand by name, nor of what was said of them.

    Who brought whom stays.
    """
    said_of = Q(friend__in=record_ids) | Q(referrer__in=record_ids)
    Referral.objects.filter(said_of).exclude(decision_reason="").update(decision_reason="")
    MemberDevice.objects.filter(member__in=record_ids).delete()
    ShownReferrer.objects.filter(member__in=record_ids).delete()
