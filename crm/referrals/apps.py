from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReferralsConfig(AppConfig):
    name = "crm.referrals"
    verbose_name = _("معرفی")

    def ready(self) -> None:
        """Have the nightly proof look at rewards of referrals, too, and their SMS be known."""
        from club.purchases.proof import also_prove
        from crm.referrals.messages import register_messages
        from crm.referrals.proof import PROOFS

        register_messages()
        for (kind, what), sql in PROOFS.items():
            also_prove(kind, what, sql)
