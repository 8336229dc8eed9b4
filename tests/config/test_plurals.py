"""One point is no "1 points": what counts things in English has a form for one."""

import re

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from core.templatetags.club_ui import of_metric
from tests.config.test_messages import messages

# Never of one, or not of things that are counted.
NEVER_OF_ONE = {
    "%(days)s روز دیگر": "tomorrow and yesterday have words of their own",
    "%(days)s روز پیش": "the same",
    "%(month)s %(year)s %(days)s روز دارد.": "a month has 29 days at least",
    "این کد %(length)s رقم دارد.": "no code has one digit",
    "فایل بیش از %(most)s ستون دارد؛ تنها ستون‌های لازم را نگه دارید.": "the most is 200",
    "بیش از %(count)s نفر پیدا شد؛ بیشتر بنویسید": "more than as many as are shown",
    "بیش از %(count)s نفر ↓": "the same",
    "فایل پس از %(days)s روز پاک شده است؛ دوباره بفرستیدش.": "the installation's setting, 30",
    "فایل و سطرهای ردشده پس از %(days_kept)s روز پاک می‌شوند.": "the same",
    "متن %(length)s نویسه است و سرویس‌دهنده بیش از %(most)s نویسه نمی‌پذیرد؛ کوتاهش کنید.": "more than 900",
    "%(used)s از %(room)s نویسه": "an SMS has room for 70 characters at least",
    "%(amount)s واحد بیشتر": "of a percentage, with its decimals",
    "%(amount)s واحد کمتر": "the same",
    "%(times)s برابر": "of a factor, with its decimals",
    "%(done)s خرید از %(total)s": "a stamp card has several stamps",
}
THINGS = (
    "points|purchases|members|people|lines|days|messages|products|parts|hours|minutes|characters|times|digits|columns|"
    "sessions|visits|requests|invitations|groups|branches|tiers|fields|files|records|months|years|tries|codes"
)
COUNTING = re.compile(rf"%\((?!day\))\w+\)s (?:(?:more|new|other|percentage) )?(?:{THINGS})\b")
PLACE = re.compile(r"%\(\w+\)s")


def test_what_counts_in_english_has_a_form_for_one() -> None:
    texts = messages.read(messages.ENGLISH)
    worded = {text.id for text in texts if isinstance(text.string, str) and COUNTING.search(text.string)}

    assert sorted(worded - NEVER_OF_ONE.keys()) == []
    assert sorted(NEVER_OF_ONE.keys() - worded) == []


def test_each_form_says_its_numbers_and_one_is_not_many() -> None:
    counted = [text for text in messages.read(messages.ENGLISH) if text.pluralizable]

    assert len(counted) > 20
    for text in counted:
        one, many = text.string
        assert one != many, text.id
        assert sorted(PLACE.findall(one)) == sorted(PLACE.findall(many)), text.id


@pytest.mark.parametrize(("count", "said"), [(1, "1 point"), (2, "2 points"), (0, "0 points"), (1_000, "1,000 points")])
def test_points_and_purchases_are_counted_as_the_reader_does(count: int, said: str) -> None:
    with override("en"):
        assert of_metric(count, "points") == said
        assert of_metric(count, "visits") == said.replace("point", "purchase")
    with override("fa"):
        assert of_metric(count, "points").endswith(" امتیاز")


@pytest.mark.parametrize(("count", "said"), [(1, "1 point<"), (2, "2 points<")])
def test_templates_count_too(count: int, said: str) -> None:
    row = {"is_points": True, "delta": count}
    with override("en"):
        assert said in render_to_string("portal/_amount.html", {"row": row})
    with override("fa"):
        assert " امتیاز<" in render_to_string("portal/_amount.html", {"row": row})


def test_no_text_counts_by_a_name_that_it_gives_to_the_words_for_it() -> None:
    """`count n=members with members=…` would count by the words: what stands behind `with` is there first."""
    shadowed = [
        (path.name, said[0])
        for path in messages.sources()
        if path.suffix == ".html"
        for said in re.finditer(r"blocktrans count \w+=(\w+)[^%]*? with [^%]*?\b\1=", path.read_text())
    ]

    assert shadowed == []
