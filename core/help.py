"""Help texts: what a page is for, how it is used, what people ask about it.

Packages write theirs, `config.help` shows them.

Pure: which topic belongs to a page, and which ones a text is found in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.errors import Text
from core.text import search_key


@dataclass(frozen=True)
class Topic:
    """Help about one page or a few; `pages` are names of addresses, with `*` at the end for all that begin so.

    `right` is what a person of the staff needs to read it; blank: everybody may.
    """

    code: str
    title: Text
    pages: tuple[str, ...]
    about: Text
    steps: tuple[Text, ...] = ()
    questions: tuple[tuple[Text, Text], ...] = ()
    right: str = ""

    def is_about(self, page: str) -> bool:
        """Whether the page is one of its own."""
        return any(page == name or (name.endswith("*") and page.startswith(name[:-1])) for name in self.pages)

    @property
    def words(self) -> str:
        """Everything it says, as it is searched."""
        said = (self.title, self.about, *self.steps, *(text for asked in self.questions for text in asked))
        return search_key(" ".join(str(text) for text in said))


def topic_of(topics: Iterable[Topic], page: str) -> Topic | None:
    """The first topic about the page."""
    return next((topic for topic in topics if topic.is_about(page)), None)


def found_in(topics: Iterable[Topic], text: str) -> list[Topic]:
    """The topics in which every word of the text occurs, in any spelling; without a text, all of them."""
    words = search_key(text).split()
    return [topic for topic in topics if all(word in topic.words for word in words)]
