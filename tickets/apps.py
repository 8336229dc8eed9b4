from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    name = "tickets"
    verbose_name = _("تیکت‌ها")

    def ready(self) -> None:
        """Let the outbox know what members are told of their tickets."""
        from sms.kinds import register
        from tickets.messages import ANSWERED, ANSWERED_AND_ENDED, ENDED, ENDED_UNANSWERED

        for kind in (ANSWERED, ANSWERED_AND_ENDED, ENDED, ENDED_UNANSWERED):
            register(kind)
