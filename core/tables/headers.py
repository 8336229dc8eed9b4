"""Which column of a table holds what: headers recognised in Persian and English, in any spelling."""

import re
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from core.language import listed
from core.tables.reading import Unreadable
from core.text import search_key

_IN_BRACKETS = re.compile(r"[(\[（].*?[)\]）]")
_MARKS = re.compile(r"[\W_]+")

Names = Mapping[str, Sequence[str]]
"""The headers by which each field is known."""


def folded(header: str) -> str:
    """The form in which headers are compared: letters and digits alone, what stands in brackets left out.

    >>> folded("شماره‌ی موبايل (الزامی)") == folded("شماره ی_موبایل"), folded("First-Name")
    (True, 'firstname')
    """
    bare = _MARKS.sub("", search_key(_IN_BRACKETS.sub(" ", header)))
    return bare or _MARKS.sub("", search_key(header))


def recognised(header: Sequence[str], names: Names) -> dict[str, int]:
    """The place of each field that a header names; of two headers for one field, or two fields of one, the first."""
    keys = [folded(text) for text in header]
    places: dict[str, int] = {}
    for field, known in names.items():
        wanted = [folded(name) for name in (field, *known)]
        found = [place for place, key in enumerate(keys) if key in wanted and place not in places.values()]
        if found:
            # Of several, the one with the name that stands first among ours.
            places[field] = min(found, key=lambda place: wanted.index(keys[place]))
    return places


def mapped(header: Sequence[str], names: Names, mapping: Mapping[str, str]) -> dict[str, int]:
    """The same, with columns named for some fields. Raises Unreadable for a field or a column that is not there."""
    keys = [folded(text) for text in header]
    places = {}
    for field, column in mapping.items():
        if field not in names:
            raise Unreadable(_("%(field)s نمی‌شناسیم؛ یکی از این‌هاست: %(fields)s"), field=field, fields=listed(names))
        if folded(column) not in keys:
            raise Unreadable(
                _("فایل ستون «%(column)s» ندارد؛ ستون‌هایش: %(header)s"), column=column, header=listed(header)
            )
        places[field] = keys.index(folded(column))
    taken = set(places.values())
    for field, place in recognised(header, names).items():
        if field not in places and place not in taken:
            places[field] = place
    return places


def read_mapping(text: str) -> dict[str, str]:
    """The option `FIELD=COLUMN,…` of a command. Raises Unreadable."""
    pairs = [pair.partition("=") for pair in text.split(",") if pair.strip()]
    wrong = next((pair for pair in pairs if not pair[1] or not pair[2].strip()), None)
    if wrong:
        raise Unreadable(_("--map: «%(pair)s» به شکل FIELD=COLUMN نیست."), pair="".join(wrong))
    return {name.strip(): column.strip() for name, _equals, column in pairs}
