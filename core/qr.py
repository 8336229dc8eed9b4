"""QR codes, drawn as SVG and sized by the stylesheet."""

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_svg(text: str) -> SafeString:
    """The QR code of the text."""
    svg: str = segno.make(text, error="m", micro=False).svg_inline(
        border=0, scale=4, omitsize=True, svgclass=None, lineclass=None
    )
    return mark_safe(svg)  # noqa: S308 - drawn by segno
