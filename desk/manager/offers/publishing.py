"""Publishing an offer, asked once; pausing, ending and removing it; and the versions in which it was live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import actor_of, staff_required
from club.awards.naming import known_codes, names_for
from core.errors import AppError, NotFound, Text, ValidationFailed
from core.jalali import format_datetime
from core.tenancy.scope import club_zone
from desk.manager.offers.choices import GOALS
from desk.manager.offers.forms import STACKING, OfferForm
from desk.manager.offers.listing import listed, read, trigger_name
from desk.manager.offers.looking import conditions, seen
from desk.manager.record import actors
from offers.rules import Terms
from offers.selectors import get_offer, versions_of
from offers.services import checked, delete_draft, move_offer
from offers.states import acts_on
from offers.words import Words
from reports.effect.forecasting import publish_offer

DONE: dict[str, Text] = {
    "pause": gettext_lazy("پیشنهاد ایستاد؛ تا دوباره منتشر نشود به کسی داده نمی‌شود."),
    "end": gettext_lazy("پیشنهاد پایان یافت. آنچه داده شده سر جایش است."),
}


@dataclass(frozen=True)
class Changed:
    """One thing that a version says otherwise than the one before; empty before: it is new."""

    label: str
    before: str
    after: str


@never_cache
@staff_required("manage_offers")
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """Ask once, with the sentence and the most that it may cost; then it is live."""
    offer = get_offer(offer_id)
    if "publish" not in acts_on(offer.status):
        messages.info(request, _("این پیشنهاد در وضعیتی نیست که منتشر شود."))
        return redirect("desk:offers")
    error = ""
    try:
        known = known_codes()
        look = seen(offer, checked(offer.terms, known)[1], known=known)
        if request.method == "POST" and not look.stops:
            publish_offer(offer.pk, actor=actor_of(request.user), now=timezone.now())
            messages.success(request, _("«%(name)s» منتشر شد.") % {"name": offer.name})
            return redirect("desk:offers")
    except NotFound:
        raise
    except ValidationFailed as refused:
        messages.error(request, " ".join(refused.texts))
        return redirect("desk:offer", offer.pk)
    except AppError as refused:
        error = str(refused.detail)
    context = {"offer": offer, "seen": look, "error": error}
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/offers/publish.html", context, status=status)


@never_cache
@staff_required("manage_offers")
@require_POST
def move(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """Pause or end an offer."""
    act = request.POST.get("act", "")
    offer = get_offer(offer_id)
    if act not in DONE:
        messages.error(request, _("کاری را که باید بشود برنگزیده‌اید."))
        return redirect("desk:offers")
    try:
        move_offer(offer.pk, act, actor=actor_of(request.user), now=timezone.now())
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, " ".join(refused.texts))
    else:
        messages.success(request, str(DONE[act]))
    return redirect("desk:offers")


@never_cache
@staff_required("manage_offers")
@require_POST
def remove(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """Remove a draft that was never published."""
    try:
        delete_draft(offer_id, actor=actor_of(request.user))
    except NotFound:
        raise
    except AppError as refused:
        messages.error(request, " ".join(refused.texts))
    else:
        messages.success(request, _("پیش‌نویس پاک شد."))
    return redirect("desk:offers")


@never_cache
@staff_required("manage_offers")
@require_safe
def history(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """Each version that was live, who made it, and what it changed."""
    offer = get_offer(offer_id)
    versions = versions_of(offer)
    zone = club_zone()
    terms = [read(version.terms, zone) for version in versions]
    words = Words(names_for(one for one in terms if one))
    names = actors([version.actor for version in versions])
    earlier = [*terms[1:], None][: len(terms)]
    rows = [
        {
            "version": version,
            "by": names.get(version.actor, ""),
            "sentence": words.offer(now) if now else "",
            "changes": changes(before, now, words) if before and now else [],
        }
        for version, now, before in zip(versions, terms, earlier, strict=True)
    ]
    context = {"offer": offer, "one": listed([offer])[0], "rows": rows}
    return render(request, "desk/offers/history.html", context)


def changes(before: Terms, after: Terms, words: Words) -> list[Changed]:
    """What the one says otherwise than the other, in words."""
    old, new = told(before, words), told(after, words)
    return [Changed(label, old[label], new[label]) for label in new if old[label] != new[label]]


def told(terms: Terms, words: Words) -> dict[str, str]:
    """All that an offer says, by what people call it."""
    labels: dict[str, Any] = {name: field.label for name, field in OfferForm.base_fields.items()}

    def moment(at: Any) -> str:
        return format_datetime(at, tz=club_zone()) if at else _("باز")

    limits = terms.limits
    money = {"budget": limits.budget, "budget_per_month": limits.budget_per_month}
    times = {name: getattr(limits, name) for name in vars(limits) if name not in money}
    said: dict[str, str] = {
        str(labels["name"]): terms.name,
        str(labels["summary"]): terms.summary,
        _("پاداش"): words.benefit(terms.benefit),
        _("شرط‌ها"): "؛ ".join(conditions(words, terms)) or _("بی‌شرط"),
        str(labels["trigger"]): str(trigger_name(terms.trigger, words)),
        _("آغاز"): moment(terms.starts_at),
        _("پایان"): moment(terms.ends_at),
        str(labels["stacking"]): str(STACKING[terms.stacking]),
        str(labels["goal"]): str(GOALS[terms.goal]),
        str(labels["code_required"]): _("بله") if terms.code_required else _("نه"),
        str(labels["priority"]): words.value("line_count", terms.priority),
        str(labels["control"]): words.value("line_count", terms.control_bp // 100),
    }
    said |= {str(labels[name]): words.money(rial) if rial else _("بی‌سقف") for name, rial in money.items()}
    said |= {str(labels[name]): words.value("line_count", n) if n else _("بی‌سقف") for name, n in times.items()}
    return said
