"""A club's logo from whatever picture it sends: drawn anew, small, square, on a ground on which it is seen.

Nothing of the file that was sent is kept: what is served is what we have drawn, so that no page runs what somebody
hid in a picture. SVG, which is a program as much as a picture, is refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from core.errors import AppError

MOST_BYTES_SENT = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
MOST_BYTES = 100 * 1024
SIDE, MARGIN = 256, 16
WHITE, DARK = (255, 255, 255), (17, 21, 20)
BRIGHT = 190
"""A drawing whose visible parts are brighter than this (of 255) is lost on white."""
SEEN = 8
"""From this opacity on a point is seen at all."""
FORMATS = ("PNG", "JPEG", "WEBP")


class BadLogo(AppError):
    """The file is no picture that we draw; the text says why."""

    code = "validation_error"
    http_status = 400
    message = _("این فایل تصویر نیست؛ PNG، JPEG یا WebP بفرستید.")


@dataclass(frozen=True)
class Logo:
    """The picture as it is served, WebP of at most 100 KB, and the digest of it."""

    picture: bytes
    digest: str


def draw_logo(sent: bytes) -> Logo:
    """The logo of a PNG, JPEG or WebP file of up to 5 MB. Raises BadLogo."""
    if len(sent) > MOST_BYTES_SENT:
        raise BadLogo(_("این فایل از ۵ مگابایت بزرگ‌تر است؛ کوچک‌ترش کنید."))
    if b"<svg" in sent[:4096].lower():
        raise BadLogo(_("SVG پذیرفته نمی‌شود، چون می‌تواند برنامه در خود داشته باشد؛ PNG، JPEG یا WebP بفرستید."))
    picture = _placed(_read(sent))
    data = b""
    for quality in (None, 90, 70, 50):
        data = _webp(picture, quality)
        if len(data) <= MOST_BYTES:
            break
    return Logo(data, hashlib.sha256(data).hexdigest()[:12])


def _read(sent: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(sent), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise BadLogo(_("این تصویر بیش از اندازه بزرگ است؛ کوچک‌ترش کنید."))
            upright = ImageOps.exif_transpose(image)
            return upright.convert("RGBA")
    except BadLogo:
        raise
    except Exception as error:  # a broken file makes the decoders fail in many ways; each of them means the same
        raise BadLogo from error


def _placed(drawn: Image.Image) -> Image.Image:
    """The drawing without its empty edges, in the middle of a square whose ground it stands out from."""
    seen = drawn.getchannel("A").point(lambda opacity: 255 if opacity >= SEEN else 0)
    box = seen.getbbox()
    if box is None:
        raise BadLogo(_("در این تصویر چیزی دیده نمی‌شود."))
    drawn, is_whole = drawn.crop(box), seen.getextrema()[0] == 255
    room = SIDE if is_whole else SIDE - 2 * MARGIN
    drawn = ImageOps.contain(drawn, (room, room), Image.Resampling.LANCZOS)
    square = Image.new("RGB", (SIDE, SIDE), _corner(drawn) if is_whole else _ground(drawn))
    square.paste(drawn, ((SIDE - drawn.width) // 2, (SIDE - drawn.height) // 2), drawn)
    return square


def _corner(drawn: Image.Image) -> tuple[int, int, int]:
    red, green, blue, _opacity = drawn.getpixel((0, 0))  # type: ignore[misc]
    return red, green, blue


def _ground(drawn: Image.Image) -> tuple[int, int, int]:
    """White, or our dark where the visible parts are bright themselves."""
    opacity = drawn.getchannel("A")
    grey = drawn.convert("L").histogram(opacity.point(lambda value: 255 if value >= 128 else 0))
    points = sum(grey)
    mean = sum(value * count for value, count in enumerate(grey)) / points if points else 0
    return DARK if mean > BRIGHT else WHITE


def _webp(picture: Image.Image, quality: int | None) -> bytes:
    out = BytesIO()
    if quality is None:
        picture.save(out, "WEBP", lossless=True, method=4)
    else:
        picture.save(out, "WEBP", quality=quality, method=4)
    return out.getvalue()
