"""Members as they are listed, and what happened with one of them, taken home as files."""

from __future__ import annotations

from dataclasses import asdict
from operator import attrgetter

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import staff_required
from core.keyset import every
from core.tables.writing import Column
from desk.cashier.screen import tier_names
from desk.files import list_file
from desk.manager.listing import in_chunks
from desk.manager.tables import member_columns, with_standing
from desk.members.card import member_here
from desk.members.listing import asked_by, fitting
from desk.members.timeline import FILTERS, Happening, happenings

CHUNK = 200


def _details(row: Happening) -> str:
    changed = (f"{change.label}: {change.before or '—'} ← {change.after or '—'}" for change in row.changes)
    return " · ".join(filter(None, [row.text, *changed]))


ACTIVITY = (
    Column(_("زمان"), attrgetter("at"), "moment"),
    Column(_("رویداد"), attrgetter("title")),
    Column(_("شرح"), _details),
    Column(_("مبلغ"), attrgetter("rial"), "money"),
    Column(_("امتیاز"), attrgetter("points"), "number"),
    Column(_("چه کسی"), attrgetter("actor")),
)


@never_cache
@staff_required("view_members")
@require_safe
def members_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Everybody whom the list shows as it is filtered and searched now."""
    asked = asked_by(request.GET, tier_names())
    rows = in_chunks(with_standing(fitting(asked, timezone.now())))
    return list_file(request, member_columns(), rows, form=form, title=_("اعضا"), name="members", asked=asdict(asked))


@never_cache
@staff_required("view_members")
@require_safe
def activity_file(request: HttpRequest, member_id: int, form: str) -> HttpResponseBase:
    """Everything that happened with the member, of the kind that is shown."""
    member, show = member_here(member_id), request.GET.get("show", "")
    show = show if show in FILTERS else ""
    rows = every(
        lambda after: happenings(member.pk, FILTERS[show][1], after=after or "", limit=CHUNK), attrgetter("cursor")
    )
    asked = {"member": str(member.pk), "show": show}
    return list_file(request, ACTIVITY, rows, form=form, title=_("رویدادها"), name=f"activity-{member.pk}", asked=asked)
