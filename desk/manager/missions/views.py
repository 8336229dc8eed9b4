"""Missions for managers: the list with what each brought, a new one from a ready one, changing, publishing, ending."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import actor_of, staff_required
from club.awards.naming import known_codes
from club.missions.models import Mission
from club.missions.selectors import get_mission, missions
from club.missions.services import create_mission, delete_mission, end_mission, publish_mission, update_mission
from club.purchases.mission_figures import Figures, Reach, figures_of, reach_of
from club.purchases.mission_standings import goods_of, says
from club.purchases.mission_steps import benefit_words
from core.errors import AppError, NotFound
from core.tables.writing import Column
from desk.files import file_links, list_file
from desk.manager.missions.forms import MissionForm
from desk.manager.missions.ready import BY_CODE, READY

TONES = {"draft": "tag-saffron", "live": "tag-ok", "ended": ""}


@dataclass(frozen=True)
class Listed:
    """A mission as a row of the list."""

    mission: Mission
    asks: str
    gift: str
    figures: Figures

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return TONES[self.mission.status]


COLUMNS = (
    Column(gettext_lazy("نام"), lambda row: row.mission.name),
    Column(gettext_lazy("وضعیت"), lambda row: row.mission.get_status_display()),
    Column(gettext_lazy("چه می‌خواهد"), attrgetter("asks")),
    Column(gettext_lazy("هدیه"), attrgetter("gift")),
    Column(gettext_lazy("آغاز"), lambda row: row.mission.starts_at, "moment"),
    Column(gettext_lazy("پایان"), lambda row: row.mission.ends_at, "moment"),
    Column(gettext_lazy("بار پر شده"), lambda row: row.figures.times, "number"),
    Column(gettext_lazy("اعضا"), lambda row: row.figures.members, "number"),
    Column(gettext_lazy("هزینه تا امروز"), lambda row: row.figures.cost, "money"),
)


@never_cache
@staff_required("manage_offers")
@require_safe
def mission_list(request: HttpRequest) -> HttpResponseBase:
    """Every mission in a sentence, with how often it was filled and what it cost, and the ready ones."""
    context = {"rows": listed(missions()), "ready": READY, "files": file_links(request, "desk:missions_file")}
    return render(request, "desk/missions/list.html", context)


@never_cache
@staff_required("manage_offers")
@require_safe
def missions_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The same as a file."""
    return list_file(request, COLUMNS, listed(missions()), form=form, title=_("مأموریت‌ها"), name="missions")


@never_cache
@staff_required("manage_offers")
@require_http_methods(["GET", "HEAD", "POST"])
def mission_new(request: HttpRequest) -> HttpResponse:
    """A mission to be made, from a ready one or from nothing."""
    ready = BY_CODE.get(request.GET.get("ready", ""))
    begun = {**ready.fields, "name": ready.name} if ready else {}
    form = MissionForm(request.POST or None, ready=begun)
    if request.POST.get("act") in ("save", "publish") and form.is_valid():
        now, actor = timezone.now(), actor_of(request.user)
        try:
            with transaction.atomic():  # one that may not be published leaves no draft behind
                made = create_mission(form.values(), known=known_codes(), actor=actor, now=now)
                return _kept(request, made, actor=actor)
        except AppError as refused:
            form.refuse(refused)
    context = {"form": form, "heading": _("مأموریت تازه"), "mission": None, "said": _said(form)}
    return render(request, "desk/missions/mission.html", context, status=422 if form.errors else 200)


@never_cache
@staff_required("manage_offers")
@require_http_methods(["GET", "HEAD", "POST"])
def mission(request: HttpRequest, mission_id: int) -> HttpResponse:
    """One mission: what it says, how far members are, and what of it may be changed."""
    one = get_mission(mission_id)
    form = MissionForm(request.POST or None, mission=one)
    if request.POST.get("act") in ("save", "publish") and form.is_valid():
        now, actor = timezone.now(), actor_of(request.user)
        try:
            kept = update_mission(one.pk, form.values(), known=known_codes(), actor=actor, now=now)
            return _kept(request, kept, actor=actor)
        except NotFound:
            raise
        except AppError as refused:
            form.refuse(refused)
    [row] = listed([one])
    context: dict[str, Any] = {"form": form, "heading": one.name, "mission": one, "row": row, "reach": _reach(one)}
    context["said"] = _said(form) if form.is_bound else ""
    return render(request, "desk/missions/mission.html", context, status=422 if form.errors else 200)


@staff_required("manage_offers")
@require_POST
def mission_move(request: HttpRequest, mission_id: int) -> HttpResponse:
    """Publish, end or delete."""
    now, actor = timezone.now(), actor_of(request.user)
    one = get_mission(mission_id)
    try:
        match request.POST.get("act"):
            case "publish":
                publish_mission(one.pk, known=known_codes(), actor=actor, now=now)
                messages.success(request, _("مأموریت «%(name)s» فعال شد.") % {"name": one.name})
            case "end":
                end_mission(one.pk, actor=actor, now=now)
                messages.success(request, _("مأموریت «%(name)s» پایان یافت.") % {"name": one.name})
            case "delete":
                delete_mission(one.pk, actor=actor)
                messages.success(request, _("پیش‌نویس «%(name)s» پاک شد.") % {"name": one.name})
            case _:
                raise Http404
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, " ".join(map(str, refused.texts)))
    return redirect("desk:missions")


def listed(found: Iterable[Mission]) -> list[Listed]:
    """The missions in words with their figures: a handful of queries for all."""
    some = list(found)
    goods, figures = goods_of(some), figures_of(some)
    gifts = benefit_words({one.pk: one.benefit for one in some if one.benefit})
    return [Listed(one, says(one, goods), gifts.get(one.pk, ""), figures[one.pk]) for one in some]


def _kept(request: HttpRequest, kept: Mission, *, actor: str) -> HttpResponse:
    if request.POST.get("act") == "publish" and kept.status == Mission.Status.DRAFT:
        publish_mission(kept.pk, known=known_codes(), actor=actor, now=timezone.now())
        messages.success(request, _("مأموریت «%(name)s» فعال شد.") % {"name": kept.name})
    else:
        messages.success(request, _("مأموریت «%(name)s» ثبت شد.") % {"name": kept.name})
    return redirect("desk:mission", kept.pk)


def _reach(one: Mission) -> Reach | None:
    return reach_of(one, at=timezone.now()) if one.status == Mission.Status.LIVE else None


def _said(form: MissionForm) -> str:
    """The mission in a sentence as it is typed; empty while it cannot be read."""
    if not form.is_bound or not form.is_valid():
        return ""
    try:
        values = form.values()
    except AppError as refused:
        form.refuse(refused)
        return ""
    drawn = form.mission or Mission()
    for name, value in values.items():
        setattr(drawn, name, value)
    gift = benefit_words({0: drawn.benefit}).get(0, "") if drawn.benefit else ""
    asks = says(drawn, goods_of([drawn]))
    return _("%(asks)s: %(gift)s") % {"asks": asks, "gift": gift or drawn.badge or drawn.name}
