"""What an error says where no field is named."""

from core.errors import AppError, ValidationFailed


def test_what_is_wrong_with_each_field_is_told_without_its_name() -> None:
    refused = ValidationFailed({"name": ["نام خالی است.", "نام کوتاه است."], "city": ["شهر پیدا نشد."]})

    assert refused.texts == ["نام خالی است.", "نام کوتاه است.", "شهر پیدا نشد."]


def test_what_names_no_field_is_told_by_its_message() -> None:
    assert AppError("تنها %(left)s مانده است.", left=12).texts == ["تنها ۱۲ مانده است."]
    assert ValidationFailed({}).texts == [ValidationFailed({}).detail]
