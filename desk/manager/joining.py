"""Who may join from the club's own page: the way it is open, those who wait for a word, and invitations."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import actor_of, staff_required
from club.awards.joining import decide_requests
from club.members.joining import (
    MOST_USES,
    choose_way,
    count_waiting,
    invitations,
    is_good,
    make_invitation,
    requests_in,
    revoke_invitation,
)
from club.members.models import JoinRequest
from club.members.own_fields import fields_in_use, said_values
from core.errors import ValidationFailed
from core.forms import JalaliDateField, PersianForm, WholeField
from core.keyset import every
from core.language import in_language
from core.tables.writing import Column
from core.tenancy.middleware import forget_hosts
from core.tenancy.scope import current_club
from core.text import whole_number
from desk.files import file_links, list_file
from desk.manager.listing import yes_or_no
from desk.manager.record import actors, named
from sms.wording import portal_link

MOST_AT_ONCE = 200
INVITATIONS = 50
CHUNK = 500
REQUESTS = (
    Column(gettext_lazy("زمان"), attrgetter("asked_at"), "moment"),
    Column(gettext_lazy("وضعیت"), lambda row: row.get_state_display()),
    Column(gettext_lazy("موبایل"), lambda row: row.member.phone if row.member else row.phone),
    Column(gettext_lazy("نام"), lambda row: (row.member or row).first_name),
    Column(gettext_lazy("نام خانوادگی"), lambda row: (row.member or row).last_name),
    Column(gettext_lazy("تاریخ تولد"), lambda row: (row.member or row).birth_date, "day"),
    Column(gettext_lazy("زمان پاسخ"), attrgetter("decided_at"), "moment"),
    Column(gettext_lazy("چه کسی"), attrgetter("actor_name")),
)
MADE = (
    Column(gettext_lazy("کد دعوت"), attrgetter("code")),
    Column(gettext_lazy("برای"), attrgetter("note")),
    Column(gettext_lazy("چند نفر"), attrgetter("most_uses"), "number"),
    Column(gettext_lazy("آمده‌اند"), attrgetter("used"), "number"),
    Column(gettext_lazy("تا پایان روز"), attrgetter("last_day"), "day"),
    Column(gettext_lazy("باز است"), lambda row: yes_or_no(is_good(row, timezone.now()))),
    Column(gettext_lazy("زمان"), attrgetter("made_at"), "moment"),
    Column(gettext_lazy("چه کسی"), attrgetter("actor_name")),
)


class InvitationForm(PersianForm):
    """An invitation to be made."""

    note = forms.CharField(
        label=gettext_lazy("برای"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("تا بعد بدانید برای چه بود؛ مانند «نمایشگاه پاییز»."),
    )
    most_uses = WholeField(label=gettext_lazy("برای چند نفر"), least=1, most=MOST_USES)
    last_day = JalaliDateField(
        label=gettext_lazy("تا پایان روز"), required=False, help_text=gettext_lazy("خالی: تا باطل کردنش")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"


@never_cache
@staff_required("manage_joining")
@require_POST
def way(request: HttpRequest) -> HttpResponseBase:
    """Choose who may join from the club's own page."""
    try:
        choose_way(request.POST.get("joining", ""), actor=actor_of(request.user))
    except ValidationFailed as refused:
        messages.error(request, " ".join(refused.texts))
    else:
        forget_hosts()
        messages.success(request, _("راه عضویت نوشته شد."))
    return redirect("desk:join")


@never_cache
@staff_required("manage_joining")
@require_safe
def requests(request: HttpRequest) -> HttpResponseBase:
    """Who asked to join: those who wait, or those decided."""
    asked = request.GET.get("state", "")
    state = asked if asked in JoinRequest.State.values else JoinRequest.State.WAITING.value
    before = whole_number(request.GET.get("before", ""))
    found = requests_in(state, limit=MOST_AT_ONCE + 1, before=before)
    rows = found[:MOST_AT_ONCE]
    own = fields_in_use() if any(row.custom for row in rows) else []
    names = actors([row.decided_by for row in rows])
    context = {
        "rows": [(row, said_values(own, row.custom), names.get(row.decided_by, "")) for row in rows],
        "older": rows[-1].pk if len(found) > MOST_AT_ONCE else None,
        "is_first": before is None,
        "files": file_links(request, "desk:join_requests_file"),
        "state": state,
        "states": JoinRequest.State.choices,
        "waiting": count_waiting(),
        "way": current_club().joining,
    }
    return render(request, "desk/join_requests.html", context)


@never_cache
@staff_required("manage_joining")
@require_safe
def requests_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Who asked, of the state that is shown; who became a member, as the member is called now."""
    asked = request.GET.get("state", "")
    state = asked if asked in JoinRequest.State.values else JoinRequest.State.WAITING.value
    rows = every(
        lambda before: named(requests_in(state, limit=CHUNK, before=before), by="decided_by"), attrgetter("pk")
    )
    title = _("درخواست‌های عضویت")
    return list_file(request, REQUESTS, rows, form=form, title=title, name="requests", asked={"state": state})


@never_cache
@staff_required("manage_joining")
@require_POST
def decide(request: HttpRequest) -> HttpResponseBase:
    """Approve or refuse all that were marked, or the one whose own button says so: `approve:5`."""
    act, _colon, one = request.POST.get("act", "").partition(":")
    marked = [one] if one else request.POST.getlist("one")[:MOST_AT_ONCE]
    ids = [number for number in map(whole_number, marked) if number]
    if not ids or act not in ("approve", "refuse"):
        messages.error(request, _("کسی را برنگزیده‌اید."))
        return redirect("desk:join_requests")
    approve = act == "approve"
    count = decide_requests(ids, approve=approve, actor=actor_of(request.user), now=timezone.now())
    said = _("%(count)s نفر عضو شدند؛ خوش‌آمد پیامک می‌شود.") if approve else _("%(count)s درخواست رد و پیامک شد.")
    messages.success(request, said % {"count": in_language(count)})
    return redirect("desk:join_requests")


@never_cache
@staff_required("manage_joining")
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponseBase:
    """The invitations, and one more."""
    now, status = timezone.now(), 200
    form = InvitationForm(request.POST if request.method == "POST" else None, initial={"most_uses": 1})
    if request.method == "POST":
        status = 422
        if form.is_valid() and _made(request, form):
            return redirect("desk:join_invitations")
    before = whole_number(request.GET.get("before", ""))
    found = invitations(limit=INVITATIONS + 1, before=before)
    rows = found[:INVITATIONS]
    names = actors([row.made_by for row in rows])
    base = portal_link(current_club()) + reverse("portal:join")
    context = {
        "form": form,
        "rows": [(row, f"{base}?invite={row.code}", is_good(row, now), names.get(row.made_by, "")) for row in rows],
        "older": rows[-1].pk if len(found) > INVITATIONS else None,
        "is_first": before is None,
        "files": file_links(request, "desk:join_invitations_file"),
        "waiting": count_waiting(),
        "way": current_club().joining,
    }
    return render(request, "desk/join_invitations.html", context, status=status)


@never_cache
@staff_required("manage_joining")
@require_safe
def invitations_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Every invitation there was."""
    rows = every(lambda before: named(invitations(limit=CHUNK, before=before), by="made_by"), attrgetter("pk"))
    return list_file(request, MADE, rows, form=form, title=_("دعوت‌نامه‌ها"), name="invitations")


@never_cache
@staff_required("manage_joining")
@require_POST
def revoke(request: HttpRequest, invitation_id: int) -> HttpResponseBase:
    """Take an invitation back."""
    revoke_invitation(invitation_id, actor=actor_of(request.user), now=timezone.now())
    messages.success(request, _("دعوت باطل شد؛ کسانی که با آن آمده‌اند عضو می‌مانند."))
    return redirect("desk:join_invitations")


def _made(request: HttpRequest, form: InvitationForm) -> bool:
    try:
        made = make_invitation(**form.cleaned_data, actor=actor_of(request.user), now=timezone.now())
    except ValidationFailed as refused:
        for name, texts in refused.errors.items():
            form.add_error(name, texts)
        return False
    messages.success(request, _("دعوت ساخته شد: %(code)s") % {"code": made.code})
    return True
