"""Whatever is typed into any field of any page is refused with its field named, or shown as the text it is.

Fields are found on the pages themselves, and pages in tests/doors.py: a new field is under test the day it is made.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import transaction
from django.test import Client

from tests.hostile import AMOUNTS, SCRIPTS, Form, PageReader
from tests.test_every_door import House, among, door_of, with_a_row

HOSTILE = (*SCRIPTS, *AMOUNTS)
EACH = len(HOSTILE) if "LONG" in os.environ else 2
# What is put where a form wants something and nothing stands there yet, so that what is tried is not alone in being wrong.
USUAL = {
    "phone": "09350001122",
    "first_name": "سارا",
    "last_name": "محمدی",
    "name": "نام",
    "reason": "چون چنین شد",
    "amount": "1000",
    "delta": "5",
    "code": "t1",
    "text": "سلام",
    "label": "نشان",
    "note": "یادداشت",
    "tag": "همسایه",
    "price": "1000",
    "rank": "7",
    "threshold": "1000",
    "most_uses": "3",
}
# Of these a POST ends the session, so that nothing is shown; or they take what is sent as it is.
NO_FORMS = {"accounts:logout"}


@contextmanager
def taken_back() -> Iterator[None]:
    """What is written inside is undone; services may open their durable transactions in it, as in any test."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


def opened(house: House, browser: Client, letter: str) -> Iterator[tuple[str, PageReader]]:
    """Every page that this one may open, read."""
    for name, route in with_a_row():
        door, path = door_of(name), house.path(name, route)
        if (
            letter not in door.let_in
            or not among(200, door.get)
            or name in NO_FORMS
            or route.endswith((".css", "<str:form>"))
        ):
            continue
        answer = browser.get(path)
        if answer.status_code == 200 and "html" in answer["Content-Type"]:
            yield path, PageReader(answer.getvalue().decode())


def filled(form: Form) -> dict[str, list[str]]:
    sent = {name: [value or USUAL.get(name, "") for value in values] for name, values in form.fields.items()}
    if form.button:
        sent[form.button[0]] = [form.button[1]]
    return sent


def faults_of(browser: Client, path: str, sent: dict[str, list[str]]) -> str:
    """What is wrong with the answer to a form, and with the page it leads to; empty if nothing is."""
    answer = browser.post(path, sent)
    if answer.status_code >= 500:
        return f"answers {answer.status_code}"
    if answer.status_code in (301, 302):
        answer = browser.get(urljoin(path, answer["Location"]), follow=True)
    if "html" not in answer.get("Content-Type", ""):
        return ""
    page = PageReader(answer.getvalue().decode())
    if page.dangers:
        return f"makes {page.dangers}"
    if answer.status_code == 422 and not page.names_fault:
        return "is refused without a word beside a field"
    return ""


@pytest.mark.slow
@pytest.mark.parametrize("letter", ["v", "m", "t", "o"])
def test_whatever_is_typed_into_a_field_is_refused_by_name_or_shown_as_text(house: House, letter: str) -> None:
    browser, wrong, tried, turn = house.browser(letter), [], set(), 0
    for page_path, page in list(opened(house, browser, letter)):
        for form in page.forms:
            path = urlsplit(urljoin(page_path, form.action)).path
            if form.method != "post" or "logout" in path:
                continue
            for typed in form.typed:
                if typed.name == "csrfmiddlewaretoken" or (path, typed.name) in tried:
                    continue
                tried.add((path, typed.name))
                for _each in range(EACH):
                    value, turn = HOSTILE[turn % len(HOSTILE)], turn + 1
                    with taken_back():
                        try:
                            fault = faults_of(browser, path, {**filled(form), typed.name: [value]})
                        except Exception as error:  # what would be a 500
                            fault = f"breaks: {type(error).__name__}: {error}"
                    if fault:
                        wrong.append(f"{path} {typed.name}={value[:60]!r} {fault}")

    assert len(tried) > 1
    assert not wrong, "\n".join(wrong)
