"""Gift cards issued together: how many, the list of their codes, and paper to cut."""

from __future__ import annotations

from operator import attrgetter

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rights import actor_of, staff_required
from club.gift_cards.selectors import cards_of_batch, get_batch, state_of, usable_balance
from club.gift_cards.services import issue_cards_once
from core.errors import AppError
from core.idempotency import new_key
from core.language import grouped
from core.tables.writing import Column
from desk.files import file_links, list_file
from desk.gift_cards.card import printed
from desk.gift_cards.forms import IssueForm
from desk.gift_cards.selling import refuse
from desk.manager.record import actors

CODES = (
    Column(gettext_lazy("کد"), attrgetter("shown_code")),
    Column(gettext_lazy("مبلغ"), attrgetter("amount"), "money"),
    Column(gettext_lazy("مانده"), attrgetter("wallet.balance"), "money"),
    Column(gettext_lazy("تا پایان روز"), attrgetter("ends_at"), "moment"),
)


@never_cache
@staff_required("manage_gift_cards")
@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: HttpRequest) -> HttpResponseBase:
    """Up to a thousand cards at once."""
    form = IssueForm(request.POST if request.method == "POST" else None, initial={"key": new_key()})
    if request.method == "POST" and form.is_valid():
        try:
            key = form.cleaned_data["key"]
            batch = issue_cards_once(form.issue(), actor=actor_of(request.user), key=key, now=timezone.now())
        except AppError as refused:
            refuse(form, refused)
        else:
            said = ngettext("%(count)s کارت ساخته شد.", "%(count)s کارت ساخته شد.", batch.count)
            messages.success(request, said % {"count": grouped(batch.count)})
            return redirect("desk:gift_card_batch", batch.pk)
    return render(request, "desk/gift_cards/issue.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@staff_required("manage_gift_cards")
@require_safe
def batch(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """The cards that were made together, with what is left on each."""
    row, now = get_batch(batch_id), timezone.now()
    cards = cards_of_batch(row)
    context = {
        "batch": row,
        "by": actors([row.actor]).get(row.actor, ""),
        "rows": [(card, state_of(card, now)) for card in cards],
        "left": sum(card.wallet.balance for card in cards),
        "files": file_links(request, "desk:gift_card_batch_file", row.pk),
    }
    return render(request, "desk/gift_cards/batch.html", context)


@never_cache
@staff_required("manage_gift_cards")
@require_safe
def batch_print(request: HttpRequest, batch_id: int) -> HttpResponseBase:
    """The cards of the batch that can be spent, on paper to cut."""
    row, now = get_batch(batch_id), timezone.now()
    cards = [card for card in cards_of_batch(row) if usable_balance(card, now)]
    return render(request, "desk/gift_cards/print.html", {"printed": printed(cards), "batch": row})


@never_cache
@staff_required("manage_gift_cards")
@require_safe
def batch_file(request: HttpRequest, batch_id: int, form: str) -> HttpResponseBase:
    """The codes of the batch, for who prints or sends them elsewhere."""
    row = get_batch(batch_id)
    title = _("کدهای کارت هدیه")
    asked = {"batch": str(row.pk)}
    return list_file(request, CODES, cards_of_batch(row), form=form, title=title, name="gift_cards", asked=asked)
