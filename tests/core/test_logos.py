"""A club's logo: drawn anew from what was sent, small, square, and seen in both themes."""

from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from core.logos import DARK, MOST_BYTES, MOST_BYTES_SENT, SIDE, WHITE, BadLogo, draw_logo


def picture(form="PNG", colour=(120, 40, 20, 255), size=(900, 500), mode="RGBA"):
    """A file with a disc on a transparent ground, or all of one colour where the format has no transparency."""
    image = Image.new(mode, size, (0, 0, 0, 0) if mode == "RGBA" else colour[:3])
    if mode == "RGBA":
        ImageDraw.Draw(image).ellipse((300, 100, 600, 400), fill=colour)
    out = BytesIO()
    image.save(out, form)
    return out.getvalue()


def drawn(sent):
    return Image.open(BytesIO(draw_logo(sent).picture)).convert("RGB")


def near(one, other):
    return all(abs(a - b) <= 6 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(("form", "mode"), [("PNG", "RGBA"), ("WEBP", "RGBA"), ("JPEG", "RGB"), ("PNG", "P")])
def test_every_picture_becomes_a_small_square_webp(form, mode):
    sent = picture(form, mode="RGB" if mode == "P" else mode)

    logo = draw_logo(sent)

    assert Image.open(BytesIO(logo.picture)).format == "WEBP"
    assert Image.open(BytesIO(logo.picture)).size == (SIDE, SIDE)
    assert len(logo.picture) <= MOST_BYTES
    assert draw_logo(sent).digest == logo.digest


def test_noise_too_fits_into_a_hundred_kilobytes():
    out = BytesIO()
    Image.effect_noise((1000, 1000), 120).convert("RGB").save(out, "PNG")

    assert len(draw_logo(out.getvalue()).picture) <= MOST_BYTES


def test_a_dark_drawing_stands_on_white_and_a_bright_one_on_dark():
    assert near(drawn(picture(colour=(120, 40, 20, 255))).getpixel((1, 1)), WHITE)
    assert near(drawn(picture(colour=(250, 240, 230, 255))).getpixel((1, 1)), DARK)


def test_empty_edges_are_cut_off():
    image = drawn(picture(colour=(120, 40, 20, 255)))

    assert near(image.getpixel((SIDE // 2, 20)), (120, 40, 20))


def test_a_turned_photograph_stands_upright():
    image = Image.new("RGB", (400, 200), (10, 10, 200))
    ImageDraw.Draw(image).rectangle((0, 0, 100, 200), fill=(200, 10, 10))
    out, exif = BytesIO(), Image.Exif()
    exif[0x0112] = 6
    image.save(out, "JPEG", exif=exif)

    upright = drawn(out.getvalue())

    assert near(upright.getpixel((SIDE // 2, 20)), (200, 10, 10))
    assert near(upright.getpixel((SIDE // 2, SIDE - 20)), (10, 10, 200))


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
        (b"", "تصویر نیست"),
        (b"GIF89a" + b"\0" * 50, "تصویر نیست"),
        (picture()[:200], "تصویر نیست"),
        (b"%PDF-1.7", "تصویر نیست"),
        (b"x" * (MOST_BYTES_SENT + 1), "بزرگ‌تر"),
    ],
)
def test_what_is_no_picture_is_refused_with_why(sent, why):
    with pytest.raises(BadLogo) as refused:
        draw_logo(sent)

    assert why in str(refused.value.detail)


def test_a_picture_of_nothing_is_refused():
    out = BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")

    with pytest.raises(BadLogo):
        draw_logo(out.getvalue())


def test_a_bomb_is_refused_before_it_unfolds():
    out = BytesIO()
    Image.new("1", (9_000, 9_000)).save(out, "PNG")
    assert len(out.getvalue()) < 50_000

    with pytest.raises(BadLogo):
        draw_logo(out.getvalue())


def test_nothing_of_the_file_is_kept():
    sent = picture() + b"<script>alert(1)</script>"

    assert b"script" not in draw_logo(sent).picture
