"""A cashier of some branches records at those alone; one of none in particular records at all."""

import json

import pytest
from django.test import Client

from accounts.models import Role, User
from accounts.services import give_role, move_role
from club.catalogue.models import Branch
from club.members.models import Member
from club.purchases.models import Purchase
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
