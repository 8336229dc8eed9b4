"""The forms of the login pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.otp import DIGITS
from core.forms import DigitsField, PersianForm, PhoneField
from core.language import in_language

LONGEST_PASSWORD = 128  # hashing megabytes would be a way to keep the server busy


class StaffLoginForm(forms.Form):
    """Phone and password of staff."""

    phone = PhoneField(label=_("شماره موبایل"))
    password = forms.CharField(
        label=_("گذرواژه"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input input-lg", "dir": "ltr"}),
        error_messages={"required": _("گذرواژه را بنویسید."), "max_length": _("گذرواژه درست نیست.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].widget.attrs.update(
            {"autocomplete": "username", "class": "input input-lg", "autofocus": True}
        )


class OtpPhoneForm(forms.Form):
    """The phone to which a code goes."""

    phone = PhoneField(label=_("شماره موبایل"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].widget.attrs.update(
            {"class": "input input-lg", "autofocus": True, "placeholder": in_language("0912 123 4567")}
        )


class OtpCodeForm(forms.Form):
    """The code: one field, any digits, paste allowed."""

    code = DigitsField(
        length=DIGITS,
        label=_("کد ۶ رقمی"),
        wrong_length=_("کد ۶ رقم دارد."),
        error_messages={"required": _("کد را بنویسید.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(
            {"autocomplete": "one-time-code", "class": "input input-otp", "autofocus": True, "enterkeyhint": "done"}
        )


class PasswordForm(PersianForm):
    """A new password of one's own, with the present one as proof."""

    present = forms.CharField(
        label=_("گذرواژهٔ کنونی"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "input", "dir": "ltr"}),
        error_messages={"required": _("گذرواژهٔ کنونی را بنویسید."), "max_length": _("گذرواژهٔ کنونی درست نیست.")},
    )
    password = forms.CharField(
        label=_("گذرواژهٔ تازه"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        help_text=_("دست‌کم ۸ نویسه، نه تنها رقم و نه واژه‌ای رایج."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "input", "dir": "ltr"}),
        error_messages={"required": _("گذرواژهٔ تازه را بنویسید.")},
    )


class LinkForm(forms.Form):
    """The password that a person chooses by a link."""

    password = forms.CharField(
        label=_("گذرواژهٔ تازه"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        help_text=_("دست‌کم ۸ نویسه، نه تنها رقم و نه واژه‌ای رایج."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "class": "input input-lg", "dir": "ltr"}),
        error_messages={"required": _("گذرواژهٔ تازه را بنویسید.")},
    )
