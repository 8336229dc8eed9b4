"""The client of the real package against the protocol: every way of refusing, and a key that nobody sees."""

import logging
import pickle
import socket
import traceback
from contextlib import nullcontext

import kavenegar as package
import pytest

from sms.emulator.book import Account
from sms.gateways import kavenegar
from sms.gateways.base import (
    GatewayError,
    NumberInvalid,
    Outgoing,
    OutOfCredit,
    Permanent,
    ProviderDisabled,
    Retryable,
)
from sms.gateways.kavenegar import Client, Kavenegar

LINE = "10004346"


@pytest.fixture
def gateway(provider):
    return Kavenegar(provider.key, base_url=provider.base_url)


def outgoing(number=1, phone="09121234500", text="سلام", sender=LINE):
    return Outgoing(number, phone, text, sender)


def test_it_is_the_real_package(gateway):
    assert isinstance(gateway.client, package.KavenegarAPI)


def test_two_hundred_in_one_call_matched_although_the_answer_is_in_another_order(gateway, provider):
    messages = [outgoing(number, f"0912{number:07}", f"سلام {number}") for number in range(1, 201)]

    accepted = gateway.send(messages)

    assert len(provider.calls) == 1
    by_localid = {one.localid: one.provider_id for one in accepted}
    for message in messages:
        [stored] = provider.messages_to(message.phone)
        assert (stored["message"], stored["localid"]) == (message.text, message.localid)
        assert stored["messageid"] == by_localid[message.localid]
    assert provider.messages_to(messages[0].phone)[0]["cost"] == accepted[0].cost_rial > 0


def test_the_emulator_does_answer_in_another_order(gateway):
    messages = [outgoing(number, f"0912{number:07}") for number in range(1, 4)]

    rows = gateway.client.sms_sendarray(
        {
            "receptor": [one.phone for one in messages],
            "sender": [one.sender for one in messages],
            "message": [one.text for one in messages],
        }
    )

    assert [row["receptor"] for row in rows] != [one.phone for one in messages]


def test_one_phone_twice_in_a_call_is_a_fault_of_the_caller(gateway):
    with pytest.raises(ValueError, match="twice"):
        gateway.send([outgoing(1), outgoing(2)])


def test_without_a_sender_the_default_line_is_used(gateway, provider):
    [accepted] = gateway.send([outgoing(sender="")])

    assert accepted.localid == 1
    assert provider.messages_to("09121234500")[0]["sender"] == LINE


def test_a_localid_seen_before_sends_nothing_and_gives_the_first_record(gateway, provider):
    [first] = gateway.send([outgoing(7)])
    [second] = gateway.send([outgoing(7, text="دیگر")])

    assert first.provider_id == second.provider_id
    assert len(provider.messages_to("09121234500")) == 1


def test_states_by_both_numbers(gateway):
    [accepted] = gateway.send([outgoing(7)])

    [state] = gateway.states([accepted.provider_id])
    assert (state.provider_id, state.state) == (accepted.provider_id, 10)
    [state] = gateway.states_by_localid([7, 8])
    assert (state.localid, state.provider_id) == (7, accepted.provider_id)


def test_replies_are_read_once(gateway, provider):
    provider.act("inbound", **{"from": "09121234567", "to": LINE, "message": "۱۱"})

    [reply] = gateway.replies(LINE)
    assert (reply.phone, reply.line, reply.text) == ("09121234567", LINE, "۱۱")
    assert gateway.replies(LINE) == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (409, Retryable),
        (429, Retryable),
        (451, Retryable),
        (411, NumberInvalid),
        (418, OutOfCredit),
        (401, ProviderDisabled),
        (403, ProviderDisabled),
        (407, ProviderDisabled),
        (412, ProviderDisabled),
        (427, ProviderDisabled),
        (413, Permanent),
        (420, Permanent),
        (501, Permanent),
        (607, Permanent),
    ],
)
def test_every_code_has_its_kind_of_refusal_and_nothing_was_sent(gateway, provider, code, kind):
    provider.act("failures", mode="code", code=code)

    with pytest.raises(kind) as refused:
        gateway.send([outgoing()])

    assert (refused.value.code, refused.value.may_have_sent) == (str(code), False)
    assert type(refused.value) is kind


@pytest.mark.parametrize(
    ("mode", "code"), [("html", "http_502"), ("broken_json", "bad_answer"), ("no_return", "bad_answer")]
)
def test_an_unreadable_answer_is_doubt(gateway, provider, mode, code):
    provider.act("failures", mode=mode)

    with pytest.raises(Retryable) as refused:
        gateway.send([outgoing()])

    assert (refused.value.code, refused.value.may_have_sent) == (code, True)


@pytest.mark.parametrize(("mode", "code"), [("timeout", "timeout"), ("close", "network")])
def test_no_answer_is_doubt(gateway, failing, mode, code):
    with failing(mode), pytest.raises(Retryable) as refused:
        gateway.send([outgoing()])

    assert (refused.value.code, refused.value.may_have_sent) == (code, True)


def test_nobody_there_is_no_doubt():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        gateway = Kavenegar("secret-key", base_url=f"http://127.0.0.1:{unused.getsockname()[1]}")

        with pytest.raises(Retryable) as refused:
            gateway.send([outgoing()])

    assert (refused.value.code, refused.value.may_have_sent) == ("network", False)


def test_an_unknown_name_is_no_doubt(monkeypatch):
    def unknown(*_):  # some networks answer for every name there is not, or wait long
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    with pytest.raises(Retryable) as refused:
        Kavenegar("secret-key", base_url="http://nowhere.invalid").send([outgoing()])

    assert (refused.value.code, refused.value.may_have_sent) == ("network", False)


def test_without_a_key_nothing_is_asked():
    with pytest.raises(ProviderDisabled, match="no_key"):
        Kavenegar("", base_url="http://127.0.0.1:1")


@pytest.mark.parametrize("fault", ["timeout", "close", "html", "broken_json", "no_return", "code", "nobody"])
def test_the_key_is_in_no_message_and_in_no_log(provider, failing, fault, caplog):
    key = "top-secret-key-1234"
    provider.act("accounts", key=key, lines=[LINE])
    address, trouble = provider.base_url, nullcontext()
    if fault == "nobody":
        address = "http://127.0.0.1:1"
    else:
        trouble = failing(fault, code=418)
    caplog.set_level(logging.DEBUG)
    gateway = Kavenegar(key, base_url=address)

    with trouble, pytest.raises(GatewayError) as refused:
        gateway.send([outgoing()])

    logging.getLogger("test").error("trouble", exc_info=refused.value)
    told = "".join(traceback.format_exception(refused.value)) + caplog.text
    told += str(refused.value) + repr(refused.value) + repr(gateway.client) + str(gateway.client)
    told += repr(refused.value.__cause__) + repr(refused.value.__context__) + str(pickle.dumps(refused.value.args))
    assert key not in told
    assert refused.value.__context__ is None


def test_the_twin_without_the_filter_logs_the_key(provider, caplog):
    """Proof that the test above would see a key that leaks."""
    logger = logging.getLogger("urllib3.connectionpool")
    caplog.set_level(logging.DEBUG)
    hiding = [one for one in logger.filters if isinstance(one, kavenegar.HideKey)]
    assert hiding
    logger.removeFilter(hiding[0])
    try:
        Kavenegar(provider.key, base_url=provider.base_url).states([1])
    finally:
        logger.addFilter(hiding[0])

    assert f"/v1/{provider.key}/" in caplog.text


def test_a_key_with_strange_letters_reaches_the_provider_whole(provider):
    key = "a/b?c d٪"
    provider.book.add_account(Account(key, lines=[LINE]))

    assert Kavenegar(key, base_url=provider.base_url).send([outgoing()])


def test_the_package_itself_would_have_leaked_and_hung():
    """What is mended: the package takes no time-out and puts the address into its exception."""
    api = package.KavenegarAPI("leaked-key")
    api.host = "127.0.0.1:1"

    with pytest.raises(package.HTTPException) as raised:
        api.sms_send({"receptor": "1", "message": "x"})

    assert "leaked-key" in str(raised.value)
    assert "leaked-key" not in str(Client("leaked-key", base_url="x"))


def test_a_code_goes_by_the_verify_service(gateway, provider):
    accepted = gateway.send_code(outgoing(), template="login-code", code="123456")

    [stored] = provider.messages_to("09121234500")
    assert (stored["messageid"], stored["kind"]) == (accepted.provider_id, "lookup")
    assert "123456" in stored["message"]
