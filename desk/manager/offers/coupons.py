"""The codes that bring an offer: one by its name or many by a pattern, the list of them, and taking one back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rights import actor_of, staff_required
from club.members.selectors import member_by_phone
from core.errors import AppError, NotFound, ValidationFailed
from core.forms import JalaliDateField, WholeField
from core.jalali import day_bounds
from core.keyset import every
from core.language import grouped
from core.phones import InvalidPhone, normalise_phone
from core.tables.writing import Column
from core.tenancy.scope import club_zone
from core.text import whole_number
from desk.files import file_links, list_file
from desk.manager.listing import yes_or_no
from desk.manager.settings.forms import SettingsForm
from offers.codes import LONGEST
from offers.coupons import MOST_AT_ONCE, MOST_USES, NewCoupons, create_coupons, void_coupon
from offers.models import Coupon, Offer
from offers.selectors import coupons, get_offer

SHOWN = 50
CHUNK = 1_000
COLUMNS = (
    Column(gettext_lazy("کد"), attrgetter("code")),
    Column(gettext_lazy("استفاده"), attrgetter("used"), "number"),
    Column(gettext_lazy("دفعات"), attrgetter("uses"), "number"),
    Column(gettext_lazy("برای هر عضو"), attrgetter("per_member"), "number"),
    Column(gettext_lazy("برای"), lambda row: str(row.member) if row.member else ""),
    Column(gettext_lazy("تا پایان روز"), attrgetter("ends_at"), "moment"),
    Column(gettext_lazy("باطل"), lambda row: yes_or_no(row.void)),
    Column(gettext_lazy("ساخت"), attrgetter("created_at"), "moment"),
)


class CouponForm(SettingsForm):
    """Codes to be made: one by its name, or a number of them by a pattern."""

    code = forms.CharField(
        label=gettext_lazy("یک کد با این نام"), required=False, max_length=LONGEST,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
        help_text=gettext_lazy("مانند نوروز۱۴۰۶؛ بزرگ و کوچکی حرف، نوع رقم و خط تیره فرقی ندارد."),
    )  # fmt: skip
    count = WholeField(
        label=gettext_lazy("یا چند کد جدا"), required=False, least=1, most=MOST_AT_ONCE,
        help_text=gettext_lazy("۱ تا ۱۰٬۰۰۰؛ هر یک برای یک نفر، مانند کد روی کارت"),
    )  # fmt: skip
    pattern = forms.CharField(
        label=gettext_lazy("آغاز یا الگوی آن‌ها"), required=False, max_length=LONGEST,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "خالی: همه‌اش تصادفی. تنها آغاز: بقیه تصادفی. "
            "در الگو جای حرف‌های تصادفی دست‌کم ۱۳ ایکس بزرگ لاتین بگذارید."
        ),
    )  # fmt: skip
    uses = WholeField(
        label=gettext_lazy("هر کد چند بار"), required=False, least=1, most=MOST_USES,
        help_text=gettext_lazy("خالی: بی‌سقف"),
    )  # fmt: skip
    per_member = WholeField(
        label=gettext_lazy("هر عضو چند بار"), required=False, least=1, most=MOST_USES,
        help_text=gettext_lazy("خالی: بی‌سقف"),
    )  # fmt: skip
    phone = forms.CharField(
        label=gettext_lazy("تنها برای عضو با این موبایل"), required=False, max_length=20,
        widget=forms.TextInput(attrs={"dir": "ltr", "inputmode": "tel", "autocomplete": "off"}),
        help_text=gettext_lazy("خالی: برای هر عضوی که کد را دارد"),
    )  # fmt: skip
    ends_on = JalaliDateField(
        label=gettext_lazy("تا پایان روز"), required=False, help_text=gettext_lazy("خالی: تا پایان خود پیشنهاد")
    )

    def clean_phone(self) -> int | None:
        """The id of the member whose alone the codes are."""
        if not self.cleaned_data["phone"]:
            return None
        try:
            member = member_by_phone(normalise_phone(self.cleaned_data["phone"]))
        except InvalidPhone as refused:
            raise forms.ValidationError(refused.detail) from refused
        if member is None:
            raise forms.ValidationError(_("عضوی با این موبایل نیست."))
        return member.pk

    def clean(self) -> dict[str, Any]:
        """Either the one code or how many of them."""
        typed = super().clean()
        if not self.errors and bool(typed["code"]) == (typed["count"] is not None):
            self.add_error("code", _("یکی از این دو را بنویسید: نام یک کد، یا شمار کدهای جدا."))
        return typed

    def new(self, offer: Offer) -> NewCoupons:
        """What is asked for."""
        typed = self.cleaned_data
        last: date | None = typed["ends_on"]
        return NewCoupons(
            offer=offer.pk,
            code=typed["code"] or None,
            count=typed["count"],
            pattern=typed["pattern"] or None,
            uses=typed["uses"],
            per_member=typed["per_member"],
            member=typed["phone"],
            ends_at=day_bounds(last, club_zone())[1] if last else None,
        )


@never_cache
@staff_required("manage_offers")
@require_http_methods(["GET", "HEAD", "POST"])
def offer_coupons(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """The codes of an offer, newest first, and more of them."""
    offer = get_offer(offer_id)
    form = CouponForm(request.POST if request.method == "POST" else None, initial={"uses": 1})
    if request.method == "POST" and form.is_valid() and _made(request, offer, form):
        return redirect("desk:offer_coupons", offer.pk)
    before = whole_number(request.GET.get("before", ""))
    found = _rows(offer, before, SHOWN + 1)
    context = {
        "offer": offer,
        "form": form,
        "rows": found[:SHOWN],
        "older": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "is_first": before is None,
        "now": timezone.now(),
        "files": file_links(request, "desk:offer_coupons_file", offer.pk),
    }
    return render(request, "desk/offers/coupons.html", context, status=422 if form.errors else 200)


@never_cache
@staff_required("manage_offers")
@require_safe
def coupons_file(request: HttpRequest, offer_id: int, form: str) -> HttpResponseBase:
    """Every code of the offer."""
    offer = get_offer(offer_id)
    rows: Iterator[Any] = every(lambda before: _rows(offer, before, CHUNK), attrgetter("pk"))
    title = _("کدهای «%(name)s»") % {"name": offer.name}
    asked = {"offer": str(offer.pk)}
    return list_file(request, COLUMNS, rows, form=form, title=title, name="coupons", asked=asked)


@never_cache
@staff_required("manage_offers")
@require_POST
def void(request: HttpRequest, offer_id: int, coupon_id: int) -> HttpResponseBase:
    """Take a code back."""
    offer = get_offer(offer_id)
    if not coupons(offer=offer.pk).filter(pk=coupon_id).exists():
        raise NotFound
    coupon = void_coupon(coupon_id, actor=actor_of(request.user))
    messages.success(request, _("کد %(code)s باطل شد؛ آنچه با آن داده شده می‌ماند.") % {"code": coupon.code})
    return redirect("desk:offer_coupons", offer.pk)


def _made(request: HttpRequest, offer: Offer, form: CouponForm) -> bool:
    try:
        made = create_coupons(form.new(offer), actor=actor_of(request.user))
    except NotFound:
        raise
    except ValidationFailed as refused:
        for name, texts in refused.errors.items():
            where = {"ends_at": "ends_on"}.get(name, name)
            for text in texts:
                form.add_error(where if where in form.fields else None, str(text))
        return False
    except AppError as refused:
        form.refuse(refused)
        return False
    said = ngettext("%(count)s کد ساخته شد.", "%(count)s کد ساخته شد.", len(made))
    messages.success(request, said % {"count": grouped(len(made))})
    return True


def _rows(offer: Offer, before: int | None, limit: int) -> list[Coupon]:
    rows: QuerySet[Coupon] = coupons(offer=offer.pk).select_related("member").order_by("-pk")
    return list((rows if before is None else rows.filter(pk__lt=before))[:limit])
