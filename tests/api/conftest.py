import json
from datetime import UTC, datetime
from itertools import count
from uuid import uuid4

import pytest
from django.test import Client

from accounts.services import create_api_key
from api import throttling
from core.tenancy.scope import club_scope

throttling.ANSWER_SECONDS = 60.0  # a Valkey on a busy machine is not lost
_phones = count(1)
_keys = count(1)


class Api:
    """A program that speaks to one club with one key."""

    def __init__(self, club, raw_key):
        self.host = f"{club.slug}.localhost"
        self.raw_key = raw_key
        self.client = Client(raise_request_exception=True)

    def send(self, method, path, body=None, *, key=None, text=None, kind="application/json", **headers):
        """One request; `body` becomes JSON, `text` goes as it is."""
        sent = {"host": self.host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.raw_key and "authorization" not in sent:
            sent["authorization"] = f"Bearer {self.raw_key}"
        if key is not None:
            sent["idempotency-key"] = key
        data = text if text is not None else b"" if body is None else json.dumps(body)
        return self.client.generic(method, f"/api/v1{path}", data, content_type=kind, headers=sent)

    def get(self, path, **more):
        return self.send("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.send("POST", path, body, **more)

    def patch(self, path, body=None, **more):
        return self.send("PATCH", path, body, **more)

    def delete(self, path, **more):
        return self.send("DELETE", path, **more)

    def enrol(self, **person):
        """A new member by a POST, as answered."""
        response = self.post("/members", {"phone": fresh_phone(), **person}, key=fresh_key())
        assert response.status_code == 201, response.content.decode()
        return response.json()

    def buy(self, member, amount=600_000, **more):
        """A purchase by a POST, as answered."""
        body = {"member": member, **({} if "lines" in more else {"amount": amount}), **more}
        response = self.post("/purchases", body, key=fresh_key())
        assert response.status_code == 201, response.content.decode()
        return response.json()


def fresh_phone():
    return f"0935{next(_phones):07}"


def fresh_key():
    return f"key-{next(_keys)}"


def refused(response, status, code, *fields):
    """Assert the refusal as the contract has it, and that it names exactly these fields; the problem."""
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code), problem
    assert response["Content-Type"] == "application/problem+json"
    assert problem.keys() >= {"type", "title", "status", "detail", "code"}
    assert problem["status"] == status and problem["detail"]
    if fields:
        assert set(problem["errors"]) == set(fields), problem
    return problem


@pytest.fixture(autouse=True)
def counted_alone(monkeypatch):
    """Workers share a Valkey and their clubs share numbers: each test counts requests under a name of its own."""
    monkeypatch.setattr(throttling, "SPACE", f"api-{uuid4().hex}")
    monkeypatch.setattr(throttling, "_lost_until", 0.0)


def api_of(club, scope="manage"):
    with club_scope(club):
        _row, raw = create_api_key(name="test", scope=scope, actor="system")
    return Api(club, raw)


@pytest.fixture
def api(club):
    return api_of(club)


@pytest.fixture
def pos(club):
    return api_of(club, "pos")


@pytest.fixture
def reader(club):
    return api_of(club, "read")


@pytest.fixture
def other_api(other_club):
    return api_of(other_club)


def at(text):
    return datetime.fromisoformat(text).astimezone(UTC)
