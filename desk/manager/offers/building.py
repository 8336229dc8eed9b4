"""The offer builder: four cards, and beside them what the offer says, what is wrong with it and what it may cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import actor_of, staff_required
from core.errors import AppError, NotFound, ValidationFailed
from core.text import whole_number
from desk.manager.offers.choices import shelf
from desk.manager.offers.conditions import Said
from desk.manager.offers.conditions_form import posted_rows
from desk.manager.offers.forms import OfferForm
from desk.manager.offers.looking import Seen, seen, sentence_of, told_groups
from desk.manager.offers.trying import tried
from offers.models import Offer
from offers.pictures import ICONS
from offers.rules import Terms
from offers.selectors import get_offer
from offers.services import checked, update_offer

SUMMARY_LENGTH = 200
SHAPING = ("shape", "add", "drop")
TRYING = ("past", "past-on")
NOTHING_MORE: Mapping[str, Any] = {}


@never_cache
@staff_required("manage_offers")
@require_http_methods(["GET", "HEAD", "POST"])
def builder(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """An offer to be changed; what only changes the shape of the form writes nothing."""
    offer = get_offer(offer_id)
    if offer.status == Offer.Status.ENDED:
        return redirect("desk:offer_history", offer.pk)
    if request.method != "POST":
        return _page(request, offer, OfferForm(None, said=offer.terms, shelf=shelf()))
    act, _colon, one = request.POST.get("act", "save").partition(":")
    if act in SHAPING:
        return _reshaped(request, offer, act, whole_number(one))
    form = OfferForm(request.POST, said=offer.terms, shelf=shelf())
    read = _read(form)
    if act == "look":
        return render(request, "desk/offers/_look.html", _aside(offer, form, read))
    if act in TRYING:
        return _tried(request, offer, form, read, whole=act == "past-on")
    if act == "keep":
        is_kept = read is not None and _kept(request, form, read[0], offer)
        return render(request, "desk/offers/_kept.html", {"is_kept": is_kept, "offer": offer, "at": timezone.now()})
    if act == "tell" and read:
        return _told(request, offer, read[1])
    if read is None or _is_outdated(request, form, offer) or not _saved(request, form, read[0], offer):
        return _page(request, offer, form, read, status=422)
    if act == "publish":
        return redirect("desk:offer_publish", offer.pk)
    is_live = offer.status == Offer.Status.LIVE
    messages.success(request, _("ثبت شد؛ از همین حالا برای خریدهای بعدی است.") if is_live else _("ذخیره شد."))
    return redirect("desk:offer", offer.pk)


def _reshaped(request: HttpRequest, offer: Offer, act: str, one: int | None) -> HttpResponseBase:
    """The form with the fields that go with what is chosen now, all that was typed kept."""
    rows = posted_rows(request.POST)
    if act == "add":
        rows = [*rows, max(rows, default=-1) + 1]
    elif act == "drop":
        rows = [row for row in rows if row != one]
    return _redrawn(request, offer, request.POST, rows)


def _told(request: HttpRequest, offer: Offer, terms: Terms) -> HttpResponseBase:
    """The form with the summary that the offer itself says."""
    data = request.POST.copy()
    data["summary"] = sentence_of(terms)[:SUMMARY_LENGTH]
    return _redrawn(request, offer, data, posted_rows(data))


def _redrawn(request: HttpRequest, offer: Offer, data: QueryDict, rows: list[int]) -> HttpResponseBase:
    """The cards anew; where all of it can be read, what stands beside them and the draft, too."""
    form = OfferForm(data, said=offer.terms, shelf=shelf(), quiet=True, rows=rows)
    if not getattr(request, "htmx", False):
        return _page(request, offer, form)
    whole = OfferForm(data, said=offer.terms, shelf=form.shelf, rows=rows)
    read = _read(whole)
    is_kept = read is not None and _kept(request, whole, read[0], offer)
    more = {"is_kept": is_kept, "at": timezone.now()}
    context = _context(offer, form) | _aside(offer, whole, read) | more
    return render(request, "desk/offers/_reshaped.html", context)


def _tried(
    request: HttpRequest, offer: Offer, form: OfferForm, read: tuple[Said, Terms] | None, *, whole: bool
) -> HttpResponseBase:
    """The offer on past purchases: a part of its own, or without scripts the page with all of it."""
    is_part = bool(getattr(request, "htmx", False))
    past = tried(read[1], offer, whole=whole or not is_part, now=timezone.now()) if read else None
    found = {"past": past, "asked": True}
    if is_part:
        return render(request, "desk/offers/_past.html", {"offer": offer, "oob": True, **found})
    return _page(request, offer, form, read, status=200 if read else 422, more=found)


def _read(form: OfferForm) -> tuple[Said, Terms] | None:
    """What the form says, as it is kept and as it is judged; None where it cannot be read, with the faults in it."""
    if not form.is_valid():
        return None
    written = form.written()
    try:
        return checked({**form.before, **written.said}, form.shelf.known)
    except ValidationFailed as refused:
        form.refuse_paths(refused, written.places)
        return None


def _kept(request: HttpRequest, form: OfferForm, said: Said, offer: Offer) -> bool:
    """Write a draft by the way; a live offer is written only when it is asked."""
    is_same = not _changes(said, offer)
    return is_same if offer.status == Offer.Status.LIVE else is_same or _saved(request, form, said, offer)


def _saved(request: HttpRequest, form: OfferForm, said: Said, offer: Offer) -> bool:
    changes = _changes(said, offer)
    if not changes:
        return True
    actor, now = actor_of(request.user), timezone.now()
    try:
        update_offer(offer.pk, changes, known=form.shelf.known, actor=actor, now=now)
    except NotFound:
        raise
    except ValidationFailed as refused:
        form.refuse_paths(refused, [])
    except AppError as refused:
        form.add_error(None, refused.detail)
    else:
        return True
    return False


def _is_outdated(request: HttpRequest, form: OfferForm, offer: Offer) -> bool:
    """Whether what is live was changed since the page was opened; said once, so that the next click may replace it."""
    seen_version = whole_number(request.POST.get("version", ""))
    if offer.status != Offer.Status.LIVE or seen_version in (None, offer.version):
        return False
    form.add_error(
        None,
        _(
            "این پیشنهاد پس از باز شدن این صفحه عوض شده است. برای دیدن آن صفحه را از نو باز کنید؛ "
            "اگر باز هم ثبت کنید، همین نوشته‌ها جای آن را می‌گیرد."
        ),
    )
    return True


def _changes(said: Said, offer: Offer) -> Said:
    return {name: value for name, value in said.items() if offer.terms.get(name) != value}


def _page(
    request: HttpRequest,
    offer: Offer,
    form: OfferForm,
    read: tuple[Said, Terms] | None = None,
    *,
    status: int = 200,
    more: Mapping[str, Any] = NOTHING_MORE,
) -> HttpResponseBase:
    if read is None and not form.is_bound:
        try:
            read = checked(offer.terms, form.shelf.known)
        except ValidationFailed as refused:
            texts = [str(text) for said in refused.errors.values() for text in said]
            messages.error(request, " ".join(texts))
    context = _context(offer, form) | _aside(offer, form, read) | {"is_kept": not form.is_bound, **more}
    return render(request, "desk/offers/builder.html", context, status=status)


def _context(offer: Offer, form: OfferForm) -> dict[str, Any]:
    groups = told_groups(form.groups_shown, offer) if form.groups_shown else []
    return {"offer": offer, "form": form, "rows": form.rows, "icons": ICONS, "groups": groups}


def _aside(offer: Offer, form: OfferForm, read: tuple[Said, Terms] | None) -> dict[str, Any]:
    """What stands beside the cards."""
    look: Seen | None = seen(offer, read[1], known=form.shelf.known) if read else None
    missing = "" if look or form.quiet else next((text for _id, text in form.summary_errors), "")
    return {"offer": offer, "seen": look, "missing": missing}
