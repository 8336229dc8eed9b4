"""The index of components for whoever changes the look: parts of the templates with made-up values; in development."""

from datetime import timedelta
from types import SimpleNamespace as Some
from typing import Any

from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from club.ledger.selectors import Balances
from club.members.models import Member
from core.forms import DigitsField, JalaliDateField, MoneyField, PhoneField
from core.qr import qr_svg
from core.templatetags.club_ui import fa
from portal.home import Ladder

LARGE = {"class": "input input-lg"}
SERIES = [3, 5, 4, 8, 6, 9, 7]


class Sample(forms.Form):
    """Fields of every kind, as forms show them."""

    name = forms.CharField(label="نام", required=False, help_text="همان که روی کارت می‌آید")
    phone = PhoneField(label="موبایل")
    amount = MoneyField(label="مبلغ خرید", unit="toman")
    day = JalaliDateField(label="از روز")
    code = DigitsField(length=6, label="کد ۶ رقمی")
    branch = forms.ChoiceField(label="شعبه", choices=[("", "—"), ("v", "ونک"), ("t", "تجریش")])
    password = forms.CharField(label="گذرواژه", widget=forms.PasswordInput)
    note = forms.CharField(label="یادداشت", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    closed = forms.CharField(label="بسته", required=False, disabled=True, initial="عوض نمی‌شود")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            field.widget.attrs["class"] = {"branch": "select", "code": "input input-otp"}.get(name, "input")


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Every part of the templates in every state."""
    typed = {"name": "سارا", "phone": "۰۹۱۲", "amount": "-۵", "day": "۱۴۰۵/۱۳/۴۰", "code": "۱۲۳"}
    wrong = Sample({f"wrong-{name}": value for name, value in typed.items()}, prefix="wrong")
    wrong.is_valid()
    context = {
        "fields": Sample(initial={"phone": "09123454567", "amount": 2_450_000}, prefix="fields"),
        "wrong": wrong,
        "errors": [(wrong[name].id_for_label, texts[0]) for name, texts in wrong.errors.items()],
        "messages": [
            Message(constants.SUCCESS, "خرید ۲۱۸۴ ثبت شد"),
            Message(constants.INFO, "کد پیش‌تر فرستاده شده است"),
            Message(constants.ERROR, "پاسخی نرسید. دوباره بفرستید"),
        ],
        "series": SERIES,
        "days": list("شیدسچپج"),
        "counts": [[0, 2, 9, 4, 1, 0, 3], [4, 1, 0, 6, 8, 2, 5]],
        "heads": ["روز", "خرید"],
        "rows": [(day, fa(value)) for day, value in zip("شیدسچپج", SERIES, strict=True)],
        **till_samples(),
        **portal_samples(),
    }
    return render(request, "ui.html", context)


def till_samples() -> dict[str, Any]:
    """What the parts of the till show: a member, sums, purchases, an answer that refuses."""
    now = timezone.now()
    sara = Member(first_name="سارا", last_name="محمدی", phone="09123454567", last_purchase_at=now - timedelta(days=4))
    blocked = Member(first_name="محمدمهدی", last_name="پورمحمدی شهرضایی", phone="09121112233", status="blocked")
    has = Balances(points=1280, credit=620_000)
    receipt = Some(gross=2_450_000, discount=245_000, paid_by_credit=620_000, payable=1_585_000, points_earned=22)
    receipt.credit_earned, receipt.awards, receipt.considered = 110_250, [{"name": "سه‌شنبه‌های خنک"}], []
    shortfall = {"points": 0, "credit": 72_550}
    given = Some(points_taken_back=245, credit_taken_back=49_950, credit_returned=62_000, refunded=2_450_000)
    given.shortfall = shortfall
    bought = Some(pk=1, number=2184, member=sara, occurred_at=now, net=2_450_000, refunded=0, fully_refunded=False)
    undone = Some(pk=2, number=2183, member=None, occurred_at=now, net=420_000, refunded=420_000, fully_refunded=True)
    hits = [
        Some(
            id=1, name="سارا محمدی", phone=sara.phone, last_purchase_at=sara.last_purchase_at, is_blocked=False, card=""
        )
    ]
    hits.append(Some(id=2, name="الهام صادقی", phone="09358884567", last_purchase_at=None, is_blocked=True, card=""))
    return {
        "cards": [
            Some(member=sara, balances=has, tier="نقره‌ای"),
            Some(member=blocked, balances=Balances(), tier=""),
            Some(new_phone="09351112233"),
            Some(is_nobody=True),
            None,
        ],
        "options": [(hits[0], "نقره‌ای"), (hits[1], "")],
        "new_phone": "09351112233",
        "receipt": receipt,
        "amount": 0,
        "outlook": {"reached": Some(name="طلایی"), "next": Some(name="الماسی", metric="spent"), "missing": 46_920_000},
        "given": given,
        "recent": [Some(purchase=bought, can_undo=True), Some(purchase=undone, can_undo=False)],
        "stat": Some(
            label="خریدهای ثبت‌شده",
            value="۲٬۱۸۳",
            unit="",
            exact="",
            change="۹٪ بیشتر",
            url="#u-charts",
            figure=Some(change=9, series=SERIES),
        ),
    }


def portal_samples() -> dict[str, Any]:
    """What the parts of the member's pages show."""
    following = Some(name="طلایی", metric="points", threshold=2000)
    ladder = Ladder(Some(name="نقره‌ای"), following, 1280, 720)  # type: ignore[arg-type]
    home = Some(balances=Balances(points=1280, credit=620_000), worth=1_280_000, points_end=None, ladder=ladder)
    home.credit_end = Some(day=timezone.localdate() + timedelta(days=29), is_all=True)
    return {
        "member": Member(first_name="سارا", phone="09123454567", card="6110066924566511"),
        "home": home,
        "qr": qr_svg("6110066924566511"),
        "happened": [
            Some(title="هدیهٔ خرید", icon="shopping-bag", bubble="", is_points=True, delta=24),
            Some(title="خرج شد", icon="wallet", bubble="bubble-plain", is_points=False, delta=-620_000),
            Some(title="پس گرفته شد", icon="undo-2", bubble="bubble-bad", is_points=True, delta=-19),
        ],
    }
