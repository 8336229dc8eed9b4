"""What a door asks for: a purchase to record, checked and with a fingerprint."""

import hashlib
import json
from dataclasses import dataclass, field, is_dataclass
from datetime import datetime
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from core.errors import Text, ValidationFailed
from core.moments import is_ahead
from core.text import latin_digits

MOST_RIAL = 10**15  # a purchase above it is a slip of the finger, and sums of purchases stay within bigint
MOST_LINES = 500
MOST_COUPONS = 20
# Without them an order has the fingerprint that it had before they could be told.
ADDED_LATER = ("first_name", "last_name", "custom", "referrer", "coupons", "is_settled", "gift_card")
CHANNELS = ("till", "online", "phone")


@dataclass(frozen=True)
class OrderLine:
    """A line as it was asked for: a known product, or a price of its own. Money is whole Rial, VAT included."""

    quantity: int = 1
    unit_price: int | None = None
    product: str | None = None
    name: str = ""
    group: str | None = None
    vat_bp: int | None = None


@dataclass(frozen=True)
class PayWith:
    """What of the price is paid by value: an amount, or as much as goes; and a gift card's code, for what is left."""

    credit: int | Literal["max"] | None = None
    points: int | Literal["max"] | None = None
    gift_card: str | None = None


@dataclass(frozen=True)
class PurchaseOrder:
    """A purchase to record: of a member (by id, or by phone), or of nobody; by lines, or one amount.

    `enrol` makes an unknown phone a member in the same transaction, of the name and the club's own fields given, tied
    to whose code `referrer` is.
    `quiet` sends no message (history imported). `is_settled`: the amounts are what was really paid, in another program;
    no offer takes anything off them or comes on top.
    """

    member_id: int | None = None
    member_phone: str | None = None
    enrol: bool = False
    first_name: str = ""
    last_name: str = ""
    custom: dict[str, Any] = field(default_factory=dict)
    referrer: str = ""
    amount: int | None = None
    lines: tuple[OrderLine, ...] = ()
    pay_with: PayWith = field(default_factory=PayWith)
    branch: str | None = None
    channel: str = "till"
    payment_method: str = ""
    occurred_at: datetime | None = None
    external_id: str | None = None
    delivery_price: int | None = None
    coupons: tuple[str, ...] = ()
    quiet: bool = False
    is_settled: bool = False

    @property
    def of_member(self) -> bool:
        """Whether somebody earns by it."""
        return self.member_id is not None or self.member_phone is not None

    def fingerprint(self) -> str:
        """The same for the same request, in any process and release."""
        asked = {name: value for name, value in vars(self).items() if value or name not in ADDED_LATER}
        return hashlib.sha256(json.dumps(asked, sort_keys=True, default=_plain).encode()).hexdigest()

    def order_lines(self) -> tuple[OrderLine, ...]:
        """The lines; one amount is one line."""
        return self.lines if self.amount is None else (OrderLine(unit_price=self.amount),)


def check_order(order: PurchaseOrder, *, now: datetime, preview: bool = False) -> None:
    """Refuse what no database is needed to refuse. Raises ValidationFailed by field."""
    errors: dict[str, list[Text]] = {}
    if (order.amount is None) == (not order.lines):
        errors["lines"] = [_("یا سطرها را بفرستید یا amount را.")]
    elif order.amount is not None:
        _check_money(errors, "amount", order.amount)
    elif len(order.lines) > MOST_LINES:
        errors["lines"] = [_("بیش از ۵۰۰ سطر.")]
    for index, line in enumerate(order.lines):
        _check_line(errors, f"lines[{index}]", line)
    _check_payment(errors, order)
    if len(order.coupons) > MOST_COUPONS:
        errors["coupons"] = [_("بیش از ۲۰ کد.")]
    if order.channel not in CHANNELS:
        errors["channel"] = [_("کانال ناشناخته است.")]
    _check_texts(errors, order)
    if order.occurred_at is not None and order.occurred_at.tzinfo is None:
        errors["occurred_at"] = [_("زمان بی اختلاف ساعت است.")]
    elif order.occurred_at is not None and not preview and is_ahead(order.occurred_at, now):
        errors["occurred_at"] = [_("زمان خرید در آینده است.")]
    if errors:
        raise ValidationFailed(errors)


def normal_code(code: str) -> str:
    """A code as it is kept: digits in Latin, no outer blanks."""
    return latin_digits(code).strip()


def _check_payment(errors: dict[str, list[Text]], order: PurchaseOrder) -> None:
    for name in ("credit", "points"):
        value = getattr(order.pay_with, name)
        if value not in (None, "max") and (not _is_whole(value) or not 0 <= value <= MOST_RIAL):
            errors[f"pay_with.{name}"] = [_("عدد درست بنویسید، یا max.")]
    if not order.of_member and (order.pay_with.credit or order.pay_with.points):
        errors["pay_with"] = [_("بدون عضو نمی‌شود با امتیاز یا اعتبار پرداخت.")]


def _check_line(errors: dict[str, list[Text]], path: str, line: OrderLine) -> None:
    if not _is_whole(line.quantity) or not 1 <= line.quantity <= 1_000_000:
        errors[f"{path}.quantity"] = [_("تعداد باید عددی از ۱ باشد.")]
    if line.unit_price is not None:
        _check_money(errors, f"{path}.unit_price", line.unit_price)
    elif not line.product:
        errors[f"{path}.unit_price"] = [_("قیمت یا کد کالا لازم است.")]
    if line.vat_bp is not None and (not _is_whole(line.vat_bp) or not 0 <= line.vat_bp <= 10_000):
        errors[f"{path}.vat_percent"] = [_("درصد مالیات درست نیست.")]
    for name, most in (("name", 120), ("product", 32), ("group", 32)):
        if len(getattr(line, name) or "") > most or "\x00" in (getattr(line, name) or ""):
            errors[f"{path}.{name}"] = [_("بلندتر از اندازه است.")]


def _check_money(errors: dict[str, list[Text]], path: str, value: int) -> None:
    if not _is_whole(value) or value < 0:
        errors[path] = [_("مبلغ باید عددی درست و نامنفی باشد.")]
    elif value > MOST_RIAL:
        errors[path] = [_("مبلغ بزرگ‌تر از اندازه است.")]


def _check_texts(errors: dict[str, list[Text]], order: PurchaseOrder) -> None:
    for name, most in (("payment_method", 32), ("external_id", 64), ("branch", 32)):
        value = getattr(order, name)
        if value is not None and (len(value) > most or "\x00" in value):
            errors[name] = [_("بلندتر از اندازه است.")]


def _plain(value: object) -> object:
    if not is_dataclass(value):
        return str(value)
    return {name: one for name, one in vars(value).items() if one or name not in ADDED_LATER}


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
