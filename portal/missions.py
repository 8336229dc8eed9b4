"""The missions that are open to the member, how far they have come, and what was won."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import member_required
from club.members.models import Member
from club.purchases.mission_standings import Standing, badges_of, standings_of
from portal.access import member_of
from portal.offers import Stamps

ON_HOME = 2


@never_cache
@member_required
@require_safe
def missions(request: HttpRequest) -> HttpResponseBase:
    """The page of missions and badges."""
    member = member_of(request)
    context = {"standings": shown(member), "badges": badges_of(member.pk)}
    return render(request, "portal/missions.html", context)


def shown(member: Member) -> list[tuple[Standing, Stamps | None]]:
    """Each open mission, with stamps where there are few enough to draw."""
    found = [(one, Stamps(one.done, one.mission.target)) for one in standings_of(member, at=timezone.now())]
    return [(one, stamps if one.in_stamps and stamps.is_card else None) for one, stamps in found]


def on_home(member: Member) -> list[tuple[Standing, Stamps | None]]:
    """The missions that the member is nearest to."""
    return [pair for pair in shown(member) if not pair[0].is_done][:ON_HOME]
