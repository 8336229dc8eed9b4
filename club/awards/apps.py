from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AwardsConfig(AppConfig):
    name = "club.awards"
    verbose_name = _("پاداش‌ها")
