"""Reads of the catalogue."""

from typing import Any

from django.db.models import QuerySet

from club.catalogue.models import Branch, Group, Product, ProductGroup
from core.errors import NotFound


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
