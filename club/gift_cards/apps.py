from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GiftCardsConfig(AppConfig):
    name = "club.gift_cards"
    verbose_name = _("کارت‌های هدیه")
