"""The page of buying behaviour: the eleven classes with their members and what they bought."""

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from club.members.scores import MemberScore
from club.purchases.orders import PurchaseOrder
from core.models import Club
from core.tenancy.scope import club_scope
from reports.rfm.scoring import score_members
from reports.rfm.selectors import class_shares
from tests.shop import Shop

PAGE = "/desk/rfm/"


def bought(club: Club, count: int) -> None:
    """So many more members, the later the more and the fresher."""
    shop, now = Shop(club), timezone.now()
    for place in range(count):
        member = shop.member(now=now - timedelta(days=300))
        for time in range(place + 1):
            order = PurchaseOrder(member_id=member.pk, amount=100_000)
            shop.buy(order, now=now - timedelta(days=40 - place - time), key=f"{member.pk}-{time}")


def test_before_the_first_night_the_page_says_when_there_will_be_something(manager: Client, club: Club) -> None:
    page = manager.get(PAGE).content.decode()

    assert "هنوز سنجیده نشده است" in page
    assert "<progress" not in page


def test_each_class_stands_with_its_members_and_their_share_of_sales(
    manager: Client, club: Club, other_club: Club
) -> None:
    bought(club, 5)
    score_members(now=timezone.now() + timedelta(days=1))

    page = manager.get(PAGE).content.decode()

    shares = {share.code: share for share in class_shares()}
    assert len(shares) == 11
    assert sum(share.members for share in shares.values()) == 5
    assert (shares["champions"].members, shares["champions"].spent) == (1, 500_000)
    assert (shares["champions"].share, shares["champions"].share_of_spent) == (2_000, 3_300)
    assert "قهرمان" in page
    assert "۳۳٪" in page
    with club_scope(other_club):
        assert class_shares() == []


def test_the_count_of_a_class_leads_to_its_members(manager: Client, club: Club) -> None:
    bought(club, 5)
    score_members(now=timezone.now() + timedelta(days=1))
    assert 'href="/desk/members/?rfm=champions"' in manager.get(PAGE).content.decode()

    listed = manager.get("/desk/members/?rfm=champions")

    best = MemberScore.objects.get(rfm_class="champions").member_id
    assert [row.member.pk for row in listed.context["rows"]] == [best]
    assert [(chip.name, chip.label) for chip in listed.context["chips"]] == [("rfm", "قهرمان")]
    assert len(manager.get("/desk/members/?rfm=nobody").context["rows"]) == 5, "what is no class is left out"


def test_the_till_does_not_see_it(cashier: Client) -> None:
    assert cashier.get(PAGE).status_code == 403


def test_the_page_costs_the_same_for_any_club(manager: Client, club: Club) -> None:
    def cost() -> int:
        score_members(now=timezone.now() + timedelta(days=1))
        with CaptureQueriesContext(connection) as caught:
            assert manager.get(PAGE).status_code == 200
        return len(caught)

    bought(club, 2)
    cost()
    few = cost()
    bought(club, 4)

    assert cost() == few


def test_a_class_is_made_a_segment_of(manager: Client, club: Club) -> None:
    bought(club, 5)
    score_members(now=timezone.now() + timedelta(days=1))
    assert "/desk/segments/new/?rfm=champions" in manager.get(PAGE).content.decode()

    page = manager.get("/desk/segments/new/?rfm=champions")

    begun = page.context["form"]
    assert (begun["name"].value(), begun["code"].value()) == ("قهرمان", "champions")
    assert 'value="champions" selected' in page.content.decode()
    assert manager.get("/desk/segments/new/?rfm=nobody").status_code == 200
