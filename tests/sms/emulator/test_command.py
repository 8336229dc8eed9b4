"""`manage.py kavenegar_emulator` on a fresh machine: it tells the clubs of their messages by itself."""

import io
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command

from sms.emulator.server import running_emulator
from sms.management.commands.kavenegar_emulator import ClubAddresses
from sms.models import OutboxMessage, SmsSettings, Suppression
from tests.sms.emulator.conftest import Caller
from tests.sms.emulator.test_trouble import wait_for

PROJECT = Path(__file__).resolve().parents[3]


def test_addresses_are_those_of_the_clubs_that_send_from_the_line(club):
    own = SmsSettings.objects.create(sender_line="+9810004346", advertising_line="30005006")
    addresses = ClubAddresses("http://localhost:8000")

    base = f"http://{club.slug}.localhost:8000/sms/callback/{own.callback_secret.text}"
    # Clubs without a line, which other tests really committed, may send from any of the machine's.
    assert (f"{base}/status", f"{base}/inbound") in addresses("10004346")
    assert (f"{base}/status", f"{base}/inbound") in addresses("30005006")
    assert addresses("99999") == []


def test_a_club_without_a_line_sends_from_that_of_the_machine(club, settings):
    settings.KAVENEGAR_SENDER = "10004346"
    own = SmsSettings.objects.create()

    status_urls = [status_url for status_url, _ in ClubAddresses("http://localhost:8000")("10004346")]

    # Clubs that other tests really committed have no line either.
    assert sum(own.callback_secret.text in status_url for status_url in status_urls) == 1


def test_nobody_is_called_where_no_address_is_known(club):
    SmsSettings.objects.create(sender_line="10004346")

    assert ClubAddresses("")("10004346") == []


def test_the_clubs_own_pages_take_what_the_emulator_tells(committed_club, web):
    own = SmsSettings.objects.create(sender_line="10004346")
    base = f"http://{committed_club.slug}.localhost:{web}/sms/callback/{own.callback_secret.text}"
    with running_emulator(addresses=lambda line: [(f"{base}/status", f"{base}/inbound")]) as emulator:
        emulator.act("pace", final_seconds=3600)
        [entry] = Caller(emulator).send("09121234567", sender="10004346")
        message = OutboxMessage.objects.create(
            kind="welcome", message_class="service", phone="09121234567", status="sent", provider_id=entry["messageid"]
        )
        emulator.act("clock", advance=3601)  # only now: nobody is told of a message that is not recorded yet
        emulator.act("inbound", **{"from": "09351112233", "to": "10004346", "message": "لغو ۱۱"})

        def delivered():
            message.refresh_from_db()
            return message.status == "delivered"

        wait_for(delivered)
        wait_for(lambda: Suppression.objects.filter(phone="09351112233").exists())
        assert {told.answer for told in emulator.teller.told} == {"200"}


def test_a_taken_port_is_said(emulator, tmp_path):
    port = int(emulator.base_url.rpartition(":")[2])

    with pytest.raises(CommandError, match=f"Port {port} cannot be used"):
        call_command("kavenegar_emulator", port=port, state=tmp_path / "state.json", stdout=io.StringIO())


def test_without_a_key_it_does_not_start(tmp_path):
    with pytest.raises(CommandError, match="--keys"):
        call_command("kavenegar_emulator", keys=" , ", state=tmp_path / "state.json", stdout=io.StringIO())


@pytest.fixture
def children():
    """Programs that a test starts; none outlives it."""
    started = []
    yield started
    for child in started:
        child.kill()
        child.communicate()


@pytest.mark.slow
def test_it_serves_until_told_to_stop_and_keeps_its_memory(tmp_path, children):
    def start():
        command = [sys.executable, "manage.py", "kavenegar_emulator", "--port", "0"]
        command += ["--state", str(tmp_path / "state.json"), "--keys", "one,two"]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        child = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True)
        children.append(child)
        said = re.search(r"http://\S+?(?=/ )", child.stdout.readline())
        assert said
        return child, said[0]

    def stop(child, request):
        child.send_signal(request)
        assert child.wait(timeout=60) == 0

    child, url = start()
    form = {"receptor": "09121234567", "message": "سلام"}
    assert requests.post(f"{url}/v1/two/sms/send.json", data=form, timeout=60).status_code == 200
    stop(child, signal.SIGTERM)

    child, url = start()
    assert len(requests.get(f"{url}/_/messages", timeout=60).json()["messages"]) == 1
    stop(child, signal.SIGINT)
