"""The help pages: every topic that the reader may need, searched and one by one. Here all packages meet."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.rights import rights_of, roles_of
from core.errors import NotFound
from core.help import Topic, found_in, topic_of
from desk import help as for_staff
from portal import help as for_members

LONGEST = 100


@require_safe
def help_list(request: HttpRequest) -> HttpResponse:
    """All that help says to this reader, or what of it a text is found in."""
    text = request.GET.get("q", "")[:LONGEST].replace("\x00", "")
    staff, members = _topics(request)
    found = {"staff": found_in(staff, text), "members": found_in(members, text)}
    return render(request, "help/list.html", {**_frame(request), **found, "q": text})


@require_safe
def help_topic(request: HttpRequest, audience: str, code: str) -> HttpResponse:
    """One topic. Raises NotFound for one that is not there, or not for this reader."""
    staff, members = _topics(request)
    topics = {"staff": staff, "members": members}.get(audience, ())
    topic = next((one for one in topics if one.code == code), None)
    if topic is None:
        raise NotFound
    return render(request, "help/topic.html", {**_frame(request), "topic": topic})


def address_of(page: str) -> tuple[Topic, str] | None:
    """The topic about a page, and for whom it was written."""
    for audience, topics in (("members", for_members.TOPICS), ("staff", for_staff.TOPICS)):
        if topic := topic_of(topics, page):
            return topic, audience
    return None


def _topics(request: HttpRequest) -> tuple[tuple[Topic, ...], tuple[Topic, ...]]:
    rights = rights_of(request.user)
    staff = tuple(one for one in for_staff.TOPICS if one.right in rights or (not one.right and _is_staff(request)))
    return staff, for_members.TOPICS


def _is_staff(request: HttpRequest) -> bool:
    return getattr(request.user, "auth_method", None) == "password" and bool(roles_of(request.user))


def _frame(request: HttpRequest) -> dict[str, Any]:
    is_staff = _is_staff(request)
    return {"frame": "shell.html" if is_staff else "portal_base.html", "is_visitor": not request.user.is_authenticated}
