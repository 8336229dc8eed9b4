"""Fields that read what people type in Persian and answer in Persian."""

from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError

from core.forms import DigitsField, JalaliDateField, MoneyField, NumberTextField, PersianForm, PhoneField


def refusal(field, typed):
    with pytest.raises(ValidationError) as refused:
        field.clean(typed)
    return refused.value.messages


def test_money_is_read_in_the_unit_of_the_club_in_scope(club):
    assert MoneyField().clean("۲۵۰٬۰۰۰") == 2_500_000

    club.currency_unit = "rial"
    assert MoneyField().clean("۲۵۰٬۰۰۰") == 250_000


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "مبلغ را بنویسید."),
        ("  ", "مبلغ را بنویسید."),
        (None, "مبلغ را بنویسید."),
        ("0", "مبلغ باید بیشتر از صفر باشد."),
        ("-5", "مبلغ نمی‌تواند منفی باشد."),
        ("1.5", "مبلغ را بدون اعشار بنویسید."),
        ("NaN", "مبلغ را با رقم بنویسید، مانند ۲۵۰٬۰۰۰."),
        ("1e309", "مبلغ را با رقم بنویسید، مانند ۲۵۰٬۰۰۰."),
        ("9" * 40, "این مبلغ بیش از اندازه بزرگ است."),
        ("5\x00", None),
    ],
)
def test_money_refuses_in_persian(typed, message):
    messages = refusal(MoneyField(unit="toman", min_rial=1), typed)

    assert message is None or messages == [message]


def test_money_within_limits_says_them_in_the_unit():
    field = MoneyField(unit="toman", min_rial=100, max_rial=1_000)

    assert refusal(field, "5") == ["مبلغ باید دست‌کم ۱۰ تومان باشد."]
    assert refusal(field, "101") == ["مبلغ نباید بیشتر از ۱۰۰ تومان باشد."]
    assert field.clean("۱۰۰") == 1_000


def test_an_optional_amount_may_stay_empty_and_is_not_zero():
    assert MoneyField(unit="toman", required=False).clean("") is None


def test_money_shows_what_would_be_typed_and_keeps_what_was_wrong():
    class Sale(forms.Form):
        amount = MoneyField(unit="toman")

    assert 'value="۲۵۰٬۰۰۰"' in str(Sale(initial={"amount": 2_500_000})["amount"])
    assert 'value="abc"' in str(Sale({"amount": "abc"})["amount"])
    assert not Sale({"amount": "250,000"}, initial={"amount": 2_500_000}).has_changed()
    assert Sale({"amount": "x"}, initial={"amount": 2_500_000}).has_changed()


def test_phone():
    assert PhoneField().clean("+۹۸ ۹۱۲ ۱۲۳ ۴۵۶۷") == "09121234567"
    assert PhoneField(required=False).clean("") == ""
    assert refusal(PhoneField(), "") == ["شماره موبایل را بنویسید."]
    assert refusal(PhoneField(), "0912") == ["شماره موبایل درست نیست؛ مانند ۰۹۱۲۳۴۵۶۷۸۹ بنویسید."]


def test_a_stored_phone_is_shown_in_persian_digits_and_stays_the_same():
    field = PhoneField()

    assert field.prepare_value("09121234567") == "۰۹۱۲۱۲۳۴۵۶۷"
    assert field.prepare_value("0912x") == "0912x"
    assert not field.has_changed("09121234567", "۰۹۱۲۱۲۳۴۵۶۷")


def test_a_number_that_is_a_name_is_kept_in_latin_digits():
    field = NumberTextField(required=False, empty_value=None)

    assert field.prepare_value("6110066924566511") == "۶۱۱۰۰۶۶۹۲۴۵۶۶۵۱۱"
    assert field.clean("۶۱۱۰-A") == "6110-A"
    assert field.clean("") is None
    assert not field.has_changed("6110066924566511", "۶۱۱۰۰۶۶۹۲۴۵۶۶۵۱۱")
    assert not field.has_changed("", "")


def test_jalali_date():
    field = JalaliDateField(first=date(2026, 3, 21), last=date(2026, 11, 22))

    assert field.clean("۱۴۰۵/۹/۱") == date(2026, 11, 22)
    assert refusal(field, "1405/9/2") == ["تاریخ نباید پس از ۱ آذر ۱۴۰۵ باشد."]
    assert refusal(field, "1404/12/29") == ["تاریخ نباید پیش از ۱ فروردین ۱۴۰۵ باشد."]
    assert refusal(field, "1404/12/30") == ["اسفند ۱۴۰۴ ۲۹ روز دارد."]
    assert refusal(field, "") == ["تاریخ را بنویسید."]
    assert JalaliDateField(required=False).clean("") is None
    assert field.prepare_value(date(2026, 11, 22)) == "۱۴۰۵/۰۹/۰۱"
    assert not field.has_changed(date(2026, 11, 22), "1405-09-01")


def test_digits_in_any_script():
    field = DigitsField(length=6)

    assert field.clean("۱۲۳۴۵۶") == field.clean("١٢٣ ٤٥٦") == field.clean("123-456") == "123456"
    assert refusal(field, "12345") == ["این کد ۶ رقم دارد."]
    assert refusal(field, "12345x") == ["تنها رقم بنویسید."]
    assert refusal(field, "12345²") == ["تنها رقم بنویسید."]
    assert refusal(field, "") == ["این را هم بنویسید."]


def test_django_s_own_checks_say_their_numbers_in_persian_digits():
    class Note(PersianForm):
        text = forms.CharField(max_length=60)

    form = Note({"text": "x" * 61})

    assert "۶۰" in form.errors["text"][0] and "۶۰" in str(form.errors["text"])
    assert "60" not in str(form.errors)
