"""A database that does not answer, met anywhere on the way of a request: our page says so, with 503."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Role
from core.models import Club
from core.tenancy.middleware import forget_hosts
from tests.accounts.cast import person, signed_in

PURCHASE = {"key": "k1", "amount": "245000"}


@pytest.fixture
def cashier(committed_club: Club, lost_database: Callable[[], None]) -> Client:
    """Somebody logged in, whose pages were served until just now."""
    client = signed_in(person(Role.CASHIER), committed_club)
    client.raise_request_exception = False
    assert client.get("/desk/till/").status_code == 200
    lost_database()
    return client


@pytest.mark.parametrize("path", ["/desk/till/", "/desk/purchases/", "/portal/", "/healthz", "/"])
@pytest.mark.parametrize("is_host_remembered", [True, False])
def test_every_page_is_our_own_with_503(cashier: Client, path: str, is_host_remembered: bool) -> None:
    if not is_host_remembered:
        forget_hosts()

    answer = cashier.get(path)

    assert answer.status_code == 503
    assert "چند لحظه در دسترس نیست" in answer.content.decode()


def test_a_purchase_posted_then_is_503_in_the_words_its_reader_reads(cashier: Client) -> None:
    page = cashier.post("/desk/till/", PURCHASE)
    answer = cashier.post("/desk/till/", PURCHASE, headers={"accept": "application/json"})

    assert (page.status_code, answer.status_code) == (503, 503)
    assert "<h1>" in page.content.decode()
    assert answer.json()["code"] == "unavailable"
