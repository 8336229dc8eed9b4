"""Reads of the catalogue."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from django.db.models import Q, QuerySet

from club.catalogue.models import Branch, Group, Product, ProductGroup
from core.errors import NotFound
from core.text import clean_name, latin_digits

SUGGESTED = 8


def by_code(kind: type[Product] | type[Group] | type[Branch], code: str, *, lock: bool = False) -> Any:
    """The product, group or branch with this code; NotFound for an unknown one."""
    rows = kind.objects.select_for_update() if lock else kind.objects
    row = rows.filter(code=code).first() if "\x00" not in code else None
    if row is None:
        raise NotFound
    return row


def group_codes(products: list[Product]) -> dict[int, list[str]]:
    """The codes of each product's groups, in one query."""
    codes: dict[int, list[str]] = {product.pk: [] for product in products}
    pairs = ProductGroup.objects.filter(product__in=codes).order_by("group__code").values_list("product", "group__code")
    for product_id, code in pairs:
        codes[product_id].append(code)
    return codes


def in_catalogue(kind: type[Product] | type[Group] | type[Branch]) -> QuerySet[Any]:
    """Everything of one kind, for lists."""
    rows: QuerySet[Any] = kind.objects.all()
    return rows


def products_called(texts: Collection[str]) -> dict[str, Product]:
    """The products on sale that the texts name, by code or by a whole name that only one has, in Latin digits."""
    asked = {latin_digits(clean_name(text)) for text in texts} | {clean_name(text) for text in texts}
    rows = list(Product.objects.filter(Q(code__in=asked) | Q(name__in=asked), is_active=True))
    names = Counter(row.name for row in rows)
    by_name = {latin_digits(row.name): row for row in rows if names[row.name] == 1}
    return by_name | {row.code: row for row in rows}


def prices_of(codes: Collection[str]) -> dict[str, int]:
    """The price in Rial of each product, by its code."""
    return dict(Product.objects.filter(code__in=codes).values_list("code", "price_rial"))


def names_of(codes: Collection[str]) -> dict[str, str]:
    """What the products and groups with these codes are called."""
    pairs = [kind.objects.filter(code__in=codes).values_list("code", "name") for kind in (Group, Product)]
    return {code: name for found in pairs for code, name in found}


def products_like(text: str) -> list[Product]:
    """A few products on sale whose code begins with the text or whose name has it, by name."""
    rows = Product.objects.filter(Q(code__startswith=text) | Q(name__icontains=text), is_active=True)
    return list(rows.order_by("name", "id")[:SUGGESTED])


def called(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Those of the rows whose name has the text as a part, or whose code begins with it; all for an empty text."""
    if not text:
        return rows
    folded = latin_digits(clean_name(text))
    return rows.filter(Q(code__istartswith=folded) | Q(name__icontains=clean_name(text)))


def catalogue_page(
    kind: type[Product] | type[Group] | type[Branch], text: str = "", *, after: str = "", limit: int
) -> tuple[list[Any], str]:
    """A page of one kind by name, products with their groups; what comes after it (the next page's `after`), or "".

    `text` is a part of the name or the beginning of the code.
    """
    rows = called(in_catalogue(kind).order_by("name", "code"), text)
    last = kind.objects.filter(code=after).first() if after and "\x00" not in after else None
    if last is not None:
        rows = rows.filter(Q(name__gt=last.name) | Q(name=last.name, code__gt=last.code))
    if kind is Product:
        rows = rows.prefetch_related("groups")
    found = list(rows[: limit + 1])
    return found[:limit], found[limit - 1].code if len(found) > limit else ""
