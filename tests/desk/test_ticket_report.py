"""The page of the report of support: what there is is shown, and files hold what each of the staff did."""

import csv
from datetime import timedelta
from io import StringIO

from django.utils import timezone

from core.models import Club
from core.tables.writing import FORMS
from tests.accounts.cast import person, signed_in
from tests.shop import NOON, Shop
from tests.tickets.acts import answers, asks
from tickets.handing import assign
from tickets.moving import close, rate, solve

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
THEN = NOON - 728 * DAY  # a Sunday, too
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
    busy = page()

    assert "در این روزها تیکتی نبود" in empty and "h-backlog" not in empty
    assert "تیکت تازه‌ای باز نشد" in quiet and "h-backlog" in quiet and "h-agents" not in quiet
    assert "۱ شکایت در این روزها حل یا بسته شد" in quiet and "از ۱ نفر شاکی، ۰ نفر" in quiet
    assert "h-agents" in busy and "data-print" in busy
    assert all(f"{REPORT}{name}.{form}" in busy for name in ("export", "weeks", "complaints") for form in FORMS)


def test_files_hold_who_did_it_and_all_of_them_the_weeks_and_the_complaints_of_chosen_days(
    shop: Shop, club: Club
) -> None:
    ali, manager = person("support", name="علی"), signed_in(person("manager"), club)
    member = shop.member()
    complaint = asks(member, kind="complaint", now=THEN)
    answers(complaint, ali, now=THEN + HOUR)
    solve(complaint.pk, user=ali, actor=ali.actor, now=THEN + 2 * HOUR)
    rate(complaint.pk, 3, actor="member:1", now=THEN + 2 * HOUR)
    shop.buys(member, 1_500_000, now=THEN + 3 * DAY)
    assign(asks(member, now=THEN + 7 * DAY).pk, None, actor=ali.actor, now=THEN + 7 * DAY)
    days = {"range": "custom", "from": "1403/9/3", "to": "۱۴۰۳/۰۹/۱۲"}

    def file(name: str, **query: str) -> tuple[str, list[list[str]]]:
        answer = manager.get(f"{REPORT}{name}.csv", query or days)
        rows = list(csv.reader(StringIO(answer.getvalue().decode().lstrip("\ufeff"))))
        return answer["Content-Disposition"], rows

    named, agents = file("export")
    _name, weeks = file("weeks")
    _name, complaints = file("complaints")
    page, wrong = manager.get(REPORT, days).content.decode(), {"range": "custom", "from": "1403/13/1", "to": ""}
    refused = manager.get(REPORT, wrong)
    statuses = {manager.get(f"{REPORT}{name}.csv", wrong).status_code for name in ("export", "weeks", "complaints")}

    assert statuses == {422}
    assert 'filename="support-2024-11-23-2024-12-02.csv"' in named
    assert [row[0] for row in agents[1:]] == ["علی", "برنامه یا هیچ‌کس", "همه"]
    assert agents[1][3:] == ["1", "1", "60", "1", "60", "1", "3.0"]
    assert agents[3] == ["همه", "2", "1", "1", "1", "60", "1", "60", "1", "3.0"]
    assert [row[1:] for row in weeks[1:]] == [["2024-11-23", "1", "1", "0"], ["2024-11-30", "1", "0", "1"]]
    assert complaints[1][4:] == ["1", "1", "1", "0", "1", "150000"]
    assert "۱۴۰۳/۰۹/۰۳ – ۱۴۰۳/۰۹/۱۲" in page and 'value="1403/9/3"' in page and "chart-data" in page
    assert refused.status_code == 422 and "from-error" in refused.content.decode()
