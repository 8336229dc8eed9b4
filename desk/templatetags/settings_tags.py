"""What the templates of the settings need beside the tags of all pages."""

from django import template

from core.language import in_language
from desk.manager.settings.versions import differences, since, state_tag

register = template.Library()
register.filter("state_tag", state_tag)
register.filter("differences", differences)
register.filter("since", since)


@register.filter
def tenths(value: int) -> str:
    """Show a whole number of tenths: 46 as ۴٫۶."""
    return in_language(f"{value // 10}٫{value % 10}")
