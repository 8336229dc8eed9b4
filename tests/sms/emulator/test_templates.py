"""Codes by template at the emulator."""

import pytest

from tests.sms.emulator.conftest import LINE


def lookup(call, **changes):
    return call("verify/lookup", **{"receptor": "09121234567", "template": "login-code", "token": "482913"} | changes)


def test_a_code_by_template_is_a_list_of_one_that_starts_at_5(call):
    [entry] = lookup(call).json()["entries"]

    assert entry["message"] == "کد ورود شما: 482913\nاین کد را به کسی ندهید."
    assert entry["status"] == 5


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"template": "nobody"}, 424),
        ({"template": "waiting"}, 424),
        ({"template": "mute"}, 432),
        ({"token": "two words"}, 431),
        ({"token": "under_score"}, 431),
        ({"token": "x" * 101}, 431),
        ({"token10": "a b c d e f"}, 200),
        ({"token10": "a b c d e f g"}, 431),
        ({"token": "abc", "type": "call"}, 428),
        ({"token": "123", "type": "call"}, 200),
        ({"token": ""}, 406),
        ({"receptor": "12"}, 411),
    ],
)
def test_rules_of_templates(call, changes, code):
    call.emulator.act("templates", name="waiting", text="%token", approved=False)
    call.emulator.act("templates", name="mute", text="بدون کد")

    assert lookup(call, **changes).json()["return"]["status"] == code


def test_templates_need_the_advanced_service(call):
    call.emulator.act("accounts", key="emulator", advanced=False)

    assert lookup(call).json()["return"]["status"] == 426


def test_a_code_reaches_who_blocked_the_line(call):
    call.emulator.act("inbound", **{"from": "09121234567", "to": LINE, "message": "11"})

    lookup(call)
    call.send()

    assert [(message["kind"], message["status"]) for message in call.emulator.messages_to("09121234567")] == [
        ("sms", 14), ("lookup", 10)
    ]  # fmt: skip
