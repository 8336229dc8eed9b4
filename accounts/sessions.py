"""Sessions: good only for the club they were opened in, and remembering how the person proved who they are."""

from __future__ import annotations

from typing import Any, Literal

from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY, login, logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from accounts.models import User
from core.tenancy.scope import current_club_id

Method = Literal["password", "otp"]

CLUB_KEY = "club_id"
METHOD_KEY = "auth_method"
BACKEND = "accounts.backends.StaffBackend"


def open_session(request: HttpRequest, user: User, *, method: Method) -> None:
    """Log the person in to the club in scope: a new session key, nothing of an earlier session kept.

    `method` says what the session may open: "otp" the portal and the agent's panel, "password" what the roles allow.
    """
    request.session.flush()
    login(request, user, backend=BACKEND)
    request.session[CLUB_KEY] = current_club_id()
    request.session[METHOD_KEY] = method
    user.auth_method = method


def close_session(request: HttpRequest) -> None:
    """Log out and forget the session."""
    logout(request)


def belongs_here(session: SessionBase) -> bool:
    """Whether the session is anonymous without a club, or was opened in the club in scope."""
    club_id = session.get(CLUB_KEY)
    if club_id is None:
        return SESSION_KEY not in session and BACKEND_SESSION_KEY not in session
    return bool(club_id == current_club_id())


def method_of(session: SessionBase) -> Method:
    """How the person of the session logged in; what is not known to be by password counts as by code."""
    return "password" if session.get(METHOD_KEY) == "password" else "otp"


def remember(request: HttpRequest, **facts: Any) -> None:
    """Keep something in a session of this club, logged in or not."""
    request.session[CLUB_KEY] = current_club_id()
    for name, value in facts.items():
        request.session[name] = value
