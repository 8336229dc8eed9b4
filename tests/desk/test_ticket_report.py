"""The page of the report of support: what there is is shown, and files hold what each of the staff did."""

from datetime import timedelta

from django.utils import timezone

from core.models import Club
from tests.accounts.cast import person, signed_in
from tests.shop import Shop
from tests.tickets.acts import answers, asks
from tickets.moving import close

REPORT = "/desk/tickets/report/"


def test_backlog_and_complaints_are_shown_where_no_ticket_was_opened(shop: Shop, club: Club) -> None:
    ali, manager = person("support", name="علی"), signed_in(person("manager"), club)

    def page(path: str = REPORT) -> str:
        return manager.get(path).content.decode()

    empty = page()
    now = timezone.now()
    complaint = asks(shop.member(), kind="complaint", now=now - timedelta(days=40))
    answers(complaint, ali, now=now - timedelta(days=39))
    close(complaint.pk, user=ali, actor=ali.actor, now=now - timedelta(days=2))
    quiet = page()
    answers(asks(shop.member(), now=now - timedelta(days=1)), ali, now=now)
    busy, file = page(), manager.get(f"{REPORT}export.csv").getvalue().decode()

    assert "در این روزها تیکتی نبود" in empty and "h-backlog" not in empty
    assert "تیکت تازه‌ای باز نشد" in quiet and "h-backlog" in quiet and "h-agents" not in quiet
    assert "۱ شکایت در این روزها حل یا بسته شد" in quiet and "از ۱ نفر شاکی، ۰ نفر" in quiet
    assert "h-agents" in busy and "data-print" in busy and "export.csv" in busy
    assert "علی" in file and "حل کرد" in file
