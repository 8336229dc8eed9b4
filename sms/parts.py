"""How long an SMS is, in how many parts it goes, and what they cost. Pure.

A text whose every character is of the GSM alphabet has 160 septets in one part and 153 in each of several; any other
character makes the whole text Unicode: 70 UTF-16 units in one part, 67 in each of several.
"""

GSM_SINGLE, GSM_PART = 160, 153
UNICODE_SINGLE, UNICODE_PART = 70, 67
GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("{}[]~\\^|€\f")
OPT_OUT = "لغو۱۱"


def is_unicode(text: str) -> bool:
    """Whether a character outside the GSM alphabet makes the whole text Unicode."""
    return any(char not in GSM_BASIC and char not in GSM_EXTENSION for char in text)


def length(text: str) -> int:
    """What the text counts: UTF-16 units, or septets where a character of the extension takes two.

    >>> length("سلام"), length("ok €"), length("🙂")
    (4, 5, 2)
    """
    if is_unicode(text):
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text) + sum(char in GSM_EXTENSION for char in text)


def parts(text: str) -> int:
    """In how many parts the text is sent; an empty one in none.

    >>> parts("س" * 70), parts("س" * 71), parts("a" * 160), parts("a" * 161)
    (1, 2, 1, 2)
    """
    single, each = (UNICODE_SINGLE, UNICODE_PART) if is_unicode(text) else (GSM_SINGLE, GSM_PART)
    units = length(text)
    if units <= single:
        return 1 if units else 0
    return -(-units // each)


def price(text: str, *, unicode_rial: int, latin_rial: int) -> int:
    """What the text costs in Rial at a price per part; Persian parts are cheaper than Latin ones."""
    return parts(text) * (unicode_rial if is_unicode(text) else latin_rial)


def with_opt_out(text: str) -> str:
    r"""The text ending in the line by which its reader can leave; not twice.

    >>> with_opt_out("سلام")
    'سلام\nلغو۱۱'
    """
    last = text.rstrip().rsplit("\n", 1)[-1].replace(" ", "").replace("11", "۱۱")
    return text if last.endswith(OPT_OUT) else f"{text.rstrip()}\n{OPT_OUT}"
