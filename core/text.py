"""Persian text as people type it: digits, letters, invisible marks.

Pure: no Django, no database. What is shown is what was typed, in Persian letters; what is compared is the `search_key`.
"""

from __future__ import annotations

import re
import unicodedata

PERSIAN_DIGITS = "۰۱۲۳۴۵۶۷۸۹"  # U+06F0..U+06F9
ARABIC_DIGITS = "٠١٢٣٤٥٦٧٨٩"  # U+0660..U+0669
HALF_SPACE = "\u200c"

_TO_LATIN = str.maketrans(PERSIAN_DIGITS + ARABIC_DIGITS, "0123456789" * 2)
_TO_PERSIAN = str.maketrans("0123456789" + ARABIC_DIGITS, PERSIAN_DIGITS * 2)

_LETTERS = str.maketrans("يىك", "ییک")

# Letters that keyboards and old systems write differently for the same sound.
_FOLD = str.maketrans(
    {
        "ي": "ی",  # U+064A, Arabic keyboard
        "ى": "ی",  # U+0649
        "ے": "ی",
        "ك": "ک",  # U+0643, Arabic keyboard
        "ۀ": "ه",
        "ة": "ه",
        "ہ": "ه",
        "ھ": "ه",
        "آ": "ا",
        "أ": "ا",
        "إ": "ا",
        "ٱ": "ا",
        "ؤ": "و",
        "ئ": "ی",
        "ـ": None,  # tatweel
        "ٰ": None,  # superscript alef
        # Diacritics U+064B..U+0652, then madda and the two hamzas that sit on a letter.
        **{chr(code): None for code in range(0x064B, 0x0656)},
    }
)
# What people type in and around a number; and how long a text may be before it is no number.
NUMBER_MARKS = str.maketrans(
    {"٫": ".", "/": ".", "٬": "", ",": "", "،": "", "٪": "", "%": "", "\u200e": "", "\u200f": "", "\u200c": ""}
)
MOST_TYPED = 1_000
_BETWEEN_WORDS = re.compile("[,،؛;\n]")
_SPACES = re.compile(r"\s+")
_STRAY_HALF_SPACE = re.compile(rf"(?:(?<=\s)|^){HALF_SPACE}+|{HALF_SPACE}+(?=\s|$)|(?<={HALF_SPACE}){HALF_SPACE}+")


def latin_digits(text: str) -> str:
    """Persian and Arabic digits become 0–9; everything else stays.

    >>> latin_digits("۰۹۱۲ و ٣")
    '0912 و 3'
    """
    return text.translate(_TO_LATIN)


def persian_digits(text: object) -> str:
    """Latin and Arabic digits become Persian ones; marks such as "," and "." stay.

    >>> persian_digits(1405)
    '۱۴۰۵'
    """
    return str(text).translate(_TO_PERSIAN)


def whole_number(text: str, *, most: int = 2**63 - 1) -> int | None:
    """The whole number that an address or a form carries in Latin digits, up to `most`; None for anything else.

    >>> whole_number("12"), whole_number("۱۲"), whole_number("9" * 5_000)
    (12, None, None)
    """
    # The length first: int() itself refuses thousands of digits with an error.
    if not text.isascii() or not text.isdigit() or len(text) > len(str(most)) or int(text) > most:
        return None
    return int(text)


def search_key(text: str) -> str:
    """The form under which names are compared: one spelling, Latin digits, no marks, single spaces, lower case.

    Half-spaces vanish («علی‌رضا» is found by «علیرضا»); ی, ک, ه and ا are folded; applying it twice changes nothing.

    >>> search_key("  عَلي‌رضا   كاظمي ۱۲ ")
    'علیرضا کاظمی 12'
    """
    visible = unicodedata.normalize("NFKC", _without_invisible(text)).casefold()
    return _squeeze(unicodedata.normalize("NFKC", visible).translate(_FOLD).translate(_TO_LATIN))


def clean_name(text: str) -> str:
    r"""The name as entered, made safe to store: no control or bidi marks, no lone surrogates, single spaces.

    Half-spaces inside words and digits stay as typed; ي and ك of an Arabic keyboard are written in Persian.

    >>> clean_name(" سارا\x00  محمدي\u200f\n")
    'سارا محمدی'
    """
    return _squeeze(persian_letters(_without_invisible(text, keep=HALF_SPACE)))


def persian_letters(text: str) -> str:
    """The ي, ى and ك of an Arabic keyboard become ی and ک; everything else stays.

    >>> persian_letters("كاظمي")
    'کاظمی'
    """
    return text.translate(_LETTERS)


def words_of(text: str) -> list[str]:
    """Words or phrases with commas, semicolons or line ends between them, each once, in the order typed.

    >>> words_of("ویژه، تهران; ویژه,,")
    ['ویژه', 'تهران']
    """
    return list(dict.fromkeys(word for word in map(clean_name, _BETWEEN_WORDS.split(text)) if word))


def _without_invisible(text: str, *, keep: str = "") -> str:
    """Drop controls, format marks (bidi U+200E/200F/202A–202E/2066–2069 among them) and surrogates, keep white space.

    A NUL is refused by PostgreSQL and a lone surrogate by UTF-8: either would turn bad input into a server error.
    """
    if text.isprintable():  # most are, and the look at each letter is slow
        return text
    return "".join(
        char
        for char in text
        if char in keep or char.isspace() or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Cn", "Co"}
    )


def _squeeze(text: str) -> str:
    squeezed = _SPACES.sub(" ", _STRAY_HALF_SPACE.sub("", text)).strip()
    return _STRAY_HALF_SPACE.sub("", squeezed)
