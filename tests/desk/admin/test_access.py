"""Who comes into the admin, what is closed to them, and that another club's records are not there."""

import pytest
from django.urls import reverse

from club.members.models import Member
from core.tenancy.scope import club_scope
from tests.accounts.cast import person, signed_in, visitor
from tests.desk.admin.conftest import ADMIN, ago, all_models, lists, text_of
from tests.shop import Shop


def test_another_club_s_rows_are_not_listed_and_not_opened(owner, full, other_club):
    with club_scope(other_club):
        shop = Shop(other_club)
        stranger = shop.member(first_name="بیگانه", now=ago(3))
        bought = shop.buys(stranger, 500_000, now=ago(1))

    assert "بیگانه" not in text_of(owner.get(ADMIN + "members/member/"))
    for address in (f"members/member/{stranger.pk}/change/", f"purchases/purchase/{bought.id}/change/"):
        assert owner.get(ADMIN + address).status_code == 404
        assert owner.post(ADMIN + address, {"first_name": "x"}).status_code == 404
        assert owner.post((ADMIN + address).replace("change", "delete"), {"post": "yes"}).status_code == 404
    assert owner.get(f"{ADMIN}core/club/{other_club.pk}/change/").status_code == 404
    with club_scope(other_club):
        assert Member.objects.get(pk=stranger.pk).first_name == "بیگانه"


@pytest.mark.parametrize("role", ["cashier", "support", "caller", "agent"])
def test_who_has_no_right_does_not_come_in(club, full, role):
    browser = signed_in(person(role), club)

    for address in lists():
        assert browser.get(address).status_code == 302, address
    said = browser.get(ADMIN + "members/member/", follow=True)
    assert said.status_code == 403
    assert "دسترسی «مدیریت باشگاه»" in text_of(said)


def test_who_logs_in_comes_to_where_they_wanted_to_go(club, full):
    manager = person("manager", password="a good password 1405")
    browser = visitor(club)

    login = browser.get(ADMIN + "members/member/?q=1", follow=True)
    sent = {"phone": manager.phone, "password": "a good password 1405", "next": login.context["next"]}
    assert browser.post(login.request["PATH_INFO"], sent)["Location"] == ADMIN + "members/member/?q=1"
    outside = browser.get(ADMIN + "login/?next=https://evil.example/")
    assert outside["Location"] == ADMIN


def test_a_manager_sees_no_keys(club, full):
    browser = signed_in(person("manager"), club)

    assert browser.get(ADMIN + "accounts/apikey/").status_code == 403
    assert browser.get(f"{ADMIN}core/club/{club.pk}/change/").status_code == 200
    assert browser.get(ADMIN + "members/member/").status_code == 200


@pytest.mark.parametrize("app_model", ["purchases_purchase", "purchases_refund", "ledger_entry", "sms_outboxmessage"])
def test_what_is_history_is_only_read(owner, full, app_model):
    model = next(m for m in all_models() if f"{m._meta.app_label}_{m._meta.model_name}" == app_model)
    row = model.objects.first()

    assert owner.get(reverse(f"admin:{app_model}_add")).status_code == 403
    assert owner.post(reverse(f"admin:{app_model}_change", args=[row.pk]), {}).status_code == 403
    assert owner.post(reverse(f"admin:{app_model}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
