"""Every page speaks English to who chose it: no Persian letter but in what the club's own people wrote.

The pages are those of tests/browser/pages/; what they look like in English is looked at there.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.db.models import CharField, JSONField, TextField
from django.test import Client

from club.members.models import Member
from core.language import NAMES
from core.languages import COOKIE
from core.models import Club
from core.tenancy.scope import club_scope
from core.text import latin_digits
from tests.browser.pages.rows import Row, path_of
from tests.browser.pages.table import every_row
from tests.browser.pages.world import URLS, World

PERSIAN = re.compile("[\u0600-\u06ff\u200c]")
SHOWN = ("placeholder", "aria-label", "title", "alt", "content", "label")
# Texts of a club, in the language it writes in: cut short in a list, or made of several.
CUT_SHORT = 20
NEITHER = {"components", "/fails/clubs/"}


class Reader(HTMLParser):
    """The texts that a person may meet on a page, but for islands of another language and what was typed."""

    VOID = {"input", "meta", "link", "br", "img", "hr", "use", "path", "rect", "circle", "source", "col"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []

    @property
    def hushed(self) -> bool:
        return bool(self.open) and self.open[-1][1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        quiet = self.hushed or tag in ("script", "style", "textarea") or known.get("lang") == "fa"
        if not quiet:
            self.texts += [known[name] or "" for name in SHOWN if name in known]
            self.texts += [value or "" for name, value in attrs if name.startswith("data-")]
            if tag == "input" and known.get("type") == "submit":
                self.texts.append(known.get("value") or "")
        if tag not in self.VOID:
            self.open.append((tag, quiet))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self.hushed:
            self.texts.append(data.strip())


def persian_texts(html: str) -> Iterator[str]:
    reader = Reader()
    reader.feed(html)
    return (text for text in reader.texts if PERSIAN.search(text))


def written_by_people(of: World) -> list[str]:
    """Every text that is kept in the database, the longest first."""
    found: set[str] = set(NAMES.values())
    found.update(Club.objects.values_list("name", flat=True))
    for club in (of.club, of.empty):
        with club_scope(club):
            for model in apps.get_models():
                if model is Member:  # whose last name is cut short where others see it
                    lasts = model._base_manager.exclude(last_name="").values_list("last_name", flat=True)
                    found.update(f"{last[0]}." for last in lasts)
                names = [field.name for field in model._meta.concrete_fields if isinstance(field, _TEXTS)]
                if names:
                    for row in model._base_manager.values_list(*names):
                        found.update(_texts_of(row))
    as_shown = {latin_digits(text) for text in found}  # what is shown with the digits of the language
    return sorted(filter(PERSIAN.search, found | as_shown), key=len, reverse=True)


_TEXTS = (CharField, TextField, JSONField)


def _texts_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield " ".join(value.split())
        yield from (line.strip() for line in value.splitlines())
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts_of(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts_of(one)


def leftover(text: str, known: list[str]) -> str:
    """What of a text nobody has written."""
    text = " ".join(text.split())
    if len(text) >= CUT_SHORT and any(one.startswith(text.rstrip("… ")) for one in known):
        return ""
    for one in known:
        text = text.replace(one, "")
    return text if PERSIAN.search(text) and len(text.strip()) > 1 else ""


def rows() -> Iterator[Row]:
    """The pages that need no browser to be reached."""
    return (row for row in every_row() if not row.act and not row.technical and row.route not in NEITHER)


@pytest.mark.django_db
@pytest.mark.urls(URLS)
def test_every_page_is_in_english_for_who_chose_it(peopled: World) -> None:
    known, found = written_by_people(peopled), []
    browsers = {who: browser_of(peopled, who) for who in peopled.seats}
    for row in rows():
        browser = browsers[row.who]
        browser.raise_request_exception = False
        answer = browser.get(path_of(row, peopled.known), follow=row.status == 200)
        html = answer.content.decode()
        assert answer.status_code == row.status, row.name
        if '<html lang="en"' not in html and 'lang="en"' not in html[:400]:
            found.append(f"{row.name}: is not in English")
        found += sorted({f"{row.name}: {left}" for text in persian_texts(html) if (left := leftover(text, known))})

    assert not found, "\n".join(found)


def browser_of(peopled: World, who: str) -> Client:
    seat = peopled.seats[who]
    browser = Client(headers={"host": seat.host})
    browser.cookies.load(seat.cookies)
    browser.cookies[COOKIE] = "en"
    return browser
