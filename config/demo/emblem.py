"""The café's logo: a cup and its steam, drawn here so that no picture is kept."""

from io import BytesIO

from PIL import Image, ImageDraw

SIDE = 1024
GROUND, CUP, STEAM = "#0b5a62", "#fdf8ef", "#f4c763"


def cup() -> bytes:
    """A PNG, as an owner would send it."""
    image = Image.new("RGB", (SIDE, SIDE), GROUND)
    draw = ImageDraw.Draw(image)
    draw.arc((600, 470, 850, 700), start=-130, end=130, fill=CUP, width=52)
    draw.rounded_rectangle((230, 430, 720, 760), radius=150, fill=CUP)
    draw.rectangle((230, 430, 720, 560), fill=CUP)
    draw.rounded_rectangle((190, 800, 760, 850), radius=25, fill=CUP)
    for left in (330, 450, 570):
        draw.arc((left, 180, left + 90, 290), start=90, end=275, fill=STEAM, width=28)
        draw.arc((left, 262, left + 90, 372), start=-95, end=90, fill=STEAM, width=28)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
