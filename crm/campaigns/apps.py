from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "crm.campaigns"
    verbose_name = _("کارزارها")

    def ready(self) -> None:
        """Let the outbox know what a message of a campaign may say."""
        from crm.campaigns.wording import KIND
        from sms.kinds import register

        register(KIND)
