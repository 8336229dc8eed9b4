"""Refunds that a form asks for a second time without anybody meaning it: a page left open, or opened anew by Back."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from club.purchases.models import Purchase, Refund
from core.errors import Conflict

JUST_NOW = timedelta(minutes=15)


class PurchaseChanged(Conflict):
    """Something of the purchase went back since the form was opened."""

    code = "purchase_changed"
    message = _("این خرید در این میان تغییر کرد. مانده و برگشت‌های پیشین را ببینید و اگر هنوز درست است دوباره ثبت کنید.")


class SameRefundAgain(Conflict):
    """The very same went back a few minutes ago."""

    code = "same_refund_again"
    message = _("همین مقدار چند دقیقه پیش برگشت خورد. اگر این برگشت دیگری است، نشانش کنید و دوباره ثبت کنید.")


def refuse_stale(purchase: Purchase, refunded_before: int | None) -> None:
    """Raise PurchaseChanged where another amount than the form's was refunded by now. The purchase is locked."""
    if refunded_before is not None and refunded_before != purchase.refunded:
        raise PurchaseChanged


def refuse_twin(purchase: Purchase, net: int, now: datetime) -> None:
    """Raise SameRefundAgain where as much of the purchase went back just now. The purchase is locked."""
    if Refund.objects.filter(purchase=purchase, net=net, created_at__gt=now - JUST_NOW).exists():
        raise SameRefundAgain
