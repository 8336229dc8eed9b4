"""The house itself as an app: the commands that need to know every package."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class HouseConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        """Load the consumers of domain events, wherever they are."""
        autodiscover_modules("consumers")
