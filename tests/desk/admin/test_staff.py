"""Staff and keys in the admin: what is secret is shown once."""

from django.utils import timezone

from accounts.models import ApiKey, StaffRole, User
from accounts.services import authenticate_key
from tests.accounts.cast import fresh_phone, person, signed_in
from tests.desk.admin.conftest import ADMIN, text_of


def test_a_new_cashier_gets_a_first_password_shown_once(owner, club):
    phone = fresh_phone()

    made = owner.post(
        ADMIN + "accounts/staffrole/add/", {"phone": phone, "name": "رضا", "role": "cashier", "branch_id": ""}
    )

    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    secret = text_of(made).split("<code>")[1].split("</code>")[0]
    assert User.objects.get(phone=phone).check_password(secret)
    assert secret not in str(owner.cookies)
    assert secret not in text_of(owner.get(ADMIN + "accounts/staffrole/"))


def test_who_has_a_password_from_elsewhere_keeps_it(owner, club, other_club):
    known = person("cashier", club=other_club, password="keep-me-safe")

    answer = owner.post(ADMIN + "accounts/staffrole/add/", {"phone": known.phone, "name": "", "role": "cashier"})

    assert answer.status_code == 302
    known.refresh_from_db()
    assert known.check_password("keep-me-safe")


def test_a_role_is_ended_and_the_last_owner_stays(owner, club):
    cashier = StaffRole.objects.get(user=person("cashier"))
    sole = StaffRole.objects.get(role="owner")

    owner.post(f"{ADMIN}accounts/staffrole/{cashier.pk}/end/")
    answer = owner.post(f"{ADMIN}accounts/staffrole/{sole.pk}/end/", follow=True)

    cashier.refresh_from_db()
    sole.refresh_from_db()
    assert not cashier.is_active
    assert sole.is_active
    assert "باشگاه بی‌مالک نمی‌ماند" in text_of(answer)


def test_a_manager_reads_the_role_of_an_owner_whom_only_owners_appoint(owner, club):
    sole = StaffRole.objects.get(role="owner")
    manager = signed_in(person("manager"), club)

    answer = manager.get(f"{ADMIN}accounts/staffrole/{sole.pk}/change/")

    assert answer.status_code == 200
    assert "نازنین صادقی" in text_of(answer)


def test_a_key_is_shown_once_in_no_cookie_and_revoked(owner, club):
    made = owner.post(ADMIN + "accounts/apikey/add/", {"name": "صندوق", "scope": "pos"})
    raw = text_of(made).split("<code>")[1].split("</code>")[0]
    key = ApiKey.objects.get()

    assert authenticate_key(raw, now=timezone.now())
    assert raw not in str(owner.cookies)
    assert owner.get(f"{ADMIN}accounts/apikey/{key.pk}/revoke/").status_code == 302
    assert authenticate_key(raw, now=timezone.now())
    owner.post(f"{ADMIN}accounts/apikey/{key.pk}/revoke/")
    assert authenticate_key(raw, now=timezone.now()) is None
