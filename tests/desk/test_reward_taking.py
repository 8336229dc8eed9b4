"""Rewards that the staff take for a member: at the desk and from the till, once, handed out and undone."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from club.ledger.selectors import balances
from club.members.models import Member
from club.rewards.models import Redemption
from core.models import AuditEntry, Club
from tests.accounts.cast import person, signed_in
from tests.desk.conftest import joined
from tests.desk.till.test_preview import previewed
from tests.rewarding import reward, takes
from tests.shop import NOON, Shop


def address(member: Member, rest: str = "") -> str:
    return f"/desk/members/{member.pk}/rewards/{rest}"


def taken(client: Client, member: Member, reward_id: int, *, key: str = "k", price: int = 100, **more: str) -> str:
    """What the page says after the reward was taken."""
    form = {"key": key, "price": str(price), **more}
    return client.post(address(member, f"{reward_id}/"), form, follow=True).content.decode()


def undone(client: Client, member: Member) -> str:
    voucher = Redemption.objects.get()
    return client.post(f"/desk/members/{member.pk}/vouchers/{voucher.pk}/cancel/", follow=True).content.decode()


def status() -> str:
    return str(Redemption.objects.get().status)


def test_the_page_lists_what_is_within_reach_first_and_says_what_is_missing(cashier: Client, sara: Member) -> None:
    car = reward("car", points=9_000)
    cup = reward("cup", points=100)

    page = cashier.get(address(sara)).content.decode()

    assert page.index(f"rewards/{cup.pk}/") < page.index("۸٬۵۰۰ امتیاز دیگر")
    assert address(sara, f"{car.pk}/") not in page


def test_a_cashier_takes_one_once_by_their_own_name(cashier: Client, sara: Member) -> None:
    cup = reward(points=100)

    first = taken(cashier, sara, cup.pk)
    taken(cashier, sara, cup.pk)

    code = Redemption.objects.get().code
    assert code in first and status() == "issued"
    assert balances(sara.pk, NOON).points == 400
    assert AuditEntry.objects.get(action="reward.redeemed").actor == Redemption.objects.get().actor
    assert Redemption.objects.get().actor.startswith("user:")


def test_a_thing_is_taken_and_handed_over_in_one_act_and_comes_back_to_the_till(cashier: Client, sara: Member) -> None:
    cup = reward(points=100)
    form = {"key": "k", "price": "100", "hand_out": "1", "back": "till"}

    answer = cashier.post(address(sara, f"{cup.pk}/"), form)

    assert answer["Location"] == f"/desk/till/?member={sara.pk}"
    assert status() == "used"
    assert AuditEntry.objects.filter(action="reward.used").count() == 1
    assert "این جایزه را این‌جا نمی‌شود لغو کرد" in undone(cashier, sara)


def test_ones_own_of_a_moment_ago_is_undone_with_its_points_and_nobody_elses(
    cashier: Client, manager: Client, sara: Member, club: Club
) -> None:
    cup = reward(points=100)
    taken(cashier, sara, cup.pk)
    other = signed_in(person(Role.CASHIER, phone="09120000077"), club)

    assert "نمی‌شود لغو کرد" in undone(other, sara) and status() == "issued"
    assert "جایزه لغو شد" in undone(cashier, sara)

    assert (status(), balances(sara.pk, NOON).points) == ("cancelled", 500)


def test_a_price_that_changed_meanwhile_is_refused_and_nothing_is_lost(cashier: Client, sara: Member) -> None:
    cup = reward(points=100)

    answer = cashier.post(address(sara, f"{cup.pk}/"), {"key": "k", "price": "90"})

    assert answer.status_code == 409
    assert "عوض شده و اکنون" in answer.content.decode()
    assert not Redemption.objects.exists()


def test_the_till_offers_what_the_points_bring_until_an_amount_is_typed(cashier: Client, sara: Member) -> None:
    cup = reward(points=100, per_member=1)
    link = f"/desk/members/{sara.pk}/rewards/{cup.pk}/?back=till"

    assert link in previewed(cashier, member=sara.pk)
    assert link not in previewed(cashier, member=sara.pk, amount="1000")
    takes(sara)
    assert link not in previewed(cashier, member=sara.pk)


def test_the_page_asks_no_more_for_many_rewards_than_for_one(cashier: Client, sara: Member, shop: Shop) -> None:
    reward("one", points=100, per_member=3)
    cashier.get(address(sara))
    with CaptureQueriesContext(connection) as few:
        cashier.get(address(sara))
    for place in range(4):
        reward(f"r{place}", points=100, per_member=3)

    with CaptureQueriesContext(connection) as many:
        cashier.get(address(sara))

    assert len(many) == len(few)


def test_anothers_member_or_voucher_is_not_there(cashier: Client, sara: Member) -> None:
    reward(points=100)
    voucher = takes(sara).id
    stranger = joined("09120000099")

    answer = cashier.post(f"/desk/members/{stranger.pk}/vouchers/{voucher}/cancel/")

    assert answer.status_code == 404 and status() == "issued"
