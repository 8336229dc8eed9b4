"""The goods of a purchase typed one by one: a product by its code or name, or a name and a price of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.rights import staff_required
from club.catalogue.models import Product
from club.catalogue.selectors import products_called, products_like
from club.purchases.orders import MOST_RIAL, OrderLine, normal_code
from core.forms import MoneyField
from core.language import in_language
from core.text import clean_name, latin_digits, whole_number

MOST_ROWS = 50
ROWS_SHOWN = 4
MOST_OF_ONE = 1_000_000
LONGEST = 120


@dataclass(frozen=True)
class Row:
    """One row as it was typed."""

    index: int
    what: str = ""
    quantity: str = ""
    price: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is sold by it: a quantity alone says nothing."""
        return not self.what.strip() and not self.price.strip()


class WrongRow(Exception):
    """A row that cannot be sold, with the reason in words."""


def typed_rows(data: Mapping[str, str]) -> list[Row]:
    """The rows of a posted form, empty ones too, and enough empty ones to type on without JavaScript."""
    rows = [
        Row(i, *(data.get(f"line-{i}-{part}", "")[:LONGEST] for part in ("what", "quantity", "price")))
        for i in range(MOST_ROWS)
    ]
    last = max((row.index for row in rows if not row.is_empty), default=-1)
    return rows[: max(ROWS_SHOWN, min(last + 2, MOST_ROWS))]


def order_lines(rows: list[Row]) -> tuple[list[OrderLine], list[str]]:
    """The lines of the rows that can be sold, and what is wrong with the others."""
    filled = [row for row in rows if not row.is_empty]
    products = products_called({row.what for row in filled if row.what.strip()}) if filled else {}
    lines, faults = [], []
    for row in filled:
        try:
            lines.append(_line(row, products.get(_called(row.what))))
        except WrongRow as wrong:
            faults.append(_("سطر %(row)s: %(text)s") % {"row": in_language(row.index + 1), "text": wrong})
    return lines, faults


def _line(row: Row, product: Product | None) -> OrderLine:
    quantity = whole_number(latin_digits(row.quantity.strip() or "1"), most=MOST_OF_ONE)
    if not quantity:
        raise WrongRow(_("تعداد را با رقم بنویسید، از ۱ به بالا"))
    try:
        price = MoneyField(required=False, max_rial=MOST_RIAL).clean(row.price)
    except ValidationError as refused:
        raise WrongRow(" ".join(refused.messages)) from refused
    if product:
        return OrderLine(quantity, price, product=product.code)
    if price is None:
        raise WrongRow(_("کالایی با این کد یا نام نیست؛ قیمتش را هم بنویسید"))
    return OrderLine(quantity, price, name=clean_name(row.what))


def _called(text: str) -> str:
    return normal_code(clean_name(text))


@never_cache
@staff_required("record_purchase")
@require_GET
def product_search(request: HttpRequest) -> HttpResponseBase:
    """The options under the field of a row: products on sale whose code begins so or whose name has the words."""
    text = _called(request.GET.get("q", "")[:LONGEST])
    return render(request, "desk/_products.html", {"products": products_like(text) if text else []})
