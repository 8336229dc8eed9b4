"""How a purchase was paid for, in words. A club's programs may write a way of their own: it is shown as it is."""

from django.utils.translation import gettext_lazy as _

from core.errors import Text

METHODS: dict[str, Text] = {
    "cash": _("نقد"),
    "card": _("کارت بانکی"),
    "transfer": _("انتقال"),
    "online": _("درگاه اینترنتی"),
}


def method_name(method: str) -> str:
    """The way of payment in words; nothing where it was not said."""
    return str(METHODS.get(method, method))
