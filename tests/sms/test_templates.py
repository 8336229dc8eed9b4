"""The words of an SMS: placeholders, optional parts, and what a manager may not save."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from sms.kinds import KINDS, kind_of
from sms.models import SmsTemplate, Status
from sms.parts import parts, with_opt_out
from sms.templates import faults, render

RECEIPT = {
    "name": "سارا",
    "amount": 2_450_000,
    "payable": 2_450_000,
    "number": 1042,
    "points": 24,
    "credit": 50_000,
    "points_balance": 1280,
    "credit_balance": 620_000,
    "tier": "نقره‌ای",
    "tier_changed": False,
    "next_tier": "طلایی",
    "next_tier_missing": 3_000_000,
    "next_tier_metric": "spent",
}

SHORT = {"unsaid": ["next_tier_missing"]}


def words(kind, context, text=None, unit="toman"):
    known = kind_of(kind)
    return render(known, text or known.text, context, club_name="کافه نارون", unit=unit, link="https://n.ir")


def test_a_receipt_tells_amount_earned_balance_tier_and_the_way_to_the_next():
    assert words("purchase_receipt", RECEIPT) == (
        "کافه نارون\n"
        "خرید ۲۴۵٬۰۰۰ تومان\n"
        "امتیاز ۲۴، مانده ۱٬۲۸۰\n"
        "اعتبار ۵٬۰۰۰ تومان، مانده ۶۲٬۰۰۰ تومان\n"
        "نقره‌ای؛ ۳۰۰٬۰۰۰ تومان تا طلایی"
    )


def test_a_receipt_names_the_offers_that_gave_something_and_the_goods_that_are_free():
    given = RECEIPT | {"offers": ["تولد", "کیک مهمان"], "free_items": [["کیک روز", 2]]}

    text = words("purchase_receipt", given)

    assert "\nپیشنهاد تولد، کیک مهمان؛ ۲ کیک روز رایگان\n" in text
    assert "\nپیشنهاد تولد\n" in words("purchase_receipt", given | {"offers": ["تولد"], "free_items": []})
    assert "پیشنهاد" not in words("purchase_receipt", RECEIPT | {"offers": [], "free_items": []})


def test_what_has_nothing_to_say_is_left_out():
    bare = dict.fromkeys(RECEIPT, 0) | {"amount": 100_000, "tier": "", "next_tier": "", "points": 1}
    bare["unsaid"] = ["credit", "credit_balance"]

    assert words("purchase_receipt", bare) == "کافه نارون\nخرید ۱۰٬۰۰۰ تومان\nامتیاز ۱، مانده ۰"


def test_zero_is_a_value_like_others():
    spent = RECEIPT | {"amount": 0, "points": 0, "points_balance": 0, "unsaid": ["points"]}

    text = words("purchase_receipt", spent)

    assert "خرید ۰ تومان\n" in text
    assert "\nامتیاز مانده ۰\n" in text
    assert words("purchase_receipt", {"points": 0}, "[[امتیاز {points}]]") == "امتیاز ۰"


def test_a_balance_alone_reads_well():
    text = words("purchase_receipt", RECEIPT | {"points": 0, "credit": 0, "unsaid": ["points", "credit"]})

    assert "\nامتیاز مانده ۱٬۲۸۰\nاعتبار مانده ۶۲٬۰۰۰ تومان\n" in text


def test_a_usual_receipt_fits_two_parts_and_a_code_one():
    assert parts(with_opt_out(words("purchase_receipt", RECEIPT))) == 2
    assert parts(with_opt_out(words("purchase_receipt", RECEIPT | {"offers": ["تولد"]} | SHORT))) == 2
    assert parts(words("otp", {"code": "123456", "domain": "naron.example.com"})) == 1


REFUND = {"number": 810, "refunded": 2_450_000, "points": 8, "points_returned": 5, "points_balance": 57}


def test_a_refund_tells_what_was_taken_back_what_was_given_back_and_what_is_left():
    credit = {"credit": 0, "credit_returned": 50_000, "credit_balance": 0, "unsaid": ["credit"]}

    assert words("purchase_refunded", REFUND | credit) == (
        "کافه نارون\n"
        "برگشت خرید ۸۱۰: ۲۴۵٬۰۰۰ تومان\n"
        "امتیاز: ۸ پس گرفته شد، ۵ برگشت، مانده ۵۷\n"
        "اعتبار: ۵٬۰۰۰ تومان برگشت، مانده ۰ تومان"
    )


def test_a_refund_that_moved_no_credit_keeps_silent_of_it():
    credit = {"credit": 0, "credit_returned": 0, "credit_balance": 0}
    unsaid = ["credit", "credit_returned", "credit_balance"]

    assert "اعتبار" not in words("purchase_refunded", REFUND | credit | {"unsaid": unsaid})


def test_no_tier_yet_but_a_next_one_reads_well():
    assert "\n۳۰۰٬۰۰۰ تومان تا طلایی" in words("purchase_receipt", RECEIPT | {"tier": ""})


def test_a_new_tier_is_congratulated():
    assert "\nتبریک، به سطح نقره‌ای رسیدی\n" in words("purchase_receipt", RECEIPT | {"tier_changed": True})


@pytest.mark.parametrize(
    ("metric", "missing", "shown"),
    [("spent", 3_000_000, "۳۰۰٬۰۰۰ تومان"), ("points", 300, "۳۰۰ امتیاز"), ("visits", 3, "۳ خرید")],
)
def test_the_way_to_the_next_tier_is_told_in_what_it_is_counted_in(metric, missing, shown):
    context = RECEIPT | {"next_tier_metric": metric, "next_tier_missing": missing}

    assert f"؛ {shown} تا طلایی" in words("purchase_receipt", context)


def test_money_is_in_the_clubs_unit():
    assert "خرید ۲٬۴۵۰٬۰۰۰ ریال" in words("purchase_receipt", RECEIPT, unit="rial")


def test_the_code_is_in_latin_digits_and_the_last_line_is_for_the_browser():
    text = words("otp", {"code": "123456", "domain": "naron.example.com"})

    assert text.splitlines()[1].startswith("کد ورود 123456؛")
    assert text.splitlines()[-1] == "@naron.example.com #123456"


def test_every_default_text_is_one_a_manager_could_save():
    for kind in KINDS.values():
        assert faults(kind, kind.text) == [], kind.code


def test_every_default_text_names_the_club():
    for kind in KINDS.values():
        assert "{club}" in str(kind.text), kind.code


def test_a_name_that_looks_like_a_placeholder_stays_a_name():
    assert words("welcome", {"name": "{link} [[x]]"}).startswith("{link} [[x]]، به باشگاه")


def test_a_name_cannot_bring_lines_or_hidden_marks():
    assert words("welcome", {"name": "سارا\n\u202e@evil #1"}).startswith("سارا @evil #1، به باشگاه")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("سلام {nme}", "جای‌گذار {nme} را نمی‌شناسیم؛ این‌ها را می‌توانید بنویسید: {club}، {link}، {name}"),
        ("سلام {}", "جای‌گذار {} را نمی‌شناسیم؛ این‌ها را می‌توانید بنویسید: {club}، {link}، {name}"),
        ("سلام {name", "آکولاد باز یا بسته‌ای تنها مانده است."),
        ("سلام [[{name}", "هر «[[» باید یک «]]» داشته باشد."),
        (" \n", "متن خالی است."),
    ],
)
def test_a_faulty_text_is_refused_in_persian(text, message):
    with pytest.raises(ValidationError) as refused:
        SmsTemplate(kind="welcome", message_class="service", text=text).clean()

    assert refused.value.message_dict == {"text": [message]}


@pytest.mark.parametrize(
    ("kind", "message_class", "text", "needed"),
    [
        ("otp", "otp", "{club} خوش آمدی", "{code}"),
        ("otp", "otp", "{club}[[ کد {code}]]", "{code}"),
        ("otp", "otp", "{club}[[ {domain}[[ {code}]] ]]", "{code}"),
        ("purchase_receipt", "service", "{club} سپاس", "{amount}"),
        ("credit_granted", "service", "{club} هدیه", "{credit}"),
    ],
)
def test_a_text_without_what_the_message_is_for_is_refused(kind, message_class, text, needed):
    with pytest.raises(ValidationError) as refused:
        SmsTemplate(kind=kind, message_class=message_class, text=text).clean()

    said = f"این پیام بدون {needed} گفته نمی‌شود؛ آن را بیرون از [[…]] بنویسید."
    assert refused.value.message_dict == {"text": [said]}


def test_a_placeholder_of_another_kind_is_unknown():
    assert faults(kind_of("otp"), "{code} {amount}")


@pytest.mark.parametrize(("kind", "message_class"), [("otp", "advertising"), ("welcome", "otp")])
def test_the_class_of_a_code_is_fixed(kind, message_class):
    with pytest.raises(ValidationError) as refused:
        SmsTemplate(kind=kind, message_class=message_class, text="{club}").clean()

    assert list(refused.value.message_dict) == ["message_class"]


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValidationError):
        SmsTemplate(kind="nonsense", message_class="service", text="x").clean()


def test_an_sms_that_arrived_is_no_receipt_in_english():
    with translation.override("en"):
        assert str(Status.DELIVERED.label) == "Delivered"
