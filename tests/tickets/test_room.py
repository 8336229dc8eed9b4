"""The room that files of tickets take: it is told of before it is full, and refused where it is."""

from datetime import timedelta

import pytest

from core.errors import ValidationFailed
from crm.notices.models import Notice
from tests.accounts.cast import person
from tests.shop import NOON, Shop
from tests.tickets.acts import answers, asks, picture, writes
from tickets import room
from tickets.files import SentFile
from tickets.models import Attachment, Ticket
from tickets.promises import settings_now
from tickets.room import Room, room_now, set_room


def test_managers_hear_in_time_and_a_full_club_takes_messages_without_files(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MEGABYTE", 10)
    monkeypatch.setattr(room, "LEAST_ROOM", 1)
    sara, ali, half = shop.member(), person("support"), SentFile("a.txt", b"x" * 500)
    set_room(100, actor="user:1")  # a thousand bytes

    ticket = asks(sara, files=[half])
    assert room_now() == Room(500, 1_000) and not Notice.objects.filter(document__startswith="ticket_files").exists()
    writes(ticket, files=[SentFile("b.txt", b"x" * 300)])
    writes(ticket, files=[SentFile("c.txt", b"x" * 10)])
    told = Notice.objects.get(document__startswith="ticket_files")
    assert "۸۰٪" in told.text and told.right == "manage_tickets" and told.link == "/desk/tickets/settings/#h-files"

    for act in (
        lambda: asks(sara, files=[half]),
        lambda: writes(ticket, files=[half]),
        lambda: answers(ticket, ali, files=[half]),
    ):
        with pytest.raises(ValidationFailed) as refused:
            act()
        assert set(refused.value.errors) == {"attachments"}
    assert (Ticket.objects.count(), Attachment.objects.count()) == (1, 3)
    assert Notice.objects.filter(document__startswith="ticket_files").count() == 2
    writes(ticket)

    set_room(200, actor="user:1")
    writes(ticket, files=[picture()], now=NOON + timedelta(hours=1))
    assert settings_now().most_megabytes == 200 and room_now().used > 810
