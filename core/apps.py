from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = _("باشگاه")

    def ready(self) -> None:
        from core import layers  # noqa: F401 - registers a system check
        from core.tenancy import checks  # noqa: F401 - registers the others
