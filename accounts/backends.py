"""How Django knows staff and what they may do: a phone and a password, and the roles of the club in scope."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from accounts.models import User
from accounts.rights import Person, has_admin_permission, roles_of, sees_admin_module


class StaffBackend(BaseBackend):
    """Staff by phone and password; unknown phone, wrong password and no role here are one and the same answer."""

    def authenticate(
        self, request: HttpRequest | None, phone: str = "", password: str = "", **credentials: Any
    ) -> User | None:
        """The person, when the password is right and there is an active role in the club in scope.

        One password is hashed in every case, so that time does not tell which phones are known.
        """
        user = User.objects.filter(phone=phone, is_active=True).first()
        if user is None or not user.has_usable_password():
            make_password(password)
            return None
        if not check_password(password, user.password, setter=_rehash(user)):
            return None
        return user if roles_of(user) else None

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, as long as active."""
        return User.objects.filter(pk=user_id, is_active=True).first()

    def has_perm(self, user_obj: Person, perm: str, obj: object | None = None) -> bool:
        """Django's permission, answered by the role here; `is_staff` and `is_superuser` mean nothing."""
        return has_admin_permission(user_obj, perm)

    def has_module_perms(self, user_obj: Person, app_label: str) -> bool:
        """Whether the admin shows the app."""
        return sees_admin_module(user_obj, app_label)


def _rehash(user: User) -> Any:
    def setter(password: str) -> None:
        user.set_password(password)
        user.save(update_fields=["password"])

    return setter
