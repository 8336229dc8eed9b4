"""The house itself as an app: the commands that need to know every package."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class HouseConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        """Load the consumers of domain events, wherever they are, and the Celery application.

        Whoever has loaded the apps may send a task: without ours it would go to a broker nobody has.
        """
        import_module("config.celery")
        autodiscover_modules("consumers")
