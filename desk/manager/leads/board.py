"""The board of leads by their stages, and all leads as a list and as a file."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import Person, actor_of, can, staff_required
from core.errors import AppError, Conflict, NotFound, Text
from core.jalali import local_date
from core.keyset import every
from core.tables.writing import Column
from core.tenancy.scope import club_zone
from core.text import whole_number
from crm.leads.models import Lead, LeadKind
from crm.leads.selectors import (
    NOBODY,
    Asked,
    agents_of_leads,
    board,
    lead_seen_by,
    leads,
    owners,
    rivals,
    seen_by,
    sources,
)
from crm.leads.services import move_lead
from crm.leads.stages import open_stages
from crm.leads.taking import TAKE_FIRST, may_work_on
from desk.files import file_links, list_file

SHOWN, CHUNK = 50, 1_000
DUE: dict[str, Text] = {
    "late": gettext_lazy("دیر شده"),
    "today": gettext_lazy("امروز"),
    "none": gettext_lazy("بی کار بعدی"),
}
COLUMNS = (
    Column(gettext_lazy("نام"), attrgetter("name")),
    Column(gettext_lazy("موبایل"), attrgetter("phone")),
    Column(gettext_lazy("ایمیل"), attrgetter("email")),
    Column(gettext_lazy("نوع"), lambda row: row.get_kind_display()),
    Column(gettext_lazy("وضعیت"), lambda row: row.get_status_display()),
    Column(gettext_lazy("مرحله"), lambda row: row.stage.name),
    Column(gettext_lazy("از کجا آمد"), attrgetter("source")),
    Column(gettext_lazy("از کدام در"), lambda row: row.get_channel_display()),
    Column(gettext_lazy("کارشناس"), lambda row: str(row.owner) if row.owner and not row.is_agents else None),
    Column(gettext_lazy("عامل فروش"), lambda row: str(row.agent) if row.agent else None),
    Column(gettext_lazy("معرف"), lambda row: str(row.referrer) if row.referrer else None),
    Column(gettext_lazy("مبلغ پیش‌بینی"), attrgetter("expected_rial"), "money"),
    Column(gettext_lazy("کار بعدی"), attrgetter("next_activity")),
    Column(gettext_lazy("روز کار بعدی"), attrgetter("next_activity_on"), "day"),
    Column(gettext_lazy("واجد شرایط شد"), attrgetter("qualified_at"), "moment"),
    Column(gettext_lazy("مشتری شد"), attrgetter("converted_at"), "moment"),
    Column(gettext_lazy("چرا از دست رفت"), attrgetter("lost_reason")),
    Column(gettext_lazy("رقیب"), attrgetter("rival")),
    Column(gettext_lazy("یادداشت"), attrgetter("note")),
    Column(pgettext_lazy("when", "ثبت"), attrgetter("created_at"), "moment"),
)


@never_cache
@staff_required("work_leads")
@require_safe
def lead_board(request: HttpRequest) -> HttpResponseBase:
    """The open leads by their stages, with the number and sum of each."""
    return render(request, "desk/leads/board.html", _board(request))


@staff_required("work_leads")
@require_POST
def lead_move(request: HttpRequest, lead_id: int) -> HttpResponseBase:
    """Bring a card to another stage: dragged, the board comes back as it is by now; without a script, by its page."""
    said, is_refused = "", False
    one = lead_seen_by(request.user, lead_id)
    try:
        if not may_work_on(request.user, one):
            raise Conflict(TAKE_FIRST)
        moved = move_lead(
            lead_id,
            request.POST.get("stage", ""),
            actor=actor_of(request.user),
            now=timezone.now(),
            seen_in=request.POST.get("seen_in") or None,
        )
        said = _("«%(name)s» به «%(stage)s» رفت.") % {"name": moved, "stage": moved.stage.name}
    except NotFound:
        raise
    except AppError as refused:
        said, is_refused = " ".join(refused.texts), True
    if getattr(request, "htmx", False):
        context = _board(request) | {"said": said, "is_refused": is_refused, "moved": lead_id}
        return render(request, "desk/leads/_board.html", context)
    (messages.error if is_refused else messages.success)(request, said)
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, {request.get_host()})
    return redirect(back if is_ours else reverse("desk:leads"))


@never_cache
@staff_required("work_leads")
@require_safe
def lead_list(request: HttpRequest) -> HttpResponseBase:
    """Every lead, won and lost ones as well, the newest first."""
    asked, before = asked_by(request), whole_number(request.GET.get("before", ""))
    seen = seen_by(request.user)
    found = _rows(asked, before, SHOWN + 1, seen)
    context = {
        "rows": found[:SHOWN],
        "asked": asked,
        "older": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "is_first": before is None,
        "files": file_links(request, "desk:leads_file"),
        "today": _today(),
        "filters": filters(asked, request.user, with_status=True),
        "sources": sources(),
        "rivals": rivals(asked, today=_today(), seen=seen),
    }
    return render(request, "desk/leads/list.html", context)


@never_cache
@staff_required("manage_leads")
@require_safe
def leads_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The leads as the list is filtered."""
    asked = asked_by(request)
    rows: Iterator[Any] = every(lambda before: _rows(asked, before, CHUNK, seen_by(request.user)), attrgetter("pk"))
    said = {
        name: getattr(asked, name) for name in ("status", "stage", "kind", "source", "channel", "owner", "agent", "due")
    }
    said["q"] = "…" if asked.text else ""
    return list_file(request, COLUMNS, rows, form=form, title=_("سرنخ‌ها"), name="leads", asked=said)


def asked_by(request: HttpRequest) -> Asked:
    """What the address asks for; what is none of a filter's values is left out."""
    get = request.GET
    owner, agent = get.get("owner", ""), get.get("agent", "")
    return Asked(
        text=get.get("q", "")[:120].replace("\x00", ""),
        status=_one_of(get.get("status", ""), Lead.Status.values),
        stage=get.get("stage_of", "")[:32].replace("\x00", ""),
        kind=_one_of(get.get("kind", ""), LeadKind.values),
        source=get.get("source", "")[:40].replace("\x00", ""),
        channel=_one_of(get.get("channel", ""), Lead.Channel.values),
        agent=agent if whole_number(agent) is not None else "",
        owner=owner if owner == NOBODY or whole_number(owner) is not None else "",
        due=_one_of(get.get("due", ""), list(DUE)),
    )


def filters(asked: Asked, person: Person, *, with_status: bool) -> list[tuple[str, Text, list[tuple[str, Text]], str]]:
    """The filters: name in the address, label, options and the one that is on."""
    people: list[tuple[str, Text]] = [
        (str(user.pk), _("سرنخ‌های من") if user.pk == person.pk else str(user)) for user in owners(seen_by(person))
    ]
    brought: list[tuple[str, Text]] = [(str(agent.pk), str(agent)) for agent in agents_of_leads(seen_by(person))]
    found: list[tuple[str, Text, list[tuple[str, Text]], str]] = [
        ("owner", _("کارشناس"), [*people, (NOBODY, _("بی کارشناس"))], asked.owner),
        ("agent", _("عامل فروش"), brought, asked.agent),
        ("due", _("کار بعدی"), list(DUE.items()), asked.due),
        ("kind", _("نوع"), list(LeadKind.choices), asked.kind),
    ]
    if with_status:
        stages: list[tuple[str, Text]] = [(stage.code, stage.name) for stage in open_stages()]
        found[:0] = [
            ("status", _("وضعیت"), list(Lead.Status.choices), asked.status),
            ("stage_of", _("مرحله"), stages, asked.stage),
        ]
        found.append(("channel", _("از کدام در"), list(Lead.Channel.choices), asked.channel))
    return found


def _board(request: HttpRequest) -> dict[str, Any]:
    asked, today = asked_by(request), _today()
    columns = board(asked, today=today, seen=seen_by(request.user))
    return {
        "columns": columns,
        "asked": asked,
        "today": today,
        "sees_all": can(request.user, "manage_leads"),
        "total": sum(column.count for column in columns),
        "free": sum(column.free for column in columns),
        "expected": sum(column.expected_rial for column in columns),
        "filters": filters(asked, request.user, with_status=False),
        "sources": sources(),
    }


def _rows(asked: Asked, before: int | None, limit: int, seen: Q) -> list[Lead]:
    rows = leads(asked, today=_today(), seen=seen)
    return list((rows if before is None else rows.filter(pk__lt=before)).order_by("-pk")[:limit])


def _today() -> Any:
    return local_date(timezone.now(), club_zone())


def _one_of(value: str, values: list[str]) -> str:
    return value if value in values else ""
