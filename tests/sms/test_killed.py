"""Worker and broker killed in the middle of 20,000 advertising messages: none is lost, none is sent twice."""

from pathlib import Path

import pytest

from config.housekeeping import clubs_with_sms
from core.models import Club
from core.timetable import Every
from sms.emulator.server import Emulator
from sms.models import OutboxMessage, Status
from tests.sms.faults import assert_each_was_sent_once, house, lease_is_over, prepare, wait_until, waiting

MESSAGES = 20_000
pytestmark = pytest.mark.slow


def taken(provider: Emulator) -> int:
    return len(provider.book.messages)


def test_a_worker_killed_three_times_in_the_middle_loses_no_message_and_sends_none_twice(
    committed_club: Club, emulator: Emulator, tmp_path: Path
) -> None:
    prepare(emulator, MESSAGES)
    in_hand = []
    with house(tmp_path, emulator, committed_club) as at_home:
        for share in (0.2, 0.45, 0.7):
            at_home.start_worker()
            at_home.ask("sms.tasks.dispatch_outbox", club_id=committed_club.pk)
            wait_until(lambda least=share * MESSAGES: taken(emulator) >= least)
            at_home.kill_worker()
            in_hand.append(lease_is_over())

        assert 0 < taken(emulator) < MESSAGES, "it was killed in the middle"
        assert sum(in_hand) > 0, "with messages in hand"
        at_home.start_worker()
        at_home.ask("sms.tasks.dispatch_outbox", club_id=committed_club.pk)
        wait_until(lambda: not waiting())
        assert_each_was_sent_once(emulator, MESSAGES)


def test_a_broker_killed_and_emptied_in_the_middle_loses_no_message_and_sends_none_twice(
    committed_club: Club, emulator: Emulator, tmp_path: Path
) -> None:
    prepare(emulator, MESSAGES)
    with house(tmp_path, emulator, committed_club) as at_home:
        at_home.start_worker(hands=1)  # whose help for itself is forgotten by the broker
        at_home.ask("sms.tasks.dispatch_outbox", club_id=committed_club.pk)
        wait_until(lambda: taken(emulator) >= MESSAGES / 5)
        at_home.kill_broker()
        wait_until(lambda: not OutboxMessage.objects.filter(status=Status.SENDING).exists())
        assert waiting(), "the run that was under way came to its end, and nobody knew of the rest"

        at_home.start_broker()
        assert committed_club.pk in clubs_with_sms(), "the sweep finds what the broker forgot"
        due = Every(10).last_due(OutboxMessage.objects.latest("pk").created_at)
        while waiting():
            at_home.ask("config.tasks.run_job", name="dispatch_sms", for_club=committed_club.pk, due_at=due.isoformat())
            before = waiting()
            wait_until(lambda least=before: waiting() < least or not waiting())
            wait_until(lambda: not OutboxMessage.objects.filter(status=Status.SENDING).exists())
            due = Every(10).next_due(due)
        assert_each_was_sent_once(emulator, MESSAGES)
