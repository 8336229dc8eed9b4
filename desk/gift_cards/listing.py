"""All gift cards: what the club owes by them, found by code or phone, and taken home as a file."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.rights import staff_required
from club.gift_cards.codes import card_key
from club.gift_cards.models import GiftCard
from club.gift_cards.selectors import batches, cards_in, state_of, totals
from club.members.selectors import search
from club.purchases.payments import method_name
from core.errors import Text
from core.keyset import every
from core.tables.writing import Column
from core.text import whole_number
from desk.files import file_links, list_file

SHOWN = 50
CHUNK = 1_000
BATCHES = 5
MOST_MEMBERS = 200
STATES: dict[str, Text] = {
    "active": gettext_lazy("باز"),
    "used_up": gettext_lazy("خرج‌شده"),
    "ended": gettext_lazy("مهلت گذشته"),
    "blocked": gettext_lazy("بسته"),
    "refunded": gettext_lazy("پس‌داده"),
}
COLUMNS = (
    Column(gettext_lazy("کارت"), attrgetter("masked_code")),
    Column(gettext_lazy("مبلغ"), attrgetter("amount"), "money"),
    Column(gettext_lazy("مانده"), attrgetter("wallet.balance"), "money"),
    Column(gettext_lazy("وضعیت"), lambda row: str(STATES[state_of(row, timezone.now())])),
    Column(gettext_lazy("برای"), lambda row: str(row.member) if row.member else ""),
    Column(gettext_lazy("از کجا"), lambda row: row.get_origin_display()),
    Column(gettext_lazy("پول گرفته‌شده"), attrgetter("price"), "money"),
    Column(gettext_lazy("پرداخت"), lambda row: method_name(row.payment_method)),
    Column(gettext_lazy("پول پس‌داده"), attrgetter("money_back"), "money"),
    Column(gettext_lazy("تا پایان روز"), attrgetter("ends_at"), "moment"),
    Column(gettext_lazy("زمان"), attrgetter("occurred_at"), "moment"),
)


@never_cache
@staff_required("manage_gift_cards")
@require_safe
def gift_cards(request: HttpRequest) -> HttpResponseBase:
    """What the club owes by its cards, and the cards, newest first."""
    before, now = whole_number(request.GET.get("before", "")), timezone.now()
    text, state = request.GET.get("q", "")[:120], request.GET.get("state", "")
    found = _rows(text, state, before, SHOWN + 1)
    context = {
        "totals": totals(now),
        "rows": [(row, state_of(row, now)) for row in found[:SHOWN]],
        "text": text,
        "state": state,
        "states": STATES.items(),
        "older": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "is_first": before is None,
        "batches": batches(shown=BATCHES),
        "files": file_links(request, "desk:gift_cards_file"),
    }
    return render(request, "desk/gift_cards/list.html", context)


@never_cache
@staff_required("manage_gift_cards")
@require_safe
def gift_cards_file(request: HttpRequest, form: str) -> HttpResponseBase:
    """The cards as the list is filtered, without their codes."""
    text, state = request.GET.get("q", "")[:120], request.GET.get("state", "")
    rows: Iterator[Any] = every(lambda before: _rows(text, state, before, CHUNK), attrgetter("pk"))
    asked = {"q": "…" if text else "", "state": state if state in STATES else ""}
    return list_file(request, COLUMNS, rows, form=form, title=_("کارت‌های هدیه"), name="gift_cards", asked=asked)


def _rows(text: str, state: str, before: int | None, limit: int) -> list[GiftCard]:
    rows: QuerySet[GiftCard] = cards_in(state, timezone.now())
    text = text.replace("\x00", "").strip()
    if text:
        members = list(search(text).values_list("pk", flat=True)[:MOST_MEMBERS])
        rows = rows.filter(Q(code=card_key(text)) | Q(member__in=members))
    return list((rows if before is None else rows.filter(pk__lt=before)).order_by("-pk")[:limit])
