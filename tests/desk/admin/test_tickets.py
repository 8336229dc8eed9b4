"""Tickets among the manager's records: found by number and subject, named in words, at a constant cost."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.accounts.cast import person
from tests.desk.admin.conftest import ADMIN, text_of
from tests.tickets.acts import answers, asks
from tickets.models import Department, DepartmentPerson
from tickets.moving import close

LISTS = ("ticket", "comment", "statuschange", "department")


def test_tickets_and_what_was_written_are_read_and_lead_to_the_inbox(owner, shop, club):
    ali, sara = person("support", name="علی رضایی"), shop.member(first_name="سارا", last_name="راد")
    office = Department.objects.create(code="shop", name="فروشگاه", position=1)
    DepartmentPerson.objects.create(department=office, user=ali)
    other, ticket = asks(shop.member(), "چیز دیگر"), asks(sara, "چای سرد بود", department="shop", kind="complaint")
    answers(ticket, ali, "تازه‌اش را می‌دهیم.")
    close(ticket.pk, actor="system", now=ticket.created_at)

    found = {query: text_of(owner.get(f"{ADMIN}tickets/ticket/?q={query}")) for query in ("۲", "%232", "چاي")}
    written, moved, offices = (text_of(owner.get(f"{ADMIN}tickets/{name}/")) for name in LISTS[1:])

    for page in found.values():
        assert f'href="/desk/tickets/{ticket.pk}/"' in page and f"/desk/tickets/{other.pk}/" not in page
        assert all(word in page for word in ("سارا راد", "شکایت", "بسته", "فروشگاه", "علی رضایی"))
    assert "تازه‌اش را می‌دهیم." in written and "علی رضایی" in written
    assert "منتظر عضو" in moved and "سامانه" in moved
    assert "علی رضایی" in offices
    of_sara = text_of(owner.get(f"{ADMIN}tickets/comment/?of={sara.pk}"))
    assert "تازه‌اش" in of_sara and "چیز دیگر" not in of_sara
    assert owner.post(f"{ADMIN}tickets/ticket/{ticket.pk}/change/", {"rating_text": "x"}).status_code == 403


def test_lists_of_tickets_take_the_same_queries_for_few_and_many_rows(owner, shop, club):
    ali = person("support")

    def cost(name):
        with CaptureQueriesContext(connection) as queries:
            assert owner.get(f"{ADMIN}tickets/{name}/").status_code == 200
        return len(queries)

    def more(code):
        office = Department.objects.create(code=code, name=code, position=1, head=ali)
        DepartmentPerson.objects.create(department=office, user=ali)
        answers(asks(shop.member(), department=code), ali)

    more("a")
    cost("ticket")
    few = [cost(name) for name in LISTS]
    for code in "bcde":
        more(code)

    assert [cost(name) for name in LISTS] == few
