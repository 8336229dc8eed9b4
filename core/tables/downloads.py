"""Tables sent to a browser while they are made."""

from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.utils import translation
from django.utils.http import content_disposition_header

from core.tables.writing import FORMS
from core.tenancy.scope import club_scope, current_club


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
