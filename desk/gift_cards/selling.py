"""A gift card sold at the till, the cards sold today, and the card that somebody brings along."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.branches import Branches, own_branches
from accounts.rights import actor_of, staff_required
from club.gift_cards.selectors import card_by_code, sales_of_day
from club.gift_cards.services import sell_card
from club.members.models import Member
from club.members.selectors import get_member
from club.purchases.payments import method_name
from core.errors import AppError, NotFound, ValidationFailed
from core.idempotency import new_key
from core.templatetags.club_ui import money_unit
from core.text import whole_number
from desk.gift_cards.forms import SellForm

SHOWN = 12


@never_cache
@staff_required("sell_gift_cards")
@require_http_methods(["GET", "HEAD", "POST"])
def sell(request: HttpRequest) -> HttpResponseBase:
    """The form of a sale beside what was sold today; a card that was brought along is looked up here, too."""
    if request.method == "POST" and request.POST.get("act") == "find":
        return _found(request)
    own = _own(request.user)
    form = SellForm(request.POST if request.method == "POST" else None, own=own, initial=_first(request))
    if request.method == "POST" and form.is_valid():
        try:
            card = sell_card(
                form.sale(), actor=actor_of(request.user), key=form.cleaned_data["key"], now=timezone.now()
            )
        except AppError as refused:
            refuse(form, refused)
        else:
            said = _("کارت هدیهٔ %(money)s فروخته شد.") % {"money": money_unit(card.amount)}
            messages.success(request, said)
            return redirect("desk:gift_card", card.pk)
    return _page(request, form, status=422 if form.errors else 200)


def _found(request: HttpRequest) -> HttpResponseBase:
    code = request.POST.get("code", "")[:64]
    try:
        return redirect("desk:gift_card", card_by_code(code).pk)
    except NotFound:
        own = _own(request.user)
        form = SellForm(own=own, initial=_first(request))
        return _page(request, form, status=422, code=code, code_error=_("کارت هدیه‌ای با این کد نیست."))


def _own(user: Any) -> Branches:
    """The branches whose cards the person sells; None for all."""
    return own_branches(user, "sell_gift_cards")


def _first(request: HttpRequest) -> dict[str, Any]:
    buyer = whole_number(request.GET.get("member", ""))
    return {"key": new_key(), "payment_method": "card", "buyer": buyer}


def _buyer(form: SellForm) -> Member | None:
    """Who buys it, where the till sent on a member. Raises NotFound for an unknown id."""
    number = whole_number(str(form["buyer"].value() or ""))
    return get_member(number) if number else None


def _page(request: HttpRequest, form: SellForm, *, status: int, **more: Any) -> HttpResponseBase:
    own = _own(request.user)
    day = sales_of_day(timezone.now(), branches=own, shown=SHOWN)
    context = {
        "form": form,
        "buyer": _buyer(form),
        "day": day,
        "methods": [(method_name(method) or "—", money) for method, money in day.by_method],
        **more,
    }
    return render(request, "desk/gift_cards/sell.html", context, status=status)


def refuse(form: Any, refused: AppError) -> None:
    """Say what the service refused beside its field."""
    if isinstance(refused, ValidationFailed):
        renamed = {{"ends_at": "ends_on"}.get(name, name): texts for name, texts in refused.errors.items()}
        refused = ValidationFailed({name: [*texts] for name, texts in renamed.items()})
    form.refuse(refused)
