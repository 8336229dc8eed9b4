"""Members for the staff: the list, the card of one, what happened with them, notes and tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.rights import actor_of, can, staff_required
from club.members.cards import why_blocked
from club.members.notes import LONGEST_NOTE, LONGEST_TAG, add_note, add_tag, change_note, pin_note, remove_tag
from club.members.selectors import get_member
from core.errors import AppError, NotFound
from core.text import whole_number
from crm.segments.services import move_member
from desk.cashier.screen import tier_names
from desk.files import file_links
from desk.members.card import card_of, member_here
from desk.members.listing import BOUGHT, HAS, JOINED, RFM, STATUSES, asked_by, chips_of, members_page, segment_names
from desk.members.timeline import FILTERS, happenings

ROWS = 25
HAPPENINGS = 25


@never_cache
@staff_required("view_members")
@require_safe
def member_list(request: HttpRequest) -> HttpResponseBase:
    """The members of the club, found by phone, last digits, card, tag or name in any spelling, and filtered."""
    tiers, before = tier_names(), request.GET.get("before", "")
    asked = asked_by(request.GET, tiers)
    rows = members_page(asked, before=whole_number(before), limit=ROWS + 1, now=timezone.now())
    context = {
        "rows": rows[:ROWS],
        "older": rows[ROWS - 1].member.pk if len(rows) > ROWS else None,
        "is_first": not before,
        "asked": asked,
        "chips": chips_of(asked, tiers, request.GET),
        "filters": (
            ("tier", _("سطح"), [(tier.code, tier.name) for tier in sorted(tiers.values(), key=lambda one: one.rank)]),
            ("segment", _("گروه مشتریان"), segment_names().items()),
            ("rfm", _("رفتار خرید"), RFM.items()),
            ("status", _("وضعیت"), STATUSES.items()),
            ("joined", _("عضویت"), JOINED.items()),
            ("bought", _("آخرین خرید"), BOUGHT.items()),
            ("has", _("چه دارد"), HAS.items()),
        ),
        "files": file_links(request, "desk:members_file"),
        "card_refused": "" if rows else why_blocked(asked.text),
    }
    return render(request, "desk/members/list.html", context)


@never_cache
@staff_required("view_members")
@require_safe
def member_card(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """The member's card; of a record that was merged, the card of who took it over."""
    left = get_member(member_id).merged_into_id
    return redirect("desk:member", left) if left else _page(request, member_id)


@never_cache
@staff_required("view_members")
@require_safe
def activity(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """Everything that happened with the member, newest first."""
    member, after = member_here(member_id), request.GET.get("after", "")[:60]
    show = request.GET.get("show", "")
    show = show if show in FILTERS else ""
    rows = happenings(member.pk, FILTERS[show][1], after=after, limit=HAPPENINGS + 1)
    context = {
        "member": member,
        "rows": rows[:HAPPENINGS],
        "older": rows[HAPPENINGS - 1].cursor if len(rows) > HAPPENINGS else None,
        "is_first": not after,
        "show": show,
        "may_sell": can(request.user, "record_purchase"),
        "may_adjust": can(request.user, "adjust_value"),
        "files": file_links(request, "desk:activity_file", member.pk),
        "kinds": [(code, label) for code, (label, _names) in FILTERS.items()],
    }
    return render(request, "desk/members/activity.html", context)


@never_cache
@staff_required("edit_members")
@require_POST
def write_note(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """A new note."""
    member_here(member_id)
    text, actor = request.POST.get("text", ""), actor_of(request.user)
    return _done(request, member_id, lambda: add_note(member_id, text, actor=actor), _("یادداشت نوشته شد."), "notes")


@never_cache
@staff_required("edit_members")
@require_POST
def mend_note(request: HttpRequest, member_id: int, note_id: int) -> HttpResponseBase:
    """Other words for one's own note, or a note pinned above the others and taken down."""
    member_here(member_id)
    act, text, actor = request.POST.get("act", ""), request.POST.get("text", ""), actor_of(request.user)
    if act in {"pin", "unpin"}:
        pinned = act == "pin"
        said = _("یادداشت سنجاق شد.") if pinned else _("سنجاق یادداشت برداشته شد.")
        return _done(
            request, member_id, lambda: pin_note(member_id, note_id, is_pinned=pinned, actor=actor), said, "notes"
        )
    changed = _("یادداشت عوض شد.")
    return _done(
        request, member_id, lambda: change_note(member_id, note_id, text, actor=actor), changed, "notes", note_id
    )


@never_cache
@staff_required("edit_members")
@require_POST
def tag(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """One tag more or less."""
    member_here(member_id)
    actor, gone = actor_of(request.user), request.POST.get("remove", "")
    if gone:
        return _done(request, member_id, lambda: remove_tag(member_id, gone, actor=actor), "", "tags")
    text = request.POST.get("tag", "")
    return _done(request, member_id, lambda: add_tag(member_id, text, actor=actor), "", "tags")


@never_cache
@staff_required("edit_members")
@require_POST
def segment(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """On one more list, or off one."""
    member_here(member_id)
    gone = whole_number(request.POST.get("remove", ""))
    chosen = gone if gone is not None else whole_number(request.POST.get("segment", ""))
    with_it: dict[str, Any] = {"inside": gone is None, "actor": actor_of(request.user), "now": timezone.now()}
    return _done(request, member_id, lambda: move_member(chosen or 0, member_id, **with_it), "", "segments")


def _done(
    request: HttpRequest, member_id: int, work: Callable[[], Any], said: str, place: str, note_id: int | None = None
) -> HttpResponse:
    """Do it and go back to the card; refused, show the card again with what was typed and why."""
    try:
        work()
    except NotFound:
        raise
    except AppError as refused:
        status = 422 if refused.http_status == 400 else refused.http_status
        typed = request.POST.get("text") or request.POST.get("tag", "")
        wrong = {"place": place, "note": note_id, "texts": refused.texts, "typed": typed}
        return _page(request, member_id, wrong=wrong, status=status)
    if said:
        messages.success(request, said)
    return redirect("desk:member", member_id)


def _page(request: HttpRequest, member_id: int, *, wrong: Any = None, status: int = 200) -> HttpResponse:
    card = card_of(member_here(member_id), user=request.user, now=timezone.now())
    context = {
        "card": card,
        "member": card.member,
        "wrong": wrong,
        "longest_note": LONGEST_NOTE,
        "longest_tag": LONGEST_TAG,
        "may_edit": can(request.user, "edit_members"),
        "may_sell": can(request.user, "record_purchase"),
        "may_adjust": can(request.user, "adjust_value"),
        "may_issue": can(request.user, "issue_cards"),
        "may_merge": can(request.user, "merge_members"),
        "may_erase": can(request.user, "erase_members"),
    }
    return render(request, "desk/members/card.html", context, status=status)
