"""A purchase as the page of the till posts it."""

import json

from django.test import Client

JSON = {"accept": "application/json"}


def typed(client: Client, **fields: object) -> dict[str, object]:
    """A form as the page posts it, with a key of its own."""
    return {"key": "k1", **fields}


def save(client: Client, *, status: int = 200, **fields: object) -> dict[str, object]:
    """Post the form as the page's script does."""
    answer = client.post("/desk/till/", {"key": "k1", **fields}, headers=JSON)
    assert answer.status_code == status, answer.content.decode()[:500]
    return json.loads(answer.content)
