"""A caller of the emulated provider, and what its account has."""

import json

import pytest
import requests

LINE = "10004346"


class Caller:
    """Speaks the protocol as any program would, without our gateway."""

    def __init__(self, emulator):
        self.emulator = emulator
        self.session = requests.Session()

    def __call__(self, path, *, verb="POST", key="emulator", suffix="json", timeout=60, **params):
        params = {name: json.dumps(value) if isinstance(value, list) else value for name, value in params.items()}
        url = f"{self.emulator.base_url}/v1/{key}/{path}.{suffix}"
        query, form = (None, params) if verb == "POST" else (params, None)
        return self.session.request(verb, url, params=query, data=form, timeout=timeout)

    def entries(self, path, **params):
        answer = self(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()["entries"]

    def code(self, path, **params):
        """The code, which stands in the body and in the HTTP status alike."""
        answer = self(path, **params)
        body = answer.json()
        assert body.keys() >= {"return", "entries"}
        assert answer.status_code == (body["return"]["status"] if body["return"]["status"] < 600 else 400)
        return body["return"]["status"]

    def send(self, receptor="09121234567", message="سلام", **params):
        return self.entries("sms/send", receptor=receptor, message=message, **params)


@pytest.fixture
def call(emulator):
    return Caller(emulator)


def credit(call):
    return call.entries("account/info")["remaincredit"]
