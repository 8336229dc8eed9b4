"""Tickets over the API: opened for a member, written under by both sides, closed and reopened by the state table."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role
from core.errors import Throttled
from core.events import consume_all
from sms.models import OutboxMessage
from tests.accounts.cast import person
from tests.api.conftest import fresh_key, refused
from tests.tickets.acts import answers, history, picture, writes
from tickets import limits
from tickets.models import Comment, Department, Ticket
from tickets.selectors import get_ticket


def opened(api, member, **body):
    """A new ticket by a POST, as answered."""
    new = {"member": member, "kind": "question", "subject": "کارتم کار نمی‌کند", "text": "سلام، چه کنم؟", **body}
    response = api.post("/tickets", new)
    assert response.status_code == 201, response.content.decode()
    return response.json()


def said(api, ticket, text, side, **more):
    response = api.post(f"/tickets/{ticket['id']}/comments", {"text": text, "from": side, **more})
    assert response.status_code == 201, response.content.decode()
    return response.json()


def status(api, ticket):
    return api.get(f"/tickets/{ticket['id']}").json()["status"]


def test_a_ticket_is_opened_answered_closed_and_reopened(api, club):
    ali, sara = person(Role.SUPPORT, name="علی"), api.enrol()
    Department.objects.create(code="shop", name="فروشگاه", position=1)

    ticket = opened(api, sara["phone"], department="shop", priority="high")
    path = f"/tickets/{ticket['id']}"

    assert (ticket["number"], ticket["status"], ticket["assignee"], ticket["member"]) == (1, "new", "علی", sara["id"])
    assert (ticket["first_answer_at"], ticket["rating"], bool(ticket["due_at"])) == (None, None, True)
    assert (ticket["department"], ticket["priority"], ticket["channel"]) == ("shop", "high", "api")
    note = said(api, ticket, "کارتش سوخته است.", "staff", internal=True)
    assert (note["internal"], status(api, ticket)) == (True, "new")
    assert not OutboxMessage.objects.filter(kind="ticket_answer").exists()
    said(api, ticket, "یکی تازه می‌فرستیم.", "staff")
    answered = api.get(path).json()
    assert (answered["status"], bool(answered["first_answer_at"])) == ("waiting_for_member", True)
    assert OutboxMessage.objects.filter(kind="ticket_answer", member_id=sara["id"]).count() == 1
    theirs = said(api, ticket, "ممنون", "member")
    assert (theirs["from"], theirs["internal"], status(api, ticket)) == ("member", False, "waiting_for_us")
    answers(get_ticket(ticket["id"]), ali, files=[picture()])
    thread = api.get(f"{path}/comments").json()["results"]
    assert [(one["from"], one["author"], len(one["attachments"])) for one in thread] == [
        ("staff", "علی", 1), ("member", None, 0), ("staff", None, 0), ("staff", None, 0), ("member", None, 0),
    ]  # fmt: skip
    assert thread[0]["attachments"][0]["media_type"].startswith("image/") and thread[-1]["text"] == "سلام، چه کنم؟"

    closed = api.post(f"{path}/close").json()

    assert (closed["status"], bool(closed["closed_at"]), closed["due_at"]) == ("closed", True, None)
    again = api.post(f"{path}/reopen").json()
    assert (again["status"], again["closed_at"], again["reopened"]) == ("waiting_for_us", None, 1)
    assert history(Ticket.objects.get()) == [
        "new", "waiting_for_member", "waiting_for_us", "waiting_for_member", "closed", "waiting_for_us",
    ]  # fmt: skip


def test_a_ticket_changes_and_its_lists_find_it(api):
    api.post("/products", {"code": "tea", "name": "چای", "price": 50_000})
    Department.objects.create(code="shop", name="فروشگاه", position=1)
    sara, mina = api.enrol(), api.enrol(first_name="مینا", last_name="راد")
    first, second = opened(api, sara["id"]), opened(api, mina["id"], kind="request")
    path = f"/tickets/{first['id']}"

    changed = api.patch(path, {"kind": "complaint", "department": "shop", "product": "tea", "priority": "urgent"})
    cleared = api.patch(path, {"department": None, "subject": "چای سرد بود"}).json()

    told = {name: changed.json()[name] for name in ("kind", "department", "product", "priority")}
    assert told == {"kind": "complaint", "department": "shop", "product": "tea", "priority": "urgent"}
    assert changed.json()["due_at"] < first["due_at"]
    assert (cleared["department"], cleared["product"], cleared["subject"]) == (None, "tea", "چای سرد بود")
    for query, found in (
        ("", [second, first]),
        (f"?member={sara['id']}", [first]),
        ("?kind=complaint", [first]),
        ("?status=closed", []),
        ("?status=new&priority=normal", [second]),
        ("?department=shop", []),
        (f"?number={second['number']}", [second]),
        ("?q=راد", [second]),
        (f"?updated_after={second['updated_at'].replace('+', '%2B')}", [first]),
    ):
        rows = api.get(f"/tickets{query}").json()["results"]
        assert [row["id"] for row in rows] == [row["id"] for row in found], query
    page = api.get("/tickets?limit=1").json()
    assert [row["id"] for row in api.get(f"/tickets?limit=1&cursor={page['next']}").json()["results"]] == [first["id"]]


def test_lists_of_tickets_and_of_comments_take_the_same_queries_for_few_and_many(api):
    person(Role.SUPPORT)
    ticket = opened(api, api.enrol()["id"])

    def cost(path):
        with CaptureQueriesContext(connection) as asked:
            assert api.get(path).status_code == 200
        return len(asked)

    paths = ("/tickets", f"/tickets/{ticket['id']}/comments")
    few = [cost(path) for path in paths]
    for number in range(6):
        opened(api, api.enrol()["id"], subject=f"پرسش {number}")
        said(api, ticket, "پاسخ", "staff")

    assert [cost(path) for path in paths] == few
    assert max(few) <= 5


def test_a_key_makes_one_ticket_one_message_and_one_end(api):
    new = {"member": api.enrol()["id"], "kind": "question", "subject": "کارت", "text": "سلام"}

    made = [api.post("/tickets", new, key="open") for _twice in range(2)]
    path = f"/tickets/{made[0].json()['id']}"
    for target, body in ((f"{path}/comments", {"text": "سلام", "from": "staff"}), (f"{path}/close", None)):
        key = fresh_key()
        first, again = (api.post(target, body, key=key) for _twice in range(2))
        assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")

    assert made[0].content == made[1].content and made[1]["Idempotent-Replayed"] == "true"
    assert (Ticket.objects.count(), Comment.objects.count()) == (1, 2)
    refused(api.post("/tickets", {**new, "text": "دیگر"}, key="open"), 422, "idempotency_conflict")


def test_what_the_states_refuse_is_a_conflict_and_changes_nothing(api):
    sara = api.enrol()["id"]
    complaint = opened(api, sara, kind="complaint")
    path = f"/tickets/{complaint['id']}"

    refused(api.post(f"{path}/reopen"), 409, "conflict")
    refused(api.post(f"{path}/close"), 409, "conflict")  # without an answer
    said(api, complaint, "یادداشت", "staff", internal=True)
    refused(api.post(f"{path}/close"), 409, "conflict")  # a note is none
    assert status(api, complaint) == "new"
    said(api, complaint, "پوزش می‌خواهیم.", "staff")
    assert api.post(f"{path}/close").json()["status"] == "closed"

    refused(api.post(f"{path}/close"), 409, "conflict")
    for side in ("member", "staff"):
        refused(api.post(f"{path}/comments", {"text": "سلام", "from": side}), 409, "conflict")
    consume_all()
    consume_all()
    [task] = api.get("/tickets?kind=task").json()["results"]
    assert (task["follows"], task["member"], task["status"]) == (complaint["id"], sara, "new")


def test_what_a_program_carries_over_takes_nothing_of_what_its_member_may_write_in_the_portal(api, monkeypatch):
    ticket = opened(api, api.enrol()["phone"])
    monkeypatch.setattr(limits, "MOST_MESSAGES", 1)

    for text in ("یک", "دو"):
        said(api, ticket, text, "member")
    writes(get_ticket(ticket["id"]), now=timezone.now())
    with pytest.raises(Throttled):
        writes(get_ticket(ticket["id"]), now=timezone.now())
    said(api, ticket, "سه", "member")


def test_a_task_is_the_staffs_alone(api):
    task = opened(api, api.enrol()["id"], kind="task", text="زنگ بزن")

    [first] = api.get(f"/tickets/{task['id']}/comments").json()["results"]
    assert (first["from"], first["internal"]) == ("staff", True)
    refused(
        api.post(f"/tickets/{task['id']}/comments", {"text": "سلام", "from": "member"}), 400, "validation_error", "from"
    )
    assert said(api, task, "زنگ زدم", "staff")["internal"] is True
    refused(api.patch(f"/tickets/{task['id']}", {"kind": "question"}), 400, "validation_error", "kind")
    assert not OutboxMessage.objects.filter(kind__startswith="ticket_").exists()


def test_what_is_wrong_with_a_ticket_is_named(api):
    ticket = opened(api, api.enrol()["id"])
    new = {"member": api.enrol()["id"], "kind": "question", "subject": "کارت", "text": "سلام"}
    path = f"/tickets/{ticket['id']}"

    for body, field in (
        ({**new, "kind": "x"}, "kind"),
        ({**new, "subject": " "}, "subject"),
        ({**new, "subject": "س" * 151}, "subject"),
        ({**new, "text": ""}, "text"),
        ({**new, "text": "س" * 5_001}, "text"),
        ({**new, "department": "nowhere"}, "department"),
        ({**new, "product": "nothing"}, "product"),
        ({**new, "priority": "x"}, "priority"),
        ({**new, "assignee": 1}, "assignee"),
        ({name: value for name, value in new.items() if name != "member"}, "member"),
    ):
        refused(api.post("/tickets", body), 400, "validation_error", field)
    refused(api.post("/tickets", {**new, "member": 987_654_321}), 404, "not_found")
    for body, field in (
        ({"text": "", "from": "staff"}, "text"),
        ({"text": "سلام"}, "from"),
        ({"text": "سلام", "from": "system"}, "from"),
        ({"text": "سلام", "from": "member", "internal": True}, "internal"),
    ):
        refused(api.post(f"{path}/comments", body), 400, "validation_error", field)
    for body, field in (({"subject": ""}, "subject"), ({"kind": "task"}, "kind"), ({"status": "closed"}, "status")):
        refused(api.patch(path, body), 400, "validation_error", field)
    for missing in ("/tickets/987654321", "/tickets/987654321/comments"):
        refused(api.get(missing), 404, "not_found")
    refused(api.get("/tickets?status=x&kind=y"), 400, "validation_error", "status", "kind")
    assert (Ticket.objects.count(), Comment.objects.count()) == (1, 1)


def test_an_offer_answers_to_a_ticket_that_was_closed(api):
    sara = api.enrol()["id"]
    gift = {"kind": "points_amount", "points": 50}
    offer = {"name": "پوزش", "trigger": "ticket_closed", "benefit": gift, "stacking": "always", "status": "live"}
    assert api.post("/offers", offer).status_code == 201
    ticket = opened(api, sara)

    api.post(f"/tickets/{ticket['id']}/close")
    consume_all()
    consume_all()

    assert api.get(f"/members/{sara}").json()["points"] == 50
    api.post(f"/tickets/{ticket['id']}/reopen")
    api.post(f"/tickets/{ticket['id']}/close")
    consume_all()
    assert api.get(f"/members/{sara}").json()["points"] == 50  # once for each ticket
