"""The club's offers: by state, each in a sentence, with how often it was given and what it cost so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.db.models import Count
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import staff_required
from club.awards.naming import names_for
from core.errors import AppError, Text
from core.keyset import every
from core.tables.writing import Column
from core.tenancy.scope import club_zone
from core.text import whole_number
from desk.files import file_links, list_file
from desk.manager.offers.choices import TRIGGERS
from offers.models import Offer, OfferCounter
from offers.parsing import parse
from offers.rules import Terms
from offers.selectors import offers
from offers.states import acts_on
from offers.vocabulary import EVENT
from offers.words import Words
from reports.effect.forecasting import forecasts_of
from reports.models import OfferForecast

SHOWN = 25
CHUNK = 500
TONES = {"draft": "tag-saffron", "live": "tag-ok", "paused": "tag-info", "ended": ""}


@dataclass(frozen=True)
class Listed:
    """An offer as a row of the list."""

    offer: Offer
    terms: Terms | None
    sentence: str
    trigger: Text
    used: int
    spent: int
    forecast: OfferForecast | None = None
    """What it was expected to cost, of one that has ended."""

    @property
    def tone(self) -> str:
        """The colour of its state."""
        return TONES[self.offer.status]

    @property
    def acts(self) -> list[str]:
        """What may be done with it."""
        return acts_on(self.offer.status)


COLUMNS = (
    Column(gettext_lazy("نام"), lambda row: row.offer.name),
    Column(gettext_lazy("وضعیت"), lambda row: row.offer.get_status_display()),
    Column(gettext_lazy("به زبان ساده"), attrgetter("sentence")),
    Column(gettext_lazy("رویداد"), lambda row: str(row.trigger)),
    Column(gettext_lazy("آغاز"), lambda row: row.offer.starts_at, "moment"),
    Column(gettext_lazy("پایان"), lambda row: row.offer.ends_at, "moment"),
    Column(gettext_lazy("بار داده شده"), attrgetter("used"), "number"),
    Column(gettext_lazy("هزینه تا امروز"), attrgetter("spent"), "money"),
    Column(gettext_lazy("پیش‌بینی هزینه"), lambda row: row.forecast.most if row.forecast else None, "money"),
)


@never_cache
@staff_required("manage_offers")
@require_safe
def offer_list(request: HttpRequest) -> HttpResponseBase:
    """A page of the offers of one state, or of all."""
    counts = Counter(dict(offers().order_by().values_list("status").annotate(count=Count("pk"))))
    status = _status(request)
    before = whole_number(request.GET.get("before", ""))
    found = _rows(status, before, SHOWN + 1)
    rows = found[:SHOWN]
    tabs = [("", _("همه"), sum(counts.values()))]
    tabs += [(value, str(label), counts[value]) for value, label in Offer.Status.choices]
    context = {
        "rows": listed(rows),
        "older": rows[-1].pk if len(found) > SHOWN else None,
        "is_first": before is None,
        "status": status,
        "tabs": tabs,
        "is_empty": not counts,
        "files": file_links(request, "desk:offers_file"),
    }
    return render(request, "desk/offers/list.html", context)


@never_cache
@staff_required("manage_offers")
@require_safe
def offers_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """Every offer of the state that is shown."""
    status = _status(request)

    def chunk(before: int | None) -> list[Listed]:
        return listed(_rows(status, before, CHUNK))

    rows: Iterator[Any] = every(chunk, lambda row: row.offer.pk)
    return list_file(request, COLUMNS, rows, form=form, title=_("پیشنهادها"), name="offers", asked={"status": status})


def listed(found: list[Offer]) -> list[Listed]:
    """The offers in words, with what was given of each: seven queries for all."""
    zone = club_zone()
    terms = {offer.pk: read(offer.terms, zone) for offer in found}
    words = Words(names_for(one for one in terms.values() if one))
    totals = OfferCounter.objects.filter(offer__in=[offer.pk for offer in found], period="")
    forecasts = forecasts_of(offer.pk for offer in found if offer.status == Offer.Status.ENDED)
    given = {offer: (used, spent) for offer, used, spent in totals.values_list("offer", "used", "spent")}
    return [
        Listed(
            offer,
            known,
            words.offer(known) if known else offer.terms.get("summary", ""),
            trigger_name(offer.trigger, words),
            *given.get(offer.pk, (0, 0)),
            forecasts.get(offer.pk),
        )
        for offer in found
        for known in [terms[offer.pk]]
    ]


def trigger_name(trigger: str, words: Words) -> Text:
    """What the trigger is called; an event by what the club calls it, else by its own name."""
    if trigger.startswith(EVENT) and trigger not in TRIGGERS:
        event = trigger.removeprefix(EVENT)
        return words.names.events.get(event, event)
    return TRIGGERS.get(trigger, trigger)


def read(said: dict[str, Any], zone: str) -> Terms | None:
    """The terms of a kept offer; None should an older version of the language have allowed what this one does not."""
    try:
        return parse(said, zone=lambda: zone)
    except AppError:
        return None


def _status(request: HttpRequest) -> str:
    asked = request.GET.get("status", "")
    return asked if asked in Offer.Status.values else ""


def _rows(status: str, before: int | None, limit: int) -> list[Offer]:
    rows = offers().order_by("-pk")
    if status:
        rows = rows.filter(status=status)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows[:limit])
