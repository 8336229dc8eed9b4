"""The words of the cases: no one of them is passed over in silence."""

from typing import Any


class NotBuilt(Exception):
    """The case asks for what the product does not have, or does not have yet; `what` names it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class UnknownWord(Exception):
    """The case has a word that nobody here reads: it would pass, or fail, for the wrong reason."""


def only(words: dict[str, Any], *known: str) -> dict[str, Any]:
    """The words, if there is none that is not known; UnknownWord otherwise."""
    unknown = set(words) - set(known)
    if unknown:
        raise UnknownWord(", ".join(sorted(unknown)))
    return words
