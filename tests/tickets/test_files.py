"""Hostile and honest files: each is drawn anew, kept byte for byte as a download, or refused."""

import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from PIL import Image, PngImagePlugin

from tests.tickets.acts import PDF, picture
from tickets.files import MOST_BYTES, SHEET, BadFile, SentFile, kept, safe_name

HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'


def zipped(*names: str, data: bytes = b"x") -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as packed:
        for name in names:
            packed.writestr(name, data)
    return out.getvalue()


def huge_png(side: int) -> bytes:
    """A PNG that says it has so many points a side, in a few bytes."""
    header = side.to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    packed = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def with_text(note: bytes) -> bytes:
    out, info = BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("Comment", note.decode())
    Image.new("RGB", (8, 8), "red").save(out, "PNG", pnginfo=info)
    return out.getvalue() + note


REFUSED = {
    "html as png": SentFile("a.png", HTML),
    "html": SentFile("a.html", HTML),
    "html as pdf": SentFile("a.pdf", HTML),
    "xhtml": SentFile("a.xhtml", HTML),
    "svg": SentFile("a.svg", SVG),
    "svg as png": SentFile("a.png", SVG),
    "svgz": SentFile("a.svgz", zlib.compress(SVG)),
    "script": SentFile("a.js", b"alert(1)"),
    "program": SentFile("a.exe", b"MZ\x90\0"),
    "program as pdf": SentFile("invoice.pdf", b"MZ\x90\0"),
    "two endings": SentFile("a.pdf.exe", PDF),
    "without an ending": SentFile("a", PDF),
    "empty": SentFile("a.png", b""),
    "too large": SentFile("a.txt", b"x" * (MOST_BYTES + 1)),
    "10k x 10k": SentFile("a.png", huge_png(10_000)),
    "long and narrow": SentFile("a.jpg", picture((30_000, 1_200), "JPEG").data),
    "65k x 65k": SentFile("a.png", huge_png(65_000)),
    "cut off": SentFile("a.png", picture((200, 200)).data[:60]),
    "pdf as png": SentFile("a.png", PDF),
    "png as pdf": SentFile("a.pdf", picture().data),
    "zip": SentFile("a.zip", zipped("a.txt")),
    "zip as docx": SentFile("a.docx", zipped("a.txt")),
    "macros": SentFile("a.docx", zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
    "docm": SentFile("a.docm", zipped("[Content_Types].xml", "word/document.xml")),
    "zip bomb": SentFile("a.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml", data=b"\0" * 8_000_000)),
    "path in a part": SentFile("a.docx", zipped("[Content_Types].xml", "word/d.xml", "../../etc/passwd")),
    "program before a zip": SentFile("a.docx", b"MZ" + zipped("[Content_Types].xml", "word/d.xml")),
    "binary as text": SentFile("a.txt", b"\0\1\2\xff"),
    "tiff": SentFile("a.tiff", b"II*\0"),
    "eps as jpeg": SentFile("a.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_hostile_is_refused_by_what_it_holds(name: str) -> None:
    with pytest.raises(BadFile) as refused:
        kept(REFUSED[name])

    assert refused.value.detail.startswith(("«", "تصویر «"))


def test_a_picture_is_drawn_anew_and_nothing_that_was_hidden_in_it_is_left() -> None:
    drawn = kept(SentFile("a.png", with_text(HTML)))

    assert drawn.name == "a.jpg" and drawn.media_type == "image/jpeg" and (drawn.width, drawn.height) == (8, 8)
    assert b"script" not in drawn.data


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_large_picture_becomes_small_and_loses_where_it_was_taken(form: str) -> None:
    out, exif = BytesIO(), Image.Exif()
    exif[0x010E] = "35.7,51.4"
    exif[0x0112] = 6  # lies on its side
    Image.new("RGB", (3_000, 1_500), "blue").save(out, form, exif=exif) if form != "GIF" else Image.new(
        "RGB", (1_500, 3_000), "blue"
    ).save(out, form)

    drawn = (
        kept(SentFile("IMG_0001." + form, out.getvalue()))
        if form != "JPEG"
        else kept(SentFile("photo.JPG", out.getvalue()))
    )

    assert drawn.width == 1_200 and drawn.height == 2_400  # upright
    with Image.open(BytesIO(drawn.data)) as image:
        assert not image.getexif() and b"35.7" not in drawn.data


def test_what_can_be_seen_through_stays_so() -> None:
    out = BytesIO()
    Image.new("RGBA", (5, 5), (0, 0, 0, 0)).save(out, "PNG")

    assert kept(SentFile("logo.webp", out.getvalue())).media_type == "image/png"


def test_a_document_is_kept_byte_for_byte() -> None:
    sheet = zipped("[Content_Types].xml", "xl/workbook.xml")

    assert kept(SentFile("فاکتور.pdf", PDF)).data == PDF
    assert kept(SentFile("لیست.xlsx", sheet)).media_type == SHEET
    assert kept(SentFile("یادداشت.txt", "سلام\n<script>".encode())).media_type == "text/plain"


@pytest.mark.parametrize(
    ("sent", "safe"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("C:\\Users\\me\\عکس.PNG", "عکس.PNG"),
        ('a"; filename="b.html.png', "a; filename=b.html.png"),
        ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie x=1.png"),
        ("gpj\u202e.exe.png", "gpj.exe.png"),
        ("...", "file"),
        ("<img src=x>.png", "img src=x.png"),
    ],
)
def test_a_name_is_only_ever_a_name(sent: str, safe: str) -> None:
    assert safe_name(sent) == safe
    assert len(safe_name("ن" * 500 + ".png")) == 120
