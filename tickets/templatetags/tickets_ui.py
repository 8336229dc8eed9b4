"""What pages of tickets say of files."""

from django import template
from django.utils.translation import gettext as _

from core.language import grouped, in_language

register = template.Library()
KB = 1024


@register.filter
def file_size(size: int) -> str:
    """The size of a file as people read it: whole kilobytes, or megabytes with one decimal.

    >>> file_size(2_411_724)
    '۲٫۳ مگابایت'
    """
    if size < KB * KB:
        return _("%(size)s کیلوبایت") % {"size": grouped(max(1, round(size / KB)))}
    return _("%(size)s مگابایت") % {"size": in_language(f"{size / KB / KB:.1f}".replace(".", "٫"))}
