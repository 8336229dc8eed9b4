"""The club's admin: who comes in, what staff and keys look like there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, StaffRole, User
from core.jalali import format_date
from core.models import AuditEntry
from core.tenancy.scope import club_scope
from core.text import persian_digits
from tests.accounts.cast import add_role, fresh_phone, person, signed_in, visitor

pytestmark = pytest.mark.urls("tests.accounts.urls")
ROLES, KEYS = "/admin/accounts/staffrole/", "/admin/accounts/apikey/"


def text_of(answer):
    return answer.content.decode()


def last_digits(phone):
    return persian_digits(phone[-4:])


@pytest.mark.parametrize("role", Role.values)
def test_owners_and_managers_come_in_by_password(club, role):
    inside = role in {"owner", "manager"}

    answer = signed_in(person(role), club).get("/admin/")

    assert answer.status_code == (200 if inside else 302)
    assert club.name in text_of(answer) or not inside
    assert signed_in(person(role), club, "otp").get("/admin/").status_code == 302
    assert signed_in(person(role), club).get(KEYS).status_code == {"owner": 200, "manager": 403}.get(role, 302)


def test_the_admin_s_own_doors_lead_to_the_staff_s_doors(club):
    assert "/admin/login/" in visitor(club).get("/admin/")["Location"]
    assert visitor(club).get("/admin/login/?next=/admin/")["Location"].startswith("/staff/login/")
    assert signed_in(person("owner"), club).get("/admin/password_change/")["Location"] == "/staff/password/"


def test_is_staff_means_nothing(club):
    user = person()
    user.is_staff = user.is_superuser = True

    assert not user.has_perm("members.view_member")


def test_staff_of_this_club_alone_are_listed(club, other_club):
    owner = person("owner")
    add_role(owner, "owner", other_club)
    stranger = person("cashier", club=other_club, name="بیگانه")
    browser = signed_in(owner, club)

    page = text_of(browser.get(ROLES))

    assert last_digits(owner.phone) in page
    assert last_digits(stranger.phone) not in page


def test_the_list_takes_the_same_queries_for_three_and_for_thirty(club):
    browser = signed_in(person("owner"), club)
    browser.get(ROLES)  # the host's club is looked up once in a few seconds
    counts = []
    for more in (2, 27):
        for _number in range(more):
            person("cashier")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert browser.get(ROLES).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_cashier_is_appointed_by_phone(club):
    owner, phone = person("owner"), fresh_phone()
    browser = signed_in(owner, club)
    assert browser.get(ROLES + "add/").status_code == 200

    answer = browser.post(ROLES + "add/", {"phone": "+98 " + phone[1:], "name": "رضا", "role": "cashier"})

    held = StaffRole.objects.get(user__phone=phone)
    assert (held.role, held.invited_by, held.user.name) == ("cashier", owner, "رضا")
    assert held.user.check_password(text_of(answer).split("<code>")[1].split("</code>")[0])
    actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["staff.give_role", "staff.set_password"]
    for page in (browser.get(f"{ROLES}{held.pk}/change/"), browser.get(ROLES)):
        assert page.status_code == 200
        assert format_date(timezone.now(), "numeric") in text_of(page), "dates are Jalali"


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ({"phone": "0912", "role": "cashier"}, "شماره موبایل درست نیست"),
        ({"phone": "", "role": "cashier"}, "شماره موبایل را بنویسید"),
        ({"phone": "09121234567", "role": "king"}, "role"),
        ({"phone": "09121234567\x00", "role": "cashier"}, "شماره موبایل"),
    ],
)
def test_bad_input_is_answered_beside_the_field(club, typed, text):
    answer = signed_in(person("owner"), club).post(ROLES + "add/", {"name": "", **typed})

    assert answer.status_code == 200
    assert text in text_of(answer)
    assert StaffRole.objects.count() == 1


def test_the_same_role_twice_is_said_on_the_page(club):
    owner = person("owner")

    answer = signed_in(owner, club).post(ROLES + "add/", {"phone": owner.phone, "name": "", "role": "owner"})

    assert "این فرد همین نقش را دارد" in text_of(answer)


def test_a_manager_cannot_make_managers(club):
    browser, phone = signed_in(person("manager"), club), fresh_phone()

    answer = browser.post(ROLES + "add/", {"phone": phone, "name": "", "role": "manager"})

    assert answer.status_code == 200
    assert not User.objects.filter(phone=phone).exists()
    assert 'value="manager"' not in text_of(browser.get(ROLES + "add/"))


def test_nobody_edits_or_deletes_a_role(club):
    browser = signed_in(person("owner"), club)
    held = StaffRole.objects.get()

    assert browser.post(f"{ROLES}{held.pk}/change/", {"role": "manager"}).status_code == 403
    assert browser.post(f"{ROLES}{held.pk}/delete/", {"post": "yes"}).status_code == 403
    held.refresh_from_db()
    assert held.role == "owner"


def test_another_club_s_role_is_not_there(club, other_club):
    sara = person("cashier", club=other_club)
    with club_scope(other_club):
        held = StaffRole.objects.get(user=sara)

    assert signed_in(person("owner"), club).get(f"{ROLES}{held.pk}/change/").status_code == 404
