"""The page on which a manager gives a tier, for good or to the end of a day."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from club.members.models import Member
from club.tiers.granting import given_by_hand
from club.tiers.models import Tier
from core.jalali import day_bounds, format_date, local_date


def page(member: Member) -> str:
    return f"/desk/members/{member.pk}/tier/"


def ladder() -> None:
    if not Tier.objects.exists():
        Tier.objects.create(code="bronze", name="برنزی", rank=0, threshold=0)
    Tier.objects.get_or_create(code="vip", defaults={"name": "ویژه", "rank": 9, "threshold": 10**12})


def test_a_tier_is_given_to_the_end_of_a_day_and_the_card_says_so(manager: Client, sara: Member) -> None:
    ladder()
    last = local_date(timezone.now()) + timedelta(days=30)

    answer = manager.post(page(sara), {"tier": "vip", "last_day": format_date(last, "numeric")})

    assert answer.status_code == 302
    given = given_by_hand(sara.pk)
    assert given is not None
    assert (given.code, given.until) == ("vip", day_bounds(last)[1])
    card = manager.get(f"/desk/members/{sara.pk}/").content.decode()
    assert f"سطح ویژه تا پایان {format_date(last)} داده شده است." in card
    assert 'value="vip" selected' in manager.get(page(sara)).content.decode()

    manager.post(page(sara), {"tier": "", "last_day": ""})
    assert given_by_hand(sara.pk) is None
    assert Member.objects.get(pk=sara.pk).tier_code != "vip"


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(manager: Client, sara: Member) -> None:
    ladder()
    gone = format_date(local_date(timezone.now()) - timedelta(days=1), "numeric")

    past = manager.post(page(sara), {"tier": "vip", "last_day": gone})
    alone = manager.post(page(sara), {"tier": "", "last_day": gone})

    assert (past.status_code, alone.status_code) == (422, 422)
    assert list(past.context["form"].errors) == ["last_day"]
    assert list(alone.context["form"].errors) == ["tier"]
    assert gone in past.content.decode()
    assert given_by_hand(sara.pk) is None
