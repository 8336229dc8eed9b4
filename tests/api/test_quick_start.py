"""The quick start does what it says: its steps are run in their order, as they are written."""

import json
import re
import shlex
from io import StringIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client

from core.services import create_club
from core.tenancy.scope import club_scope

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
STEPS = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


def curl(command, variables):
    """What curl would send, sent in this process."""
    for name, value in variables.items():
        command = command.replace(f"${name}", value)
    words = iter(shlex.split(command.replace("\\\n", " "))[1:])
    method, headers, body, url = "GET", {}, "", urlsplit("")
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _colon, value = next(words).partition(":")
            headers[name] = value.strip()
        elif word == "-d":
            body = next(words)
        elif word != "-s":
            url = urlsplit(word)
    assert "$" not in command
    path = url.path + (f"?{url.query}" if url.query else "")
    kind = headers.pop("Content-Type", "")
    return Client().generic(method, path, body.encode(), content_type=kind, headers={**headers, "host": url.netloc})


@pytest.fixture
def narvan(db):
    """The demo club, empty."""
    club = create_club(slug="narvan", name="کافه نارون")
    with club_scope(club):
        yield club


def printed_key(*words):
    """The key that the command prints."""
    printed = StringIO()
    call_command(*words, stdout=printed)
    return printed.getvalue().strip().splitlines()[-1].split()[-1]


def test_the_steps_of_the_quick_start(narvan):
    make_key, keep_key, enrol, preview, purchase, balance, refund, gift, *more = STEPS
    assert keep_key.startswith("KEY=")
    words = shlex.split(make_key)
    assert words[:2] == [".venv/bin/python", "manage.py"]

    known = {"KEY": printed_key(*words[2:])}

    member = curl(enrol, known)
    assert (member.status_code, member.json()["phone"]) == (201, "09901234567")
    foreseen = curl(preview, known)
    assert foreseen.status_code == 200
    receipt = curl(purchase, known)
    assert receipt.status_code == 201
    assert receipt.json()["points_earned"] == foreseen.json()["points_earned"] == 6
    assert curl(purchase, known)["Idempotent-Replayed"] == "true"
    assert [row["points"] for row in curl(balance, known).json()["results"]] == [6]
    undone = curl(refund, {**known, "PURCHASE": str(receipt.json()["id"])})
    assert (undone.status_code, undone.json()["refunded"]) == (201, 600_000)
    assert [row["points"] for row in curl(balance, known).json()["results"]] == [0]
    by_hand = {"KEY": printed_key(*words[2:-1], "manage"), "MEMBER": str(member.json()["id"])}
    given = curl(gift, by_hand)
    assert (given.status_code, given.json()["balance_after"]) == (201, 120)
    check, define, make_code, use_code, reward, ticket = more
    checked = curl(check, by_hand)
    assert (checked.status_code, checked.json()["findings"]) == (200, [])
    offer = curl(define, by_hand)
    assert (offer.status_code, offer.json()["status"]) == (201, "live")
    assert curl(make_code, {**by_hand, "OFFER": str(offer.json()["id"])}).status_code == 201
    assert curl(use_code, known).json()["discount"] == 60_000
    assert curl(reward, by_hand).status_code == 201
    assert curl(ticket, by_hand).json()["number"] == 1


def test_the_refusal_shown_is_the_refusal_answered(narvan):
    [example] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    shown = json.loads(example)
    key = printed_key("create_api_key", "--club=narvan", "--name=x", "--scope=pos")
    step = STEPS[4].replace("600000", '"600000"')

    assert curl(step, {"KEY": key}).json() == shown
