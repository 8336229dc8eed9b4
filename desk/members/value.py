"""Points and credit given, taken and put right by hand: looked at first, then done, always with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rights import actor_of, staff_required
from club.ledger.adjustments import (
    BY_HAND,
    MOST,
    UNITS,
    Adjustment,
    Reversal,
    adjust_value,
    check_adjustment,
    reverse_entry,
)
from club.ledger.models import Entry, Unit
from club.ledger.selectors import Balances, Usual, balances, usual_gift
from core.errors import AppError, NotFound, ValidationFailed
from core.errors_page import LOST, from_database
from core.forms import JalaliDateField, MoneyField, WholeField
from core.idempotency import new_key
from core.jalali import day_bounds
from core.tenancy.scope import current_club
from core.text import clean_name
from desk.cashier.forms import STALE
from desk.members.card import member_here

WAYS = (("give", gettext_lazy("دادن")), ("take", gettext_lazy("گرفتن")))
CHOICES = ((Unit.POINTS.value, gettext_lazy("امتیاز")), (Unit.CREDIT.value, gettext_lazy("اعتبار")))
FIELDS = {"delta": "amount", "expires_at": "last_day"}


class ReasonForm(forms.Form):
    """Why it is done, under a key that lets it be done once."""

    key = forms.CharField(max_length=64)
    reason = forms.CharField(max_length=200, error_messages={"required": gettext_lazy("دلیل را بنویسید")})

    def clean_key(self) -> str:
        """A key of visible characters only."""
        key: str = self.cleaned_data["key"]
        if not all("!" <= letter <= "~" for letter in key):
            raise forms.ValidationError(STALE)
        return key

    def clean(self) -> dict[str, Any]:
        """What is wrong with the hidden key is said above the form."""
        cleaned = super().clean() or {}
        if self.has_error("key"):
            self.add_error(None, STALE)
        return cleaned

    def clean_reason(self) -> str:
        """One line of text, with something in it."""
        reason = clean_name(self.cleaned_data["reason"])
        if not reason:
            raise forms.ValidationError(_("دلیل را بنویسید"))
        return reason

    def take_error(self, refused: AppError) -> None:
        """Show what the service refused, beside its field where it names one."""
        if not isinstance(refused, ValidationFailed):
            self.add_error(None, refused.detail)
            return
        for path, texts in refused.errors.items():
            name = FIELDS.get(path, path)
            for text in texts:
                self.add_error(name if name in self.fields else None, text)


class ValueForm(ReasonForm):
    """Which unit, which way, how much, and until when it is good."""

    unit = forms.ChoiceField(choices=CHOICES)
    way = forms.ChoiceField(choices=WAYS)
    amount = forms.CharField(max_length=40, error_messages={"required": gettext_lazy("مقدار را بنویسید")})
    last_day = JalaliDateField(required=False)

    def clean(self) -> dict[str, Any]:
        """The amount is read as its unit is written: whole points, or money."""
        cleaned = super().clean() or {}
        if cleaned.get("amount") and cleaned.get("unit"):
            is_points = cleaned["unit"] == Unit.POINTS
            field: forms.Field = WholeField(least=1, most=MOST) if is_points else MoneyField(min_rial=1, max_rial=MOST)
            try:
                cleaned["amount"] = field.clean(cleaned["amount"])
            except forms.ValidationError as wrong:
                self.add_error("amount", wrong)
        if cleaned.get("way") == "take" and cleaned.get("last_day"):
            self.add_error("last_day", _("چیزی که گرفته می‌شود روز پایان ندارد."))
        return cleaned

    def order(self, member_id: int) -> Adjustment:
        """What is asked for; only of a valid form."""
        data, zone = self.cleaned_data, current_club().time_zone
        sign = 1 if data["way"] == "give" else -1
        end = day_bounds(data["last_day"], zone)[1] if data["last_day"] else None
        return Adjustment(member_id, data["unit"], sign * data["amount"], data["reason"], end)


@dataclass(frozen=True)
class Outlook:
    """What the member would have afterwards; `missing` is what cannot be taken, as it is not there to spend.

    `usual` is what to compare an unusually large gift with; None for any other.
    """

    is_points: bool
    delta: int
    before: int
    after: int
    debt_paid: int
    missing: int
    ends: datetime | None
    usual: Usual | None
    seal: str


def outlook(order: Adjustment, has: Balances, usual: Usual) -> Outlook:
    """What giving or taking so much would come to: what is given pays a debt of its unit first."""
    is_points = order.unit == Unit.POINTS
    balance, usable, debt = (
        (has.points, has.usable_points, has.points_debt)
        if is_points
        else (has.credit, has.usable_credit, has.credit_debt)
    )
    paid = min(debt, max(order.delta, 0))
    missing = max(0, -order.delta - usable)
    return Outlook(
        is_points=is_points,
        delta=order.delta,
        before=balance,
        after=balance + order.delta - paid,
        debt_paid=paid,
        missing=missing,
        ends=order.expires_at,
        usual=usual if usual.is_exceeded(order.delta) else None,
        seal=seal(order),
    )


def seal(order: Adjustment) -> str:
    """What was looked at: so much of this, to this day."""
    return sha256(repr((order.member_id, order.unit, order.delta, order.expires_at)).encode()).hexdigest()[:16]


@never_cache
@staff_required("adjust_value")
@require_http_methods(["GET", "HEAD", "POST"])
def change_value(request: HttpRequest, member_id: int) -> HttpResponseBase:
    """The page that gives and takes: first what it would come to, then the act, of the very thing that was seen."""
    member_here(member_id)
    if request.method != "POST":
        return _page(request, member_id, ValueForm(initial={"unit": UNITS[0], "way": "give"}))
    form, now = ValueForm(request.POST), timezone.now()
    if not form.is_valid():
        return _page(request, member_id, form, status=422)
    order, asks = form.order(member_id), request.POST.get("act") == "save"
    if not asks or request.POST.get("seen") != seal(order):
        try:
            check_adjustment(order, now)
        except AppError as error:
            return _page(request, member_id, form, status=_take(form, error))
        seen = outlook(order, balances(member_id, now), usual_gift(member_id, order.unit))
        return _page(request, member_id, form, seen=seen, status=422 if asks else 200)
    try:
        adjust_value(order, actor=actor_of(request.user), key=form.cleaned_data["key"], now=now)
    except (AppError, *LOST) as error:
        return _page(request, member_id, form, status=_take(form, error))
    messages.success(request, _("ثبت شد."))
    return redirect("desk:member", member_id)


@never_cache
@staff_required("adjust_value")
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, member_id: int, entry_id: int) -> HttpResponseBase:
    """The page that puts an entry made by hand right, whole and once."""
    member, entry = member_here(member_id), _entry(member_id, entry_id)
    form, status = ReasonForm(), 200
    if request.method == "POST":
        form = ReasonForm(request.POST)
        status = _undone(request, form, Reversal(member_id, entry.pk, "")) if form.is_valid() else 422
        if status == 200:
            messages.success(request, _("سند برگردانده شد."))
            return redirect("desk:member", member_id)
    context = {"member": member, "entry": entry, "is_points": entry.wallet.unit == Unit.POINTS, "form": form}
    key = form.data.get("key") or new_key()
    return render(request, "desk/members/undo.html", context | {"key": key}, status=status)


def _undone(request: HttpRequest, form: ReasonForm, order: Reversal) -> int:
    data = form.cleaned_data
    order = Reversal(order.member_id, order.entry_id, data["reason"])
    try:
        reverse_entry(order, actor=actor_of(request.user), key=data["key"], now=timezone.now())
    except (AppError, *LOST) as error:
        return _take(form, error)
    return 200


def _take(form: ReasonForm, error: Exception) -> int:
    """Show the error in the form; the status that goes with it."""
    refused = error if isinstance(error, AppError) else from_database(error)
    form.take_error(refused)
    return 422 if refused.http_status == 400 else refused.http_status


def _entry(member_id: int, entry_id: int) -> Entry:
    rows = Entry.objects.select_related("wallet").filter(
        wallet__member=member_id, wallet__unit__in=UNITS, kind__in=BY_HAND
    )
    entry: Entry | None = rows.filter(pk=entry_id).first() if 0 < entry_id < 2**63 else None
    if entry is None:
        raise NotFound
    return entry


def _page(
    request: HttpRequest, member_id: int, form: ValueForm, *, seen: Outlook | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "member": member_here(member_id),
        "has": balances(member_id, timezone.now()),
        "form": form,
        "seen": seen,
        "is_unseen": seen is not None and status == 422,
        "units": CHOICES,
        "ways": WAYS,
        "key": form.data.get("key") or new_key(),
        "summary": [(f"f-{name}", text) for name, texts in form.errors.items() if name != "key" for text in texts],
    }
    return render(request, "desk/members/value.html", context, status=status)
