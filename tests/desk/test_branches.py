"""A cashier of some branches records at those alone; one of none in particular records at all."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role, User
from accounts.services import give_role, move_role
from club.catalogue.models import Branch
from club.members.models import Member
from club.purchases.models import Purchase, Refund
from club.purchases.orders import PurchaseOrder
from club.purchases.services import record_purchase
from core.errors import Conflict
from core.models import Club
from tests.accounts.cast import add_role, person, signed_in

JSON = {"accept": "application/json"}


@pytest.fixture
def branches(club: Club) -> dict[str, Branch]:
    names = {"vali": "ولیعصر", "taj": "تجریش", "vanak": "ونک"}
    return {code: Branch.objects.create(code=code, name=name) for code, name in names.items()}


def cashier_of(club: Club, *branches: Branch) -> Client:
    user = person(name="نگار رضایی")
    for branch in branches:
        give_role(phone=user.phone, role=Role.CASHIER, actor="user:1", branch_id=branch.pk)
    return signed_in(user, club)


def save(client: Client, member: Member, branch: str) -> tuple[int, dict[str, str]]:
    fields = {"key": f"k-{branch}", "member": member.pk, "amount": "245000", "branch": branch}
    answer = client.post("/desk/till/", fields, headers=JSON)
    return answer.status_code, json.loads(answer.content).get("errors", {})


def offered(client: Client) -> list[str]:
    return [branch.code for branch in client.get("/desk/till/").context["branches"]]


def test_the_till_offers_and_the_form_takes_the_cashiers_own_branches_alone(
    club: Club, sara: Member, branches: dict[str, Branch]
) -> None:
    client = cashier_of(club, branches["vali"], branches["taj"])

    assert offered(client) == ["taj", "vali"]
    assert save(client, sara, "taj") == (200, {})
    assert save(client, sara, "vanak")[0] == 422
    assert list(save(client, sara, "vanak")[1]) == ["branch"]
    assert list(save(client, sara, "")[1]) == ["branch"], "of two one must be chosen"
    assert [purchase.branch.code for purchase in Purchase.objects.all() if purchase.branch] == ["taj"]


def test_the_only_branch_need_not_be_said(club: Club, sara: Member, branches: dict[str, Branch]) -> None:
    client = cashier_of(club, branches["taj"])

    assert save(client, sara, "") == (200, {})

    purchase = Purchase.objects.get()
    assert purchase.branch == branches["taj"]
    assert "شعبهٔ تجریش" in client.get("/desk/till/").content.decode()


@pytest.mark.parametrize("other", [Role.CASHIER, Role.MANAGER])
def test_who_has_a_role_at_no_branch_in_particular_records_at_all(
    club: Club, sara: Member, branches: dict[str, Branch], other: Role
) -> None:
    user = person()
    if other == Role.MANAGER:
        give_role(phone=user.phone, role=Role.CASHIER, actor="user:1", branch_id=branches["vali"].pk)
    add_role(user, other)
    client = signed_in(user, club)

    assert offered(client) == ["taj", "vali", "vanak"]
    assert save(client, sara, "vanak")[0] == 200
    assert save(client, sara, "")[0] == 200


def test_a_role_that_sells_nothing_widens_no_till(club: Club, sara: Member, branches: dict[str, Branch]) -> None:
    user = person(Role.SUPPORT)
    give_role(phone=user.phone, role=Role.CASHIER, actor="user:1", branch_id=branches["vali"].pk)

    assert offered(signed_in(user, club)) == ["vali"]


def test_a_closed_branch_leaves_its_cashier_nowhere_to_record(
    club: Club, sara: Member, branches: dict[str, Branch]
) -> None:
    client = cashier_of(club, branches["vali"])
    Branch.objects.filter(code="vali").update(is_active=False)

    assert "شعبهٔ شما بسته است" in client.get("/desk/till/").content.decode()
    assert list(save(client, sara, "vali")[1]) == ["branch"]
    assert list(save(client, sara, "taj")[1]) == ["branch"]
    assert Purchase.objects.count() == 0


def sold_at(branch: Branch | None, member: Member) -> Purchase:
    order = PurchaseOrder(member_id=member.pk, amount=2_450_000, branch=branch.code if branch else None)
    key = f"sold-{branch.code if branch else None}"
    return Purchase.objects.get(pk=record_purchase(order, actor="system", key=key, now=timezone.now()).id)


def refund(client: Client, purchase: Purchase, path: str = "refund/", **more: str) -> Any:
    fields = {"key": "r1", "how": "all", "reason": "شکسته بود", **more}
    return client.post(f"/desk/purchases/{purchase.pk}/{path}", fields)


ELSEWHERE = "این خرید در شعبهٔ ونک ثبت شده است؛ برگشت آن با صندوق همان شعبه یا مدیر است."


@pytest.mark.parametrize("branch", ["0", "vanak' OR 1=1", "VANAK", "taj\x00", "999999"])
def test_no_name_of_a_branch_opens_another_till(
    club: Club, sara: Member, branches: dict[str, Branch], branch: str
) -> None:
    client = cashier_of(club, branches["vali"])

    assert save(client, sara, branch)[0] == 422
    assert save(client, sara, str(branches["vanak"].pk))[0] == 422
    assert Purchase.objects.count() == 0


def test_another_branchs_purchase_is_not_taken_back_and_that_is_said(
    club: Club, sara: Member, branches: dict[str, Branch]
) -> None:
    client, purchase = cashier_of(club, branches["vali"], branches["taj"]), sold_at(branches["vanak"], sara)
    page = client.get(f"/desk/purchases/{purchase.pk}/refund/")

    assert ELSEWHERE in page.content.decode()
    assert "ثبت برگشت" not in page.content.decode()
    refused = refund(client, purchase)
    assert (refused.status_code, ELSEWHERE in refused.content.decode()) == (403, True)
    assert ELSEWHERE in refund(client, purchase, "refund/preview/").content.decode()
    pressed = client.post(f"/desk/purchases/{purchase.pk}/undo/", headers=JSON)
    assert (pressed.status_code, json.loads(pressed.content)["said"]) == (403, ELSEWHERE)
    assert ELSEWHERE in client.post(f"/desk/purchases/{purchase.pk}/undo/", follow=True).content.decode()
    assert Refund.objects.count() == 0


@pytest.mark.parametrize("where", ["vali", None])
@pytest.mark.parametrize("path", ["refund/", "undo/"])
def test_ones_own_branchs_purchase_and_one_of_no_branch_are_taken_back(
    club: Club, sara: Member, branches: dict[str, Branch], where: str | None, path: str
) -> None:
    purchase = sold_at(branches[where] if where else None, sara)

    assert refund(cashier_of(club, branches["vali"]), purchase, path).status_code == 302
    assert Refund.objects.get().purchase == purchase


def test_a_manager_takes_back_what_any_branch_sold(club: Club, sara: Member, branches: dict[str, Branch]) -> None:
    purchase = sold_at(branches["vanak"], sara)

    assert refund(signed_in(person(Role.MANAGER), club), purchase).status_code == 302


def test_the_till_lists_the_last_purchases_of_its_own_branches(
    club: Club, sara: Member, branches: dict[str, Branch]
) -> None:
    client = cashier_of(club, branches["vali"])
    own, of_none, _other = (sold_at(branches.get(code), sara) for code in ("vali", "", "vanak"))

    listed = client.get("/desk/till/").context["recent"]
    assert {row.purchase.pk for row in listed} == {own.pk, of_none.pk}
    undoable = {row.purchase.pk for row in client.get("/desk/purchases/").context["rows"] if row.can_undo}
    assert undoable == {own.pk, of_none.pk}


def test_a_role_is_held_at_several_branches_but_never_twice(club: Club, branches: dict[str, Branch]) -> None:
    user: User = person()
    one = give_role(phone=user.phone, role=Role.CASHIER, actor="user:1", branch_id=branches["vali"].pk)
    give_role(phone=user.phone, role=Role.CASHIER, actor="user:1", branch_id=branches["taj"].pk)

    for branch_id in (branches["vali"].pk, None):
        with pytest.raises(Conflict):
            give_role(phone=user.phone, role=Role.CASHIER, actor="user:1", branch_id=branch_id)
    for branch_id in (branches["taj"].pk, None):
        with pytest.raises(Conflict):
            move_role(one.pk, branch_id=branch_id, actor="user:1")
    move_role(one.pk, branch_id=branches["vanak"].pk, actor="user:1")
    held = set(user.roles.values_list("branch_id", flat=True))
    assert held == {branches["taj"].pk, branches["vanak"].pk}
