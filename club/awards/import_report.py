"""The lines of a list of customers that did not go in: as they came, with a column of reasons, to be mended."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from club.awards.import_columns import REASON
from core.language import NAMES
from core.tables.headers import folded
from core.tables.writing import csv_stream
from core.tables.xlsx_writing import xlsx_stream

BETWEEN = "؛ "


@dataclass(frozen=True)
class BadLine:
    """A line with its number in the file, its cells and every reason why it did not go in."""

    number: int
    cells: list[str]
    reasons: list[str]


def report(form: str, header: Sequence[str], lines: Iterable[BadLine], *, delimiter: str = ",") -> Iterator[bytes]:
    """The file of the lines, in the form in which they came. Reasons of an earlier report are replaced."""
    reasons = _headings()
    kept = [place for place, text in enumerate(header) if folded(text) not in reasons]
    headings = [header[place] for place in kept] + [str(REASON)]
    rows = (
        [line.cells[place] if place < len(line.cells) else "" for place in kept] + [BETWEEN.join(line.reasons)]
        for line in lines
    )
    if form == "xlsx":
        return xlsx_stream(_("سطرهای ردشده"), headings, rows, is_text=[True] * len(headings))
    return csv_stream(headings, rows, delimiter=delimiter or ",")


def _headings() -> set[str]:
    """What the column of reasons is called in a report of any language."""
    found = set()
    for language in NAMES:
        with translation.override(language):
            found.add(folded(str(REASON)))
    return found
