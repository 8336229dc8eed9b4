"""Help: every page of people has its own, each reader sees what is theirs, and words are found in any spelling."""

import pytest
from django.utils import translation

from accounts.rights import ALL_RIGHTS
from config.help import address_of
from core.help import Topic, found_in
from desk.help import TOPICS as FOR_STAFF
from portal.help import TOPICS as FOR_MEMBERS
from tests.accounts.cast import person, signed_in, visitor
from tests.browser.pages.table import ROWS

WITHOUT = {"help", "help_topic", "components", "desk:home"}


def test_every_page_of_the_table_has_a_topic() -> None:
    pages = {row.route for row in ROWS if not row.route.startswith("/")} - WITHOUT

    assert sorted(page for page in pages if address_of(page) is None) == []


def test_codes_are_told_apart_and_rights_are_known() -> None:
    for topics in (FOR_STAFF, FOR_MEMBERS):
        codes = [topic.code for topic in topics]
        assert sorted(set(codes)) == sorted(codes)
    assert {topic.right for topic in FOR_STAFF} - {""} <= ALL_RIGHTS


@pytest.mark.parametrize(
    ("text", "codes"), [("كارت گم", {"cards", "gift-cards"}), ("zzz", set()), ("", {t.code for t in FOR_STAFF})]
)
def test_a_text_is_found_in_any_spelling(text: str, codes: set[str]) -> None:
    assert {topic.code for topic in found_in(FOR_STAFF, text)} == codes


def test_the_search_is_in_the_language_of_the_reader() -> None:
    with translation.override("en"):
        assert "cards" in {topic.code for topic in found_in(FOR_STAFF, "LOST card")}
        assert found_in(FOR_STAFF, "گم‌شده") == []


def test_a_topic_owns_what_begins_like_its_pages() -> None:
    topic = Topic("x", "x", ("desk:member", "desk:rules*"), "x")

    assert topic.is_about("desk:member")
    assert not topic.is_about("desk:members")
    assert topic.is_about("desk:rules_draft")


def test_a_reader_sees_what_their_role_does(club) -> None:
    def shown(browser, path="/help/"):
        return browser.get(path).content.decode()

    cashier, owner = signed_in(person("cashier"), club), signed_in(person("owner"), club)

    assert "/help/staff/till/" in shown(cashier)
    assert "/help/staff/programme/" not in shown(cashier)
    assert cashier.get("/help/staff/programme/").status_code == 404
    assert "/help/staff/programme/" in shown(owner)
    assert "/help/staff/" not in shown(visitor(club))
    assert visitor(club).get("/help/staff/till/").status_code == 404
    assert visitor(club).get("/help/members/card/").status_code == 200
    assert owner.get("/help/members/no-such/").status_code == 404


def test_a_page_carries_its_own_help(club) -> None:
    html = signed_in(person("owner"), club).get("/desk/dashboard/").content.decode()

    assert 'href="/help/staff/dashboard/" data-open="#help"' in html
    assert '<dialog class="sheet help-sheet no-print" id="help"' in html


@pytest.mark.parametrize("query", ["\x00", "a" * 500, "<script>", "%"])
def test_any_text_may_be_searched(club, query) -> None:
    answer = visitor(club).get("/help/", {"q": query})

    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode().replace("<script defer", "")
