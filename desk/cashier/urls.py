"""Addresses of the till and of the purchases recorded at it."""

from django.urls import path

from desk.cashier import items, purchases, refunds, returns, till, vouchers

urlpatterns = [
    path("till/", till.till, name="till"),
    path("till/members/", till.member_search, name="member_search"),
    path("till/products/", items.product_search, name="product_search"),
    path("till/preview/", till.preview, name="preview"),
    path("till/vouchers/<int:redemption_id>/use/", vouchers.use_voucher, name="voucher_use"),
    path("returns/", returns.returns, name="returns"),
    path("purchases/", purchases.purchase_list, name="purchases"),
    path("purchases/<int:purchase_id>/", purchases.receipt, name="receipt"),
    path("purchases/<int:purchase_id>/undo/", refunds.undo, name="undo"),
    path("purchases/<int:purchase_id>/refund/", refunds.refund, name="refund"),
    path("purchases/<int:purchase_id>/refund/preview/", refunds.preview, name="refund_preview"),
    path("purchases/<int:purchase_id>/refunds/<int:refund_id>/", returns.slip, name="return_slip"),
]
