"""Numbers and names of WhatsApp, Telegram and Instagram as people paste them."""

import pytest

from core.contact import WrongContact, instagram_name, telegram_name, whatsapp_address, whatsapp_number


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("۰۹۱۲ ۱۲۳ ۴۵۶۷", "989121234567"),
        ("+98 (912) 123-4567", "989121234567"),
        ("00989121234567", "989121234567"),
        ("021-88776655", "982188776655"),
        ("https://wa.me/989121234567?text=x", "989121234567"),
        ("+442079460958", "442079460958"),
    ],
)
def test_a_whatsapp_number_is_kept_with_its_country(typed: str, kept: str) -> None:
    assert whatsapp_number(typed) == kept


@pytest.mark.parametrize("typed", ["912", "abc", "9" * 16, "0", "javascript:alert(1)", "٠١"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(WrongContact):
        whatsapp_number(typed)


@pytest.mark.parametrize(
    ("read", "typed", "kept"),
    [
        (telegram_name, "@narvan_cafe", "narvan_cafe"),
        (telegram_name, "https://t.me/narvan_cafe", "narvan_cafe"),
        (telegram_name, "", ""),
        (instagram_name, "instagram.com/narvan.cafe/?hl=fa", "narvan.cafe"),
        (instagram_name, " @a ", "a"),
    ],
)
def test_a_name_is_kept_bare(read, typed: str, kept: str) -> None:
    assert read(typed) == kept


@pytest.mark.parametrize(
    ("read", "typed"),
    [
        (telegram_name, "نارون"),
        (telegram_name, "a/b"),
        (telegram_name, "1abcd"),
        (telegram_name, "x" * 33),
        (instagram_name, "a b"),
        (instagram_name, "https://evil.example/x"),
        (instagram_name, ".a"),
    ],
)
def test_what_is_no_name_is_refused(read, typed: str) -> None:
    with pytest.raises(WrongContact):
        read(typed)


def test_the_words_of_a_talk_stand_in_its_address() -> None:
    assert whatsapp_address("98912", "سلام & ۱") == "https://wa.me/98912?text=%D8%B3%D9%84%D8%A7%D9%85%20%26%20%DB%B1"
