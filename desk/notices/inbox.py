"""What the staff are told on their own panel; seen is what this page has shown."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.account import own_account
from accounts.models import User
from accounts.rights import roles_of
from crm.notices.selectors import notices_of_staff
from crm.notices.services import seen


@never_cache
@own_account
@require_safe
def notices(request: HttpRequest, user: User) -> HttpResponseBase:
    """The notices of whoever works here; opening the page clears the badge of this person alone."""
    if not roles_of(user):
        raise PermissionDenied
    now = timezone.now()
    shown = notices_of_staff(user, at=now)
    if request.method == "GET":
        seen(shown, at=now, user=user)
    return render(request, "desk/notices/inbox.html", {"notices": shown})
