"""The tree of errors that people and programs meet: a stable code, an HTTP status, a Persian message, named data."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.language import in_language

Text = str | Promise


class AppError(Exception):
    """Something was refused and nothing was written. `data` names the facts a door may show."""

    code = "error"
    http_status = 400
    message: Text = _("این کار انجام نشد.")

    def __init__(self, message: Text | None = None, **data: Any) -> None:
        if message is not None:
            self.message = message
        self.data = data
        super().__init__(str(self.code))

    @property
    def detail(self) -> str:
        """The message for people, filled with the data."""
        text = str(self.message)
        return text % {name: _said(value) for name, value in self.data.items()} if self.data and "%(" in text else text

    @property
    def texts(self) -> list[str]:
        """Everything there is to say, for a door that names no field."""
        return [self.detail]


def _said(value: Any) -> Any:
    """A number as people read it."""
    return in_language(value) if isinstance(value, int) else value


class ValidationFailed(AppError):
    """Fields of a form or a body are wrong: `errors` is {field: [text]}."""

    code = "validation_error"
    message = _("بعضی از ورودی‌ها درست نیست.")

    def __init__(self, errors: dict[str, list[Text]], message: Text | None = None) -> None:
        super().__init__(message)
        self.errors = {field: [str(text) for text in texts] for field, texts in errors.items()}

    def __str__(self) -> str:
        return "; ".join(f"{field}: {' '.join(texts)}" for field, texts in self.errors.items())

    @property
    def texts(self) -> list[str]:
        """What is said of each field, without its name."""
        return [text for texts in self.errors.values() for text in texts] or super().texts


class Unauthorized(AppError):
    code = "unauthorized"
    http_status = 401
    message = _("کلید API شناخته نشد.")


class Forbidden(AppError):
    code = "forbidden"
    http_status = 403
    message = _("دسترسی این کار را ندارید.")


class NotFound(AppError):
    """Unknown, and another club's, look the same from outside."""

    code = "not_found"
    http_status = 404
    message = _("پیدا نشد.")


class Conflict(AppError):
    code = "conflict"
    http_status = 409
    message = _("با چیزی که پیش‌تر ثبت شده هم‌خوان نیست.")


class InProgress(AppError):
    """A twin with the same idempotency key is still running."""

    code = "in_progress"
    http_status = 409
    message = _("همین درخواست هنوز در حال انجام است؛ چند ثانیه دیگر دوباره بفرستید.")


class IdempotencyConflict(AppError):
    code = "idempotency_conflict"
    http_status = 422
    message = _("این کلید پیش‌تر با درخواست دیگری به کار رفته است.")


class IdempotencyKeyMissing(AppError):
    code = "idempotency_key_missing"
    message = _("سرآیند Idempotency-Key لازم است (۱ تا ۶۴ نویسهٔ دیدنی).")


class Throttled(AppError):
    code = "throttled"
    http_status = 429
    message = _("درخواست‌ها زیاد شد؛ کمی بعد دوباره امتحان کنید.")


class Unavailable(AppError):
    """A server that the work needs does not answer."""

    code = "unavailable"
    http_status = 503
    message = _("سامانه چند لحظه در دسترس نیست. نوشته‌ها را نگه دارید و دوباره بفرستید.")
