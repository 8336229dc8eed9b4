"""Texts of the staff for members: what plain lines come to, and what is never more than text."""

import pytest
from django.template.loader import render_to_string

from core.prose import Block, blocks, changes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("یک\nدو\n\nسه", [Block("text", ("یک دو",)), Block("text", ("سه",))]),
        ("# الف\n## ب", [Block("heading", ("الف",)), Block("heading", ("ب",))]),
        ("- یک\n• دو\n\n* سه", [Block("bullets", ("یک", "دو", "سه"))]),
        ("۱. یک\n2) دو\n\n٣- سه", [Block("numbers", ("یک", "دو", "سه"))]),
        (
            "۴. چهار\nبند\n۵. پنج",
            [Block("numbers", ("چهار",), 4), Block("text", ("بند",)), Block("numbers", ("پنج",), 5)],
        ),
        ("-بی‌فاصله\n۱۴۰۵ سال", [Block("text", ("-بی‌فاصله ۱۴۰۵ سال",))]),
    ],
)
def test_lines_become_blocks(text: str, expected: list[Block]) -> None:
    assert blocks(text) == expected


def test_markup_is_text() -> None:
    shown = render_to_string("_prose.html", {"blocks": blocks("# <b>x</b>\n- <script>alert(1)</script>\n\"&'")})

    assert "<script" not in shown and "<b>" not in shown
    assert "&lt;script&gt;" in shown


def test_only_what_changed_is_marked_and_empty_lines_count_for_nothing() -> None:
    compared = changes("یک\n\nدو\nسه", "یک\nدو و نیم\nسه\nچهار")

    assert [(line.change, line.text) for line in compared] == [
        ("same", "یک"),
        ("gone", "دو"),
        ("new", "دو و نیم"),
        ("same", "سه"),
        ("new", "چهار"),
    ]
