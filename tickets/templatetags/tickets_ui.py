"""What pages of tickets say of files."""

from django import template
from django.utils.translation import gettext as _

from core.language import grouped, in_language

register = template.Library()
KB = 1024


@register.filter
def file_size(size: int) -> str:
    """The size of a file as people read it: whole kilobytes, or mega- and gigabytes with one decimal.

    >>> file_size(2_411_724)
    '۲٫۳ مگابایت'
    """
    if size >= KB**3:
        return _("%(size)s گیگابایت") % {"size": _tenths(size / KB**3)}
    if size < KB * KB:
        return _("%(size)s کیلوبایت") % {"size": grouped(max(1, round(size / KB)))}
    return _("%(size)s مگابایت") % {"size": _tenths(size / KB**2)}


def _tenths(number: float) -> str:
    return in_language(f"{number:.1f}".removesuffix(".0").replace(".", "٫"))


@register.filter
def working_time(seconds: float | None) -> str:
    """Working time as people say it: minutes up to an hour, then hours and minutes; "" where there is none.

    >>> working_time(5_400)
    '۱ ساعت و ۳۰ دقیقه'
    """
    if seconds is None:
        return ""
    hours, minutes = divmod(round(seconds / 60), 60)
    said = {"hours": grouped(hours), "minutes": in_language(minutes)}
    if not hours:
        return _("%(minutes)s دقیقه") % said
    return (_("%(hours)s ساعت و %(minutes)s دقیقه") if minutes else _("%(hours)s ساعت")) % said


@register.filter
def one_decimal(value: float | None) -> str:
    """A number with one decimal; "" where there is none.

    >>> one_decimal(4.25)
    '۴٫۲'
    """
    return "" if value is None else in_language(f"{value:.1f}".replace(".", "٫"))
