"""How many notices wait for the person of the staff whose page it is."""

from django import template
from django.template.context import Context
from django.utils import timezone

from accounts.models import User
from accounts.rights import roles_of
from crm.notices.selectors import new_for_staff

register = template.Library()


@register.simple_tag(takes_context=True)
def new_staff_notices(context: Context) -> int | None:
    """The number of notices the person has not seen; None for who does not work here. One query, once a page."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or not isinstance(user, User) or not roles_of(user):
        return None
    if not hasattr(request, "new_staff_notices"):  # the side bar stands twice on a page
        request.new_staff_notices = new_for_staff(user, at=timezone.now())
    return int(request.new_staff_notices)
