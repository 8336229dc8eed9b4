from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    name = "crm.leads"
    verbose_name = _("سرنخ‌ها")

    def ready(self) -> None:
        """Let lists of leads be brought in as lists of customers are, and what leads are told be known."""
        from club.awards.import_subjects import register
        from crm.leads.importing import SUBJECT
        from crm.leads.messages import CODE
        from sms import kinds

        register(SUBJECT)
        kinds.register(CODE)
