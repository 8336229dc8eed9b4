from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgentsConfig(AppConfig):
    name = "crm.agents"
    verbose_name = _("عاملان فروش")

    def ready(self) -> None:
        """Let the outbox know what agents are told, and have the nightly proof look at their accounts, too."""
        from club.purchases.proof import also_prove
        from crm.agents.messages import MESSAGES
        from crm.agents.proof import PROOFS
        from sms.kinds import register

        for message in MESSAGES:
            register(message)
        for (kind, what), sql in PROOFS.items():
            also_prove(kind, what, sql)
