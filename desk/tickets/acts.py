"""What can be done with a ticket in one press; each act says what it has done."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.rights import actor_of
from core.errors import NotFound
from core.text import latin_digits, whole_number
from tickets.handing import take
from tickets.merging import link, merge, merged_in, numbered, separate, unlink
from tickets.models import Ticket
from tickets.moving import close, hold, reopen, solve
from tickets.selectors import ticket_for

MERGE = "merge"
NAMES_ANOTHER = (MERGE, "link")
"""Acts for which the number of another ticket is typed."""


def user_of(request: HttpRequest) -> User:
    """The one of the staff who asks."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _take(request: HttpRequest, one: Ticket) -> str:
    take(one.pk, user_of(request), now=timezone.now())
    return _("این تیکت حالا با شماست.")


def _hold(request: HttpRequest, one: Ticket) -> str:
    hold(one.pk, actor=actor_of(request.user), now=timezone.now())
    return _("نوبت ماست.")


def _solve(request: HttpRequest, one: Ticket) -> str:
    solve(one.pk, user=user_of(request), actor=actor_of(request.user), now=timezone.now())
    if one.is_internal:
        return _("این کار انجام شد.")
    return _("حل‌شده ثبت شد؛ به عضو خبر می‌دهیم.")


def _close(request: HttpRequest, one: Ticket) -> str:
    close(one.pk, user=user_of(request), actor=actor_of(request.user), now=timezone.now())
    return _("بسته شد.")


def _reopen(request: HttpRequest, one: Ticket) -> str:
    reopen(one.pk, actor=actor_of(request.user), now=timezone.now())
    return _("دوباره باز شد.")


def _merge(request: HttpRequest, one: Ticket) -> str:
    into = merge(one.pk, _named(request).pk, actor=actor_of(request.user), now=timezone.now())
    said = _("تیکت شمارهٔ %(number)s در تیکت شمارهٔ %(into)s ادغام شد.")
    return said % {"number": one.shown_number, "into": into.shown_number}


def _separate(request: HttpRequest, one: Ticket) -> str:
    other = whole_number(request.POST.get("other", "")) or 0
    if other not in {merged.pk for merged in merged_in(one)}:
        raise NotFound
    apart = separate(other, actor=actor_of(request.user), now=timezone.now())
    said = _("تیکت شمارهٔ %(number)s جدا شد و «%(status)s» است.")
    return said % {"number": apart.shown_number, "status": apart.get_status_display()}


def _link(request: HttpRequest, one: Ticket) -> str:
    other = link(one.pk, _named(request).number, actor=actor_of(request.user))
    return _("به تیکت شمارهٔ %(number)s پیوند داده شد.") % {"number": other.shown_number}


def _unlink(request: HttpRequest, one: Ticket) -> str:
    unlink(one.pk, whole_number(request.POST.get("other", "")) or 0, actor=actor_of(request.user))
    return _("پیوند برداشته شد.")


def _named(request: HttpRequest) -> Ticket:
    """The ticket whose number was typed, if one may see it. Raises NotFound."""
    typed = latin_digits(request.POST.get("number", "")).strip().removeprefix("#")
    return ticket_for(numbered(whole_number(typed) or 0).pk, request.user)


ACTS: dict[str, Callable[[HttpRequest, Ticket], str]] = {
    "take": _take,
    "hold": _hold,
    "solve": _solve,
    "close": _close,
    "reopen": _reopen,
    MERGE: _merge,
    "separate": _separate,
    "link": _link,
    "unlink": _unlink,
}
