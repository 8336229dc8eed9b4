"""Sessions of another club are nobody's here."""

from collections.abc import Callable

from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.sessions import belongs_here, keep_alive, method_of


class SessionOfThisClub:
    """Sets `request.user` for the club in scope.

    A session opened in another club is set aside, not ended: this host sees a visitor, that one still its member.
    The person learns how the session was proven (`user.auth_method`), so that rights by role shrink in every place.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if hasattr(request, "club"):
            if not belongs_here(request.session):
                request.session = type(request.session)()
            request.user = SimpleLazyObject(lambda: _person(request))  # type: ignore[assignment]
        return self.get_response(request)


def _person(request: HttpRequest) -> User | AnonymousUser:
    user = get_user(request)
    if isinstance(user, User):
        user.auth_method = method_of(request.session)
        if user.auth_method == "password" and not keep_alive(request, now=timezone.now()):
            return AnonymousUser()
        return user
    return AnonymousUser()
