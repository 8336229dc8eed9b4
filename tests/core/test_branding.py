"""One colour in, accessible tokens out: whatever a club picks, text can be read."""

import random

import pytest

from core import branding
from core.branding import DARK, LIGHT, brand_css, brand_digest, contrast, tokens

SOURCE = random.Random(1405)
COLOURS = [f"#{SOURCE.randrange(1 << 24):06x}" for _ in range(3000)]
EXTREMES = ["#000000", "#ffffff", "#ffd400", "#ff0000", "#00ff00", "#0000ff", "#808080", "#010101", "#fefefe"]


def faults(colour: str) -> list[str]:
    """Name every pair of the two themes that does not reach its contrast."""
    light, dark = tokens(colour)
    pairs = []
    for theme, ground in ((light, LIGHT), (dark, DARK)):
        pairs += [
            ("on brand", theme["--brand-on"], theme["--brand"], 4.5),
            ("on strong", theme["--brand-on"], theme["--brand-strong"], 4.5),
            ("text on surface", theme["--brand-text"], ground["surface"], 4.5),
            ("text on canvas", theme["--brand-text"], ground["canvas"], 4.5),
            ("text on soft", theme["--brand-text"], theme["--brand-soft"], 4.5),
            ("fill on surface", theme["--brand"], ground["surface"], 3.0),
            ("edge on surface", theme["--brand-edge"], ground["surface"], 3.0),
            ("white on hero", "#ffffff", theme["--hero"], 4.5),
            ("white on hero end", "#ffffff", theme["--hero-2"], 4.5),
        ]
    return [f"{colour}: {name}" for name, one, other, least in pairs if contrast(one, other) < least]


def test_three_thousand_colours_all_reach_their_contrast() -> None:
    assert [fault for colour in COLOURS for fault in faults(colour)] == []


@pytest.mark.parametrize("colour", EXTREMES)
def test_the_extremes_reach_their_contrast(colour: str) -> None:
    assert faults(colour) == []


def test_the_contrast_of_black_and_white_is_21() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21.0


def test_a_colour_that_is_readable_stays_as_it_is() -> None:
    assert tokens("#0e7c86")[0]["--brand"] == "#0e7c86"


def test_what_is_no_colour_gets_the_house_colour_and_never_reaches_the_stylesheet() -> None:
    planted = "red; } body { display: none"

    assert brand_css(planted) == brand_css(branding.HOUSE_COLOUR)


def test_the_stylesheet_says_both_themes_and_the_choice_by_hand() -> None:
    css = brand_css("#0e7c86")

    assert css.count("--brand: ") == 3
    assert "prefers-color-scheme: dark" in css
    assert ':root[data-theme="dark"]' in css


def test_the_digest_follows_the_colour() -> None:
    assert brand_digest("#0e7c86") == brand_digest("#0e7c86")
    assert brand_digest("#0e7c86") != brand_digest("#0e7c87")
