"""What a kind of message is: its class, the placeholders its texts may use, and the text a club starts with.

Those that every club has are in `standard_kinds`; a higher package may add its own with `register` from its
`AppConfig.ready`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from django.utils.functional import Promise

OTP, SERVICE, ADVERTISING = "otp", "service", "advertising"
# How a value of the context is written: as text, a whole number, money, a day (2026-11-22), or kept in Latin digits
# (codes, domains).
TEXT, NUMBER, MONEY, DAY, LATIN, DERIVED = "text", "number", "money", "day", "latin", "derived"
EVERYWHERE = {"club": TEXT, "link": LATIN}


@dataclass(frozen=True)
class Kind:
    """A message that something in the club makes; `text` is the default, with {placeholders} and [[optional parts]].

    The defaults are short: a part more is a price more, for every purchase.
    """

    code: str
    name: str | Promise
    message_class: str
    text: str | Promise
    placeholders: dict[str, str] = field(default_factory=dict)
    secret: bool = False
    """Whether the words open something for who reads them: no page shows what was sent."""
    to_staff: bool = False
    """Whether it goes to who works in the club: no message of a membership, so no line tells how to leave it."""
    always: bool = False
    """Whether it guards its reader or answers them: a no on our own pages does not hold it back, a «لغو۱۱» does."""
    carried: bool = False
    """Whether each message brings its own text along, as `words` of its context; the club has none for the kind."""
    invites: bool = False
    """Whether it calls its reader to come and use something, as advertising does, without being it."""
    needs: tuple[str, ...] = ()
    """Placeholders without which the message says nothing; they stand outside optional parts."""

    begins_on: bool = True
    """Whether it is sent until the club says otherwise."""

    @property
    def may_be_left(self) -> bool:
        """Whether its text ends in the line by which its reader can leave."""
        return self.message_class != OTP and not self.to_staff

    @property
    def known(self) -> dict[str, str]:
        """Every placeholder a text of this kind may use, with how it is written."""
        return {**EVERYWHERE, **self.placeholders}


KINDS: dict[str, Kind] = {}
FAMILIES: dict[str, tuple[Kind, Callable[[str], str]]] = {}
"""Kinds of which there is one for each of something, as each day of the calendar: `family-which`, with its name."""


class UnknownKind(LookupError):
    """A message of a kind nobody registered: a fault of the program."""


def register(kind: Kind) -> Kind:
    """Add a kind of message; the same code twice is refused."""
    if KINDS.get(kind.code, kind) != kind:
        raise ValueError(f"two kinds of message are called {kind.code}")
    KINDS[kind.code] = kind
    return kind


def register_family(kind: Kind, called: Callable[[str], str]) -> None:
    """Add a family of kinds that are alike; `called` tells what one is called, empty where there is no such."""
    FAMILIES[kind.code] = kind, called


def known(code: str) -> Kind | None:
    """The kind by its code, or the one of a family; None where there is none."""
    family, dash, _which = code.partition("-")
    if dash and family in FAMILIES:
        return replace(FAMILIES[family][0], code=code)
    return KINDS.get(code)


def name_of(code: str) -> str | Promise:
    """What the kind is called; its code where nobody knows it any more."""
    family, dash, which = code.partition("-")
    if dash and family in FAMILIES:
        kind, called = FAMILIES[family]
        return called(which) or kind.name
    return KINDS[code].name if code in KINDS else code


def kind_of(code: str) -> Kind:
    """The kind by its code; UnknownKind otherwise."""
    found = known(code)
    if found is None:
        raise UnknownKind(code)
    return found
