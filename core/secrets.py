"""Texts that the database keeps sealed: keys to accounts of the club's, which the program must be able to read again.

A copy of the database shows none of them. They are sealed with Fernet by a key made from the first of FIELD_KEYS; each
of the list opens them, so that keys can be changed one after another (`manage.py rotate_secrets`). What needs only be
recognised, such as our own API keys, is kept as a hash instead and is no business of this module.
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import gettext_lazy as _

from core.errors import AppError

HIDDEN = "••••••"


class SecretUnreadable(AppError):
    """No key of FIELD_KEYS opens it: it was sealed with one that is gone."""

    code = "secret_unreadable"
    http_status = 503
    message = _("یکی از کلیدهای ذخیره‌شده خوانده نمی‌شود؛ آن را دوباره وارد کنید.")


@dataclass(frozen=True, repr=False)
class Secret:
    """A sealed text, or none. Printed, logged or put into a page it shows nothing; only `text` opens it."""

    sealed: str

    @classmethod
    def of(cls, value: "Secret | str | None") -> "Secret":
        """The secret of a plain text; a secret stays as it is."""
        if isinstance(value, Secret):
            return value
        return cls(_box().encrypt(value.encode()).decode() if value else "")

    @property
    def text(self) -> str:
        """The plain text. Raises SecretUnreadable."""
        if not self.sealed:
            return ""
        try:
            return _box().decrypt(self.sealed).decode()
        except InvalidToken:
            raise SecretUnreadable from None

    @property
    def is_readable(self) -> bool:
        """Whether there is one, and a key opens it."""
        try:
            return bool(self.text)
        except SecretUnreadable:
            return False

    @property
    def mark(self) -> str:
        """What an audit notes: whether there is one, and whether it is another than before."""
        return f"{HIDDEN} {hashlib.sha256(self.sealed.encode()).hexdigest()[:6]}" if self.sealed else ""

    def resealed(self) -> "Secret":
        """The same text sealed with the newest key. Raises SecretUnreadable."""
        try:
            return Secret(_box().rotate(self.sealed).decode() if self.sealed else "")
        except InvalidToken:
            raise SecretUnreadable from None

    def __bool__(self) -> bool:
        return bool(self.sealed)

    def __str__(self) -> str:
        return HIDDEN if self.sealed else ""

    def __repr__(self) -> str:
        return f"<Secret {self}>"


class SealedAttribute(DeferredAttribute):
    """Seals what is assigned, so that a row never holds the plain text, not even before it is saved."""

    def __set__(self, row: models.Model, value: Secret | str | None) -> None:
        row.__dict__[self.field.attname] = Secret.of(value)


if TYPE_CHECKING:
    _TextField = models.TextField[Secret | str, Secret]
else:
    _TextField = models.TextField


class SecretField(_TextField):
    """A column of sealed texts: plain text or a Secret goes in, a Secret comes out. No form takes it by itself."""

    descriptor_class = SealedAttribute

    def from_db_value(self, value: str, expression: Any, connection: Any) -> Secret:
        return Secret(value)

    def to_python(self, value: Any) -> Any:
        return Secret.of(value)

    def get_prep_value(self, value: Any) -> Any:
        return Secret.of(value).sealed

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value or "", model_instance)

    def formfield(self, *args: Any, **kwargs: Any) -> None:
        """None: a form that takes a secret declares a field that does not show the old one."""


@lru_cache(maxsize=8)
def _sealer(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key_of(text)) for text in keys])


def _box() -> MultiFernet:
    return _sealer(tuple(settings.FIELD_KEYS))


def _key_of(text: str) -> bytes:
    """A Fernet key out of a long random text: HKDF (RFC 5869), so that no other use of the text gives the same key."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"club field secrets 1").derive(text.encode())
    return base64.urlsafe_b64encode(derived)
