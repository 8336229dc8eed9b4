"""Help about the page one is on."""

from dataclasses import dataclass

from django import template
from django.template.context import Context

from config.help import address_of
from core.help import Topic
from core.templatetags.club_ui import url_if

register = template.Library()


@dataclass(frozen=True)
class PageHelp:
    """The topic of a page, and where it stands; without one, where all of them stand. Blank where no such page is."""

    topic: Topic | None
    url: str
    everything: str


@register.simple_tag(takes_context=True)
def page_help(context: Context) -> PageHelp:
    """Return the help about this page."""
    match = getattr(context.get("request"), "resolver_match", None)
    known = address_of(match.view_name) if match else None
    everything = url_if("help")
    if known is None or not everything:
        return PageHelp(None, everything, everything)
    topic, audience = known
    return PageHelp(topic, url_if("help_topic", audience, topic.code), everything)
