"""What the values of an act are called and how each is said: money, percent, days and the words of choices."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ApiKey, Role
from club.purchases.payments import METHODS
from core.errors import Text
from core.jalali import format_date
from core.language import in_language, listed
from core.templatetags.club_ui import money_unit, percent
from crm.agents.models import ContractTerms
from sms.models import Status
from sms.provider_codes import explain

LABELS: dict[str, Text] = {
    "added": gettext_lazy("افزوده‌شدگان"),
    "taken_off": gettext_lazy("برداشته‌شدگان"),
    "tier_last_day": gettext_lazy("روز پایان سطح"),
    "activity": gettext_lazy("فعالیت"),
    "occasion": gettext_lazy("مناسبت"),
    "is_shown": gettext_lazy("با نام دیده شود"),
    "is_closed": gettext_lazy("تعطیل بود"),
    "points": gettext_lazy("امتیاز"),
    "note": gettext_lazy("یادداشت"),
    "reason": gettext_lazy("دلیل"),
    "referred_by": gettext_lazy("معرف"),
    "agent_code": gettext_lazy("کد عامل معرف"),
    "agent": gettext_lazy("عامل"),
    "agents": gettext_lazy("عاملان"),
    "amount": gettext_lazy("مبلغ"),
    "basis": gettext_lazy("از کدام خرید"),
    "cap_month": gettext_lazy("سقف هر ماه"),
    "cap_total": gettext_lazy("سقف کل قرارداد"),
    "hold_days": gettext_lazy("روزهای نگه‌داری"),
    "iban": gettext_lazy("شبا"),
    "number": gettext_lazy("نسخه"),
    "paid_on": gettext_lazy("روز پرداخت"),
    "percent_bp": gettext_lazy("درصد از خرید"),
    "reference": gettext_lazy("شمارهٔ پیگیری"),
    "starts_on": gettext_lazy("از روز"),
    "ends_on": gettext_lazy("تا پایان روز"),
    "takes_applications": gettext_lazy("درخواست همکاری می‌پذیرد"),
    "role": gettext_lazy("نقش"),
    "phone": gettext_lazy("موبایل"),
    "name": gettext_lazy("نام"),
    "status": gettext_lazy("وضعیت"),
    "form": gettext_lazy("نوع فایل"),
    "query": gettext_lazy("فیلترها"),
    "two_factor": gettext_lazy("ورود دومرحله‌ای"),
    "invited": gettext_lazy("دعوت شد"),
    "scope": gettext_lazy("دامنه"),
    "sessions": gettext_lazy("نشست‌ها"),
    "left": gettext_lazy("کدهای مانده"),
    "entry": gettext_lazy("سند"),
    "net": gettext_lazy("مبلغ"),
    "branch_id": gettext_lazy("شعبه"),
    "code": gettext_lazy("کد"),
    "count": gettext_lazy("شمار کدها"),
    "consent": gettext_lazy("راه گرفتن رضایت"),
    "credit_bp": gettext_lazy("اعتبار (درصد)"),
    "done": gettext_lazy("سطرهای خوانده‌شده"),
    "extra_credit_bp": gettext_lazy("اعتبار بیشتر (درصد)"),
    "file": gettext_lazy("فایل"),
    "into": gettext_lazy("به پروندهٔ"),
    "known": gettext_lazy("از پیش عضو"),
    "lines": gettext_lazy("سطرها"),
    "logo": gettext_lazy("لوگو"),
    "member": gettext_lazy("عضو"),
    "moved": gettext_lazy("عضو جابه‌جاشده"),
    "new": gettext_lazy("عضو تازه"),
    "offer": gettext_lazy("پیشنهاد"),
    "on_day": gettext_lazy("روز"),
    "days_before": gettext_lazy("چند روز پیش یا پس از آن"),
    "password": gettext_lazy("گذرواژه"),
    "pattern": gettext_lazy("الگوی کد"),
    "per_member": gettext_lazy("برای هر عضو"),
    "points_factor_bp": gettext_lazy("ضریب امتیاز (درصد)"),
    "purchases": gettext_lazy("خریدهای جابه‌جاشده"),
    "refused": gettext_lazy("ردشده"),
    "revoked_at": gettext_lazy("باطل شدن"),
    "source_record": gettext_lazy("از پروندهٔ"),
    "text": gettext_lazy("متن"),
    "tier": gettext_lazy("سطح"),
    "time_zone": gettext_lazy("منطقهٔ زمانی"),
    "uses": gettext_lazy("دفعات"),
    "vat_bp": gettext_lazy("مالیات (درصد)"),
    "void": gettext_lazy("باطل"),
    "welcome": gettext_lazy("پیامک خوش‌آمد"),
    "": gettext_lazy("بدون سطح"),
}
# Where a name means something else than in a form: by the kind of what the act was done to.
OF_KIND: dict[tuple[str, str], Text] = {
    ("batch", "count"): gettext_lazy("شمار"),
    ("grant", "count"): gettext_lazy("شمار"),
    ("grant", "credit"): gettext_lazy("اعتبار به هر نفر"),
    ("grant", "given"): gettext_lazy("داده شد"),
    ("grant", "points"): gettext_lazy("امتیاز به هر نفر"),
    ("agent_settings", "about"): gettext_lazy("متن صفحهٔ درخواست"),
    ("batch", "reason"): gettext_lazy("برای چه"),
    ("import", "joined"): gettext_lazy("عضو شدند"),
    ("leads_import", "joined"): gettext_lazy("سرنخ شدند"),
    ("leads_import", "known"): gettext_lazy("از پیش سرنخ یا عضو"),
    ("leads_import", "new"): gettext_lazy("سرنخ تازه"),
    ("import", "points"): gettext_lazy("امتیاز آغاز"),
    ("import", "credit"): gettext_lazy("اعتبار آغاز"),
    ("ticket", "into"): gettext_lazy("در تیکت شمارهٔ"),
    ("ticket", "number"): gettext_lazy("شماره"),
    ("ticket", "other"): gettext_lazy("تیکت شمارهٔ"),
    ("outboxmessage", "status"): gettext_lazy("نتیجه"),
}
VALUES: dict[str, dict[str, Text]] = {
    "role": dict(Role.choices),
    "scope": dict(ApiKey.Scope.choices),
    "password": {"set": gettext_lazy("گذاشته شد")},
    "payment_method": METHODS,
    "basis": dict(ContractTerms.Basis.choices),
}
SENT = gettext_lazy("فرستاده شد")
MONEY = frozenset({"net", "min_amount_rial", "price", "rial_per_point", "money_back"})
MONEY_OF_KIND = frozenset(
    {
        ("agent", "cap_month"),
        ("agent", "cap_total"),
        ("payout", "amount"),
        ("payout_run", "amount"),
        ("import", "credit"),
        ("grant", "credit"),
        ("member", "amount"),
        ("giftcard", "amount"),
        ("batch", "amount"),
    }
)
AS_WRITTEN = frozenset(
    {
        "code",
        "pattern",
        "time_zone",
        "file",
        "email",
        "external_id",
        "form",
        "colour",
        "brand_colour",
        "api_key",
        "agent_code",
    }
)


def label_of(kind: str, name: str) -> str:
    """What people call the value: as in its form; without a word for people, as it is written."""
    if (kind, name) in OF_KIND:
        return str(OF_KIND[kind, name])
    if name in LABELS:
        return str(LABELS[name])
    field = _field(kind, name)
    return str(field.verbose_name) if field and isinstance(field.verbose_name, Promise) else name


def in_words(kind: str, name: str, value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return _("بله") if value else _("نه")
    if isinstance(value, int):
        return _number(kind, name, value)
    if isinstance(value, list):
        return listed(value)
    if isinstance(value, dict):
        return listed(f"{key}: {inner}" for key, inner in value.items())
    if name.endswith(("_date", "_at", "_on", "_day")):
        return day_in_words(str(value))
    return _text(kind, name, str(value))


def day_in_words(text: str) -> str:
    """The Jalali day of what is kept as ISO text; anything else as it is."""
    try:
        return format_date(date.fromisoformat(text[:10]))
    except ValueError:
        return text


def _number(kind: str, name: str, value: int) -> str:
    if name in MONEY or (kind, name) in MONEY_OF_KIND:
        return money_unit(value)
    return percent(value) if name.endswith("_bp") else in_language(value)


def _text(kind: str, name: str, value: str) -> str:
    if name in AS_WRITTEN:
        return value
    if name == "logo":
        return _("گذاشته شد")
    if name == "phone":
        return in_language(value)
    if (kind, name) == ("outboxmessage", "status"):
        return str(SENT) if value == Status.SENT else explain(value)
    field = _field(kind, name)
    choices = VALUES.get(name) or (dict(field.flatchoices) if field else {})
    return str(choices.get(value, value))  # what people wrote stands as they wrote it, digits too


def _field(kind: str, name: str) -> Any:
    """The column that the value came from, if one has its name."""
    models = (model for model in apps.get_models() if model._meta.model_name == kind)
    fields = (field for model in models for field in model._meta.fields if name in (field.name, field.attname))
    return next(fields, None)
