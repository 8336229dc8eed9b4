"""A segment made or changed: its name and badge, its rules with how many they fit while they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import actor_of, staff_required
from club.members.models import Member, Segment
from club.members.scores import RfmClass
from club.tiers.models import Tier
from core.errors import AppError, ValidationFailed
from core.text import whole_number
from crm.segments.ready import BY_CODE, READY, Ready
from crm.segments.recounting import estimate, some_of
from crm.segments.rules import parse_rules
from crm.segments.selectors import open_segment
from crm.segments.services import count_now, create_segment, put_list, update_segment
from crm.segments.words import in_words
from desk.manager.offers.conditions_form import posted_rows
from desk.manager.segments.forms import RulesForm, SegmentForm
from desk.members.listing import asked_by, fitting
from offers.rules import Group

SHAPING = ("shape", "add", "drop")
SHOWN = 8
LONGEST = "4s"
"""So long the count beside the form may take."""
METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Look:
    """What stands beside the rules. `many` None: it could not be counted in time."""

    sentence: str = ""
    many: int | None = None
    is_reckoned: bool = False
    members: list[Member] = field(default_factory=list)


@never_cache
@staff_required("manage_offers")
@require_http_methods(METHODS)
def segment_new(request: HttpRequest) -> HttpResponseBase:
    """A segment to be made: a list, or rules, from a ready one or from nothing."""
    if request.GET.get("kind") == Segment.Kind.STATIC:
        return _list(request, None)
    ready = BY_CODE.get(request.GET.get("ready", "")) or _of_class(request.GET.get("rfm", ""))
    begun = {"name": str(ready.name), "badge": ready.badge, "code": _free(ready.code)} if ready else {}
    return _rules(request, None, begun=begun, rules=ready.rules if ready else {"all": [READY[3].rules]})


@never_cache
@staff_required("manage_offers")
@require_http_methods(METHODS)
def segment_edit(request: HttpRequest, segment_id: int) -> HttpResponseBase:
    """One that is there: what it is called, and the rules of a live one."""
    segment = open_segment(segment_id)
    if not segment.is_live:
        return _list(request, segment)
    return _rules(request, segment, begun={}, rules=segment.rules)


def _of_class(code: str) -> Ready | None:
    """Who buys as this class does, from the page of buying behaviour."""
    if code not in RfmClass.values:
        return None
    label = str(RfmClass(code).label)
    return Ready(code.replace("_", "-"), label, "", {"fact": "rfm_class", "op": "eq", "value": code})


def _free(code: str) -> str:
    return "" if Segment.objects.filter(code=code).exists() else code


def _list(request: HttpRequest, segment: Segment | None) -> HttpResponseBase:
    form = SegmentForm(request.POST or None, segment=segment)
    fits = _fitting(request) if segment is None else None
    if request.method == "POST" and form.is_valid():
        actor = actor_of(request.user)
        try:
            if segment is None:
                said = {**form.values(), "kind": Segment.Kind.STATIC}
                kept = create_segment(said, actor=actor, now=timezone.now())
                if fits is not None:
                    put_list(kept.pk, list(fits), whole=True, actor=actor, now=timezone.now())
            else:
                kept = update_segment(segment.pk, form.values(), actor=actor)
        except ValidationFailed as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("گروه «%(name)s» ثبت شد.") % {"name": kept.name})
            return redirect("desk:segment", kept.pk)
    many = None if fits is None else fits.count()
    heading = segment.name if segment else _("فهرست تازه")
    context = {"form": form, "segment": segment, "heading": heading, "fits": many}
    return render(request, "desk/segments/list_form.html", context, status=422 if form.errors else 200)


def _fitting(request: HttpRequest) -> QuerySet[Member, int] | None:
    """The ids of those whom the members' list shows as it was filtered, where it is to become a segment."""
    if "list" not in request.GET:
        return None
    asked = asked_by(request.GET, {tier.code: tier for tier in Tier.objects.all()})
    return fitting(asked, timezone.now()).order_by("pk").values_list("pk", flat=True)


def _rules(
    request: HttpRequest, segment: Segment | None, *, begun: dict[str, Any], rules: dict[str, Any]
) -> HttpResponseBase:
    if request.method != "POST":
        return _page(request, segment, RulesForm(None, segment=segment, begun=begun, rules=rules))
    act, _colon, one = request.POST.get("act", "save").partition(":")
    if act in SHAPING:
        return _reshaped(request, segment, act, whole_number(one))
    form = RulesForm(request.POST, segment=segment)
    group = _read(form)
    if act == "look":
        look = _look(group)
        if getattr(request, "htmx", False):
            return render(request, "desk/segments/_look.html", {"look": look})
        return _page(request, segment, form, look, status=200 if group else 422)
    if group and (kept := _saved(request, segment, form)):
        counted = count_now(kept, now=timezone.now())
        said = _("گروه «%(name)s» ثبت شد.") if counted else _("گروه «%(name)s» ثبت شد؛ شمردن اعضایش چند دقیقه می‌کشد.")
        messages.success(request, said % {"name": kept.name})
        return redirect("desk:segment", kept.pk)
    return _page(request, segment, form, status=422)


def _reshaped(request: HttpRequest, segment: Segment | None, act: str, one: int | None) -> HttpResponseBase:
    """The form with the fields that go with what is chosen now, all that was typed kept."""
    rows = posted_rows(request.POST)
    if act == "add":
        rows = [*rows, max(rows, default=-1) + 1]
    elif act == "drop":
        rows = [row for row in rows if row != one]
    form = RulesForm(request.POST, segment=segment, rows=rows, quiet=True)
    if not getattr(request, "htmx", False):
        return _page(request, segment, form)
    return render(request, "desk/segments/_cards.html", _context(request, segment, form))


def _read(form: RulesForm) -> Group | None:
    """The rules as they are judged; None where they cannot be read, with the faults in the form."""
    if not form.is_valid():
        return None
    rules = form.rules()
    if not rules:
        form.add_error(None, _("دست‌کم یک شرط بگذارید؛ بی شرط همهٔ اعضا در گروه‌اند."))
        return None
    try:
        return parse_rules(rules, form.shelf.known)
    except ValidationFailed as refused:
        form.refuse_rules(refused)
        return None


def _saved(request: HttpRequest, segment: Segment | None, form: RulesForm) -> Segment | None:
    said, actor = {**form.values(), "rules": form.rules()}, actor_of(request.user)
    try:
        if segment is not None:
            return update_segment(segment.pk, said, actor=actor)
        return create_segment({**said, "kind": Segment.Kind.LIVE}, actor=actor, now=timezone.now())
    except ValidationFailed as refused:
        form.refuse_rules(refused)
    except AppError as refused:
        form.add_error(None, refused.detail)
    return None


def _look(group: Group | None) -> Look:
    """How many fit now, and a few of them; where that takes too long, only what the rules say."""
    if group is None:
        return Look()
    [sentence], now = in_words([group]), timezone.now()
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST}'")
            many, is_reckoned = estimate(group, now=now)
            return Look(sentence, many, is_reckoned, some_of(group, now=now, limit=SHOWN))
    except OperationalError:
        return Look(sentence)


def _context(request: HttpRequest, segment: Segment | None, form: RulesForm) -> dict[str, Any]:
    return {"form": form, "segment": segment, "rows": form.rows, "here": request.get_full_path()}


def _page(
    request: HttpRequest, segment: Segment | None, form: RulesForm, look: Look | None = None, *, status: int = 200
) -> HttpResponseBase:
    if look is None and not form.is_bound:
        rules = segment.rules if segment else None
        look = _look(_parsed(rules, form)) if rules else Look()
    heading = segment.name if segment else _("گروه زندهٔ تازه")
    context = {**_context(request, segment, form), "heading": heading, "look": look or Look()}
    return render(request, "desk/segments/builder.html", context, status=status)


def _parsed(rules: dict[str, Any], form: RulesForm) -> Group | None:
    try:
        return parse_rules(rules, form.shelf.known)
    except ValidationFailed:
        return None
