"""Tiers: the ladder with how many stand where, today and under what is typed; each tier; taking one off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import actor_of, staff_required
from club.tiers.forecast import Forecast, Rung, forecast, rungs
from club.tiers.ladder import less_for_higher
from club.tiers.models import Tier
from club.tiers.moving import FITTING, insert_tier, move_tier, remove_tier, set_thresholds, where_to
from club.tiers.selectors import get_tier, tiers
from club.tiers.services import LIMITS, NewTier, update_tier
from core.errors import AppError, NotFound, Text
from core.forms import AsShown, MoneyField, WholeField, set_choices
from core.language import in_language, listed
from core.money import unit_name
from core.tenancy.scope import current_club
from desk.manager.fields import HundredthsField, free_code
from desk.manager.settings.forms import SettingsForm

LEAST, MOST = LIMITS["threshold"]
COUNTED: dict[str, Text] = {"points": gettext_lazy("امتیاز"), "visits": gettext_lazy("خرید")}


def threshold_field(metric: str, label: Text) -> forms.Field:
    """Money for what is counted in money, a whole number for the rest."""
    if metric == Tier.Metric.SPENT:
        return MoneyField(label=label, min_rial=LEAST, max_rial=MOST)
    return WholeField(label=label, least=LEAST, most=MOST)


class ThresholdsForm(AsShown, SettingsForm):
    """The thresholds of the whole ladder; each field is called by its tier's code."""

    def __init__(self, data: Any, ladder: Sequence[Tier]) -> None:
        super().__init__(data, prefix="from")
        self.ladder = ladder
        for tier in ladder:
            self.fields[tier.code] = threshold_field(tier.metric, gettext_lazy("از"))
            self.initial[tier.code] = tier.threshold
        self.units = {tier.code: COUNTED[tier.metric] for tier in ladder if tier.metric in COUNTED}
        self.dress()
        self.keep_shown()

    def draft(self) -> list[Rung] | None:
        """The ladder with what is typed; None while it cannot be read."""
        if not self.is_bound:
            return rungs(self.ladder)
        if not self.is_valid():
            return None
        return [replace(rung, threshold=self.cleaned_data[rung.code]) for rung in rungs(self.ladder)]

    def changes(self) -> dict[str, int]:
        """What differs from what the page showed: a threshold left as it was shown undoes nobody's change meanwhile."""
        return {code: self.cleaned_data[code] for code in self.changed_data}

    def slights(self) -> list[str]:
        """What each tier that gives less than a lower one needs."""
        text = _("سطح «%(higher)s» کمتر از «%(lower)s» می‌دهد که پایین‌تر است؛ امتیاز یا اعتبارش را بیشتر کنید.")
        return [text % {"higher": one.name, "lower": below.name} for one, below in less_for_higher(self.ladder)]

    def rows(self) -> list[tuple[Tier, forms.BoundField, str]]:
        """Each tier from the highest, with its field and what it gives in words."""
        return [(tier, self[tier.code], gives(tier)) for tier in reversed(self.ladder)]


class TierForm(SettingsForm):
    """One tier. A new one has a place on the ladder; the code of an old one stays."""

    name = forms.CharField(label=gettext_lazy("نام"), max_length=60)
    above = forms.ChoiceField(label=gettext_lazy("جایش در نردبان"), required=False)
    metric = forms.ChoiceField(label=gettext_lazy("با چه چیزی به آن می‌رسند؟"))
    threshold = forms.CharField()
    window_days = WholeField(
        label=gettext_lazy("در چند روز گذشته؟"), required=False, least=1, most=36_500,
        help_text=gettext_lazy("خالی: از آغاز عضویت"),
    )  # fmt: skip
    points_factor_bp = HundredthsField(
        label=gettext_lazy("امتیاز خرید چند برابر شود؟"), per=100, most=1_000_000, help_text=gettext_lazy("مانند ۱٫۵")
    )
    extra_credit_bp = HundredthsField(
        label=gettext_lazy("اعتبار بیشتر (درصد خرید)"), required=False, help_text=gettext_lazy("خالی: ندارد")
    )
    downgrade = forms.ChoiceField(label=gettext_lazy("اگر دیگر به آستانه نرسد"))
    grace_days = WholeField(
        label=gettext_lazy("مهلت پیش از پایین رفتن"), required=False, most=36_500, help_text=gettext_lazy("خالی: ندارد")
    )
    code = forms.SlugField(
        label=gettext_lazy("کد برای نرم‌افزارهای دیگر"), max_length=32, help_text=gettext_lazy("پس از ساختن عوض نمی‌شود.")
    )
    units = {
        "window_days": gettext_lazy("روز"),
        "grace_days": gettext_lazy("روز"),
        "points_factor_bp": gettext_lazy("برابر"),
    }

    def __init__(self, data: Any, *, tier: Tier | None, ladder: Sequence[Tier]) -> None:
        super().__init__(data)
        self.tier, self.ladder = tier, ladder
        spent = _("جمع خرید")
        metrics = {**dict(Tier.Metric.choices), Tier.Metric.SPENT: spent}
        set_choices(self, "metric", list(metrics.items()))
        set_choices(self, "downgrade", [("never", _("همان جا می‌ماند")), *Tier.Downgrade.choices[1:]])
        if tier is not None:
            for name in ("name", "metric", "threshold", "window_days", "points_factor_bp", "extra_credit_bp"):
                self.initial[name] = getattr(tier, name)
            self.initial.update(downgrade=tier.downgrade, grace_days=tier.grace_days)
            del self.fields["above"], self.fields["code"]
        else:
            places = [(one.code, _("بالای «%(tier)s»") % {"tier": one.name}) for one in reversed(ladder)]
            set_choices(self, "above", [*places, ("", _("پایین‌ترین"))])
            self.initial = {"points_factor_bp": 10_000, "metric": "spent", "downgrade": "never"}
            self.initial["above"] = places[0][0] if places else ""
            self.initial["code"] = free_code("level", {one.code for one in ladder})
        metric = str(self["metric"].value())
        self.fields["threshold"] = threshold_field(metric, gettext_lazy("از چقدر؟"))
        self.fields["threshold"].help_text = _("جمع خرید به %(unit)s، یا شمار امتیاز یا خرید") % {
            "unit": unit_name(current_club().currency_unit)
        }
        self.order_fields(ORDER)
        self.dress()
        self.fields["threshold"].suffix = ""  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What a tier is made of, as the services take it."""
        cleaned = {name: value for name, value in self.cleaned_data.items() if name != "above"}
        return {**cleaned, "extra_credit_bp": cleaned["extra_credit_bp"] or 0, "grace_days": cleaned["grace_days"] or 0}

    def draft(self) -> list[Rung] | None:
        """The ladder with this tier as it is typed; None while it cannot be read."""
        if not self.is_bound:
            return rungs(self.ladder)
        if not self.is_valid():
            return None
        typed = self.cleaned_data
        code = self.tier.code if self.tier else typed["code"]
        one = Rung(code, typed["name"], typed["metric"], typed["threshold"], typed["window_days"])
        draft = rungs(self.ladder)
        if self.tier:
            return [one if rung.code == code else rung for rung in draft]
        place = next((place + 1 for place, rung in enumerate(draft) if rung.code == typed["above"]), 0)
        return [*draft[:place], one, *draft[place:]]


ORDER = (
    *("name", "above", "metric", "threshold", "window_days", "points_factor_bp", "extra_credit_bp"),
    *("downgrade", "grace_days", "code"),
)


@never_cache
@staff_required("manage_programme")
@require_http_methods(["GET", "HEAD", "POST"])
def ladder(request: HttpRequest) -> HttpResponse:
    """The ladder, its thresholds to be changed together."""
    form = ThresholdsForm(request.POST or None, _ladder())
    if request.POST.get("act") == "save" and form.is_valid():
        try:
            set_thresholds(form.changes(), actor=actor_of(request.user))
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("آستانه‌ها ثبت شد."))
            return redirect("desk:settings_tiers")
    context = {"heading": _("سطح‌ها"), "form": form, "forecast": _forecast(form)}
    return render(request, "desk/settings/tiers.html", context, status=422 if form.errors else 200)


@staff_required("manage_programme")
@require_POST
def ladder_forecast(request: HttpRequest) -> HttpResponse:
    """How many would stand where under the thresholds typed: the part beside the ladder."""
    form = ThresholdsForm(request.POST, _ladder())
    return render(request, "desk/settings/_forecast.html", {"form": form, "forecast": _forecast(form)})


@never_cache
@staff_required("manage_programme")
@require_http_methods(["GET", "HEAD", "POST"])
def tier_new(request: HttpRequest) -> HttpResponse:
    """A tier to be added."""
    return _one(request, None)


@never_cache
@staff_required("manage_programme")
@require_http_methods(["GET", "HEAD", "POST"])
def tier(request: HttpRequest, code: str) -> HttpResponse:
    """A tier to be changed."""
    return _one(request, get_tier(code))


@staff_required("manage_programme")
@require_POST
def tier_forecast(request: HttpRequest, code: str = "") -> HttpResponse:
    """How many would stand where with this tier as it is typed."""
    form = TierForm(request.POST, tier=get_tier(code) if code else None, ladder=_ladder())
    return render(request, "desk/settings/_forecast.html", {"form": form, "forecast": _forecast(form)})


@staff_required("manage_programme")
@require_POST
def tier_move(request: HttpRequest, code: str) -> HttpResponseBase:
    """A place up or down."""
    try:
        move_tier(code, up=request.POST.get("way") == "up", actor=actor_of(request.user))
        messages.success(request, _("جای دو سطح با هم عوض شد."))
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, " ".join(refused.texts))
    return redirect("desk:settings_tiers")


@dataclass(frozen=True)
class Way:
    """Where the holders of a tier may go, and how many would come to which tier then."""

    value: str
    text: str
    moves: list[tuple[str, int]]


@never_cache
@staff_required("manage_programme")
@require_http_methods(["GET", "HEAD", "POST"])
def tier_delete(request: HttpRequest, code: str) -> HttpResponse:
    """Ask where the holders go, then take the tier off."""
    one, now = get_tier(code), timezone.now()
    error = ""
    if request.method == "POST":
        try:
            moved = remove_tier(code, into=request.POST.get("into", ""), actor=actor_of(request.user), at=now)
        except NotFound:
            raise
        except AppError as refused:
            error = " ".join(refused.texts)
        else:
            said = _("سطح «%(tier)s» برداشته شد؛ %(count)s عضو جابه‌جا شدند.")
            messages.success(request, said % {"tier": one.name, "count": in_language(moved)})
            return redirect("desk:settings_tiers")
    context = {"heading": _("برداشتن سطح «%(tier)s»") % {"tier": one.name}, "ways": _ways(one, now), "error": error}
    return render(request, "desk/settings/tier_delete.html", context, status=422 if error else 200)


def gives(tier: Tier) -> str:
    """What a tier gives and how it is lost, in words."""
    said = []
    if tier.points_factor_bp != 10_000:
        times = HundredthsField(per=100).prepare_value(tier.points_factor_bp)
        said.append(_("امتیاز %(times)s برابر") % {"times": times})
    if tier.extra_credit_bp:
        rate = HundredthsField().prepare_value(tier.extra_credit_bp)
        said.append(_("%(rate)s٪ اعتبار بیشتر") % {"rate": rate})
    if tier.window_days:
        within = ngettext("در %(days)s روز", "در %(days)s روز", tier.window_days)
        said.append(within % {"days": in_language(tier.window_days)})
    return listed(said)


def _one(request: HttpRequest, tier: Tier | None) -> HttpResponse:
    form = TierForm(request.POST or None, tier=tier, ladder=_ladder())
    if request.POST.get("act") == "save" and form.is_valid():
        try:
            _save(form, actor=actor_of(request.user))
        except AppError as refused:
            form.refuse(refused)
        else:
            messages.success(request, _("سطح «%(tier)s» ثبت شد.") % {"tier": form.cleaned_data["name"]})
            return redirect("desk:settings_tiers")
    heading = _("سطح «%(tier)s»") % {"tier": tier.name} if tier else _("سطح تازه")
    context = {"heading": heading, "form": form, "tier": tier, "forecast": _forecast(form)}
    return render(request, "desk/settings/tier.html", context, status=422 if form.errors else 200)


def _save(form: TierForm, *, actor: str) -> None:
    values = form.values()
    if form.tier is None:
        insert_tier(NewTier(rank=0, **values), above=form.cleaned_data["above"], actor=actor)
        return
    changes = {name: value for name, value in values.items() if value != getattr(form.tier, name)}
    if changes:
        update_tier(form.tier.code, changes, actor=actor)


def _ladder() -> list[Tier]:
    return sorted(tiers(), key=lambda one: one.rank)


def _forecast(form: ThresholdsForm | TierForm) -> Forecast | None:
    draft = form.draft()
    return None if draft is None else forecast(draft, at=timezone.now())


def _ways(tier: Tier, now: datetime) -> list[Way]:
    names = {one.code: one.name for one in _ladder()}
    left = [one for one in _ladder() if one.pk != tier.pk]
    if not left:
        return [Way("", _("بی سطح شوند"), _named(where_to(tier.code, "", at=now), names))]
    fits = where_to(tier.code, FITTING, at=now)
    count = sum(fits.values())
    others = [
        Way(one.code, _("همه به «%(tier)s»") % {"tier": one.name}, [(one.name, count)] if count else [])
        for one in reversed(left)
    ]
    return [Way(FITTING, _("هر کس به سطحی که به آن رسیده"), _named(fits, names)), *others]


def _named(moves: dict[str, int], names: dict[str, str]) -> list[tuple[str, int]]:
    return [(names.get(code) or _("بی سطح"), count) for code, count in sorted(moves.items())]
