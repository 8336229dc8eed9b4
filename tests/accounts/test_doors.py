"""Who gets through the doors of pages, and where the others are sent."""

import pytest
from django.test import RequestFactory

from accounts.models import Role, StaffRole
from accounts.views import safe_next
from tests.accounts.cast import add_role, person, signed_in, visitor

pytestmark = pytest.mark.urls("tests.accounts.urls")


@pytest.fixture(autouse=True)
def members(settings):
    """The members of the club, by phone; the look-up is set as the settings would."""
    known: dict[str, str] = {}
    settings.MEMBER_BY_PHONE = "tests.accounts.test_doors.lookup"
    settings.MEMBER_GATE = "tests.accounts.test_doors.open_gate"
    globals()["lookup"], globals()["open_gate"] = known.get, lambda request: None
    return known


@pytest.mark.parametrize(
    ("role", "method", "till", "agent"),
    [
        ("owner", "password", 200, 403),
        ("manager", "password", 200, 403),
        ("cashier", "password", 200, 403),
        ("agent", "password", 403, 200),
        ("support", "password", 403, 403),
        ("caller", "password", 403, 403),
        ("sales", "password", 403, 403),
        ("owner", "otp", 302, 403),
        ("cashier", "otp", 302, 403),
        ("agent", "otp", 403, 200),
        (None, "otp", 403, 403),
        (None, "password", 403, 403),
    ],
)
def test_staff_doors(club, role, method, till, agent):
    browser = signed_in(person(*([role] if role else [])), club, method)

    assert browser.get("/t/till/").status_code == till
    assert browser.get("/t/agent/").status_code == agent


def test_a_session_by_code_of_somebody_with_every_role_opens_the_agent_s_panel_alone(club):
    browser = signed_in(person(*Role.values), club, "otp")

    till = browser.get("/t/till/?a=1")

    assert (till.status_code, till["Location"]) == (302, "/staff/login/?next=%2Ft%2Ftill%2F%3Fa%3D1")
    assert browser.get("/t/agent/").status_code == 200


def test_a_session_that_does_not_say_how_it_came_counts_as_by_code(club):
    browser = signed_in(person("cashier"), club)
    session = browser.session
    del session["auth_method"]
    session.save()

    assert browser.get("/t/till/").status_code == 302


def test_a_visitor_goes_to_the_login_and_comes_back(club):
    browser = visitor(club)

    assert browser.get("/t/till/")["Location"] == "/staff/login/?next=%2Ft%2Ftill%2F"
    assert browser.post("/t/till/")["Location"] == "/staff/login/"
    assert browser.get("/t/home/")["Location"] == "/login/?next=%2Ft%2Fhome%2F"


def test_htmx_leaves_the_page_as_a_whole(club):
    answer = visitor(club).get(
        "/t/till/", headers={"hx-request": "true", "hx-current-url": f"http://{club.slug}.localhost/t/till/?q=2"}
    )

    assert answer.status_code == 403
    assert answer["HX-Redirect"] == "/staff/login/?next=%2Ft%2Ftill%2F%3Fq%3D2"


def test_a_session_of_one_club_is_nobody_s_on_another_club_s_host(club, other_club):
    sara = person("cashier")
    add_role(sara, "cashier", other_club)
    browser, thief = signed_in(sara, club), visitor(other_club)
    thief.cookies["club_session"] = browser.cookies["club_session"].value

    assert thief.get("/t/till/").status_code == 302
    assert browser.get("/t/till/").status_code == 200, "the session goes on living where it was opened"


def test_a_session_without_a_club_is_nobody_s(club):
    browser = signed_in(person("cashier"), club)
    session = browser.session
    del session["club_id"]
    session.save()

    assert browser.get("/t/till/").status_code == 302


def test_a_role_ended_closes_the_door_at_the_next_request(club):
    sara = person("cashier")
    browser = signed_in(sara, club)
    assert browser.get("/t/till/").status_code == 200

    StaffRole.objects.filter(user=sara).update(is_active=False, ended_at="2026-01-01T00:00Z")

    assert browser.get("/t/till/").status_code == 403


def test_a_stopped_person_s_session_is_over(club):
    sara = person("cashier")
    browser = signed_in(sara, club)
    sara.is_active = False
    sara.save(update_fields=["is_active"])

    assert browser.get("/t/till/").status_code == 302


def test_a_member_is_found_by_the_phone_that_was_proven(club, members):
    sara = person()
    members[sara.phone] = "Sara"

    assert signed_in(sara, club, "otp").get("/t/home/").content == b"hello Sara"


def test_who_is_no_member_here_is_told_kindly(club):
    answer = signed_in(person(), club, "otp").get("/t/home/")

    assert answer.status_code == 403
    assert "هنوز عضو نیستی" in answer.content.decode()


@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        ("/till/?a=1", True),
        ("", False),
        ("//evil.example/", False),
        ("https://evil.example/", False),
        ("http:///evil.example", False),
        ("/\\evil.example", False),
        ("javascript:alert(1)", False),
        ("\x00/till/", False),
        ("https://sib.localhost/till/", True),
        ("https://other.localhost/till/", False),
    ],
)
def test_next_stays_on_this_host(asked, taken):
    request = RequestFactory(headers={"host": "sib.localhost"}).get("/login/", secure=True)

    assert safe_next(request, asked) == (asked if taken else "")
