"""Why a reward cannot be had, or a voucher not be used; `code` of each kind is that of the REST API."""

from django.utils.translation import gettext_lazy as _

from core.errors import AppError


class RewardOutOfStock(AppError):
    code = "reward_out_of_stock"
    http_status = 409
    message = _("«%(reward)s» تمام شده است.")


class VoucherUsed(AppError):
    code = "coupon_used"
    http_status = 409
    message = _("«%(reward)s» پیش‌تر داده شده است؛ این کد دیگر به کار نمی‌آید.")


class VoucherExpired(AppError):
    code = "coupon_expired"
    http_status = 409
    message = _("«%(reward)s» منقضی شده است؛ مهلتش تا %(day)s بود.")


class NothingToCancel(AppError):
    code = "already_reversed"
    http_status = 409
    message = _("این جایزه دیگر لغو نمی‌شود: استفاده شده، لغو شده یا مهلتش گذشته است.")
