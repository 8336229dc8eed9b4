"""Versions of the programme in words: which is in force, what each one changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from club.programme.models import ProgrammeVersion
from club.programme.rules import Programme
from club.programme.selectors import versions
from core.templatetags.club_ui import jalali_time
from desk.manager.record import with_names
from desk.manager.settings.terms import ASKED

STATES = {
    "now": ("ok", _("در حال اجرا")),
    "later": ("saffron", _("در راه")),
    "past": ("plain", _("گذشته")),
    "withdrawn": ("plain", _("پس گرفته شد")),
}


def with_states(rows: Iterable[ProgrammeVersion], *, now: datetime) -> None:
    """Give each row the name of who wrote it, `when` (a key of STATES), `is_first` and `may_withdraw`."""
    kept = list(rows)
    with_names(kept)
    ordered = list(reversed(versions()))
    in_force = [version.pk for version in ordered if version.effective_from <= now][-1:]
    withdrawn = {version.withdraws_id for version in ordered}
    first = min((version.pk for version in ordered), default=None)
    for row in kept:
        when = "now" if row.pk in in_force else "later" if row.effective_from > now else "past"
        row.when = "withdrawn" if row.pk in withdrawn else when  # type: ignore[attr-defined]
        row.is_first = row.pk == first  # type: ignore[attr-defined]
        row.may_withdraw = when == "later" and row.pk not in withdrawn and bool(row.changes)  # type: ignore[attr-defined]


def state_tag(version: ProgrammeVersion) -> SafeString:
    """Whether a version is in force, over, or to come."""
    tone, text = STATES[getattr(version, "when", "past")]
    return format_html('<span class="tag tag-{}">{}</span>', tone, text)


def since(version: ProgrammeVersion) -> str:
    """From when it holds; the club's first settings hold for all time before, whatever moment they bear."""
    if getattr(version, "is_first", False):
        return str(_("از آغاز"))
    return str(_("از %(moment)s") % {"moment": jalali_time(version.effective_from)})


def differences(version: ProgrammeVersion) -> SafeString | str:
    """What was asked to hold from then on."""
    if getattr(version, "is_first", False):
        return str(_("نخستین تنظیم"))
    if version.withdraws_id:
        return str(_("تغییر این زمان پس گرفته شد"))
    settings = Programme.from_json(version.settings)
    asked = [item for name, item in ASKED.items() if name in version.changes]
    shown = format_html_join(str(_("، ")), "{}: {}", ((item.label, item.shown(settings)) for item in asked))
    return shown or str(_("دنبالهٔ تغییری که پیش از این آغاز می‌شود"))
