"""Which club the running code works for: the first of the two walls between clubs.

The scope is a ContextVar. Queries of tenant models read it when their SQL is compiled, the database cursor
says it to PostgreSQL with each transaction, and saving checks it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.models import Club


class ScopeMissing(RuntimeError):
    """Tenant data was touched without saying for which club: a fault of the program, never of the user."""


@dataclass(frozen=True)
class Scope:
    """`club_id` None and `all_clubs` True is the read-only view of `cross_club`."""

    club_id: int | None
    all_clubs: bool = False


NOBODY = Scope(None)
_scope: ContextVar[Scope] = ContextVar("club_scope", default=NOBODY)
_club: ContextVar["Club | None"] = ContextVar("club", default=None)


def active_scope() -> Scope:
    """The scope as it is, for the database backend and the managers."""
    return _scope.get()


def current_club_id() -> int:
    """The id of the club in scope; ScopeMissing without one."""
    club_id = _scope.get().club_id
    if club_id is None:
        raise ScopeMissing("no club in scope: enter club_scope(club) first")
    return club_id


def current_club() -> "Club":
    """The club in scope, read at most once per scope; ScopeMissing without one."""
    from core.models import Club

    club_id = current_club_id()
    club = _club.get()
    if club is None or club.pk != club_id:
        club = Club.objects.get(pk=club_id)
        _club.set(club)
    return club


def club_zone() -> str:
    """The time zone whose days are those of the club in scope."""
    return current_club().time_zone


@contextmanager
def club_scope(club: "Club | int") -> Iterator[None]:
    """Work for this club inside the block; scopes nest and the former one comes back."""
    club_id = club if isinstance(club, int) else club.pk
    scope, known = _scope.set(Scope(club_id)), _club.set(None if isinstance(club, int) else club)
    try:
        yield
    finally:
        _club.reset(known)
        _scope.reset(scope)


@contextmanager
def cross_club(reason: str) -> Iterator[None]:
    """Read rows of all clubs inside the block, for the reason given; PostgreSQL refuses every write there.

    Querysets must be evaluated inside the block. Who then writes enters that club's scope.
    """
    if not reason:
        raise ValueError("say why all clubs are read")
    scope, known = _scope.set(Scope(None, all_clubs=True)), _club.set(None)
    try:
        yield
    finally:
        _club.reset(known)
        _scope.reset(scope)
