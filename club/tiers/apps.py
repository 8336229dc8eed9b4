from django.apps import AppConfig


class TiersConfig(AppConfig):
    name = "club.tiers"
