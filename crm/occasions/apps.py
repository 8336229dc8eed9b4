from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OccasionsConfig(AppConfig):
    name = "crm.occasions"
    verbose_name = _("مناسبت‌ها")

    def ready(self) -> None:
        """Have the nightly proof look at occasions, too, and offers call activities as the club does."""
        from club.awards.naming import name_events
        from club.purchases.proof import also_prove
        from crm.occasions.messages import register_messages
        from crm.occasions.proof import PROOFS
        from crm.occasions.selectors import type_names

        register_messages()
        name_events(type_names)
        for (kind, what), sql in PROOFS.items():
            also_prove(kind, what, sql)
