"""Tables sent to a browser piece by piece."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header

from core.errors import Text
from core.tables.writing import FORMS, Column, Sheet, csv_stream
from core.tables.xlsx_writing import xlsx_stream
from core.tenancy.scope import club_scope, current_club


def table_file(
    columns: Iterable[Column], rows: Iterable[Any], *, title: Text, name: str, form: str
) -> StreamingHttpResponse:
    """The rows as a file of the form, in the unit, zone and direction of the club in scope and the language of now."""
    club = current_club()
    sheet = Sheet.of(columns, unit=club.currency_unit, zone=club.time_zone)
    cells = (sheet.cells(row) for row in rows)
    if form == "csv":
        return download(csv_stream(sheet.headings, cells), name=name, form=form)
    right_to_left = translation.get_language_bidi()
    pieces = xlsx_stream(str(title), sheet.headings, cells, is_text=sheet.is_text, right_to_left=right_to_left)
    return download(pieces, name=name, form=form)


def download(pieces: Iterator[bytes], *, name: str, form: str) -> StreamingHttpResponse:
    """A file to keep, made piece by piece in the club in scope, which the request has left by then."""
    response = StreamingHttpResponse(_in_scope(pieces), content_type=FORMS[form])
    response["Content-Disposition"] = str(content_disposition_header(as_attachment=True, filename=f"{name}.{form}"))
    response["Cache-Control"] = "no-store"
    return response


def _in_scope(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Each piece is made in the scope and language of now; between two of them the thread may serve others."""
    club, language = current_club(), translation.get_language()

    def taken() -> Iterator[bytes]:
        while True:
            with club_scope(club), translation.override(language):
                piece = next(pieces, None)
            if piece is None:
                return
            yield piece

    return taken()
