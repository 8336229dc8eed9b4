"""Taking a purchase back: in one press within a quarter of an hour, or in whole or part on a page of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.branches import AtOtherBranch, Branches, reaches
from accounts.rights import actor_of, staff_required
from club.programme.selectors import programme_at
from club.purchases.models import Purchase, PurchaseLine
from club.purchases.orders import MOST_RIAL
from club.purchases.payments import method_name
from club.purchases.refunds import (
    RefundExceedsPurchase,
    RefundOrder,
    RefundOutlook,
    look_at_refund,
    refund_purchase,
)
from club.purchases.repeats import PurchaseChanged, SameRefundAgain
from club.purchases.selectors import get_purchase, lines_of, refunds_of
from core.errors import AppError, Conflict, ValidationFailed
from core.errors_page import LOST, from_database
from core.forms import MoneyField, PersianForm
from core.idempotency import new_key
from core.language import in_language
from core.templatetags.club_ui import money_unit
from core.text import clean_name, latin_digits
from desk.cashier import screen
from desk.cashier.forms import STALE
from desk.cashier.returns import came_back
from desk.cashier.till import wants_json

HOW = (
    ("all", gettext_lazy("همه")),
    ("lines", gettext_lazy("چند سطر")),
    ("amount", gettext_lazy("یک مبلغ")),
)


HIDDEN = {"key", "seen"}


class TooLate(Conflict):
    """The quarter of an hour is over, or a part went back already: the refund page is the way."""

    message = gettext_lazy("دیگر با یک دکمه برنمی‌گردد؛ از صفحهٔ برگشت انجامش دهید.")


@never_cache
@staff_required("refund_purchase")
@require_POST
def undo(request: HttpRequest, purchase_id: int) -> HttpResponseBase:
    """Refund the whole purchase: a refund, never a deletion, and once however often it is pressed."""
    purchase, now = get_purchase(purchase_id), timezone.now()
    key = f"undo-{purchase.pk}"
    own = screen.refundable_at(request.user)
    try:
        _judge_branch(purchase, own)
        if not screen.can_undo(purchase, now, own) and not purchase.fully_refunded:
            raise TooLate
        order = RefundOrder(purchase.pk, reason=_("برگرداندن در صندوق"))
        receipt = refund_purchase(order, actor=actor_of(request.user), key=key, now=now)
    except LOST as lost:
        return _not_undone(request, purchase, from_database(lost))
    except AppError as refused:
        return _not_undone(request, purchase, refused)
    said = _("خرید %(number)s برگردانده شد: %(money)s") % {
        "number": in_language(purchase.number),
        "money": money_unit(receipt.refunded),
    }
    if wants_json(request):
        recent = render_to_string(
            "desk/_recent.html", {"recent": screen.recent(request.user, now, own)}, request=request
        )
        return JsonResponse({"said": said, "recent": recent})
    messages.success(request, said)
    return redirect("desk:till")


def _judge_branch(purchase: Purchase, own: Branches) -> None:
    """Raise AtOtherBranch where somebody else's branch sold it: its till answers for its money."""
    if not reaches(own, purchase.branch_id):
        raise AtOtherBranch(branch=purchase.branch.name if purchase.branch else "")


def _not_undone(request: HttpRequest, purchase: Purchase, refused: AppError) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"said": refused.detail, "code": refused.code}, status=refused.http_status)
    messages.error(request, refused.detail)
    return redirect("desk:refund", purchase.pk)


class RefundForm(PersianForm):
    """What goes back: all that is left, some of the lines, or an amount; and why."""

    key = forms.CharField(max_length=64)
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1)
    again = forms.BooleanField(required=False)
    how = forms.ChoiceField(choices=HOW)
    amount = MoneyField(required=False, min_rial=1, max_rial=MOST_RIAL)
    reason = forms.CharField(max_length=200, error_messages={"required": gettext_lazy("بنویسید چرا برمی‌گردد")})

    def __init__(self, lines: list[PurchaseLine], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines = lines

    def clean_key(self) -> str:
        """A key of visible characters only."""
        key: str = self.cleaned_data["key"]
        if not all("!" <= letter <= "~" for letter in key):
            raise forms.ValidationError(STALE)
        return key

    def clean_reason(self) -> str:
        """One line of text."""
        return clean_name(self.cleaned_data["reason"])

    def typed(self, line: PurchaseLine) -> str:
        """How many of a line were typed."""
        return str(self.data.get(f"line-{line.index}", "")) if self.is_bound else ""

    def clean(self) -> dict[str, Any]:
        """What was chosen must also be typed."""
        cleaned = super().clean() or {}
        if self.has_error("key") or self.has_error("seen"):  # they are hidden: said above the form
            self.add_error(None, STALE)
        if cleaned.get("how") == "amount" and not cleaned.get("amount") and not self.has_error("amount"):
            self.add_error("amount", _("مبلغ برگشت را بنویسید"))
        if cleaned.get("how") == "lines":
            cleaned["lines"] = self._quantities()
            if not cleaned["lines"] and not self.errors:
                self.add_error(None, _("بنویسید از کدام سطر چند تا برمی‌گردد"))
        return cleaned

    def _quantities(self) -> tuple[tuple[int, int], ...]:
        chosen = []
        for line in self.lines:
            typed = latin_digits(self.typed(line)).strip()
            if typed and not (typed.isascii() and typed.isdigit() and len(typed) < 10):
                self.add_error(None, _("تعداد را با رقم بنویسید"))
            elif typed and int(typed):
                chosen.append((line.index, int(typed)))
        return tuple(chosen)

    def order(self, purchase: Purchase) -> RefundOrder:
        """The refund asked for; only of a valid form."""
        data = self.cleaned_data
        return RefundOrder(
            purchase.pk,
            lines=data.get("lines") if data["how"] == "lines" else None,
            amount=data["amount"] if data["how"] == "amount" else None,
            reason=data.get("reason", ""),
            refunded_before=data.get("seen"),
            not_again=not data.get("again"),
        )


@never_cache
@staff_required("refund_purchase")
@require_http_methods(["GET", "HEAD", "POST"])
def refund(request: HttpRequest, purchase_id: int) -> HttpResponseBase:
    """The page of a refund, and the refund posted from it."""
    purchase = get_purchase(purchase_id)
    lines = lines_of(purchase)
    try:
        _judge_branch(purchase, screen.refundable_at(request.user))
    except AtOtherBranch as refused:
        status, shown = refused.http_status if request.method == "POST" else 200, {"elsewhere": refused.detail}
        return _page(request, purchase, RefundForm(lines), status=status, extra=shown)
    if request.method != "POST":
        return _page(request, purchase, RefundForm(lines, initial={"how": "all"}), status=200)
    form, now = RefundForm(lines, request.POST), timezone.now()
    if request.POST.get("act") == "preview":
        return _page(request, purchase, form, status=200, extra=_previewed(form, purchase, request.user))
    if not form.is_valid():
        return _page(request, purchase, form, status=422)
    try:
        receipt = refund_purchase(
            form.order(purchase), actor=actor_of(request.user), key=form.cleaned_data["key"], now=now
        )
    except LOST as lost:
        return _refused(request, purchase, form, from_database(lost))
    except AppError as refused:
        return _refused(request, purchase, form, refused)
    messages.success(request, _("برگشت ثبت شد: %(money)s به مشتری بدهید") % {"money": money_unit(receipt.refunded)})
    slip = reverse("desk:return_slip", args=[purchase.pk, receipt.id])
    return redirect(f"{slip}?print=1" if request.POST.get("print") else slip)


@never_cache
@staff_required("refund_purchase")
@require_POST
def preview(request: HttpRequest, purchase_id: int) -> HttpResponseBase:
    """What the refund would give back and take back; nothing is written."""
    purchase = get_purchase(purchase_id)
    form = RefundForm(lines_of(purchase), request.POST)
    return render(request, "desk/_refund_preview.html", _previewed(form, purchase, request.user))


def _previewed(form: RefundForm, purchase: Purchase, user: Any) -> dict[str, Any]:
    form.is_valid()
    told = (str(text) for field, texts in form.errors.items() if field not in {"key", "reason"} for text in texts)
    errors = [text for text in told if text != str(STALE)]  # looking needs no key
    form.errors.pop("reason", None)
    if errors:
        return {"refused": errors[0]}
    order = replace(form.order(purchase), refunded_before=None, not_again=False)
    try:
        _judge_branch(purchase, screen.refundable_at(user))
        seen = look_at_refund(order, now=timezone.now())
    except ValidationFailed as refused:
        return {"refused": refused.texts[0]}
    except AppError as refused:
        return {"refused": said_of(refused)}
    return _shown(seen, purchase)


def _shown(seen: RefundOutlook, purchase: Purchase) -> dict[str, Any]:
    """What is shown before it is confirmed: sums, and of each lot its part with its dates."""
    now = timezone.now()
    return {
        "given": seen.receipt,
        "is_member": purchase.member_id is not None,
        "taken": [move for move in seen.moves if move.amount < 0],
        "returned": [move for move in seen.moves if move.amount > 0],
        "lost": seen.lost,
        "is_short": _is_short(seen),
        "now": now,
        "becomes_debt": programme_at(now).refund_shortfall == "debt",
        "paid_with": method_name(purchase.payment_method),
    }


def _is_short(seen: RefundOutlook) -> bool:
    """Whether something that is to be taken back is no longer there."""
    shorts = [seen.receipt.shortfall, *(gift.found.shortfall for gift in seen.lost)]
    return any(amount for short in shorts for amount in short.values())


def said_of(refused: AppError) -> str:
    """What to tell the cashier; of an amount too large, how much is left."""
    if isinstance(refused, RefundExceedsPurchase) and "left" in refused.data:
        return _("بیش از مانده است؛ تا %(left)s برمی‌گردد") % {"left": money_unit(refused.data["left"])}
    return refused.detail


def _refused(request: HttpRequest, purchase: Purchase, form: RefundForm, error: AppError) -> HttpResponse:
    is_of_amount = isinstance(error, RefundExceedsPurchase) and "left" in error.data
    field = "amount" if is_of_amount else "again" if isinstance(error, SameRefundAgain) else None
    for text in error.texts if isinstance(error, ValidationFailed) else [said_of(error)]:
        form.add_error(field, text)
    if isinstance(error, PurchaseChanged):
        purchase = get_purchase(purchase.pk)
        form.lines = lines_of(purchase)
    return _page(request, purchase, form, status=422 if error.http_status == 400 else error.http_status)


def _page(
    request: HttpRequest, purchase: Purchase, form: RefundForm, *, status: int, extra: dict[str, Any] | None = None
) -> HttpResponse:
    context = {
        "purchase": purchase,
        "form": form,
        "how": form["how"].value() or "all",
        "rows": [(line, form.typed(line), line.quantity - line.refunded_quantity) for line in form.lines],
        "refunds": [(refund, came_back(refund, form.lines)) for refund in refunds_of(purchase)],
        "left": purchase.net - purchase.refunded,
        "key": form.data.get("key") or new_key(),
        "hows": HOW,
        "summary": [
            (f"f-{field}", text) for field, texts in form.errors.items() if field not in HIDDEN for text in texts
        ],
        "general": form.non_field_errors(),
    }
    return render(request, "desk/refund.html", context | (extra or {}), status=status)
