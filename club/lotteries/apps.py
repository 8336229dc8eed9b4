from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LotteriesConfig(AppConfig):
    name = "club.lotteries"
    verbose_name = _("قرعه‌کشی‌ها")
