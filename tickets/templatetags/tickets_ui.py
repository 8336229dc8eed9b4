"""How pages of tickets say files, working time and the words of a message."""

import re

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.language import grouped, in_language

register = template.Library()
KB = 1024
ADDRESS = re.compile(r"\bhttps?://[^\s<>\"'«»،؛؟]+", re.IGNORECASE)
AFTER = ".,:;!?)]}…،؛؟"
"""Marks that end a sentence around an address more often than the address itself."""


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


@register.filter
def linked(text: str) -> SafeString:
    """A message with its http(s) addresses as links that vouch for nothing; everything else is escaped.

    >>> linked("<b> https://example.com/?a=1&b=2.")
    '&lt;b&gt; <a href="https://example.com/?a=1&amp;b=2" dir="ltr" rel="noopener nofollow ugc">https://example.com/?a=1&amp;b=2</a>.'
    """
    parts, at = [], 0
    for found in ADDRESS.finditer(text):
        address = found[0].rstrip(AFTER)
        parts += [conditional_escape(text[at : found.start()]), _link(address)]
        at = found.start() + len(address)
    return mark_safe("".join([*parts, conditional_escape(text[at:])]))  # noqa: S308 - each part is escaped


def _link(address: str) -> SafeString:
    return format_html('<a href="{0}" dir="ltr" rel="noopener nofollow ugc">{0}</a>', address)
