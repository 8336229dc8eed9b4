"""Reads of chances."""

from collections.abc import Collection

from club.lotteries.models import Chance


def chances_by(documents: Collection[str]) -> dict[str, list[dict[str, object]]]:
    """The chances that each document gave, as the receipt lists them."""
    found: dict[str, list[dict[str, object]]] = {}
    rows = Chance.objects.filter(document__in=documents).order_by("lottery__code")
    for document, code, count in rows.values_list("document", "lottery__code", "count"):
        found.setdefault(document, []).append({"lottery": code, "count": count})
    return found
