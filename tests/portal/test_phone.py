"""A member's mobile changed in the portal: proven by a code, told to the old number, and the login follows."""

import pytest

from accounts.models import User
from club.members.models import Member
from club.members.reaching import change_phone
from club.members.services import DuplicatePhone
from core.errors import ValidationFailed
from core.models import AuditEntry
from sms.models import OutboxMessage
from tests.portal.conftest import browser_of

NEW = "09351112233"


def code_for(phone):
    return OutboxMessage.objects.filter(kind="otp", phone=phone).latest("id").context["code"]


def changed(browser, phone=NEW):
    browser.post("/profile/phone/", {"phone": phone})
    return browser.post("/profile/phone/code/", {"code": code_for(NEW)})


def test_the_new_number_is_proven_and_the_login_follows(sara, browser, club):
    old, elsewhere = sara.phone, browser_of(sara, club)

    answer = changed(browser, "۰۹۳۵ ۱۱۱ ۲۲۳۳")

    assert answer["Location"] == "/profile/"
    sara.refresh_from_db()
    assert (sara.phone, sara.phone_reversed) == (NEW, NEW[::-1])
    assert browser.get("/").status_code == 200  # this browser is logged in with the new number
    assert elsewhere.get("/").status_code == 403  # every other one of the old number is nobody's here
    assert browser_of(sara, club).get("/").status_code == 200
    assert not Member.objects.filter(phone=old).exists()
    assert AuditEntry.objects.filter(action="member.update", actor=f"member:{sara.pk}").exists()


def test_the_old_number_is_told_without_the_whole_new_one(sara, browser):
    old = sara.phone

    changed(browser)

    told = OutboxMessage.objects.get(kind="phone_changed")
    assert (told.phone, told.context["phone"]) == (old, "0935…2233")


def test_a_wrong_code_changes_nothing(sara, browser):
    browser.post("/profile/phone/", {"phone": NEW})
    right = code_for(NEW)

    answer = browser.post("/profile/phone/code/", {"code": "000000" if right != "000000" else "111111"})

    assert answer.status_code == 422
    assert "کد درست نیست" in answer.content.decode()
    assert Member.objects.get(pk=sara.pk).phone == sara.phone


def test_another_members_number_is_refused_only_to_who_has_it(sara, browser, shop):
    other = shop.member(phone=NEW)

    asked = browser.post("/profile/phone/", {"phone": NEW})
    answer = browser.post("/profile/phone/code/", {"code": code_for(NEW)})

    assert asked.status_code == 302  # nothing is said of who is a member
    assert answer.status_code == 422
    assert "پیش‌تر عضو شده" in answer.content.decode()
    assert (Member.objects.get(pk=sara.pk).phone, Member.objects.get(pk=other.pk).phone) == (sara.phone, NEW)


@pytest.mark.parametrize("typed", ["", "0912", "abc"])
def test_what_is_no_number_is_refused_beside_its_field(browser, typed):
    answer = browser.post("/profile/phone/", {"phone": typed})

    assert answer.status_code == 422
    assert 'class="error"' in answer.content.decode()


def test_the_own_number_and_a_code_that_nobody_asked_for_change_nothing(sara, browser):
    assert browser.post("/profile/phone/", {"phone": sara.phone}).status_code == 422
    assert browser.get("/profile/phone/code/")["Location"] == "/profile/phone/"

    assert not OutboxMessage.objects.filter(kind="otp").exists()


def test_staff_change_it_by_the_service(sara, shop):
    other = shop.member()

    with pytest.raises(DuplicatePhone):
        change_phone(sara.pk, other.phone, actor="user:7")
    for phone in ("", sara.phone):
        with pytest.raises(ValidationFailed):
            change_phone(sara.pk, phone, actor="user:7")
    assert change_phone(sara.pk, "+98 935 111 2233", actor="user:7").phone == NEW
    assert User.objects.filter(phone=NEW).count() == 0  # made at the first login
