"""What files of the manager's lists hold where that is more than the lists show: everything that is known of a row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from operator import attrgetter
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from club.ledger.models import Entry, Unit, Wallet
from club.members.models import CustomField, Member
from club.tiers.models import Tier
from core.language import NAMES, listed
from core.tables.writing import Column
from desk.manager.listing import plain, yes_or_no

POINTS = (Unit.POINTS, Unit.POINTS_DEBT)


def with_standing(members: QuerySet[Member]) -> QuerySet[Member]:
    """The members with their balances, the name of their tier and the code that brought them.

    As `points`, `credit`, `tier_name` and `brought_by`.
    """
    tier = Tier.objects.filter(code=OuterRef("tier_code")).values("name")
    return members.annotate(
        points=_balance(Unit.POINTS),
        credit=_balance(Unit.CREDIT),
        tier_name=Subquery(tier),
        brought_by=Coalesce("referred_by__referral_code", "agent_code__code"),
    )


def _balance(unit: str) -> Subquery:
    return Subquery(Wallet.objects.filter(member=OuterRef("pk"), unit=unit).values("balance"))


def member_columns() -> list[Column]:
    """A member with figures and the fields that the club added; headed so that an import understands it."""
    return [
        Column(_("موبایل"), attrgetter("phone")),
        Column(_("نام"), attrgetter("first_name")),
        Column(_("نام خانوادگی"), attrgetter("last_name")),
        Column(_("جنسیت"), lambda row: row.get_gender_display() if row.gender else None),
        Column(_("تاریخ تولد"), attrgetter("birth_date"), "day"),
        Column(_("ایمیل"), attrgetter("email")),
        Column(_("شمارهٔ کارت"), attrgetter("card")),
        Column(_("شناسهٔ بیرونی"), attrgetter("external_id")),
        Column(_("از کجا آمد"), attrgetter("source")),
        Column(_("برچسب‌ها"), lambda row: listed(row.tags)),
        Column(_("تاریخ عضویت"), attrgetter("enrolled_at"), "moment"),
        Column(_("وضعیت"), lambda row: row.get_status_display()),
        Column(_("زبان"), lambda row: NAMES.get(row.language)),
        Column(_("اجازهٔ پیامک"), _consent),
        Column(_("سطح"), attrgetter("tier_name")),
        Column(_("امتیاز"), attrgetter("points"), "number"),
        Column(_("اعتبار"), attrgetter("credit"), "money"),
        Column(_("شمار خرید"), attrgetter("visits"), "number"),
        Column(_("جمع خرید"), attrgetter("spent_rial"), "money"),
        Column(_("نخستین خرید"), attrgetter("first_purchase_at"), "moment"),
        Column(_("آخرین خرید"), attrgetter("last_purchase_at"), "moment"),
        Column(_("کد معرفی"), attrgetter("referral_code")),
        Column(_("کد معرف"), attrgetter("brought_by")),
        *(_custom(field) for field in CustomField.objects.filter(is_active=True).order_by("position", "id")),
    ]


def _consent(row: Member) -> str | None:
    """Nothing for who was never asked: that is no «no»."""
    return yes_or_no(row.sms_consent) if row.sms_consent or row.sms_consent_at else None


def _custom(field: CustomField) -> Column:
    def value(row: Member) -> Any:
        return row.custom.get(field.code)

    match field.kind:
        case CustomField.Kind.NUMBER:
            return Column(field.label, lambda row: found if isinstance(found := value(row), int) else None, "number")
        case CustomField.Kind.DATE:
            return Column(field.label, lambda row: _day(value(row)), "day")
    return Column(field.label, value)


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None


def purchase_columns() -> list[Column]:
    """A purchase with all its sums."""
    return [
        Column(_("شماره"), attrgetter("number"), "number"),
        Column(_("زمان"), attrgetter("occurred_at"), "moment"),
        Column(_("خریدار"), _of_member(attrgetter("full_name"))),
        Column(_("موبایل"), _of_member(attrgetter("phone"))),
        Column(_("جمع"), attrgetter("gross"), "money"),
        Column(_("تخفیف"), attrgetter("discount"), "money"),
        Column(_("مبلغ"), attrgetter("net"), "money"),
        Column(_("مالیات درون مبلغ"), attrgetter("vat"), "money"),
        Column(_("از اعتبار"), attrgetter("paid_by_credit"), "money"),
        Column(_("از امتیاز"), attrgetter("paid_by_points"), "money"),
        Column(_("امتیاز خرج‌شده"), attrgetter("points_spent"), "number"),
        Column(_("از کارت هدیه"), attrgetter("paid_by_gift_card"), "money"),
        Column(_("پرداختی"), attrgetter("payable"), "money"),
        Column(_("امتیاز"), attrgetter("points_earned"), "number"),
        Column(_("اعتبار"), attrgetter("credit_earned"), "money"),
        Column(_("برگشتی"), attrgetter("refunded"), "money"),
        Column(_("همه برگشته"), lambda row: yes_or_no(row.fully_refunded)),
        Column(_("کانال"), lambda row: row.get_channel_display()),
        Column(_("شعبه"), lambda row: row.branch.name if row.branch else None),
        Column(_("روش پرداخت"), attrgetter("payment_method")),
        Column(_("شناسهٔ بیرونی"), attrgetter("external_id")),
        Column(_("ثبت‌کننده"), lambda row: getattr(row, "actor_name", row.actor)),
    ]


def _of_member(read: Callable[[Member], Any]) -> Callable[[Any], Any]:
    return lambda row: read(row.member) if row.member else None


def entry_columns() -> list[Column]:
    """An entry of the ledger; points and money stand in columns of their own, so that each adds up."""
    return [
        Column(_("زمان"), attrgetter("occurred_at"), "moment"),
        Column(_("عضو"), lambda row: row.wallet.member.full_name if row.wallet.member else None),
        Column(_("موبایل"), lambda row: row.wallet.member.phone if row.wallet.member else None),
        Column(_("چه"), lambda row: row.wallet.get_unit_display()),
        Column(_("نوع"), lambda row: row.get_kind_display()),
        Column(_("تغییر امتیاز"), _points(attrgetter("delta")), "number"),
        Column(_("ماندهٔ امتیاز"), _points(attrgetter("balance_after")), "number"),
        Column(_("تغییر اعتبار"), _credit(attrgetter("delta")), "money"),
        Column(_("ماندهٔ اعتبار"), _credit(attrgetter("balance_after")), "money"),
        Column(_("سند"), lambda row: plain(row.source.text)),
        Column(_("دلیل"), attrgetter("reason")),
        Column(_("چه کسی"), attrgetter("actor_name")),
        Column(_("زمان ثبت"), attrgetter("created_at"), "moment"),
    ]


def _points(read: Callable[[Entry], int]) -> Callable[[Entry], int | None]:
    return lambda row: read(row) if row.wallet.unit in POINTS else None


def _credit(read: Callable[[Entry], int]) -> Callable[[Entry], int | None]:
    return lambda row: None if row.wallet.unit in POINTS else read(row)
