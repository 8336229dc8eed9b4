"""Two records of one person made one: the other found, both seen side by side, then done and never undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import actor_of, staff_required
from club.members.merging import UNIQUE
from club.members.models import CustomField, Member
from club.members.selectors import get_member
from club.purchases.merging import MergePreview, merge_members, preview_merge
from core.errors import AppError, NotFound
from core.errors_page import LOST, from_database
from core.idempotency import new_key
from core.jalali import local_date
from core.templatetags.club_ui import money_unit, number
from core.tenancy.scope import current_club
from core.text import whole_number
from desk.audit.changes import OWN
from desk.audit.values import day_in_words, in_words, label_of
from desk.cashier.lookup import LONGEST, Found, look_up
from desk.cashier.screen import tier_names
from desk.members.card import member_here

SHOWN = (
    *("phone", "card", "email", "birth_date", "gender", "city", "external_id"),
    *("tags", "sms_consent", "email_consent", "enrolled_at", "status"),
)


@dataclass(frozen=True)
class Side:
    """A line of the comparison: what the one that goes has, what the one that stays has, and what is then."""

    label: str
    source: str
    into: str
    after: str
    is_lost: bool = False
    """Whether what the one that goes has is given up."""


@never_cache
@staff_required("merge_members")
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """Find the other record, look at both, and make them one."""
    member = member_here(member_id)
    if request.method == "POST":
        return _merged(request, member)
    other_id = whole_number(request.GET.get("with", ""))
    if other_id is None:
        return _search(request, member)
    return _compared(request, member, get_member(other_id), is_swapped="swap" in request.GET)


def _search(request: HttpRequest, member: Member) -> HttpResponse:
    text = request.GET.get("q", "")[:LONGEST].strip()
    found = look_up(text, now=timezone.now()) if text else Found(())
    context = {
        "member": member,
        "text": text,
        "found": found,
        "hits": [hit for hit in found.hits if hit.id != member.pk],
    }
    return render(request, "desk/members/merge.html", context)


def _compared(
    request: HttpRequest, member: Member, other: Member, *, is_swapped: bool, refused: AppError | None = None
) -> HttpResponse:
    source, into = (member, other) if is_swapped else (other, member)
    context: dict[str, Any] = {"member": member, "other": other, "is_swapped": is_swapped}
    try:
        seen = preview_merge(source.pk, into.pk)
    except NotFound:
        raise
    except AppError as error:
        refused = refused or error
    else:
        context |= {"seen": seen, "sides": _sides(seen), "now": timezone.now(), "key": new_key()}
    context["refused"] = " ".join(refused.texts) if refused else ""
    status = 200 if refused is None else 422 if refused.http_status == 400 else refused.http_status
    return render(request, "desk/members/merge_preview.html", context, status=status)


def _merged(request: HttpRequest, member: Member) -> HttpResponseBase:
    source_id, into_id = (whole_number(request.POST.get(name, "")) or 0 for name in ("source", "into"))
    if member.pk not in (source_id, into_id):
        raise NotFound
    other = get_member(into_id if source_id == member.pk else source_id)
    key = request.POST.get("key", "")
    try:
        if not request.POST.get("sure"):
            return _unsure(request, member, other, is_swapped=source_id == member.pk)
        merge_members(source_id, into_id, actor=actor_of(request.user), key=f"merge-{key[:50]}", now=timezone.now())
    except NotFound:
        raise
    except (AppError, *LOST) as error:
        refused = error if isinstance(error, AppError) else from_database(error)
        return _compared(request, member_here(member.pk), other, is_swapped=source_id == member.pk, refused=refused)
    messages.success(request, _("دو پرونده یکی شد؛ شماره، کارت و پیوند پیشین به همین پرونده می‌رسد."))
    return redirect("desk:member", into_id)


def _unsure(request: HttpRequest, member: Member, other: Member, *, is_swapped: bool) -> HttpResponse:
    answer = _compared(request, member, other, is_swapped=is_swapped, refused=NotSure())
    answer.status_code = 422
    return answer


class NotSure(AppError):
    """The box that says one has looked was left empty."""

    message = gettext_lazy("نخست نشان دهید که دیده‌اید این کار برنمی‌گردد.")


def _sides(seen: MergePreview) -> list[Side]:
    """Only the lines in which one of the two has something."""
    sides = [_name_side(seen), *_value_sides(seen), *(_field_side(seen, name) for name in SHOWN), *_own_sides(seen)]
    return [side for side in sides if side.source or side.into]


def _name_side(seen: MergePreview) -> Side:
    source, into = seen.source.full_name, seen.into.full_name
    return Side(str(_("نام")), source, into, into or source, is_lost=bool(into) and source != into)


def _field_side(seen: MergePreview, name: str) -> Side:
    source, into = getattr(seen.source, name), getattr(seen.into, name)
    after = seen.taken.get(name, into)
    return Side(
        label_of("member", name),
        _said(name, source),
        _said(name, into),
        _said(name, after),
        is_lost=name in seen.left and name not in UNIQUE,
    )


def _said(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        value = local_date(value, current_club().time_zone)
    return in_words("member", name, value.isoformat() if isinstance(value, date) else value)


def _own_sides(seen: MergePreview) -> list[Side]:
    """The fields that the club added."""
    then = seen.taken.get("custom", seen.into.custom)

    def said(own: CustomField, values: dict[str, Any]) -> str:
        text = in_words("member", OWN + own.code, values.get(own.code))
        return day_in_words(text) if own.kind == CustomField.Kind.DATE else text

    def of(own: CustomField) -> Side:
        source, into, after = (said(own, values) for values in (seen.source.custom, seen.into.custom, then))
        return Side(own.label, source, into, after, is_lost=bool(source) and source != after)

    return [of(own) for own in CustomField.objects.all()]


def _value_sides(seen: MergePreview) -> list[Side]:
    source, into, moved = seen.source, seen.into, seen.moved
    tiers = {code: tier.name for code, tier in tier_names().items()}
    figures = [
        (_("امتیاز"), "points", number), (_("اعتبار"), "credit", money_unit),
        (_("بدهی امتیاز"), "points_debt", number), (_("بدهی اعتبار"), "credit_debt", money_unit),
    ]  # fmt: skip
    return [
        *(
            Side(label, show(moved[unit]), show(seen.after[unit] - moved[unit]), show(seen.after[unit]))
            for label, unit, show in figures
            if seen.after[unit] or not unit.endswith("debt")
        ),
        Side(_("خریدها"), number(source.visits), number(into.visits), number(source.visits + into.visits)),
        Side(
            _("جمع خرید"),
            money_unit(source.spent_rial),
            money_unit(into.spent_rial),
            money_unit(source.spent_rial + into.spent_rial),
        ),
        Side(_("سطح"), tiers.get(source.tier_code, "—"), tiers.get(into.tier_code, "—"), tiers.get(seen.tier, "—")),
    ]
