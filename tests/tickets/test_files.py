"""Hostile and honest files: each is drawn anew, kept byte for byte as a download, or refused."""

import gzip
import zlib
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from PIL import Image, PngImagePlugin

from tests.tickets.acts import PDF, picture
from tickets import files
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


def heavy_chunk(kind: bytes, size: int) -> bytes:
    """A tiny picture with a chunk that unpacks to so many bytes."""
    data = kind + (b"x\0\0" if kind in (b"zTXt", b"iCCP") else b"") + zlib.compress(b"\0" * size)
    chunk = (len(data) - 4).to_bytes(4, "big") + data + zlib.crc32(data).to_bytes(4, "big")
    plain = picture().data
    return plain[:33] + chunk + plain[33:]  # behind the header


def animated(form: str) -> bytes:
    out, frames = BytesIO(), [Image.new("RGB", (20, 10), colour) for colour in ("red", "blue")]
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=50)
    return out.getvalue()


def noise(size: tuple[int, int]) -> Image.Image:
    """What no packer makes small: a photograph at its worst."""
    return Image.merge("RGB", [Image.effect_noise(size, 120) for _ in "rgb"])


def saved(image: Image.Image, form: str, **more: Any) -> bytes:
    out = BytesIO()
    image.save(out, form, **more)
    return out.getvalue()


def with_text(note: bytes) -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", note.decode())
    return saved(Image.new("RGB", (8, 8), "red"), "PNG", pnginfo=info) + note


BILLION_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>'
PDF_WITH_SCRIPT = PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>") + HTML + b"%%EOF"

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
    "svg packed, as png": SentFile("a.png", gzip.compress(SVG)),
    "xml with entities": SentFile("a.xml", BILLION_LAUGHS),
    "shortcut": SentFile("invoice.pdf.lnk", b"L\0\0\0\x01\x14\2\0"),
    "address of the web": SentFile("a.url", b"[InternetShortcut]\nURL=javascript:alert(1)"),
    "name read backwards": SentFile("invoice\u202efdp.exe", PDF),
    "ending behind a nul": SentFile("a.html\0.png", HTML),
    "ending behind a line end": SentFile("a.png\r\nContent-Type: text/html\r\n\r\n.html", HTML),
    "ending of 5,000 letters": SentFile("a." + "x" * 5_000, PDF),
    "name without a stem": SentFile(".png", picture().data),
    "photo cut in half": SentFile("a.jpg", saved(noise((200, 200)), "JPEG")[:9_000]),
    "gif and script": SentFile("a.gif", b"GIF89a/*" + b"\0" * 9 + b"*/=1;alert(1)//"),
    "old word as docx": SentFile("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512),
    "macros of excel 4": SentFile("a.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml", "xl/macrosheets/s.xml")),
    "profile that unpacks": SentFile("a.png", heavy_chunk(b"iCCP", 4 << 20)),
    "text that unpacks": SentFile("a.png", heavy_chunk(b"zTXt", 8 << 20)),
    "photo of an iphone": SentFile("IMG_1.HEIC", b"\0\0\0\x18ftypheic"),
    "the same as jpeg": SentFile("IMG_1.jpg", b"\0\0\0\x18ftypheic"),
    "eps as jpeg": SentFile("a.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_hostile_is_refused_by_what_it_holds(name: str) -> None:
    with pytest.raises(BadFile) as refused:
        kept(REFUSED[name])

    assert refused.value.detail.startswith(("«", "تصویر «"))


HARMLESS = {
    "text behind a png": SentFile("a.png", with_text(HTML)),
    "zip behind a jpeg": SentFile("a.jpg", picture(form="JPEG").data + zipped("a.js", data=b"<script>")),
    "script in a gif": SentFile("a.gif", saved(Image.new("P", (9, 9)), "GIF", comment=HTML)),
    "moving png": SentFile("a.png", animated("PNG")),
    "moving gif": SentFile("a.gif", animated("GIF")),
    "moving webp": SentFile("a.webp", animated("WEBP")),
    "several photos in one": SentFile("a.jpg", animated("MPO")),
    "gif as jpeg": SentFile("a.jpg", picture(form="GIF").data),
    "two endings": SentFile("a.html.png", picture().data),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_of_a_picture_one_frame_is_drawn_anew_and_nothing_that_was_hidden_in_it_is_left(name: str) -> None:
    drawn = kept(HARMLESS[name])

    with Image.open(BytesIO(drawn.data)) as image:
        assert (image.width, image.height, getattr(image, "n_frames", 1)) == (drawn.width, drawn.height, 1)
        assert drawn.media_type == image.get_format_mimetype() and not set(image.info) & {"comment", "icc_profile"}
    assert b"script" not in drawn.data and PurePosixPath(drawn.name).suffix in {".jpg", ".png"}


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


def test_a_picture_is_kept_in_the_form_that_suits_it_and_never_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_KEPT", 100_000)
    logo, screen = Image.new("RGBA", (50, 50)), Image.new("RGB", (600, 900), "white")
    screen.paste((20, 60, 90), (40, 40, 400, 60))
    photo, seen_through = noise((200, 150)).convert("RGBA"), noise((400, 400)).convert("RGBA")
    photo.putpixel((0, 0), (0, 0, 0, 0))
    seen_through.paste((0, 0, 0, 0), (0, 0, 100, 100))

    drawn = [kept(SentFile("a.png", saved(one, "PNG"))) for one in (logo, screen, photo, seen_through)]

    assert [one.name for one in drawn] == ["a.png", "a.png", "a.jpg", "a.jpg"]
    assert max(len(one.data) for one in drawn) <= 100_000
    with Image.open(BytesIO(drawn[2].data)) as image:
        assert all(part > 200 for part in image.getpixel((0, 0)))  # on white, not on black


def test_a_photo_of_an_iphone_is_refused_with_a_way_out() -> None:
    with pytest.raises(BadFile) as refused:
        kept(REFUSED["photo of an iphone"])

    assert "اسکرین‌شاتی از آن پذیرفته می‌شود" in refused.value.detail


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
        ("می\u200cخواهم.pdf", "می\u200cخواهم.pdf"),
        ("...", "file"),
        ("<img src=x>.png", "img src=x.png"),
    ],
)
def test_a_name_is_only_ever_a_name(sent: str, safe: str) -> None:
    assert safe_name(sent) == safe
    assert len(safe_name("ن" * 500 + ".png")) == len(safe_name("a." + "x" * 5_000)) == 120
