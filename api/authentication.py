"""Who calls: a program with a key of the club in scope."""

from typing import Any

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import ApiKey
from accounts.services import authenticate_key
from api.throttling import count_wrong_key
from core.errors import Unauthorized

READS = {"GET", "HEAD"}


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`: one look-up, no session. Another club's key is unknown here."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey]:
        kind, _blank, raw = request.headers.get("Authorization", "").partition(" ")
        raw = raw.strip() if kind.lower() == "bearer" else ""
        key = authenticate_key(raw, now=timezone.now())
        if key is None:
            count_wrong_key(request, raw)
            raise Unauthorized
        return key, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class KeyScopeAllows(BasePermission):
    """`read` reads everything; `pos` also writes where a view says `pos_may_write`; `manage` does everything."""

    def has_permission(self, request: Request, view: Any) -> bool:
        scope = request.auth.scope if isinstance(request.auth, ApiKey) else None
        if scope == ApiKey.Scope.MANAGE or request.method not in view.allowed_methods:
            return True  # a method that is not there is 405 for everybody
        if request.method in READS:
            return scope in ApiKey.Scope.values
        return scope == ApiKey.Scope.POS and bool(view.pos_may_write)
