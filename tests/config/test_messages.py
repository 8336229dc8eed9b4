"""The English catalogue: everything that is said has its English, with the same places to fill, compiled as it stands."""

import re
import subprocess
import sys
from gettext import GNUTranslations
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message

from tests.config.test_contracts import PROJECT

sys.path.insert(0, str(PROJECT / "scripts"))

messages: Any = import_module("messages")

PLACES = re.compile(r"%\(\w+\)[sd]|(?<!%)%s|\{\w*\}|\[\[|\]\]")
PERSIAN_LETTER = re.compile("[\u0600-\u06ff]")
TEXTS = [message for message in messages.read(messages.ENGLISH) if message.id]


def forms(message: Message) -> list[str]:
    said = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return [str(text or "") for text in said]


def test_everything_that_is_said_is_in_the_catalogue_and_nothing_else() -> None:
    said = {(message.context, message.id) for message in messages.extracted() if message.id}
    known = {(message.context, message.id) for message in TEXTS}

    assert not said - known, f"run `make messages`, then translate what it names: {sorted(map(str, said - known))}"
    assert not known - said, f"run `make messages`: nobody says {sorted(map(str, known - said))}"


def test_every_text_has_its_english() -> None:
    assert [message.id for message in TEXTS if messages.lacks_english(message)] == []
    assert [message.id for message in TEXTS if message.fuzzy] == []


def test_the_english_has_no_persian_letter() -> None:
    assert [text for message in TEXTS for text in forms(message) if PERSIAN_LETTER.search(text)] == []


def test_the_english_has_the_same_places_to_fill() -> None:
    wrong = [
        (message.id, text)
        for message in TEXTS
        for text in forms(message)
        if sorted(PLACES.findall(text))
        != sorted(PLACES.findall(message.id if isinstance(message.id, str) else message.id[-1]))
    ]

    assert wrong == []


def test_the_english_keeps_the_percent_signs_that_formatting_needs() -> None:
    """Where the Persian fills places, a sign that fills none is doubled; a single one would fail when it is shown."""
    for message in TEXTS:
        if isinstance(message.id, str) and re.search(r"%\(\w+\)s", message.id):
            names = dict.fromkeys(re.findall(r"%\((\w+)\)s", message.id), "x")
            assert message.string % names


@pytest.mark.parametrize("path", messages.CATALOGUES, ids=lambda path: path.parts[-3])
def test_the_compiled_catalogue_is_the_written_one(path: Path) -> None:
    shipped, written = (
        GNUTranslations(file) for file in (path.with_suffix(".mo").open("rb"), BytesIO(messages.mo_of(path)))
    )

    texts = [{said: text for said, text in one._catalog.items() if said} for one in (shipped, written)]

    assert texts[0] == texts[1], "run `make messages`"
    assert texts[0]


def test_writing_the_catalogue_anew_changes_nothing() -> None:
    assert messages.po_text(messages.merged()) == messages.ENGLISH.read_bytes(), "run `make messages`"


def test_numbers_for_people_are_written_in_the_language_of_the_reader() -> None:
    """Persian digits are made in core/language.py alone: elsewhere an English page would show them."""
    found = subprocess.run(
        ["git", "grep", "-lw", "persian_digits", "--", "*.py"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    own = {"core/text.py", "core/language.py"}
    users = {name for name in found.stdout.split() if not name.startswith(("tests/", "sms/emulator/", "benchmarks/"))}

    assert users <= own, "use core.language.in_language"
