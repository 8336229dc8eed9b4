"""The fields of messages, alike for members and staff: text, files, and the token that lets a form write once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from core.errors import Text
from core.forms import PersianForm
from tickets.checks import LONGEST_TEXT, TOO_LONG
from tickets.files import (
    ACCEPTED,
    FILE_TOO_LARGE,
    HEIC,
    MOST_BYTES,
    MOST_FILES,
    MOST_TOTAL,
    TOO_LARGE,
    TOO_MANY,
    BadFile,
    SentFile,
    safe_name,
)

TOKEN = 24


def counted(longest: int, said: Text) -> dict[str, Any]:
    """Let `message.js` count near the longest of a text; nothing is cut, and the service refuses what is too long."""
    return {"data-longest": longest, "data-said-count": _("# از # نویسه"), "data-said-long": said}


class FilesInput(forms.FileInput):
    """A field for several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """The files that were chosen, none read where they are too many or too large; cleans to a list of SentFile."""

    widget = FilesInput

    def __init__(self, **options: Any) -> None:
        hint = _("تا ۵ فایل؛ تصویر، پی‌دی‌اف، ورد، اکسل یا متن، هر کدام تا ۱۰ مگابایت و با هم تا ۱۵ مگابایت")
        super().__init__(**{"label": _("پیوست"), "required": False, "help_text": hint, **options})

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """What the browser offers to choose, and what it says of too much before anything is sent."""
        limits = {"data-most-files": MOST_FILES, "data-most-bytes": MOST_BYTES, "data-most-total": MOST_TOTAL}
        said = {
            "data-said-many": TOO_MANY,
            "data-said-large": FILE_TOO_LARGE,
            "data-said-total": TOO_LARGE,
            "data-said-heic": HEIC,
            "data-said-other": BadFile.message,
            "data-said-choose": _("انتخاب فایل"),
            "data-said-remove": _("برداشتن «%(file)s»"),
            "data-said-sizes": _("%(size)s کیلوبایت|%(size)s مگابایت"),
        }
        return {"class": "input", "accept": ACCEPTED, "multiple": True, **limits, **said}

    def clean(self, data: Any, initial: Any = None) -> list[SentFile]:
        """What was sent, by name; what is in it is judged where it is kept."""
        uploads: list[UploadedFile[Any]] = [one for one in data or [] if one]
        if len(uploads) > MOST_FILES:
            raise ValidationError(TOO_MANY, code="too_many")
        for one in uploads:
            if (one.size or 0) > MOST_BYTES:
                raise ValidationError(FILE_TOO_LARGE, code="file_too_large", params={"file": safe_name(one.name or "")})
        if sum(one.size or 0 for one in uploads) > MOST_TOTAL:
            raise ValidationError(TOO_LARGE, code="too_large")
        return [SentFile(one.name or "", one.read()) for one in uploads]


class MessageForm(PersianForm):
    """A message with its files. A message without words needs a file."""

    text = forms.CharField(
        label=_("پیام"),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("متن پیام خالی است.")},
    )
    attachments = FilesField()
    token = forms.CharField(required=False, max_length=TOKEN, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["text"].widget.attrs |= {"class": "input", "dir": "auto", **counted(LONGEST_TEXT, TOO_LONG)}
        self.fields["text"].required = not self.files.getlist("attachments") if self.is_bound else True
        self.initial.setdefault("token", get_random_string(TOKEN))

    def token_of(self, actor: str) -> str:
        """The token as it is kept: each writer has tokens of their own."""
        token = self.cleaned_data.get("token", "")
        return f"{actor}:{token}" if token else ""

    @property
    def lost_files(self) -> list[str]:
        """Names of files that had no fault of their own, of a form that was refused: no browser keeps them in it."""
        faults = " ".join(str(text) for text in self.errors.get("attachments", []))
        names = [safe_name(one.name or "") for one in self.files.getlist("attachments")]
        return [name for name in names if f"«{name}»" not in faults] if self.errors else []

    def refuse(self, errors: dict[str, list[str]]) -> None:
        """Say what a service refused at its fields."""
        for name, texts in errors.items():
            self.add_error(name if name in self.fields else None, list(texts))
