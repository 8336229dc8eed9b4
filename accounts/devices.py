"""What a browser says of itself, in two words that people know."""

from django.utils.translation import gettext_lazy as _

from core.errors import Text

# The first that is found counts: most browsers also name those they descend from.
BROWSERS: tuple[tuple[str, Text], ...] = (
    ("Edg", _("اِج")),
    ("OPR", _("اُپرا")),
    ("SamsungBrowser", _("مرورگر سامسونگ")),
    ("Firefox", _("فایرفاکس")),
    ("Chrome", _("کروم")),
    ("CriOS", _("کروم")),
    ("Safari", _("سافاری")),
)
SYSTEMS: tuple[tuple[str, Text], ...] = (
    ("Android", _("اندروید")),
    ("iPhone", _("آیفون")),
    ("iPad", _("آیپد")),
    ("Windows", _("ویندوز")),
    ("Mac OS", _("مک")),
    ("Linux", _("لینوکس")),
)


def device_name(agent: str) -> str:
    """The browser and the system it runs on; what is not known is called so."""
    named = [_first(agent, BROWSERS), _first(agent, SYSTEMS)]
    return " · ".join(str(name) for name in named if name) or str(_("دستگاه ناشناخته"))


def _first(agent: str, known: tuple[tuple[str, Text], ...]) -> Text | None:
    return next((name for mark, name in known if mark in agent), None)
