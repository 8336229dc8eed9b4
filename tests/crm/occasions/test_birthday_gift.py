"""A voucher from a week before the birthday to a week after it: issued once, used on its last day, refused after it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from club.purchases.orders import PurchaseOrder
from core.jalali import from_jalali, local_date
from crm.occasions.daily import birthdays
from offers.given_codes import CouponExpired
from offers.models import Coupon
from offers.starters import BY_CODE, started
from offers.words import Names
from sms.models import OutboxMessage
from tests.crm.occasions.acts import morning
from tests.offering import LONG_AGO, publish
from tests.shop import Shop


def ready(shop: Shop) -> Any:
    """The ready offer as a manager takes it: only the offer that the code brings is chosen."""
    gift = publish("۲۰٪ تولد", {"kind": "discount_percent", "percent": 20}, code_required=True)
    said = started(BY_CODE["birthday_code"], {"benefit.offer": gift.pk}, Names())
    return publish(said.pop("name"), said.pop("benefit"), **said)


def buys(shop: Shop, member: Any, code: str, now: datetime) -> int:
    order = PurchaseOrder(member_id=member.pk, amount=1_000_000, coupons=(code,))
    return shop.buy(order, now=now).discount


def test_a_birthday_voucher_lives_from_a_week_before_to_a_week_after(shop: Shop) -> None:
    birthday = from_jalali(1405, 9, 20)
    member = shop.member(birth_date=from_jalali(1370, 9, 20), enrolled_at=LONG_AGO)
    ready(shop)

    for offset in (-8, -7, -7, -6, 0, 3):
        birthdays(now=morning(birthday + timedelta(days=offset)))
        assert Coupon.objects.filter(member=member).count() == (offset >= -7)

    code = Coupon.objects.get(member=member)
    assert code.ends_at is not None
    assert local_date(code.ends_at - timedelta(seconds=1)) == birthday + timedelta(days=7)
    told = OutboxMessage.objects.get(kind="gift_given", member_id=member.pk)
    assert (told.context["code"], told.context["expires"]) == (code.code, (birthday + timedelta(days=7)).isoformat())
    with pytest.raises(CouponExpired):
        buys(shop, member, code.code, morning(birthday + timedelta(days=8)))
    assert buys(shop, member, code.code, code.ends_at - timedelta(minutes=1)) == 200_000
    assert shop.proven()
