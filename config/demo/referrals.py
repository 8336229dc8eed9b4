"""Who brought whom in the demo clubs: a few members with friends, friends of friends, one to look at; all quiet."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from club.members.models import Member
from club.members.services import set_referrer
from club.purchases.models import Purchase
from config.demo.plan import Person
from crm.referrals.links import count_click
from crm.referrals.models import LinkClicks, MemberDevice, Referral
from crm.referrals.services import note_purchase
from crm.referrals.showing import show_by_name

# Whom the story's members brought, by their places in it, and where the link stood.
BROUGHT = {3: (0, "telegram"), 4: (0, "whatsapp"), 6: (3, "instagram"), 7: (1, "sms"), 10: (0, "rubika"), 13: (6, "")}
SHARED_A_PHONE = 10
OPENED = 3
"""How often each link was opened for one who joined."""
LONG_AGO = timedelta(days=3)


def tie(person: Person, people: Sequence[Person], members: Mapping[str | None, int]) -> None:
    """Tie somebody who has just joined to who brought them, where the story says so."""
    by, network = BROUGHT.get(people.index(person), (None, ""))
    if by is None or (referrer_id := members.get(people[by].phone)) is None:
        return
    friend = Member.objects.filter(pk=members[person.phone], first_purchase_at=None, referred_by=None)
    if friend.update(source=f"referral:{network}" if network else "referral"):
        referrer = Member.objects.get(pk=referrer_id)
        set_referrer(members[person.phone], referrer.referral_code, actor="system")
        for _time in range(OPENED):
            count_click(referrer.referral_code, network)


def reward_referrers(people: Sequence[Person], members: Mapping[str | None, int], *, now: datetime) -> None:
    """What the friends' first purchases brought; once, however often the story is told."""
    if Referral.objects.exists() or not LinkClicks.objects.exists():
        return
    if len(people) > SHARED_A_PHONE:
        for place in (0, SHARED_A_PHONE):
            MemberDevice.objects.create(member_id=members[people[place].phone], device="d" * 64)
    for friend in Member.objects.filter(referred_by__isnull=False, merged_into=None).order_by("pk"):
        first = Purchase.objects.filter(member=friend, fully_refunded=False).order_by("occurred_at", "pk").first()
        if first is not None and first.occurred_at < now - LONG_AGO:
            with transaction.atomic():
                note_purchase(friend, first, is_first=True, noted_at=now, quiet=True)
    show_by_name(members[people[0].phone], wants=True, actor="system")
