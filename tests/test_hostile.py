"""The reader of pages sees what a page that forgot to escape would do: else none of the proofs by it means anything."""

import pytest

from tests.hostile import AMOUNTS, MARK, SCRIPTS, PageReader

PLACES = (
    "<p>{}</p>",
    '<input value="{}">',
    "<input value='{}'>",
    "<input value={}>",
    "<textarea>{}</textarea>",
    "<title>{}</title>",
    '<a href="{}">x</a>',
    "<!-- {} -->",
    "<script>{}</script>",
)
# Text in a foreign template language, text that is escaped already, and words that only look another way.
HARMLESS = {text for text in SCRIPTS if text.startswith(("{{", "&lt;", "\u202e"))}


@pytest.mark.parametrize("text", [text for text in SCRIPTS if text not in HARMLESS])
def test_a_page_that_does_not_escape_is_found_out(text: str) -> None:
    seen = [PageReader(place.format(text)).dangers for place in PLACES[:-1]]

    assert any(seen), text


def test_escaped_text_is_no_danger_anywhere() -> None:
    from django.utils.html import escape

    for text in SCRIPTS:
        assert PageReader(f'<p title="{escape(text)}">{escape(text)}</p>').dangers == []


def test_there_are_sixty_amounts_and_forty_scripts() -> None:
    assert (len(set(AMOUNTS)) >= 60, len(set(SCRIPTS))) == (True, 40)
    assert all(MARK in text for text in SCRIPTS)
