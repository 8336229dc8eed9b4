"""Sessions: good only for the club they were opened in, and remembering how the person proved who they are.

Sessions by password are written down as well (`StaffSession`): a person sees where theirs are open, and each can be
ended at once. They last a time after they were last used and, however much used, a time after they were opened.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY, login, logout
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import StaffSession, User
from accounts.throttle import client_address
from core import audit
from core.errors import NotFound
from core.tenancy.scope import current_club_id

Method = Literal["password", "otp"]

CLUB_KEY = "club_id"
METHOD_KEY = "auth_method"
OPENED_KEY, SEEN_KEY = "opened_at", "seen_at"
BACKEND = "accounts.backends.StaffBackend"
# Set on a request that logged somebody in or out: what its browser is to speak from now on; blank forgets the choice.
LANGUAGE_TO_KEEP = "language_to_keep"
SEEN_COARSELY = timedelta(minutes=5)
KEPT = timedelta(days=90)


def open_session(request: HttpRequest, user: User, *, method: Method) -> None:
    """Log the person in to the club in scope: a new session key, nothing of an earlier session kept.

    `method` says what the session may open: "otp" the portal and the agent's panel, "password" what the roles allow.
    """
    _note_end(request.session.session_key, now=timezone.now())
    request.session.flush()
    login(request, user, backend=BACKEND)
    request.session[CLUB_KEY] = current_club_id()
    request.session[METHOD_KEY] = method
    user.auth_method = method
    if user.language:
        setattr(request, LANGUAGE_TO_KEEP, user.language)
    if method == "password":
        note_session(
            request.session,
            user,
            device=request.headers.get("User-Agent", ""),
            address=client_address(request),
            now=timezone.now(),
        )


def close_session(request: HttpRequest) -> None:
    """Log out and forget the session."""
    _note_end(request.session.session_key, now=timezone.now())
    if getattr(request.user, "language", ""):
        setattr(request, LANGUAGE_TO_KEEP, "")
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


# --- sessions by password ---------------------------------------------------------------------------------------------


def note_session(session: SessionBase, user: User, *, device: str, address: str, now: datetime) -> StaffSession:
    """Write down a session by password that has just been opened, with the times its limits run from."""
    session[OPENED_KEY] = session[SEEN_KEY] = now.timestamp()
    noted: StaffSession = StaffSession.objects.create(
        user=user,
        session_key=session.session_key or "",
        proof=proof_of(user),
        device=device.replace("\x00", "")[:200],
        address=address[:45],
        opened_at=now,
        last_seen_at=now,
    )
    return noted


def keep_alive(request: HttpRequest, *, now: datetime) -> bool:
    """Whether the session by password is within its limits; that it was used is noted every few minutes.

    One that is past them is ended here and now.
    """
    session, moment = request.session, now.timestamp()
    opened, seen = session.get(OPENED_KEY), session.get(SEEN_KEY)
    if opened is None or seen is None or moment - opened >= _lasting() or moment - seen >= _idle():
        _note_end(session.session_key, now=now)
        session.flush()
        return False
    if moment - seen >= SEEN_COARSELY.total_seconds():
        session[SEEN_KEY] = moment
        used = StaffSession.objects.filter(session_key=session.session_key, ended_at=None)
        used.update(last_seen_at=now, address=client_address(request)[:45])
    return True


def sessions_of(user: User, *, now: datetime) -> list[StaffSession]:
    """The person's sessions by password that still open something in the club in scope, last used first."""
    opened_after, seen_after = now - timedelta(seconds=_lasting()), now - timedelta(seconds=_idle())
    alive = StaffSession.objects.filter(user=user, ended_at=None, proof=proof_of(user))
    return list(alive.filter(opened_at__gt=opened_after, last_seen_at__gt=seen_after).order_by("-last_seen_at", "-pk"))


def end_session(user: User, session_id: int, *, actor: str, now: datetime) -> None:
    """End one session of the person: its next request is a visitor's. Raises NotFound for anybody else's."""
    with transaction.atomic():
        if not StaffSession.objects.filter(pk=session_id, user=user).exists():
            raise NotFound
        _end(user, actor=actor, now=now, pk=session_id)


def end_other_sessions(user: User, *, but: str | None, actor: str, now: datetime) -> int:
    """End every session of the person but the one with this key; how many they were."""
    with transaction.atomic():
        return _end(user, actor=actor, now=now, but=but)


def end_every_session(user: User, *, actor: str, now: datetime) -> int:
    """End every session by password that the person has in the club in scope; how many they were."""
    with transaction.atomic():
        return _end(user, actor=actor, now=now)


def forget_old_sessions(now: datetime) -> int:
    """Delete what was written of sessions that nobody has used for long; the number of rows."""
    deleted, _by_model = StaffSession.objects.filter(last_seen_at__lt=now - KEPT).delete()
    return int(deleted)


def proof_of(user: User) -> str:
    """The mark of the present password: of the hash that Django compares at every request."""
    return hashlib.sha256(user.get_session_auth_hash().encode()).hexdigest()[:16]


def _end(user: User, *, actor: str, now: datetime, but: str | None = None, **which: Any) -> int:
    open_ones = StaffSession.objects.filter(user=user, ended_at=None, **which).exclude(session_key=but or "")
    rows = list(open_ones.select_for_update().order_by("pk").values_list("pk", "session_key"))
    if not rows:
        return 0
    Session.objects.filter(session_key__in=[key for _pk, key in rows]).delete()
    StaffSession.objects.filter(pk__in=[pk for pk, _key in rows]).update(ended_at=now)
    audit.record(
        "staff.end_sessions",
        actor=actor,
        target=user.actor,
        before={},
        after={"sessions": len(rows)},
    )
    return len(rows)


def _note_end(key: str | None, *, now: datetime) -> None:
    if key:
        StaffSession.objects.filter(session_key=key, ended_at=None).update(ended_at=now)


def _lasting() -> int:
    return int(settings.STAFF_SESSION_DAYS) * 86_400


def _idle() -> int:
    return int(settings.STAFF_SESSION_IDLE_HOURS) * 3_600
