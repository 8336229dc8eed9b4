"""Two records that became one: what the one had brought, or was brought by, is the other's."""

from django.db.models import Exists, OuterRef

from crm.referrals.models import MemberDevice, Referral, ReferralReward
from crm.referrals.paying import cancel


def hand_over(source_id: int, into_id: int) -> None:
    """In the running transaction. A friend who turns out to be the referrer brings nothing more."""
    Referral.objects.filter(referrer=source_id).update(referrer=into_id)
    if not Referral.objects.filter(friend=into_id).exists():
        Referral.objects.filter(friend=source_id).update(friend=into_id)
    known = MemberDevice.objects.filter(member=into_id, device=OuterRef("device"))
    MemberDevice.objects.filter(~Exists(known), member=source_id).update(member=into_id)
    MemberDevice.objects.filter(member=source_id).delete()
    for own in Referral.objects.filter(friend=into_id, referrer=into_id):
        Referral.objects.filter(pk=own.pk).update(review=Referral.Review.REFUSED)
        for reward in ReferralReward.objects.filter(referral=own):
            cancel(reward)
