"""The card in the portal: shown with a code for the till, reported lost, replaced."""

import re

from django.utils import timezone

from club.members.codes import member_by_code
from club.members.models import Card, CardCode, Member
from core.text import latin_digits


def shown_digits(answer):
    """The six digits of the code that the answer shows."""
    found = re.search(r'class="code"[^>]*><bdi class="ltr">([^<]+)<', answer.content.decode())
    return latin_digits(found[1]).replace(" ", "") if found else ""


def test_the_card_shows_a_code_that_opens_the_member(sara, browser):
    code = shown_digits(browser.get("/card/"))

    assert member_by_code(code, now=timezone.now()) == sara
    assert shown_digits(browser.get("/card/code/")) == code  # the same on another screen
    assert 'data-code="/card/code/"' in browser.get("/").content.decode()


def test_a_lost_card_is_blocked_at_once_and_a_new_one_taken(sara, browser):
    old = sara.card

    lost = browser.post("/card/lost/", follow=True)

    assert "کارتت بسته شد" in lost.content.decode()
    assert Card.objects.get(number=old).blocked_by == f"member:{sara.pk}"
    assert shown_digits(browser.get("/card/code/")) == ""
    browser.post("/card/new/")
    sara.refresh_from_db()
    assert sara.card not in (None, old)
    assert shown_digits(browser.get("/card/"))


def test_a_second_press_changes_nothing(sara, browser):
    browser.post("/card/new/")
    assert Card.objects.count() == 1
    browser.post("/card/lost/")
    assert browser.post("/card/lost/").status_code == 302

    assert Member.objects.get(pk=sara.pk).card is None
    assert Card.objects.count() == 1


def test_a_look_at_the_address_blocks_nothing(sara, browser):
    for path in ("/card/lost/", "/card/new/"):
        assert browser.get(path).status_code == 405
    assert browser.head("/card/").status_code == 200

    assert Member.objects.get(pk=sara.pk).card == sara.card
    assert not CardCode.objects.exists()
