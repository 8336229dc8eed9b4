"""What the club tells the member on the panel; seen is what this page has shown."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import member_required
from crm.notices.selectors import notices_of_member
from crm.notices.services import seen
from portal.access import member_of


@never_cache
@member_required
@require_safe
def notices(request: HttpRequest) -> HttpResponseBase:
    """The member's notices; opening the page clears the badge of this member alone."""
    member, now = member_of(request), timezone.now()
    shown = notices_of_member(member, at=now)
    if request.method == "GET":
        seen(shown, at=now, member=member)
    return render(request, "portal/notices.html", {"notices": shown})
