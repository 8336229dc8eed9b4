from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SmsConfig(AppConfig):
    name = "sms"
    verbose_name = _("پیامک")

    def ready(self) -> None:
        """Have the messages that every club has."""
        import sms.standard_kinds  # noqa: F401
