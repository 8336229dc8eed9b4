"""What the look at an offer finds, and what it looks at. Pure."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from offers.giving import Club
from offers.reach import Frame
from offers.rules import LiveOffer, Terms

Severity = Literal["error", "warning", "hint"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "hint")


@dataclass(frozen=True)
class Finding:
    """Something to put right: `path` is that of the offer's JSON, `text` says what is wrong and what to do."""

    code: str
    severity: Severity
    path: str
    text: str


@dataclass(frozen=True)
class Look:
    """An offer to look at, in its club and among the club's other live offers; `number`: its id, where it has one."""

    terms: Terms
    others: tuple[LiveOffer, ...]
    club: Club
    number: int | None = None

    @cached_property
    def frame(self) -> Frame:
        return self.club.frame(self.terms)
