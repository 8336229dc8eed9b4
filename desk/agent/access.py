"""The door of the agent's panel: a contract that holds now, whatever the role still says."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from accounts.rights import View, staff_required
from crm.agents.contracts import note_first_visit
from crm.agents.models import Agent
from crm.agents.selectors import agent_at_work, was_agent


def agent_required(view: View) -> View:
    """Let a view run only for an agent under contract: `request.agent` is set. Once it is over a page says so, 403.

    That page is for who was an agent of this club, also when the role has gone with the contract; anybody else goes
    through the door of the staff.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        agent = agent_at_work(request.user.pk, now=timezone.now())
        if agent is None:
            return _over(request)
        note_first_visit(agent)
        request.agent = agent  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    for_staff = staff_required("use_agent_panel")(guarded)

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return _over(request) if was_agent(request.user.pk) else for_staff(request, *args, **kwargs)

    return entered


def _over(request: HttpRequest) -> HttpResponseBase:
    return render(request, "desk/agent/over.html", status=403)


def agent_of(request: HttpRequest) -> Agent:
    """Whose panel it is; the door has set it."""
    agent: Agent = request.agent  # type: ignore[attr-defined]
    return agent
