"""What a password of staff may not be, beside Django's own rules."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from core.text import latin_digits, search_key


class NotThePhone:
    """Refuses a password that has the person's own number in it, in any digits: it is the first thing to be tried."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        digits = "".join(char for char in latin_digits(password) if char.isdigit())
        if user and user.phone.removeprefix("0") in digits:
            raise ValidationError(self.get_help_text(), code="password_is_phone")

    def get_help_text(self) -> str:
        """The rule in words."""
        return _("شمارهٔ موبایل نباید در گذرواژه باشد.")


class NotTheName:
    """Refuses the person's own name, with or without a number behind it: colleagues would try it next."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises ValidationError."""
        words = search_key(user.name).split() if user else []
        left = search_key(password)
        for word in sorted(words, key=len, reverse=True):
            left = left.replace(word, "")
        if left != search_key(password) and not re.sub(r"[\W\d_]", "", left):
            raise ValidationError(self.get_help_text(), code="password_is_name")

    def get_help_text(self) -> str:
        """The rule in words."""
        return _("گذرواژه نباید نام خودتان باشد.")
