"""A club's look from one colour: a whole set of tokens whose contrast is guaranteed.

WCAG 2.2 asks 4.5:1 for text and 3:1 for the edges of controls. We get there by moving lightness, never hue,
so that a club keeps its colour. Pure functions; the CSS text is cached by its digest.
"""

from __future__ import annotations

import colorsys
import hashlib
import re
from functools import lru_cache

Tokens = dict[str, str]
Channels = tuple[float, float, float]

HOUSE_COLOUR = "#0e7c86"
LIGHT = {"surface": "#ffffff", "canvas": "#f5f3ee"}
DARK = {"surface": "#191f1e", "canvas": "#111514"}
WHITE, BLACK = "#ffffff", "#000000"
DARK_ON_BRAND = "#0b1110"


def is_colour(text: str) -> bool:
    """Say whether the text is a colour as we store one: # and six hexadecimal digits."""
    return re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None


def channels(colour: str) -> Channels:
    """Return red, green and blue of `#rrggbb`, each from 0 to 1."""
    return int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255


def hexadecimal(red: float, green: float, blue: float) -> str:
    """Return `#rrggbb` of three channels."""
    return "#" + "".join(f"{round(max(0.0, min(1.0, channel)) * 255):02x}" for channel in (red, green, blue))


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(one: str, other: str, share: float) -> str:
    """Return a mixture holding `share` of the first colour."""
    red, green, blue = (a * share + b * (1 - share) for a, b in zip(channels(one), channels(other), strict=True))
    return hexadecimal(red, green, blue)


def push(colour: str, against: tuple[str, ...], *, ratio: float, lighter: bool) -> str:
    """Move lightness until the colour has `ratio` against every ground; white or black when nothing else has."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*channels(colour))
    pushed = colour
    while any(contrast(pushed, ground) < ratio for ground in against):
        lightness += 0.01 if lighter else -0.01
        if not 0 <= lightness <= 1:
            return WHITE if lighter else BLACK
        pushed = hexadecimal(*colorsys.hls_to_rgb(hue, lightness, saturation))
    return pushed


def light_tokens(colour: str) -> Tokens:
    """Return the tokens of the light theme, without the hero."""
    fill = push(colour, (WHITE,), ratio=4.6, lighter=False)
    soft = mix(fill, WHITE, 0.10)
    return {
        "--brand": fill,
        "--brand-strong": push(mix(fill, BLACK, 0.82), (WHITE,), ratio=6.0, lighter=False),
        "--brand-on": WHITE,
        "--brand-soft": soft,
        "--brand-edge": push(mix(fill, WHITE, 0.55), (WHITE,), ratio=3.0, lighter=False),
        "--brand-text": push(fill, (WHITE, LIGHT["canvas"], soft), ratio=5.2, lighter=False),
    }


def dark_tokens(colour: str) -> Tokens:
    """Return the tokens of the dark theme, without the hero."""
    surface, canvas = DARK["surface"], DARK["canvas"]
    soft = mix(colour, surface, 0.22)
    fill = push(colour, (surface,), ratio=6.2, lighter=True)
    return {
        "--brand": fill,
        "--brand-strong": mix(fill, WHITE, 0.82),
        "--brand-on": DARK_ON_BRAND,
        "--brand-soft": soft,
        "--brand-edge": push(mix(fill, surface, 0.6), (surface,), ratio=3.0, lighter=True),
        "--brand-text": push(fill, (surface, canvas, soft), ratio=5.2, lighter=True),
    }


def tokens(colour: str) -> tuple[Tokens, Tokens]:
    """Return the light and the dark tokens of a club's colour."""
    light, dark = light_tokens(colour), dark_tokens(colour)
    # The hero keeps a deep ground in both themes; the text on it is always white.
    hero = push(mix(light["--brand"], BLACK, 0.86), (WHITE,), ratio=6.5, lighter=False)
    ground = {"--hero": hero, "--hero-2": mix(hero, BLACK, 0.72)}
    return light | ground, dark | ground


def _block(selector: str, rules: Tokens) -> str:
    return f"{selector} {{ " + " ".join(f"{name}: {value};" for name, value in rules.items()) + " }\n"


@lru_cache(maxsize=512)
def brand_css(colour: str) -> str:
    """Return the stylesheet of a colour; a text that is no colour gets the house's own."""
    colour = colour if is_colour(colour) else HOUSE_COLOUR
    light, dark = tokens(colour)
    following = _block(':root:not([data-theme="light"])', dark)
    return (
        f"/* made from {colour} by core/branding.py */\n"
        + _block(":root", light)
        + f"@media (prefers-color-scheme: dark) {{ {following}}}\n"
        + _block(':root[data-theme="dark"]', dark)
    )


@lru_cache(maxsize=512)
def brand_digest(colour: str) -> str:
    """Return the name under which the stylesheet of a colour may be kept for ever."""
    return hashlib.sha256(brand_css(colour).encode()).hexdigest()[:12]


@lru_cache(maxsize=512)
def theme_colour(colour: str) -> str:
    """Return the colour of the browser's own bars: the hero's."""
    return tokens(colour if is_colour(colour) else HOUSE_COLOUR)[0]["--hero"]
