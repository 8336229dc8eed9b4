"""Files that come with tickets: which are taken, and what is kept of them. Knows no database.

A file is judged by what it holds, never by what its sender says of it. Pictures are drawn anew, so that what was hidden
in one is gone; every other file is kept byte for byte and only ever served as a download. HTML, SVG and programs are
not taken at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from core.errors import AppError
from core.text import HALF_SPACE, clean_name

MOST_FILES = 5
MOST_BYTES = 10 * 1024 * 1024
MOST_TOTAL = 15 * 1024 * 1024
"""The files of one message together; a proxy before us lets more through (`deploy/Caddyfile`)."""
LONGEST_NAME = 120
SIDE = 2_400
"""A picture is made no larger than this on its longer side; a receipt stays readable."""
MOST_PIXELS_JPEG, MOST_PIXELS = 52_000_000, 25_000_000
"""A JPEG is decoded small from the start, other formats whole."""
MOST_UNPACKED, MOST_RATIO = 200 * 1024 * 1024, 100
MOST_KEPT = 2 * 1024 * 1024
"""A picture is drawn coarser before it is kept larger than this."""
QUALITIES = (85, 70, 50)
LONGEST_ENDING = 10
SEEN_THROUGH, LEAST_SEEN_THROUGH = 250, 0.02
"""A point of less opacity is see-through; fewer of them than this share are drawn on white."""
FEW_COLOURS = 4_096
"""A drawing or a screenshot may be smaller as a PNG up to so many; a photograph has more."""

PICTURES = {"JPEG": (".jpg", ".jpeg"), "PNG": (".png",), "WEBP": (".webp",), "GIF": (".gif",)}
PICTURE_ENDINGS = frozenset(ending for endings in PICTURES.values() for ending in endings)
HEIC_ENDINGS = frozenset({".heic", ".heif"})
HEIC_BRANDS = frozenset(b"ftyp" + brand for brand in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"))
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ACCEPTED = ",".join([*sorted(PICTURE_ENDINGS), ".pdf", ".txt", ".csv", ".docx", ".xlsx"])
"""What a field for files offers."""


TOO_MANY = _("هر پیام تا ۵ فایل می‌گیرد.")
HEIC = _(
    "«%(file)s» عکس HEIC آیفون است که همه‌جا باز نمی‌شود. اسکرین‌شاتی از آن پذیرفته می‌شود، "
    "یا عکسی که پس از انتخاب «سازگارترین» (Most Compatible) در تنظیمات دوربین آیفون، بخش «قالب‌ها» (Formats)، گرفته شود."
)
FILE_TOO_LARGE = _("«%(file)s» از ۱۰ مگابایت بزرگ‌تر است؛ باید کوچک‌تر شود.")
TOO_LARGE = _("فایل‌های یک پیام با هم تا ۱۵ مگابایت جا دارند؛ باید کوچک‌تر شوند یا در چند پیام بیایند.")


class BadFile(AppError):
    """The file is not taken; the text says why, and names it."""

    code = "validation_error"
    http_status = 400
    message = _("«%(file)s» پذیرفته نشد؛ تنها تصویر، پی‌دی‌اف، ورد، اکسل و متن پذیرفته می‌شود.")


@dataclass(frozen=True)
class SentFile:
    """A file as somebody sent it."""

    name: str
    data: bytes


@dataclass(frozen=True)
class KeptFile:
    """What is kept of it: `width` and `height` are those of a picture, else None."""

    name: str
    media_type: str
    data: bytes
    width: int | None = None
    height: int | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of what is kept, in hex."""
        return hashlib.sha256(self.data).hexdigest()


def kept(sent: SentFile) -> KeptFile:
    """What is kept of a file that was sent. Raises BadFile."""
    name = safe_name(sent.name)
    if not sent.data:
        raise BadFile(_("«%(file)s» خالی است."), file=name)
    if len(sent.data) > MOST_BYTES:
        raise BadFile(FILE_TOO_LARGE, file=name)
    ending = PurePosixPath(name).suffix.lower()
    if ending in HEIC_ENDINGS or sent.data[4:12] in HEIC_BRANDS:
        raise BadFile(HEIC, file=name)
    if ending in PICTURE_ENDINGS:
        return _picture(name, sent.data)
    read = READERS.get(ending)
    if read is None or not read(sent.data):
        raise BadFile(file=name)
    return KeptFile(name, MEDIA_TYPES[ending], sent.data)


def safe_name(sent: str) -> str:
    """The last part of a path, without what no file system or header should see; half-spaces and its ending stay."""
    last = sent.replace("\\", "/").rsplit("/", 1)[-1]
    seen = (letter for letter in last if letter.isprintable() or letter == HALF_SPACE)
    path = PurePosixPath(
        clean_name("".join(letter for letter in seen if letter not in '"<>:|?*')).strip(". ") or "file"
    )
    ending = path.suffix if len(path.suffix) <= LONGEST_ENDING else ""
    return path.name.removesuffix(ending)[: LONGEST_NAME - len(ending)] + ending


def _picture(name: str, data: bytes) -> KeptFile:
    try:
        drawn = _drawn(data)
    except ValueError:
        raise BadFile(_("تصویر «%(file)s» بیش از اندازه بزرگ است؛ باید کوچک‌تر شود."), file=name) from None
    except Exception as error:  # a broken picture makes the decoders fail in many ways; each means the same
        raise BadFile(_("تصویر «%(file)s» باز نمی‌شود؛ شاید خراب است."), file=name) from error
    ending, media_type, small = _packed(drawn)
    return KeptFile(PurePosixPath(name).stem + ending, media_type, small, drawn.width, drawn.height)


def _packed(drawn: Image.Image) -> tuple[str, str, bytes]:
    """The ending, the media type and the bytes of a drawn picture, in the form that suits it.

    What can be seen through stays so while it is more than a speck and small enough; a few colours go as PNG or JPEG,
    whichever is smaller; everything else is a JPEG.
    """
    alpha = drawn.getchannel("A").histogram()
    is_seen_through = sum(alpha[:SEEN_THROUGH]) >= LEAST_SEEN_THROUGH * sum(alpha)
    on_white = Image.new("RGB", drawn.size, "white")
    on_white.paste(drawn, mask=drawn.getchannel("A"))
    as_png = b""
    if is_seen_through:
        as_png = _saved(drawn, "PNG", optimize=True)
    elif drawn.getcolors(FEW_COLOURS) is not None:
        as_png = _saved(on_white, "PNG", optimize=True)
    if as_png and is_seen_through and len(as_png) <= MOST_KEPT:
        return ".png", "image/png", as_png
    for quality in QUALITIES:
        as_jpeg = _saved(on_white, "JPEG", quality=quality, optimize=True)
        if len(as_jpeg) <= MOST_KEPT:
            break
    if as_png and not is_seen_through and len(as_png) <= len(as_jpeg):
        return ".png", "image/png", as_png
    return ".jpg", "image/jpeg", as_jpeg


def _saved(image: Image.Image, form: str, **options: int) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def _drawn(data: bytes) -> Image.Image:
    """The first frame, upright and no larger than SIDE. ValueError: it has too many points to be opened."""
    with Image.open(BytesIO(data), formats=tuple(PICTURES)) as image:
        is_jpeg = image.format in ("JPEG", "MPO")  # a phone packs several JPEGs into one, and the first is the photo
        if image.width * image.height > (MOST_PIXELS_JPEG if is_jpeg else MOST_PIXELS):
            raise ValueError(image.size)
        image.draft("RGB", (SIDE, SIDE))
        if image.width * image.height > MOST_PIXELS:  # a long and narrow one is not decoded small
            raise ValueError(image.size)
        image.load()
        small = image if image.mode in ("L", "RGB", "RGBA") else image.convert("RGBA")
        small.thumbnail((SIDE, SIDE))
        upright = ImageOps.exif_transpose(small).convert("RGBA")
    clean = Image.new("RGBA", upright.size)
    clean.paste(upright)
    return clean


def _is_pdf(data: bytes) -> bool:
    return data.startswith(b"%PDF-") and b"%%EOF" in data[-2048:]


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return "\0" not in text


def _office(folder: str) -> Callable[[bytes], bool]:
    """Whether it is such a document: by the list of its parts alone, none of which is unpacked."""

    def is_one(data: bytes) -> bool:
        try:
            with ZipFile(BytesIO(data)) as packed:
                parts = packed.infolist()
        except (BadZipFile, ValueError, NotImplementedError, OSError):
            return False
        names = {part.filename for part in parts}
        unpacked = sum(part.file_size for part in parts)
        return (
            data.startswith(b"PK\x03\x04")
            and "[Content_Types].xml" in names
            and any(name.startswith(folder) for name in names)
            and not any(
                "vbaProject" in name or "macrosheets" in name or name.startswith("/") or ".." in name for name in names
            )
            and unpacked <= min(MOST_UNPACKED, MOST_RATIO * len(data))
        )

    return is_one


READERS: dict[str, Callable[[bytes], bool]] = {
    ".pdf": _is_pdf,
    ".txt": _is_text,
    ".csv": _is_text,
    ".docx": _office("word/"),
    ".xlsx": _office("xl/"),
}
MEDIA_TYPES = {".pdf": "application/pdf", ".txt": "text/plain", ".csv": "text/csv", ".docx": WORD, ".xlsx": SHEET}
