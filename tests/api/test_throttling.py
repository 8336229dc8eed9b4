"""How many requests pass: counted by the real Valkey, exactly, also for many at once; and all of them without it."""

import logging
import math
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from redis import Redis
from rest_framework.throttling import SimpleRateThrottle

from api import throttling
from api.throttling import Bucket, take
from core.tenancy.scope import club_scope
from tests.api.conftest import Api, api_of, refused
from tests.threads import SECONDS

DAY = 86_400


@pytest.fixture
def rates(settings):
    """Limits small enough to reach; a day's share does not fill up again within a test."""
    settings.API_RATES = {"pos": (3, 86_400), "manage": (4, 86_400), "read": (2, 86_400), "wrong_key": (2, 86_400)}
    return settings.API_RATES


@pytest.mark.parametrize(("scope", "share"), [("pos", 3), ("manage", 4), ("read", 2)])
def test_a_key_sends_its_share_and_is_then_told_how_long_to_wait(club, rates, scope, share):
    api = api_of(club, scope)

    statuses = [api.get("/tiers").status_code for _ in range(share)]
    response = api.get("/tiers")

    assert statuses == [200] * share
    problem = refused(response, 429, "throttled")
    refill = 86_400 // share
    assert refill - 600 <= int(response["Retry-After"]) <= refill
    assert problem.keys() == {"type", "title", "status", "detail", "code"}
    assert "ثانیه" in problem["detail"] and not set("0123456789") & set(problem["detail"])


def test_each_key_has_a_share_of_its_own(club, rates):
    spent, fresh = api_of(club, "read"), api_of(club, "read")
    for _ in range(3):
        spent.get("/tiers")

    assert spent.get("/tiers").status_code == 429
    assert fresh.get("/tiers").status_code == 200


def test_a_refused_purchase_was_not_recorded_and_may_be_sent_again(club, rates):
    api = api_of(club, "pos")
    for _ in range(3):
        api.get("/tiers")
    body = {"member": None, "amount": 1_000}

    refused(api.post("/purchases", body, key="k"), 429, "throttled")

    rates["pos"] = None
    again = api.post("/purchases", body, key="k")
    assert again.status_code == 201
    assert "Idempotent-Replayed" not in again


def test_requests_without_a_good_key_are_counted_by_their_address(club, rates):
    good, stranger = api_of(club), Api(club, None)

    refused(stranger.get("/tiers"), 401, "unauthorized")
    refused(stranger.get("/tiers", authorization="Bearer ck_0123456789_x"), 401, "unauthorized")
    response = stranger.get("/tiers")

    refused(response, 429, "throttled")
    assert int(response["Retry-After"]) > 40_000
    assert good.get("/tiers").status_code == 200, "another till of the same shop"
    refused(Api(club, None).send("GET", "/tiers", authorization="Bearer ck_0123456789_y"), 429, "throttled")


def test_who_guesses_at_a_key_is_not_told_when_the_guess_was_right(club, rates):
    api = api_of(club)

    for letter in "ab":
        refused(api.get("/tiers", authorization=f"Bearer {api.raw_key}{letter}"), 401, "unauthorized")

    refused(api.get("/tiers"), 429, "throttled")
    api.client.defaults["REMOTE_ADDR"] = "192.0.2.7"
    assert api.get("/tiers").status_code == 200, "its owner, elsewhere"


def test_guesses_count_for_their_key_also_when_the_address_has_used_up_its_share(club, rates):
    api, stranger = api_of(club), Api(club, None)
    for _ in range(3):
        stranger.get("/tiers")

    for letter in "ab":
        refused(api.get("/tiers", authorization=f"Bearer {api.raw_key}{letter}"), 429, "throttled")

    refused(api.get("/tiers"), 429, "throttled")


def test_the_document_is_for_everybody(club, rates):
    assert {Api(club, None).get("/schema").status_code for _ in range(5)} == {200}


def test_counting_asks_the_database_nothing(api, settings):
    api.get("/tiers")
    with CaptureQueriesContext(connection) as counted:
        api.get("/tiers")
    settings.API_RATES = dict.fromkeys(settings.API_RATES)
    with CaptureQueriesContext(connection) as uncounted:
        api.get("/tiers")

    assert len(counted) == len(uncounted) == 2


@pytest.fixture
def valkey(settings):
    return Redis.from_url(settings.REDIS_URL)


def test_a_bucket_fills_up_evenly(club, valkey):
    bucket = Bucket("x", (5, DAY))
    assert [take(bucket) for _ in range(5)] == [0] * 5

    wait = take(bucket)

    assert DAY / 5 - 600 < wait <= DAY / 5
    valkey.decrby(bucket.key, math.ceil(wait * 1_000_000))  # as if it had been waited for
    assert take(bucket) == 0
    assert take(bucket) > 0


def test_looking_takes_nothing(club):
    looked_at, taken = Bucket("x", (1, DAY), takes=False), Bucket("x", (1, DAY))

    assert [take(looked_at) for _ in range(3)] == [0] * 3
    assert take(taken) == 0
    assert DAY - 600 < take(looked_at) <= DAY


def test_the_counts_of_a_club_lie_under_its_own_keys_and_go_away(club, other_club, valkey):
    take(Bucket("x", (1, DAY)))
    with club_scope(other_club):
        assert take(Bucket("x", (1, DAY))) == 0, "another club, another count"

    keys = [f"{one.pk}:{throttling.SPACE}:x" for one in (club, other_club)]
    assert all(DAY - 600 < valkey.pttl(key) / 1_000 <= DAY for key in keys)


def at_once(act, *, times):
    """The answers of so many threads that begin together."""
    ready = threading.Barrier(times, timeout=SECONDS)

    def work(_number):
        ready.wait()
        return act()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(work, range(times)))


def test_of_many_at_once_exactly_the_share_passes(club):
    def act():
        with club_scope(club.pk):
            return [take(Bucket("x", (50, 86_400))) for _ in range(10)]

    answers = [wait for waits in at_once(act, times=16) for wait in waits]

    assert (len(answers), answers.count(0)) == (160, 50)


def test_the_twin_that_looks_first_and_writes_later_lets_too_many_through(club, monkeypatch):
    """Django REST framework's own count: why ours is a script in the server."""
    all_have_looked = threading.Barrier(4, timeout=SECONDS)

    class Stock(SimpleRateThrottle):
        rate = "1/day"

        def get_cache_key(self, request, view):
            return f"{club.pk}:{throttling.SPACE}:stock"

        def throttle_success(self):
            all_have_looked.wait()
            return super().throttle_success()

    passed = at_once(lambda: Stock().allow_request(None, None), times=4)

    cache.delete(f"{club.pk}:{throttling.SPACE}:stock")
    assert passed == [True] * 4


class Listening:
    """The real script, which remembers how often it was asked."""

    def __init__(self, real):
        self.real, self.asked = real, 0

    def __call__(self, **question):
        self.asked += 1
        return self.real(**question)


@pytest.fixture
def valkey_at(settings, monkeypatch):
    """Look for Valkey at another address, or at its own again; the script that is asked there."""
    there, script = settings.REDIS_URL, throttling._script
    monkeypatch.setattr(throttling, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(throttling, "REST_SECONDS", math.inf)

    def use(url=there):
        settings.REDIS_URL = url
        script.cache_clear()
        listening = Listening(script())
        monkeypatch.setattr(throttling, "_script", lambda: listening)
        return listening

    yield use
    script.cache_clear()


def test_without_valkey_everybody_passes_and_it_is_said_once(club, rates, valkey_at, caplog, monkeypatch):
    script = valkey_at("redis://127.0.0.1:1/0")
    api = api_of(club, "read")

    assert [api.get("/tiers").status_code for _ in range(20)] == [200] * 20
    assert script.asked == 1
    monkeypatch.setattr(throttling, "_lost_until", 0.001)  # the rest is over, and it is still gone
    api.get("/tiers")

    assert script.asked == 2
    said = [one.message for one in caplog.records if one.name == "api.throttling"]
    assert len(said) == 1 and "does not answer" in said[0]
    refused(Api(club, None).get("/tiers"), 401, "unauthorized")

    monkeypatch.setattr(throttling, "ANSWER_SECONDS", 60.0)
    valkey_at()
    monkeypatch.setattr(throttling, "_lost_until", 0.001)
    statuses = [api.get("/tiers").status_code for _ in range(3)]
    assert statuses == [200, 200, 429], "it is back, and counts"
    assert [one.levelno for one in caplog.records if one.name == "api.throttling"] == [logging.WARNING] * 2


def test_a_valkey_that_hangs_is_waited_for_once(club, valkey_at):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        script = valkey_at(f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")

        assert [take(Bucket("x", (1, 60))) for _ in range(50)] == [0] * 50

        assert script.asked == 1
