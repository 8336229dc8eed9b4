from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "crm.notices"
    verbose_name = _("اعلان‌ها")
