"""People who log in: one User by phone in the whole installation."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Makes users by phone."""

    def create_user(self, phone: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(phone=phone, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person. What the person may do follows from the roles held in the club in scope, never from the user row."""

    phone = models.CharField(_("موبایل"), max_length=11, unique=True)
    name = models.CharField(_("نام"), max_length=80, blank=True)
    is_active = models.BooleanField(_("فعال"), default=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = UserManager()
    USERNAME_FIELD = "phone"

    class Meta:
        verbose_name = _("کاربر")
        verbose_name_plural = _("کاربرها")

    def __str__(self) -> str:
        return self.name or self.phone
