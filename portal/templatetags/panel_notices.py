"""How many notices wait for the member whose page it is."""

from django import template
from django.template.context import Context
from django.utils import timezone

from crm.notices.selectors import new_for_member

register = template.Library()


@register.simple_tag(takes_context=True)
def new_notices(context: Context) -> int | None:
    """The number of notices the member has not seen; None on a page of nobody's. One query, once a page."""
    member = getattr(context.get("request"), "member", None)
    return None if member is None else new_for_member(member, at=timezone.now())
