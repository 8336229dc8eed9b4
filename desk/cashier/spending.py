"""Why less was paid by points or credit than there is: said before the customer asks."""

from datetime import datetime

from django.utils.translation import gettext as _

from club.ledger.selectors import Balances
from club.programme.selectors import programme_at
from club.purchases.orders import PurchaseOrder
from club.purchases.pricing import credit_share
from club.purchases.receipts import Receipt
from core.templatetags.club_ui import money_unit, percent


def held_back(order: PurchaseOrder, receipt: Receipt, has: Balances, now: datetime) -> str:
    """What keeps this purchase from taking more of the value that was asked for; nothing where it takes all it can."""
    points_left = bool(order.pay_with.points) and receipt.paid_by_points < has.usable_points
    credit_left = bool(order.pay_with.credit) and receipt.paid_by_credit < has.usable_credit
    if not receipt.payable or not (points_left or credit_left):
        return ""
    programme = programme_at(now)
    least = programme.min_purchase_to_spend or 0
    if receipt.net < least:
        return _("امتیاز و اعتبار از خرید %(least)s به بالا خرج می‌شود.") % {"least": money_unit(least)}
    if credit_left and receipt.paid_by_credit == credit_share(receipt.net, programme):
        return _("تا %(share)s از هر خرید با اعتبار پرداخت می‌شود.") % {"share": percent(programme.max_credit_share_bp)}
    if points_left and not credit_left and receipt.payable < programme.point_worth:
        return ""  # less is left to pay than one point is worth
    return _("بخشی از این کالاها تنها با پول پرداخت می‌شود.")
