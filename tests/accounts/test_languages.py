"""Which language a page speaks, and how a person chooses it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.models import Club
from core.tenancy.middleware import forget_hosts
from tests.accounts.cast import PASSWORD, person, signed_in, visitor

PERSIAN, ENGLISH = '<html lang="fa" dir="rtl"', '<html lang="en" dir="ltr"'


def page(browser, path="/login/", asked=""):
    headers = {"accept-language": asked} if asked else {}
    return browser.get(path, headers=headers).content.decode()


def choose(browser, language, back="/login/"):
    return browser.post("/language/", {"language": language, "next": back})


def speaks(club, language):
    Club.objects.filter(pk=club.pk).update(language=language)
    forget_hosts()


@pytest.mark.parametrize(
    ("asked", "begins"),
    [
        ("", PERSIAN),
        ("fa-IR", PERSIAN),
        ("en-US,en;q=0.9", ENGLISH),
        ("de,en;q=0.5", ENGLISH),
        ("de", PERSIAN),
        # A phone set to English whose owner reads Persian too.
        ("en-US,en;q=0.9,fa;q=0.2", PERSIAN),
        ("*", PERSIAN),
        (";;q=,\x7f", PERSIAN),
    ],
)
def test_a_visitors_browser_is_asked_only_where_it_does_not_read_the_clubs_language(club, asked, begins):
    assert begins in page(visitor(club), asked=asked)


def test_a_club_that_speaks_english_is_met_in_english(club):
    speaks(club, "en")

    assert ENGLISH in page(visitor(club))
    assert PERSIAN in page(visitor(club), asked="fa-IR")


def test_a_choice_holds_in_this_browser_and_comes_back_to_the_page(club):
    browser = visitor(club)

    answer = choose(browser, "en", back="/login/?next=/card/")

    assert answer["Location"] == "/login/?next=/card/"
    assert ENGLISH in page(browser)
    choose(browser, "fa")
    assert PERSIAN in page(browser, asked="en-US")


def test_a_choice_never_leads_to_another_host_and_knows_our_languages_alone(club):
    browser = visitor(club)

    assert choose(browser, "en", back="https://evil.example/")["Location"] == "/"
    assert choose(browser, "tlh").status_code == 404
    assert choose(browser, "").status_code == 404
    assert browser.get("/language/").status_code == 405
    browser.cookies["language"] = "../../etc"
    assert PERSIAN in page(browser)


def test_who_is_logged_in_reads_the_clubs_language_whatever_the_browser_asks(club):
    browser = signed_in(person("cashier"), club)

    assert PERSIAN in page(browser, "/staff/account/", asked="en-US")


def test_a_persons_choice_is_found_again_where_they_log_in_next(club):
    sara = person("cashier", password=PASSWORD)
    choose(signed_in(sara, club), "en", back="/staff/account/")
    elsewhere = visitor(club)

    elsewhere.post("/staff/login/", {"phone": sara.phone, "password": PASSWORD})

    assert User.objects.get(pk=sara.pk).language == "en"
    assert ENGLISH in page(elsewhere, "/staff/account/")


def test_who_logs_out_leaves_no_language_to_the_next_at_this_browser(club):
    sara = person("cashier", password=PASSWORD)
    browser = signed_in(sara, club)
    choose(browser, "en")

    browser.post("/logout/")

    assert PERSIAN in page(browser, "/staff/login/")


def test_the_api_speaks_the_clubs_language_and_no_browsers(club):
    browser = visitor(club)
    choose(browser, "en")

    assert "کلید" in browser.get("/api/v1/members").json()["detail"]
    speaks(club, "en")
    browser.cookies.clear()
    refused = browser.get("/api/v1/members", headers={"accept-language": "fa-IR"}).json()
    assert (refused["detail"], refused["code"]) == ("The API key is not known.", "unauthorized")
    assert browser.get("/api/v1/nothing").json()["detail"] == "Not found."


def test_reading_in_a_language_asks_the_database_nothing_more(club):
    browser = signed_in(person("cashier"), club)
    page(browser, "/staff/account/")

    asked = {}
    for language in ("fa", "en"):
        browser.cookies["language"] = language
        with CaptureQueriesContext(connection) as queries:
            page(browser, "/staff/account/")
        asked[language] = len(queries)

    assert asked["fa"] == asked["en"]


def test_a_page_says_that_it_depends_on_the_language(club):
    answer = visitor(club).get("/login/")

    assert answer["Content-Language"] == "fa"
    assert {"Accept-Language", "Cookie"} <= {name.strip() for name in answer["Vary"].split(",")}
