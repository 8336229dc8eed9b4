"""Who may open the till, and whom it is shown to."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from core.models import Club
from tests.accounts.cast import person, signed_in, visitor

PAGES = ["/desk/till/", "/desk/till/members/?q=4567", "/desk/purchases/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_visitor_is_sent_to_the_login_and_back(club: Club, path: str) -> None:
    answer = visitor(club).get(path)

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:login") + "?next=")


@pytest.mark.parametrize("path", PAGES)
def test_who_has_no_role_here_is_refused(stranger: Client, path: str) -> None:
    assert stranger.get(path).status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_a_support_agent_is_refused(club: Club, path: str) -> None:
    assert signed_in(person(Role.SUPPORT), club).get(path).status_code == 403


def test_a_session_that_came_by_code_alone_opens_no_till(club: Club) -> None:
    assert signed_in(person(Role.CASHIER), club, method="otp").get("/desk/till/").status_code == 302


def test_a_cashier_of_another_club_is_a_stranger_here(club: Club, other_club: Club) -> None:
    user = person(Role.CASHIER, club=other_club)

    assert signed_in(user, club).get("/desk/till/").status_code == 403


def test_home_leads_the_cashier_to_the_till(cashier: Client) -> None:
    assert cashier.get("/desk/")["Location"] == "/desk/till/"
