"""A provider that tells the end of a message before we have written down its number, over HTTP both ways."""

import pytest
from django.utils import timezone

from sms import recording, services
from sms.gateways.kavenegar import Kavenegar
from sms.models import SmsSettings
from tests.sms.emulator.test_trouble import wait_for
from tests.sms.sending.conftest import LINE, queue


@pytest.fixture
def quick_provider(committed_club, provider, web, monkeypatch):
    """Between its answer to the call and our record of it, the message arrives and the club is told."""
    own = SmsSettings.objects.create(gateway="kavenegar", api_key=provider.key, sender_line=LINE)
    host = f"{committed_club.slug}.localhost:{web}"
    provider.act("lines", number=LINE, status_url=f"http://{host}/sms/callback/{own.callback_secret.text}/status")
    provider.act("pace", queue_seconds=3600, final_seconds=3600, retry_seconds=0.5)
    really_send = Kavenegar.send

    def send(self, messages):
        answer = really_send(self, messages)
        assert [one.state for one in answer] == [1]
        provider.act("status", messageid=answer[0].provider_id, status=10)
        wait_for(lambda: provider.teller.told)
        return answer

    monkeypatch.setattr(Kavenegar, "send", send)
    return provider


def dispatched():
    message = queue()
    services.dispatch_due(now=timezone.now())
    message.refresh_from_db()
    assert message.status == "sent"
    return message


def test_it_tells_it_again_and_nothing_is_lost(quick_provider):
    message = dispatched()

    def delivered():
        message.refresh_from_db()
        return message.status == "delivered"

    wait_for(delivered)
    wait_for(lambda: quick_provider.teller.told[0].answer == "200")
    assert quick_provider.teller.told[0].tries >= 2
    assert not quick_provider.teller.waiting


def test_the_twin_that_thanks_for_everything_never_hears_of_it_again(quick_provider, monkeypatch):
    monkeypatch.setattr(recording, "told", lambda found, *, now: bool(recording.states(found, now=now)) or True)

    message = dispatched()

    assert not quick_provider.teller.waiting
    message.refresh_from_db()
    assert message.status == "sent"
