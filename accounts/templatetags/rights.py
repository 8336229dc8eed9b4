"""The question of `accounts.rights`, put by templates."""

from django import template

from accounts.rights import Person, Right, can

register = template.Library()


@register.filter
def may(user: Person, right: Right) -> bool:
    """Whether the person may do this in the club in scope: `{% if user|may:"record_purchase" %}`."""
    return can(user, right)
