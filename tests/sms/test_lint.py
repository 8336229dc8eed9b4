"""What is held against an advertising text: each finding with a text that has it and one beside it that has not."""

import pytest

from sms.lint import FILTERED, LONGEST, SEVERITIES, lint, stops

CLUB = "کافه نارون"
GOOD = "کافه نارون: این هفته کیک و قهوه با ۲۰٪ تخفیف\nلغو۱۱"


def codes(words: str) -> list[str]:
    return [one.code for one in lint(words, club_name=CLUB)]


def test_a_plain_text_with_the_clubs_name_has_nothing_against_it() -> None:
    assert codes(GOOD) == []


@pytest.mark.parametrize(
    ("words", "code", "severity"),
    [
        ("", "empty", "error"),
        (GOOD + "س" * LONGEST, "too_long", "error"),
        (GOOD + "س" * 300, "many_parts", "hint"),
        (GOOD + "\nhttps://narvan.ir/offers", "link", "warning"),
        (GOOD + "\nnarvan.ir", "link", "warning"),
        (GOOD + "\nwww.narvan.cafe", "link", "warning"),
        (GOOD + "\nhttps://zarinp.al/12", "payment_link", "error"),
        (GOOD + "\nشما برنده‌اید", "promise", "error"),
        (GOOD + "\nبرنده می‌شوید", "promise", "error"),
        (GOOD + "\nتا ۲۴ همین ماه", "filtered_word", "warning"),
        (GOOD + "\nتا ٢٤ همین ماه", "filtered_word", "warning"),
        (GOOD + "\nساعت‌ های دیواری", "filtered_word", "warning"),
        (GOOD + "\nساعت‌ها", "filtered_word", "warning"),
        ("این هفته کیک و قهوه", "club_missing", "warning"),
    ],
)
def test_each_fault_is_found(words: str, code: str, severity: str) -> None:
    found = {one.code: one.severity for one in lint(words, club_name=CLUB)}

    assert found.get(code) == severity


@pytest.mark.parametrize("word", FILTERED)
def test_every_filtered_word_is_named_in_what_is_said(word: str) -> None:
    [found] = [one for one in lint(f"{GOOD} {word}", club_name=CLUB) if one.code == "filtered_word"]

    assert (word if word != "24" else "۲۴") in found.text


@pytest.mark.parametrize(
    "words",
    [
        GOOD + " ۲۴۰ تومان",
        GOOD + " برندینگ",
        GOOD + " ساعتی دیگر",
        GOOD + " ۱۲.۵ درصد",
        GOOD + " ساعتچی",
        "كافه نارون: چای تازه",
        "کافه‌نارون و کافه  نارون",
    ],
)
def test_what_only_looks_like_a_fault_is_none(words: str) -> None:
    assert codes(words) == []


def test_the_gravest_comes_first_and_alone_stops() -> None:
    found = lint("شما برنده‌اید http://a.ir", club_name=CLUB)

    grades = [SEVERITIES.index(one.severity) for one in found]
    assert grades == sorted(grades)
    assert {one.code for one in stops(found)} == {"promise"}
