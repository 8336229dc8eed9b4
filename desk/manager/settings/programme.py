"""The programme: its settings in plain words, what a purchase comes to while they are typed, and all versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django import forms
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
from club.programme.models import ProgrammeVersion
from club.programme.rules import Programme
from club.programme.selectors import newest_version_id, programme_at, versions
from club.programme.services import change_programme, withdraw_change
from club.purchases.example import Example, worked_example
from club.tiers.ladder import step_of
from club.tiers.selectors import ladder
from core.errors import AppError, NotFound, Text
from core.forms import JalaliDateField, MoneyField, set_choices
from core.jalali import day_bounds, local_date
from core.money import UNITS
from core.tenancy.scope import current_club
from desk.manager.listing import NOTHING
from desk.manager.settings.forms import SettingsForm
from desk.manager.settings.terms import ASKED, CHAPTERS
from desk.manager.settings.versions import with_states

EXAMPLE_UNITS = 250_000


class ProgrammeForm(SettingsForm):
    """All settings as they are now, from when the changed ones hold, and the purchase of the example."""

    effective_from = JalaliDateField(
        label=gettext_lazy("از آغاز چه روزی؟"),
        required=False,
        help_text=gettext_lazy("خالی: از همین حالا. خریدهای ثبت‌شده هرگز عوض نمی‌شوند."),
    )
    amount = MoneyField(label=gettext_lazy("اگر کسی این‌قدر بخرد"), min_rial=1, max_rial=10**15)
    tier = forms.ChoiceField(label=gettext_lazy("و سطحش این باشد"), required=False)

    def __init__(self, data: Any, *, now: datetime) -> None:
        self.now = now
        self.present = programme_at(now)
        self.steps = ladder(None, now)
        super().__init__(data)
        if newest_version_id():
            self.fields["effective_from"].first = local_date(now, current_club().time_zone)  # type: ignore[attr-defined]
        else:  # a club's first settings hold for all time before: a later day would say what is not so
            del self.fields["effective_from"]
        set_choices(self, "tier", [("", gettext_lazy("بی سطح")), *((step.code, step.name) for step in self.steps)])
        self.initial["amount"] = EXAMPLE_UNITS * UNITS[current_club().currency_unit].rial
        for name, setting in ASKED.items():
            self.fields[name] = setting.field()
            self.initial[name] = getattr(self.present, name)
        self.units = {name: setting.unit for name, setting in ASKED.items() if setting.unit}
        self.dress()

    @property
    def chapters(self) -> list[tuple[Text, Text, list[forms.BoundField]]]:
        """The settings by subject: title, lead and fields."""
        return [(one.title, one.lead, [self[setting.name] for setting in one.settings]) for one in CHAPTERS]

    def changes(self) -> dict[str, Any]:
        """The settings that are not what holds now."""
        return {
            name: self.cleaned_data[name]
            for name in ASKED
            if name in self.cleaned_data and self.cleaned_data[name] != getattr(self.present, name)
        }

    def start(self) -> datetime:
        """From which moment the changes hold."""
        day, zone = self.cleaned_data.get("effective_from"), current_club().time_zone
        return self.now if day is None or day == local_date(self.now, zone) else day_bounds(day, zone)[0]


@dataclass(frozen=True)
class Outcome:
    """What the typed settings come to: each difference in words, the example before and after, and its seal."""

    differences: list[tuple[Text, str, str]]
    starts: datetime | None
    before: Example
    after: Example
    seal: str


def outcome_of(form: ProgrammeForm) -> Outcome | None:
    """What the form comes to; None while something in it cannot be read."""
    if not form.is_valid():
        return None
    start, changes = form.start(), form.changes()
    held = programme_at(start)
    settings = held.changed(changes)
    tier = step_of(form.steps, form.cleaned_data["tier"])
    amount, zone = form.cleaned_data["amount"], current_club().time_zone
    return Outcome(
        differences=[
            (setting.label, _in_words(setting.shown(held)), _in_words(setting.shown(settings)))
            for name, setting in ASKED.items()
            if name in changes
        ],
        starts=start if start != form.now else None,
        before=worked_example(held, amount, tier, start, zone),
        after=worked_example(settings, amount, tier, start, zone),
        seal=_seal(changes, start if start != form.now else None),
    )


@never_cache
@staff_required("manage_programme")
@require_http_methods(["GET", "HEAD", "POST"])
def programme(request: HttpRequest) -> HttpResponse:
    """The settings to be changed; they are saved only as they were seen in words."""
    now = timezone.now()
    form = ProgrammeForm(request.POST or None, now=now)
    outcome = outcome_of(form) if form.is_bound else _as_it_is(form)
    asks = _asks_to_save(request) and outcome is not None and bool(outcome.differences)
    was_seen = outcome is not None and request.POST.get("seen") == outcome.seal
    if asks and was_seen:
        try:
            change_programme(form.changes(), effective_from=form.start(), actor=actor_of(request.user))
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("برنامهٔ تازه ثبت شد."))
            return redirect("desk:settings_programme")
    planned = [row for row in _told(versions(), now=now) if row.may_withdraw]  # type: ignore[attr-defined]
    context = {"heading": _("برنامهٔ باشگاه"), "form": form, "outcome": outcome, "planned": planned}
    context["unseen"] = asks and not was_seen
    return render(request, "desk/settings/programme.html", context, status=422 if form.errors else 200)


@staff_required("manage_programme")
@require_POST
def programme_example(request: HttpRequest) -> HttpResponse:
    """The part of the page that follows what is typed."""
    form = ProgrammeForm(request.POST, now=timezone.now())
    return render(request, "desk/settings/_programme_outcome.html", {"form": form, "outcome": outcome_of(form)})


@never_cache
@staff_required("manage_programme")
@require_safe
def programme_versions(request: HttpRequest) -> HttpResponse:
    """Every version: from when, what it changed, who wrote it."""
    context = {"heading": _("تاریخچهٔ برنامه"), "versions": _told(versions(), now=timezone.now())}
    return render(request, "desk/settings/versions.html", context)


@staff_required("manage_programme")
@require_POST
def programme_withdraw(request: HttpRequest, version_id: int) -> HttpResponseBase:
    """Take a planned change back."""
    try:
        withdraw_change(version_id, actor=actor_of(request.user), now=timezone.now())
        messages.success(request, _("این تغییر پس گرفته شد."))
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, refused.detail)
    return redirect("desk:settings_programme")


def _as_it_is(form: ProgrammeForm) -> Outcome:
    """The example by the settings that hold, before anything is typed."""
    present: Programme = form.present
    example = worked_example(present, form.initial["amount"], None, form.now, current_club().time_zone)
    return Outcome([], None, example, example, "")


def _in_words(shown: str) -> str:
    return _("هیچ") if shown == NOTHING else shown


def _asks_to_save(request: HttpRequest) -> bool:
    return request.POST.get("act") == "save"


def _seal(changes: dict[str, Any], start: datetime | None) -> str:
    """What was seen: these changes, from then on, over the newest version."""
    return sha256(repr((sorted(changes.items()), start, newest_version_id())).encode()).hexdigest()[:16]


def _told(rows: list[ProgrammeVersion], *, now: datetime) -> list[ProgrammeVersion]:
    with_states(rows, now=now)
    return rows
