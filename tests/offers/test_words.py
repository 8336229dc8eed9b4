"""Offers, conditions and what is missing, as people read them."""

from typing import Any

import pytest
from django.utils import translation

from offers.judging import misses
from offers.parsing import parse
from offers.vocabulary import FACTS, OPS
from offers.words import Names, Words
from tests.offers.test_judging import HERE

CAFE = Words(
    Names(
        tiers={"silver": "نقره‌ای"},
        goods={"coffee": "قهوه", "tea": "چای"},
        fields={"children": "فرزندان", "wedding": "سالگرد ازدواج"},
        offers={7: "بازگشت"},
    )
)


def terms(when: Any = None, benefit: Any = None, **said: Any) -> Any:
    plain = {"kind": "points_amount", "points": 50}
    return parse({"name": "x", "trigger": "purchase", "when": when or {}, "benefit": benefit or plain, **said})


def test_a_whole_offer_is_one_sentence() -> None:
    offer = terms(
        {
            "all": [
                {"fact": "weekday", "op": "eq", "value": 3},
                {"fact": "amount", "op": "gt", "value": 1_500_000},
                {"fact": "tier", "op": "gte", "value": "silver"},
            ]
        },
        {"kind": "credit_percent", "percent": 10, "max": 500_000},
    )

    assert CAFE.offer(offer) == (
        "سه‌شنبه‌ها، مبلغ خرید بیش از ۱۵۰٬۰۰۰ تومان، سطح نقره‌ای و بالاتر: ۱۰٪ اعتبار برگشتی تا سقف ۵۰٬۰۰۰ تومان."
    )
    assert CAFE.offer(terms()) == "۵۰ امتیاز."


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ({"fact": "is_first_purchase", "op": "eq", "value": True}, "نخستین خرید"),
        ({"fact": "is_first_purchase", "op": "eq", "value": False}, "نه نخستین خرید"),
        ({"fact": "time", "op": "between", "value": ["16:00", "20:30"]}, "ساعت ۱۶:۰۰ تا ۲۰:۳۰"),
        ({"fact": "visit_number", "op": "every", "value": 10}, "هر ۱۰ مراجعه"),
        ({"fact": "weekday", "op": "in", "value": [0, 6]}, "شنبه یا جمعه"),
        ({"fact": "jalali_month", "op": "eq", "value": 7}, "ماه مهر"),
        (
            {"fact": "days_from_birthday", "op": "between", "value": [-3, 0]},
            "از ۳ روز پیش از تولد تا روز تولد",
        ),
        ({"fact": "amount_of", "op": "gte", "value": 10_000, "of": "coffee"}, "مبلغ خرید از قهوه دست‌کم ۱٬۰۰۰ تومان"),
        ({"fact": "quantity_of", "op": "gte", "value": 2, "of": {"not": "tea"}}, "تعداد هر چه جز چای دست‌کم ۲"),
        (
            {"fact": "spent_in_days", "op": "gt", "value": 10_000, "of": 30},
            "جمع خرید در ۳۰ روز گذشته بیش از ۱٬۰۰۰ تومان",
        ),
        (
            {"fact": "amount", "op": "gt", "value": {"own": "mean_basket", "percent": 120}},
            "مبلغ خرید بیش از ۱۲۰٪ میانگین خریدهای خود عضو",
        ),
        ({"fact": "custom.children", "op": "gte", "value": 2}, "فرزندان دست‌کم ۲"),
        ({"fact": "channel", "op": "eq", "value": "online"}, "راه خرید اینترنتی"),
        ({"fact": "named_day", "op": "eq", "value": "yalda"}, "در شب یلدا"),
        ({"fact": "named_day", "op": "in", "value": ["nowruz", "fitr"]}, "در نوروز یا عید فطر"),
        ({"fact": "named_day", "op": "ne", "value": "ramadan"}, "مناسبت تقویم جز ماه رمضان"),
        ({"fact": "days_from.wedding", "op": "eq", "value": 0}, "روز سالگرد ازدواج"),
        (
            {"fact": "days_from.wedding", "op": "between", "value": [-3, 1]},
            "از ۳ روز پیش از سالگرد ازدواج تا ۱ روز پس از سالگرد ازدواج",
        ),
        (
            {"fact": "days_from.wedding", "op": "gt", "value": 2},
            "فاصله از سالگرد ازدواج بیش از ۲ روز پس از سالگرد ازدواج",
        ),
        ({"not": {"fact": "tag", "op": "has", "value": "همسایه"}}, "نه (برچسب همسایه)"),
        (
            {
                "all": [
                    {"fact": "age", "op": "lt", "value": 30},
                    {
                        "any": [
                            {"fact": "gender", "op": "eq", "value": "a"},
                            {"fact": "referred", "op": "eq", "value": True},
                        ]
                    },
                ]
            },
            "سن کمتر از ۳۰، (جنسیت a یا معرفی‌شده)",
        ),
    ],
)
def test_conditions_in_words(group: Any, words: str) -> None:
    assert CAFE.group(terms(group).when) == words


@pytest.mark.parametrize(
    ("benefit", "words"),
    [
        ({"kind": "discount_percent", "percent": 7.5, "of": "coffee"}, "۷٫۵٪ تخفیف روی قهوه"),
        ({"kind": "discount_amount", "amount": 50_000, "per_quantity": 3}, "۵٬۰۰۰ تومان تخفیف به ازای هر ۳ عدد"),
        (
            {"kind": "fixed_price", "amount": 990_000, "quantity": 3, "repeat": 2},
            "هر ۳ عدد با هم ۹۹٬۰۰۰ تومان حداکثر ۲ بار در هر خرید",
        ),
        ({"kind": "buy_x_get_y", "buy": 4, "get": 1}, "۴ تا بخر، ۱ تا رایگان ببر"),
        ({"kind": "buy_x_get_y", "buy": 1, "get": 1, "percent": 50}, "۱ تا بخر، ۱ تا با ۵۰٪ تخفیف ببر"),
        ({"kind": "points_factor", "factor": 1.5}, "امتیاز ۱٫۵ برابر"),
        ({"kind": "points_amount", "points": 5, "per_amount": 100_000}, "۵ امتیاز به ازای هر ۱۰٬۰۰۰ تومان"),
        ({"kind": "free_item", "product": "tea", "quantity": 1}, "۱ چای رایگان"),
        ({"kind": "free_delivery"}, "ارسال رایگان"),
        ({"kind": "credit_percent", "percent": 20, "of_credit": "base_credit"}, "۲۰٪ اعتبار پایهٔ بیشتر"),
        (
            {"kind": "discount_percent", "percent": 50, "applies_to": "cheapest_matching"},
            "۵۰٪ تخفیف برای ارزان‌ترین یک عدد",
        ),
    ],
)
def test_benefits_in_words(benefit: Any, words: str) -> None:
    assert CAFE.benefit(terms(benefit=benefit).benefit) == words


@pytest.mark.parametrize(
    "benefit",
    [
        {"kind": "coupon", "offer": 7, "valid_days": 30},
        {"kind": "tier", "code": "silver", "days": 30},
        {"kind": "chances", "lottery": "y", "count": 2},
    ],
)
def test_things_have_words_of_their_own(benefit: Any) -> None:
    assert CAFE.offer(terms(benefit=benefit, stacking="always")) in {
        "کوپن «بازگشت» تا ۳۰ روز.",
        "سطح نقره‌ای تا ۳۰ روز.",
        "۲ شانس قرعه‌کشی.",
    }


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ({"fact": "amount", "op": "gt", "value": 3_000_000}, "۵۰٬۰۰۱ تومان دیگر"),
        ({"fact": "amount", "op": "gte", "value": 2_950_000}, "۴۵٬۰۰۰ تومان دیگر"),
        ({"fact": "visit_number", "op": "every", "value": 10}, "۸ خرید دیگر"),
        ({"fact": "quantity_of", "op": "gte", "value": 5}, "۲ تای دیگر"),
        ({"fact": "member_for_days", "op": "gte", "value": 365}, "۴۰ روز دیگر"),
        ({"fact": "weekday", "op": "eq", "value": 3}, "سه‌شنبه‌ها"),
    ],
)
def test_what_is_missing_in_words(group: Any, words: str) -> None:
    (miss,) = misses(terms(group).when, HERE)

    assert CAFE.missing(miss) == words


def test_every_fact_and_operator_has_words_in_both_languages() -> None:
    values: dict[str, Any] = {
        "time": "16:00",
        "date": "2026-11-22",
        "flag": True,
        "tier": "silver",
        "many": "yalda",
        "word": "till",
    }
    for fact, known in FACTS.items():
        for op in OPS[known.kind]:
            one = values.get(known.kind, 1)
            pair = {"time": ["10:00", "16:00"]}.get(known.kind, [one, one])
            spans: dict[str, dict[str, Any]] = {"lines": {"of": "coffee"}, "days": {"of": 30}}
            of = spans.get(known.of, {})
            said = {"fact": fact, "op": op, "value": pair if op in ("between", "in", "not_in") else one, **of}
            for language in ("fa", "en"):
                with translation.override(language):
                    words = CAFE.group(terms(said).when)
                    assert words and "%" not in words, (fact, op)
                    assert language == "fa" or not any(
                        "آ" <= letter <= "ی" for letter in words.replace("نقره‌ای", "").replace("قهوه", "")
                    ), words
