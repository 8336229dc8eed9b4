"""QR codes: drawn on the page as SVG and sized by the stylesheet, or as a file for a printer."""

from io import BytesIO

import segno
from django.utils.safestring import SafeString, mark_safe

DOT = 24  # pixels a module: some 900 for a short address, sharp at the size of a hand


def qr_svg(text: str) -> SafeString:
    """The text as a QR code that still reads with a seventh of it gone."""
    svg: str = _code(text).svg_inline(border=0, scale=4, omitsize=True, svgclass=None, lineclass=None)
    return mark_safe(svg)  # noqa: S308 - drawn by segno


def qr_file(text: str, kind: str) -> bytes:
    """A QR code as a file, "svg" or "png", black on white with the quiet zone that readers want."""
    out = BytesIO()
    _code(text).save(out, kind=kind, border=4, scale=DOT, light="#fff")
    return out.getvalue()


def _code(text: str) -> segno.QRCode:
    return segno.make(text, error="m", micro=False)
