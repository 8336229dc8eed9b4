"""Notices that people wrote: the list with how many have read each, a new one after a look at it, taking one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import actor_of, staff_required
from club.members.models import Member
from core.errors import AppError, NotFound, Text
from core.tables.writing import Column
from core.text import whole_number
from crm.notices.models import Notice
from crm.notices.selectors import Reach, get_notice, reaches, readers_of, written
from crm.notices.services import drafted, publish_notice, withdraw_notice
from desk.files import file_links, list_file
from desk.manager.record import actors
from desk.notices.forms import NoticeForm

SHOWN = 20
MOST_IN_FILE = 10_000
STATES: dict[str, tuple[Text, str]] = {
    "waiting": (gettext_lazy("زمان‌بندی‌شده"), "tag-saffron"),
    "shown": (gettext_lazy("روی پنل‌ها"), "tag-ok"),
    "over": (gettext_lazy("پایان‌یافته"), ""),
    "withdrawn": (gettext_lazy("پس‌گرفته"), "tag-bad"),
}


@dataclass(frozen=True)
class Row:
    """A notice as the staff see it."""

    notice: Notice
    state: str
    reach: Reach
    author: str

    @property
    def label(self) -> Text:
        """The state in words."""
        return STATES[self.state][0]

    @property
    def tone(self) -> str:
        """The colour of the state."""
        return STATES[self.state][1]

    @property
    def audience(self) -> str:
        """For whom it is, in words."""
        return audience_of(self.notice)

    @property
    def is_open(self) -> bool:
        """Whether it may be taken back."""
        return self.state in ("waiting", "shown")


COLUMNS = (
    Column(gettext_lazy("متن"), attrgetter("notice.text")),
    Column(gettext_lazy("برای"), attrgetter("audience")),
    Column(gettext_lazy("وضعیت"), lambda row: str(row.label)),
    Column(gettext_lazy("از"), attrgetter("notice.starts_at"), "moment"),
    Column(gettext_lazy("تا پایان روز"), attrgetter("notice.ends_at"), "moment"),
    Column(gettext_lazy("خوانده‌اند"), attrgetter("reach.read"), "number"),
    Column(gettext_lazy("خوانندگان"), attrgetter("reach.readers"), "number"),
    Column(gettext_lazy("نویسنده"), attrgetter("author")),
)


@never_cache
@staff_required("send_notices")
@require_safe
def notice_list(request: HttpRequest) -> HttpResponseBase:
    """Every notice that people wrote, with how many have read it."""
    before = whole_number(request.GET.get("before", ""))
    found = written(before=before, limit=SHOWN + 1)
    context = {
        "rows": rows_of(found[:SHOWN], timezone.now()),
        "older": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "is_first": before is None,
        "files": file_links(request, "desk:notices_file"),
    }
    return render(request, "desk/notices/list.html", context)


@never_cache
@staff_required("send_notices")
@require_safe
def notices_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The same as a file."""
    rows = rows_of(written(limit=MOST_IN_FILE), timezone.now())
    return list_file(request, COLUMNS, rows, form=form, title=_("اعلان‌ها"), name="notices")


@never_cache
@staff_required("send_notices")
@require_http_methods(["GET", "HEAD", "POST"])
def notice_new(request: HttpRequest) -> HttpResponse:
    """Write one, see it as panels will show it and for how many it is, and let it be shown."""
    form = NoticeForm(request.POST if request.method == "POST" else None, initial=_begun(request))
    seen = None
    if request.method == "POST" and form.is_valid():
        now, actor = timezone.now(), actor_of(request.user)
        try:
            if request.POST.get("act") == "publish":
                notice = publish_notice(form.draft(), actor=actor, now=now)
                said = _("اعلان از زمانش روی پنل‌هاست.") if notice.starts_at > now else _("اعلان روی پنل‌هاست.")
                messages.success(request, said)
                return redirect("desk:notice", notice.pk)
            seen = drafted(form.draft(), author=actor, now=now)
        except AppError as refused:
            form.refuse(refused)
    context: dict[str, Any] = {"form": form, "seen": seen}
    if seen:
        context |= {"audience": audience_of(seen), "readers": readers_of(seen), "is_later": seen.starts_at > now}
    return render(request, "desk/notices/new.html", context, status=422 if form.errors else 200)


@never_cache
@staff_required("send_notices")
@require_safe
def notice(request: HttpRequest, notice_id: int) -> HttpResponseBase:
    """One notice: its words, for whom it is, and how many have read it."""
    [row] = rows_of([get_notice(notice_id)], timezone.now())
    return render(request, "desk/notices/one.html", {"row": row})


@staff_required("send_notices")
@require_POST
def notice_withdraw(request: HttpRequest, notice_id: int) -> HttpResponseBase:
    """Take it off every panel."""
    try:
        withdraw_notice(notice_id, actor=actor_of(request.user), now=timezone.now())
        messages.success(request, _("اعلان از پنل‌ها برداشته شد."))
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, refused.detail)
    return redirect("desk:notice", notice_id)


def rows_of(found: list[Notice], now: datetime) -> list[Row]:
    """The notices with their figures: a handful of queries for all."""
    figures, names = reaches(found), actors(one.author for one in found)
    return [Row(one, _state(one, now), figures[one.pk], names.get(one.author, "")) for one in found]


def audience_of(one: Notice) -> str:
    """For whom it is, in words."""
    return str(one.member or one.segment or one.get_audience_display())


def _state(one: Notice, now: datetime) -> str:
    if one.withdrawn_at:
        return "withdrawn"
    if one.starts_at > now:
        return "waiting"
    return "over" if one.ends_at and one.ends_at <= now else "shown"


def _begun(request: HttpRequest) -> dict[str, Any]:
    """A notice to the member from whose card one comes."""
    member_id = whole_number(request.GET.get("member", ""))
    member = Member.objects.filter(pk=member_id, status=Member.Status.ACTIVE).first() if member_id else None
    if member is None:
        return {}
    known = member.phone or member.card or member.external_id or member.full_name
    return {"audience": Notice.Audience.MEMBER, "member": known}
