"""A database that is gone, or busy: the program is told to come again, and nothing is lost or doubled."""

import pytest
from django.db import connection

from club.purchases.models import Purchase
from core.models import IdempotencyKey
from core.tenancy.middleware import forget_hosts
from core.text import persian_digits
from tests.api.conftest import api_of, fresh_phone, refused

BODY = {"member": None, "amount": 1_000}


@pytest.mark.parametrize("is_host_remembered", [True, False])
def test_a_lost_database_is_503_and_the_same_request_goes_through_later(
    committed_club, lost_database, monkeypatch, is_host_remembered
):
    api = api_of(committed_club)
    api.get("/tiers")
    if not is_host_remembered:
        forget_hosts()
    lost_database()

    response = api.post("/purchases", BODY, key="k")

    refused(response, 503, "unavailable")
    assert response["Retry-After"] == "5"
    monkeypatch.undo()
    assert not Purchase.objects.exists() and not IdempotencyKey.objects.exists()
    assert api.post("/purchases", BODY, key="k").status_code == 201
    assert Purchase.objects.count() == 1


@pytest.fixture
def another_connection(committed_club):
    """A second connection whose transaction stays open, and a first one that waits only briefly."""
    other = connection.copy()
    other.set_autocommit(False)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    yield other
    other.rollback()
    other.close()
    with connection.cursor() as cursor:
        cursor.execute("RESET lock_timeout")


def test_a_twin_that_is_still_running_is_409_with_a_time_to_come_again(committed_club, another_connection):
    api = api_of(committed_club)
    with another_connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_idempotencykey (club_id, key, fingerprint) VALUES (%s, 'k', 'x')", [committed_club.pk]
        )

    purchase = api.post("/purchases", BODY, key="k")
    member = api.post("/members", {"phone": fresh_phone()}, key="k")

    for response in (purchase, member):
        refused(response, 409, "in_progress")
        assert response["Retry-After"] == "1"
    another_connection.rollback()
    assert api.post("/purchases", BODY, key="k").status_code == 201


def test_a_member_whose_wallets_are_busy_is_409_too(committed_club, another_connection):
    api = api_of(committed_club)
    member = api.enrol(phone=fresh_phone())
    with another_connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM ledger_wallet WHERE club_id = %s AND member_id = %s FOR UPDATE",
            [committed_club.pk, member["id"]],
        )

    refused(api.post("/purchases", {**BODY, "member": member["id"]}, key="k"), 409, "in_progress")

    assert not Purchase.objects.exists() and not IdempotencyKey.objects.filter(key="k").exists()


def test_a_fault_of_the_program_is_a_problem_too(api, monkeypatch):
    from api.views import settings

    def broken(moment):
        raise ZeroDivisionError

    monkeypatch.setattr(settings, "programme_at", broken)
    api.client.raise_request_exception = False

    problem = refused(api.get("/programme"), 500, "server_error")

    assert "ZeroDivision" not in str(problem)


def test_two_with_one_external_id_at_once_are_told_which_was_first(committed_club, monkeypatch):
    """The look-up before the insert cannot see a twin that commits in between; the unique key does."""
    from dataclasses import replace

    from club.purchases import reckoning

    api = api_of(committed_club)
    first = api.post("/purchases", {**BODY, "external_id": "E"}, key="a").json()
    read = reckoning.read_facts
    monkeypatch.setattr(reckoning, "read_facts", lambda *a, **k: replace(read(*a, **k), first_with_external_id=None))

    problem = refused(api.post("/purchases", {**BODY, "external_id": "E"}, key="b"), 409, "conflict")

    assert problem["number"] == first["number"]
    assert persian_digits(first["number"]) in problem["detail"]
    assert Purchase.objects.count() == 1
