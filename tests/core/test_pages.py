"""The club's stylesheet, and pages that say what went wrong."""

import re

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from core.branding import brand_digest
from core.models import Club

INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)|javascript:", re.I)


@pytest.fixture
def browser(club: Club) -> Client:
    """A browser at the club's own host."""
    return Client(HTTP_HOST=f"{club.slug}.localhost")


def test_the_stylesheet_of_the_colour_may_be_kept_for_ever(browser: Client, club: Club) -> None:
    answer = browser.get(f"/brand/{brand_digest(club.brand_colour)}.css")

    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in answer["Cache-Control"]
    assert "--brand: #0e7c86" in answer.content.decode()


def test_under_another_name_the_stylesheet_is_not_kept(browser: Client) -> None:
    assert browser.get("/brand/000000000000.css")["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "template", ["400.html", "403.html", "404.html", "500.html", "error.html", "no_club.html", "welcome.html"]
)
def test_error_pages_need_nothing_but_their_text(template: str) -> None:
    page = render_to_string(template, {"text": "", "code": "A7K2", "status": 500}, request=RequestFactory().get("/x"))

    assert "<h1>" in page
    assert INLINE.search(page) is None


def test_an_address_that_only_takes_forms_says_so_when_it_is_opened(browser: Client) -> None:
    answer = browser.get("/logout/")

    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "دکمهٔ صفحهٔ خودش" in answer.content.decode()


@pytest.mark.parametrize(("method", "again"), [("get", True), ("post", False)])
def test_what_failed_on_our_side_can_be_opened_again_and_a_form_is_never_sent_again(method: str, again: bool) -> None:
    request = getattr(RequestFactory(), method)("/desk/dashboard/?range=7d")

    page = render_to_string("error.html", {"text": "", "code": "", "status": 503}, request=request)

    assert ('href="/desk/dashboard/?range=7d"' in page) == again
    assert 'href="/desk/"' in page


def test_the_page_of_a_server_error_says_the_code_for_support() -> None:
    assert "A7K2" in render_to_string("500.html", {"code": "A7K2"})


def test_the_installation_s_own_address_welcomes_where_clubs_may_be_listed(
    club: Club, other_club: Club, settings: Settings
) -> None:
    host = {"host": f"{settings.BASE_DOMAIN}:8000"}
    settings.LIST_CLUBS = True

    page = Client().get("/", headers=host)
    assert page.status_code == 200
    assert f"http://{club.slug}.{settings.BASE_DOMAIN}:" in page.content.decode()
    assert Client().get("/desk/", headers=host).status_code == 404
    assert Client().get("/", headers={"host": f"nobody.{settings.BASE_DOMAIN}"}).status_code == 404

    settings.LIST_CLUBS = False
    hidden = Client().get("/", headers=host)
    assert hidden.status_code == 404
    assert club.slug not in hidden.content.decode()
