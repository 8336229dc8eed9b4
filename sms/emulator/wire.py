"""The words of Kavenegar's REST protocol: codes of answers, states of messages, and how a body is written."""

import json
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

ACCEPTED = 200
CODES = {
    200: "تایید شد",
    400: "پارامترها ناقص هستند",
    401: "حساب کاربری غیرفعال شده است",
    402: "عملیات ناموفق بود",
    403: "کد شناسائی API-Key معتبر نمی‌باشد",
    404: "متد نامشخص است",
    405: "متد Get/Post اشتباه است",
    406: "پارامترهای اجباری خالی ارسال شده اند",
    407: "دسترسی به اطلاعات مورد نظر برای شما امکان پذیر نیست",
    409: "سرور قادر به پاسخگوئی نیست بعدا تلاش کنید",
    411: "دریافت کننده نامعتبر است",
    412: "ارسال کننده نامعتبر است",
    413: "پیام خالی است و یا طول پیام بیش از حد مجاز می‌باشد",
    414: "حجم درخواست بیشتر از حد مجاز است",
    415: "اندیس شروع بزرگ تر از کل تعداد شماره های مورد نظر است",
    416: "IP سرویس مبدا با تنظیمات مطابقت ندارد",
    417: "تاریخ ارسال اشتباه است و فرمت آن صحیح نمی باشد",
    418: "اعتبار شما کافی نمی‌باشد",
    419: "طول آرایه متن و گیرنده و فرستنده هم اندازه نیست",
    420: "استفاده از لینک در متن پیام برای شما محدود شده است",
    422: "داده ها به دلیل وجود کاراکتر نامناسب قابل پردازش نیست",
    424: "الگوی مورد نظر پیدا نشد",
    426: "استفاده از این متد نیازمند سرویس پیشرفته می‌باشد",
    427: "استفاده از این خط نیازمند ایجاد سطح دسترسی می باشد",
    428: "ارسال کد از طریق تماس تلفنی امکان پذیر نیست",
    429: "IP محدود شده است",
    431: "ساختار کد صحیح نمی‌باشد",
    432: "پارامتر کد در متن پیام پیدا نشد",
    451: "فراخوانی بیش از حد در بازه زمانی مشخص IP محدود شده",
    501: "فقط امکان ارسال پیام تست به شماره صاحب حساب کاربری وجود دارد",
    604: "تعداد رکوردها بیش از حد مجاز است",
    607: "نام تگ انتخابی اشتباه است",
}

QUEUED, SCHEDULED, HANDED_OVER, HANDED_OVER_LOOKUP = 1, 2, 4, 5
FAILED, DELIVERED, UNDELIVERED, CANCELLED, BLOCKED, INVALID = 6, 10, 11, 13, 14, 100
FINAL = frozenset({FAILED, DELIVERED, UNDELIVERED, CANCELLED, BLOCKED})
MONEY_BACK = frozenset({CANCELLED, BLOCKED})
STATES = {
    QUEUED: "در صف ارسال",
    SCHEDULED: "زمان بندی شده",
    HANDED_OVER: "ارسال به مخابرات",
    HANDED_OVER_LOOKUP: "ارسال به مخابرات",
    FAILED: "خطا در ارسال پیام",
    DELIVERED: "رسیده به گیرنده",
    UNDELIVERED: "نرسیده به گیرنده",
    CANCELLED: "لغو شده",
    BLOCKED: "بلاک شده است",
    INVALID: "شناسه پیامک نامعتبر است",
}


class Refused(Exception):
    """The call is answered with this code and nothing was done."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """What goes back: the HTTP status and the body's type and bytes."""

    status: int
    content_type: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Paged:
    """Entries of one page, with the counts that go beside them."""

    entries: list[dict[str, Any]]
    total: int
    page: int
    size: int

    @property
    def metadata(self) -> dict[str, str]:
        """All four as strings, as the service writes them."""
        pages = max(1, -(-self.total // self.size))
        return {
            "totalcount": str(self.total),
            "currentpage": str(self.page),
            "totalpages": str(pages),
            "pagesize": str(self.size),
        }


def answer(code: int, entries: Any, *, xml: bool = False) -> Answer:
    """The envelope. The HTTP status is the code, but 400 for those above 599, which HTTP does not have."""
    body: dict[str, Any] = {"return": {"status": code, "message": CODES.get(code, "خطا")}}
    if isinstance(entries, Paged):
        body |= {"entries": entries.entries, "metadata": entries.metadata}
    else:
        body["entries"] = entries
    status = code if code < 600 else 400
    if xml:
        return Answer(status, "text/xml; charset=utf-8", _xml(body).encode())
    return Answer(status, "application/json; charset=utf-8", json.dumps(body, ensure_ascii=False).encode())


def _xml(body: dict[str, Any]) -> str:
    inside = "".join(_element(name, value) for name, value in body.items())
    return f'<?xml version="1.0" encoding="utf-8"?><Response>{inside}</Response>'


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        inside = "".join(_element("entry", item) for item in value)
    elif isinstance(value, dict):
        inside = "".join(_element(key, item) for key, item in value.items())
    else:
        inside = "" if value is None else escape(str(value))
    return f"<{name}>{inside}</{name}>"
