"""A new offer: from a ready one with a click, from an empty one, or as the copy of another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rights import actor_of, staff_required
from club.awards.naming import known_codes
from core.errors import NotFound, ValidationFailed
from core.forms import MoneyField
from core.money import unit_name
from core.tenancy.scope import current_club
from desk.manager.offers.choices import Choices, Shelf, shelf
from offers.models import Offer
from offers.pictures import ICONS
from offers.selectors import get_offer
from offers.services import create_offer
from offers.starters import BY_CODE, STARTERS, Ask, Starter, started
from offers.vocabulary import EVENT
from offers.words import Names

NAME_LENGTH = 100
CONTROL_PERCENT = 10
"""So many members are held out of an offer that is made here, until its manager says otherwise."""
LACKING = {
    "tier": gettext_lazy("نخست در تنظیمات یک سطح بسازید."),
    "goods": gettext_lazy("نخست در تنظیمات یک گروه یا کالا بسازید."),
    "product": gettext_lazy("نخست در تنظیمات یک کالا بسازید."),
    "money": gettext_lazy("نخست در تنظیمات یک کالا بسازید."),
    "coupon": gettext_lazy("نخست پیشنهادی بسازید که «تنها با کد تخفیف» است."),
    "activity": gettext_lazy("نخست در «فعالیت‌ها» یک نوع بسازید."),
}


@dataclass(frozen=True)
class Choice:
    """What is still to be chosen of a ready offer."""

    path: str
    label: str | Promise
    choices: Choices
    value: Any
    """What it begins with."""

    @property
    def unit(self) -> str:
        """That of the money that is typed; empty where one chooses."""
        return "" if self.choices else unit_name(current_club().currency_unit)


@dataclass(frozen=True)
class Ready:
    """A ready offer as it is laid out: what it says with the first choices, and what it lacks in this club."""

    starter: Starter
    summary: str
    asks: list[Choice]
    lacking: str | Promise

    @property
    def icon(self) -> str:
        """The picture of what it gives."""
        return ICONS[self.starter.offer["benefit"]["kind"]]


@never_cache
@staff_required("manage_offers")
@require_http_methods(["GET", "HEAD", "POST"])
def offer_new(request: HttpRequest) -> HttpResponseBase:
    """Ready offers to start from; a click makes a draft of one."""
    known = shelf()
    error = ""
    if request.method == "POST":
        try:
            made = _made(request, known)
        except ValidationFailed as refused:
            error = " ".join(refused.texts)
        else:
            return redirect("desk:offer", made.pk)
    context = {"ready": [_ready(starter, known) for starter in STARTERS], "error": error}
    return render(request, "desk/offers/new.html", context, status=422 if error else 200)


@never_cache
@staff_required("manage_offers")
@require_POST
def offer_copy(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """A draft that says the same under a name of its own."""
    offer = get_offer(offer_id)
    name = _("%(name)s (رونوشت)") % {"name": offer.name}
    said = {**offer.terms, "name": name if len(name) <= NAME_LENGTH else offer.name}
    try:
        made = create_offer(said, known=known_codes(), actor=actor_of(request.user))
    except ValidationFailed as refused:
        messages.error(request, " ".join(refused.texts))
        return redirect("desk:offers")
    messages.success(request, _("رونوشت ساخته شد؛ پیش‌نویس است و هنوز کاری نمی‌کند."))
    return redirect("desk:offer", made.pk)


def empty() -> dict[str, Any]:
    """An offer that says as little as an offer may."""
    return {"name": _("پیشنهاد تازه"), "trigger": "purchase", "benefit": {"kind": "credit_percent", "percent": 5}}


def _made(request: HttpRequest, known: Shelf) -> Offer:
    code = request.POST.get("starter")
    if code is None:
        raise ValidationFailed({"starter": [_("یکی از پیشنهادها را بردارید.")]})
    if not code:
        said = empty()
    else:
        starter = BY_CODE.get(code)
        if starter is None:
            raise NotFound
        said = _started(starter, known, request.POST)
    held_out = {"control_percent": CONTROL_PERCENT}
    return create_offer(held_out | said, known=known_codes(), actor=actor_of(request.user))


def _ready(starter: Starter, known: Shelf) -> Ready:
    lacking = next((LACKING[ask.kind] for ask in starter.asks if not _first(ask, known)), "")
    summary = "" if lacking else _started(starter, known, QueryDict())["summary"]
    asks = [Choice(ask.path, ask.label, _choices(ask, known), _shown(ask, known)) for ask in starter.asks]
    return Ready(starter, summary, asks, lacking)


def _started(starter: Starter, known: Shelf, chosen: QueryDict) -> dict[str, Any]:
    """The ready offer with what was chosen; what was not, as the page shows it first."""
    answers: dict[str, Any] = {}
    for ask in starter.asks:
        if not _first(ask, known):
            raise ValidationFailed({ask.path: [LACKING[ask.kind]]})
        found = _answer(ask, known, chosen.get(ask.path, "")) or _first(ask, known)
        answers[ask.path] = int(found) if ask.kind == "coupon" else found
    names = Names(current_club().currency_unit, tiers=dict(known.tiers), goods=dict(known.goods))
    return started(starter, answers, names)


def _answer(ask: Ask, known: Shelf, typed: str) -> Any:
    if ask.kind != "money":
        return typed if typed in dict(_choices(ask, known)) else None
    try:
        return MoneyField(required=False, min_rial=1).clean(typed)
    except DjangoValidationError as refused:
        raise ValidationFailed({ask.path: [f"{ask.label} {text}" for text in refused.messages]}) from None


def _shown(ask: Ask, known: Shelf) -> Any:
    first = _first(ask, known)
    return MoneyField().prepare_value(first) if ask.kind == "money" else first


def _choices(ask: Ask, known: Shelf) -> Choices:
    chosen_from: dict[str, Choices] = {
        "tier": known.tiers,
        "goods": known.goods,
        "product": known.products,
        "coupon": known.coupons,
        "activity": [(f"{EVENT}{code}", name) for code, name in known.activities],
    }
    return chosen_from.get(ask.kind, [])


def _first(ask: Ask, known: Shelf) -> Any:
    """What an ask begins with: the tier above the lowest, the first goods, twice the price of the dearest shown."""
    if ask.kind == "money":
        prices = sorted(known.prices.values())
        return prices[-1] * 2 * 9 // 10 if prices and prices[-1] else None
    choices = _choices(ask, known)
    return choices[min(1, len(choices) - 1) if ask.kind == "tier" else 0][0] if choices else None
