"""The club's segments with their sizes; one of them with its members, its course and what hangs on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import actor_of, can, staff_required
from club.members.models import Segment
from core.errors import AppError, NotFound
from core.jalali import format_date
from core.keyset import every
from core.language import grouped
from core.tables.writing import Column
from core.text import whole_number
from crm.segments.ready import READY
from crm.segments.recounting import own_fields, rules_of
from crm.segments.selectors import (
    Day,
    change_within,
    days_of,
    get_segment,
    members_page,
    open_segment,
    segments,
)
from crm.segments.services import archive_segment, count_now, put_list, restore_segment
from crm.segments.words import campaigns_to, in_words, offers_on
from desk.files import file_links, list_file
from desk.manager.pasted import members_of, tell_unknown
from desk.manager.segments.forms import ListForm

SHOWN = 25
CHUNK = 500
TONES = {"gold": "tag-saffron", "green": "tag-ok", "blue": "tag-info", "red": "tag-bad"}


@dataclass(frozen=True)
class Listed:
    """A segment as a row of the list."""

    segment: Segment
    rules: str
    grown: int

    @property
    def tone(self) -> str:
        """The colour of its badge."""
        return TONES.get(self.segment.badge, "")


COLUMNS = (
    Column(gettext_lazy("نام"), lambda row: row.segment.name),
    Column(gettext_lazy("کد"), lambda row: row.segment.code),
    Column(gettext_lazy("نوع"), lambda row: row.segment.get_kind_display()),
    Column(gettext_lazy("قاعده"), attrgetter("rules")),
    Column(gettext_lazy("شمار اعضا"), lambda row: row.segment.size, "number"),
    Column(gettext_lazy("تغییر ۳۰ روز"), attrgetter("grown"), "number"),
    Column(gettext_lazy("آخرین شمارش"), lambda row: row.segment.counted_at, "moment"),
)
MEMBERS = (
    Column(gettext_lazy("موبایل"), lambda row: row.member.phone),
    Column(gettext_lazy("نام"), lambda row: row.member.first_name),
    Column(gettext_lazy("نام خانوادگی"), lambda row: row.member.last_name),
    Column(gettext_lazy("از"), attrgetter("since"), "moment"),
    Column(gettext_lazy("شمار خرید"), lambda row: row.member.visits, "number"),
    Column(gettext_lazy("جمع خرید"), lambda row: row.member.spent_rial, "money"),
    Column(gettext_lazy("آخرین خرید"), lambda row: row.member.last_purchase_at, "moment"),
)


@never_cache
@staff_required("manage_offers")
@require_safe
def segment_list(request: HttpRequest) -> HttpResponseBase:
    """Every segment in a sentence with its size, the ready ones, and those that were put away."""
    used = set(Segment.objects.values_list("code", flat=True))
    context = {
        "rows": listed(segments(), timezone.now()),
        "archived": segments(archived=True),
        "ready": [one for one in READY if one.code not in used],
        "files": file_links(request, "desk:segments_file"),
    }
    return render(request, "desk/segments/list.html", context)


@never_cache
@staff_required("manage_offers")
@require_safe
def segments_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The same as a file."""
    rows = listed(segments(), timezone.now())
    return list_file(request, COLUMNS, rows, form=form, title=_("گروه‌های مشتریان"), name="segments")


@never_cache
@staff_required("manage_offers")
@require_safe
def segment(request: HttpRequest, segment_id: int) -> HttpResponseBase:
    """One segment: who is in it, how it grew, and what hangs on it; one that was put away is in the list below all."""
    one = get_segment(segment_id)
    if one.archived_at:
        return redirect(f"{reverse('desk:segments')}#archived")
    return _page(request, one, ListForm())


@never_cache
@staff_required("manage_offers")
@require_safe
def segment_file(request: HttpRequest, segment_id: int, form: str) -> HttpResponseBase:
    """Its members as a file."""
    one = open_segment(segment_id)

    def chunk(before: int | None) -> list[Any]:
        return members_page(one, before=before, limit=CHUNK)

    rows: Iterator[Any] = every(chunk, attrgetter("pk"))
    return list_file(
        request, MEMBERS, rows, form=form, title=one.name, name=f"segment-{one.pk}", asked={"segment": one.code}
    )


@staff_required("manage_offers")
@require_POST
def segment_phones(request: HttpRequest, segment_id: int) -> HttpResponseBase:
    """Let the phones that are written or in a file be on the list."""
    one = open_segment(segment_id)
    form = ListForm(request.POST, request.FILES)
    if form.is_valid():
        typed = form.cleaned_data
        ids, unknown = members_of(typed["phones"], typed["file"])
        if ids:
            try:
                moved = put_list(one.pk, ids, whole=typed["whole"], actor=actor_of(request.user), now=timezone.now())
            except AppError as refused:
                messages.error(request, refused.detail)
                return redirect("desk:segment", one.pk)
            said = ngettext("%(count)s عضو افزوده شد.", "%(count)s عضو افزوده شدند.", moved.entered)
            messages.success(request, said % {"count": grouped(moved.entered)})
            if moved.left:
                gone = ngettext("%(count)s عضو بیرون رفت.", "%(count)s عضو بیرون رفتند.", moved.left)
                messages.info(request, gone % {"count": grouped(moved.left)})
            tell_unknown(request, unknown)
            return redirect("desk:segment", one.pk)
        form.add_error("phones", _("هیچ‌یک از این‌ها شمارهٔ عضوی نیست."))
    return _page(request, one, form, status=422)


@staff_required("manage_offers")
@require_POST
def segment_move(request: HttpRequest, segment_id: int) -> HttpResponseBase:
    """Put it away, or bring it back."""
    one, actor, now = get_segment(segment_id), actor_of(request.user), timezone.now()
    match request.POST.get("act"):
        case "archive":
            if one.archived_at is None:
                archive_segment(one.pk, actor=actor, now=now)
            said = _("گروه «%(name)s» بایگانی شد؛ از پایین همین صفحه برمی‌گردد.")
            messages.success(request, said % {"name": one.name})
            return redirect("desk:segments")
        case "restore":
            count_now(restore_segment(one.pk, actor=actor), now=now)
            messages.success(request, _("گروه «%(name)s» برگشت.") % {"name": one.name})
            return redirect("desk:segment", one.pk)
    raise NotFound


def listed(found: Sequence[Segment], now: datetime) -> list[Listed]:
    """The segments in words, a handful of queries for all."""
    grown = change_within(found, now)
    known = own_fields()
    read = {one.pk: group for one in found if one.is_live and (group := rules_of(one, known)) is not None}
    said = dict(zip(read, in_words(list(read.values())), strict=True))
    return [Listed(one, said.get(one.pk, ""), grown[one.pk]) for one in found]


def _page(request: HttpRequest, one: Segment, form: ListForm, *, status: int = 200) -> HttpResponseBase:
    now = timezone.now()
    before = whole_number(request.GET.get("before", ""))
    found = members_page(one, before=before, limit=SHOWN + 1)
    days = days_of(one, now)
    context = {
        "row": listed([one], now)[0],
        "segment": one,
        "form": form,
        "members": found[:SHOWN],
        "older": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "is_first": before is None,
        "offers": offers_on(one),
        "campaigns": campaigns_to(one) if can(request.user, "send_campaigns") else [],
        "chart": _chart(days),
        "files": file_links(request, "desk:segment_file", one.pk),
    }
    return render(request, "desk/segments/segment.html", context, status=status)


def _chart(days: list[Day]) -> dict[str, Any]:
    """The sizes as a line, with their table."""
    changed = [day for day in reversed(days) if day.entered or day.left]
    return {
        "values": [day.size for day in days],
        "labels": [format_date(day.day, "short") for day in days],
        "heads": [_("روز"), _("شمار اعضا"), _("وارد شدند"), _("بیرون رفتند")],
        "rows": [[format_date(day.day), grouped(day.size), grouped(day.entered), grouped(day.left)] for day in changed],
    }
