"""The referrals that pages are looked at with: friends in every state, two to judge, and a member who leads."""

from typing import Any

from django.utils import timezone

from club.awards.enrolment import enrol_member
from club.members.models import Member
from club.members.services import set_referrer
from club.purchases.orders import PurchaseOrder
from club.purchases.services import record_purchase
from core import events
from crm.referrals.links import count_click
from crm.referrals.models import MemberDevice
from crm.referrals.showing import show_by_name

FRIENDS = (("نیما", "telegram", True), ("ریحانه", "instagram", True), ("کاوه", "", False), ("پریسا", "sms", True))


def bring_friends(member_id: int) -> dict[str, Any]:
    """Friends of the member who bought, who did not, and two who joined with one browser."""
    now = timezone.now()
    member = Member.objects.get(pk=member_id)
    for number, (name, network, buys) in enumerate(FRIENDS):
        source = f"referral:{network}" if network else "referral"
        friend = enrol_member(actor="system", now=now, phone=f"0935900000{number}", first_name=name, source=source)
        set_referrer(friend.pk, member.referral_code, actor="system")
        count_click(member.referral_code, network)
        if number > 1:
            MemberDevice.objects.create(member=friend, device="d" * 64)
        if buys:
            order = PurchaseOrder(member_id=friend.pk, amount=4_000_000 + number)
            record_purchase(order, actor="system", key=f"friend-{number}", now=now)
    show_by_name(member_id, wants=True, actor="system")
    events.consume_all()
    return {"referral_code": member.referral_code, "nobodys_code": "NOBODY22"}
