"""The table of rights, asked of every role."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template

from accounts import rights
from accounts.models import Role, StaffRole
from accounts.rights import ALL_RIGHTS, RIGHTS, actor_of, can, forget_roles, rights_of, roles_of
from core.tenancy.scope import club_scope
from tests.accounts.cast import add_role, person

# right: who has it, by the first letters of owner, manager, cashier, agent, support, caller ("l"), sales ("e")
MATRIX = {
    "record_purchase": "omc",
    "refund_purchase": "omc",
    "enrol_members": "omc",
    "name_members": "omc",
    "view_members": "omcsle",
    "edit_members": "oms",
    "issue_cards": "omcs",
    "adjust_value": "om",
    "merge_members": "om",
    "erase_members": "om",
    "import_members": "om",
    "export": "om",
    "manage_programme": "om",
    "manage_agents": "om",
    "manage_catalogue": "om",
    "manage_joining": "om",
    "manage_leads": "om",
    "work_leads": "ome",
    "manage_offers": "om",
    "send_campaigns": "om",
    "sell_gift_cards": "omc",
    "manage_gift_cards": "om",
    "manage_staff": "om",
    "manage_sms": "om",
    "open_admin": "om",
    "send_notices": "om",
    "view_dashboard": "om",
    "view_reports": "om",
    "view_purchases": "om",
    "view_ledger": "om",
    "view_audit": "om",
    "appoint_managers": "o",
    "manage_api_keys": "o",
    "manage_club": "om",
    "use_agent_panel": "a",
    "answer_tickets": "oms",
    "manage_tickets": "om",
    "call_surveys": "oml",
}
LETTERS = {"owner": "o", "manager": "m", "cashier": "c", "agent": "a", "support": "s", "caller": "l", "sales": "e"}


def test_the_matrix_names_every_right_and_every_role():
    assert set(MATRIX) == ALL_RIGHTS
    assert set(LETTERS) == set(RIGHTS) == set(Role.values)


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("method", ["password", "otp", None])
def test_each_role_may_exactly_what_the_matrix_says(club, role, method):
    user = person(role)
    user.auth_method = method

    for right, letters in MATRIX.items():
        by_role = LETTERS[role] in letters
        assert can(user, right) == (by_role and (method != "otp" or right == "use_agent_panel")), right


ADMIN = {
    "members.view_member": "om",
    "members.change_member": "om",
    "members.add_member": "om",
    "members.delete_member": "",
    "purchases.view_purchase": "om",
    "purchases.change_purchase": "",
    "purchases.add_purchase": "",
    "ledger.view_entry": "om",
    "ledger.delete_entry": "",
    "tiers.delete_tier": "om",
    "accounts.view_staffrole": "om",
    "accounts.view_apikey": "o",
    "accounts.change_apikey": "",
    "accounts.view_otpcode": "",
    "accounts.view_user": "",
    "core.view_auditentry": "",
    "core.change_auditentry": "",
    "core.change_club": "om",
    "core.view_idempotencykey": "",
    "auth.view_group": "",
    "sessions.view_session": "",
    "members.fly_member": "",
    "nonsense": "",
    "": "",
}


@pytest.mark.parametrize("role", Role.values)
def test_django_s_permissions_follow_the_role_in_the_club(club, role):
    user = person(role)

    for permission, letters in ADMIN.items():
        assert user.has_perm(permission) == (LETTERS[role] in letters), permission
    assert user.has_module_perms("members") == (role in {"owner", "manager"})
    assert not user.has_module_perms("sessions")


def test_a_code_by_sms_opens_nothing_of_the_admin(club):
    owner = person("owner")
    owner.auth_method = "otp"

    assert not any(owner.has_perm(permission) for permission in ADMIN)
    assert not owner.has_module_perms("members")


def test_one_person_is_several_things_in_several_clubs(club, other_club):
    sara = person("cashier", "agent")
    add_role(sara, "owner", other_club)

    assert roles_of(sara) == {"cashier", "agent"}
    assert rights_of(sara) == rights.CASHIER | rights.AGENT
    with club_scope(other_club):
        assert roles_of(sara) == {"owner"}
        assert can(sara, "manage_club")
    assert not can(sara, "manage_club")


def test_an_ended_role_a_stopped_person_and_a_visitor_may_nothing(club):
    sara = person("owner")
    assert can(sara, "manage_club")

    sara.is_active = False
    assert not can(sara, "manage_club")
    sara.is_active = True
    StaffRole.objects.filter(user=sara).update(is_active=False, ended_at="2026-01-01T00:00Z")
    forget_roles(sara)
    assert rights_of(sara) == frozenset()
    assert rights_of(AnonymousUser()) == frozenset()
    assert not can(person(), "record_purchase")


def test_a_right_that_does_not_exist_is_a_mistake_not_a_no(club):
    with pytest.raises(KeyError):
        can(person("owner"), "fly")
    with pytest.raises(KeyError):
        rights.staff_required("fly")


def test_templates_ask_the_same_table(club):
    ask = Template('{% load rights %}{{ user|may:"record_purchase" }} {{ user|may:"view_dashboard" }}')

    assert ask.render(Context({"user": person("cashier")})) == "True False"
    with pytest.raises(KeyError):
        Template('{% load rights %}{{ user|may:"fly" }}').render(Context({"user": person("owner")}))


def test_roles_are_read_once_for_each_person(club, django_assert_num_queries):
    sara = person("cashier")

    with django_assert_num_queries(1):
        assert can(sara, "record_purchase")
        assert not can(sara, "manage_club")
        assert not sara.has_perm("members.view_member")


def test_actors_are_named_by_kind_and_id(club):
    sara = person()

    assert actor_of(sara) == f"user:{sara.pk}"
    assert actor_of(AnonymousUser()) == actor_of(None) == "system"
