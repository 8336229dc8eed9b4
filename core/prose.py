"""Longer texts that staff write for members: headings, paragraphs and lists out of plain lines, and what changed.

Nothing of the text is markup: it is escaped, and the few marks below are all that it can say. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from core.text import latin_digits

Kind = Literal["heading", "bullets", "numbers", "text"]
Change = Literal["same", "gone", "new"]

MARKS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("heading", re.compile(r"#+\s+")),
    ("bullets", re.compile(r"[-–•*]\s+")),
    ("numbers", re.compile(r"([0-9۰-۹٠-٩]{1,3})\s?[.)\-–]\s+")),
)


@dataclass(frozen=True)
class Block:
    """A heading or paragraph of one item, or a list of several; one of numbers begins with the number typed."""

    kind: Kind
    items: tuple[str, ...]
    start: int = 1


@dataclass(frozen=True)
class Line:
    """A line of a text beside another: in both, in the old one alone, or in the new one alone."""

    change: Change
    text: str


def blocks(text: str) -> list[Block]:
    r"""The text in blocks: `# ` begins a heading, `- ` a bullet, `۱. ` a number; an empty line ends a paragraph.

    >>> [(block.kind, block.items) for block in blocks("# امتیاز\nهر خرید\nامتیاز دارد.\n- یک\n\n- دو")]
    [('heading', ('امتیاز',)), ('text', ('هر خرید امتیاز دارد.',)), ('bullets', ('یک', 'دو'))]
    """
    found = []
    for (kind, _part), group in groupby(_marked(text), key=lambda line: (line[0], line[1])):
        lines = list(group)
        items = tuple(item for _kind, _part, item, _number in lines)
        if kind == "text":
            found.append(Block(kind, (" ".join(items),)))
        elif kind == "heading":
            found += [Block(kind, (item,)) for item in items]
        else:
            found.append(Block(kind, items, lines[0][3]))
    return found


def changes(old: str, new: str) -> list[Line]:
    r"""The lines of both texts in one order, each marked with where it stands; empty lines are left out.

    >>> [(line.change, line.text) for line in changes("یک\nدو", "یک\nسه")]
    [('same', 'یک'), ('gone', 'دو'), ('new', 'سه')]
    """
    before, after = _lines(old), _lines(new)
    compared: list[Line] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            compared += [Line("same", text) for text in before[old_from:old_to]]
            continue
        compared += [Line("gone", text) for text in before[old_from:old_to]]
        compared += [Line("new", text) for text in after[new_from:new_to]]
    return compared


def _marked(text: str) -> Iterator[tuple[Kind, int, str, int]]:
    """Each line with its kind, the number of its part (an empty line ends one of plain text), and a list's number."""
    part = 0
    for line in map(str.strip, text.splitlines()):
        if not line:
            part += 1
            continue
        for kind, mark in MARKS:
            if found := mark.match(line):
                number = int(latin_digits(found[1])) if kind == "numbers" else 1
                yield kind, 0, line[found.end() :], number
                break
        else:
            yield "text", part, line, 1


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
