"""The pages of canned answers, and their way into an answer."""

import pytest

from core.models import Club
from tests.accounts.cast import person, signed_in
from tests.shop import Shop
from tests.tickets.acts import asks
from tickets.canned import CannedWords, save_canned
from tickets.models import CannedAnswer, Comment, Department

LIST, NEW = "/desk/tickets/canned/", "/desk/tickets/canned/new/"


@pytest.fixture
def manager(club: Club):
    return signed_in(person("manager", name="نگار"), club)


def page(answer) -> str:
    return answer.content.decode()


def test_a_canned_answer_is_written_changed_and_deleted_after_a_question(club, manager):
    Department.objects.create(code="sales", name="فروش", position=1)
    assert "هنوز پاسخ آماده‌ای نیست" in page(manager.get(LIST))
    typed = {"title": "ساعت کار", "text": "سلام {nam}", "department": "sales"}

    refused = manager.post(NEW, typed)
    manager.post(NEW, {**typed, "text": "سلام {name}، ۹ تا ۱۸."})
    one = CannedAnswer.objects.get()
    again = manager.post(NEW, {**typed, "text": "سلام"})
    manager.post(f"{LIST}{one.pk}/", {"title": "ساعت کار", "text": "۹ تا ۲۰", "department": ""})

    assert (
        refused.status_code == 422 and "جای‌گذار {nam} را نمی‌شناسیم" in page(refused) and "سلام {nam}" in page(refused)
    )
    assert again.status_code == 422 and "همین عنوان را دارد" in page(again)
    one.refresh_from_db()
    assert (one.text, one.department) == ("۹ تا ۲۰", None)
    assert "۹ تا ۲۰" in page(manager.get(f"{LIST}{one.pk}/delete/")) and CannedAnswer.objects.exists()
    assert manager.post(f"{LIST}{one.pk}/delete/").url == LIST and not CannedAnswer.objects.exists()


def test_without_a_script_a_canned_answer_fills_the_box_and_does_not_come_back_after_it_was_sent(club):
    support = signed_in(person("support", name="علی"), club)
    ticket = asks(Shop(club).member(first_name="سارا", last_name=""))
    one = save_canned(CannedWords("درود", "سلام {name}، {agent}"), actor="user:1")
    path = f"/desk/tickets/{ticket.pk}/"

    shown = page(support.get(f"{path}?canned={one.pk}&owner=me"))
    sent = support.post(f"{path}act/?owner=me", {"act": "answer", "text": "سلام سارا، علی"})

    assert ">\nسلام سارا، علی</textarea>" in shown and 'data-insert="سلام سارا، علی"' in shown
    assert f'action="{path}act/?owner=me"' in shown
    assert sent.url == f"{path}?owner=me#last" and Comment.objects.filter(side="staff").count() == 1
    assert page(support.get(f"{path}?canned=۹۹")).count("سلام سارا، علی") == 2  # the answer, and the chip
