"""What the cashier types: a purchase, and a refund of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from club.members.own_fields import fields_in_use, form_fields, typed_values, without_blanks
from club.members.services import ReferralRefused
from club.purchases.orders import MOST_RIAL, PayWith, PurchaseOrder
from core.errors import AppError, Conflict, ValidationFailed
from core.forms import MoneyField, PersianForm
from core.language import in_language
from core.text import clean_name
from desk.cashier.codes import KnownCode, known_code, known_codes, owners, split_codes
from desk.cashier.items import Row, order_lines, typed_rows
from desk.cashier.lookup import LONGEST, Found, look_up, whole_phone
from offers.codes import coupon_key
from offers.given_codes import CouponRefused, CouponUnknown

# The services' names of what the form calls otherwise.
FIELDS = {
    "pay_with.credit": "use_credit",
    "pay_with.points": "use_points",
    "pay_with.gift_card": "code",
    "external_id": "ref",
    "coupons": "code",
    "member_phone": "who",
    "first_name": "new_name",
    "last_name": "new_name",
    "referred_by": "referrer",
}


STALE = gettext_lazy("این فرم کهنه است؛ صفحه را تازه کنید.")


class TillForm(PersianForm):
    """A purchase as typed at the till. Without JavaScript `who` is looked up here; with it, `member` says who."""

    key = forms.CharField(max_length=64)
    member = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    who = forms.CharField(required=False, max_length=LONGEST)
    nobody = forms.BooleanField(required=False)
    new_name = forms.CharField(required=False, max_length=LONGEST)
    referrer = forms.CharField(required=False, max_length=LONGEST)
    """The referral code that a newcomer says."""
    amount = MoneyField(
        min_rial=1, max_rial=MOST_RIAL, error_messages={"required": gettext_lazy("مبلغ خرید را بنویسید")}
    )
    use_credit = forms.BooleanField(required=False)
    use_points = forms.BooleanField(required=False)
    ref = forms.CharField(required=False, max_length=64)
    branch = forms.CharField(required=False, max_length=32)
    code = forms.CharField(required=False, max_length=LONGEST)
    """Codes that the customer says, and a gift card's; coupons of the member's own are ticked instead."""
    coupons = forms.Field(required=False, widget=forms.SelectMultiple)
    lines = forms.Field(required=False)  # typed in rows of their own; here their errors have a place

    branches: frozenset[str] | None = None
    """Where alone it may be recorded; None for everywhere."""
    found: Found = Found(())
    known: Mapping[str, KnownCode] = MappingProxyType({})
    moved: str = ""
    """The name of the field in which a code was typed that stands among the codes now."""
    by_code: bool = False
    """Whether the member was found by a code of their own."""
    rows: list[Row] = typed_rows({})
    own: list[str] | None = None

    def full_clean(self) -> None:
        """With the fields of the club's own that are asked of a newcomer at the till."""
        self._ask_own()
        super().full_clean()

    @property
    def asked_of_newcomer(self) -> list[forms.BoundField]:
        """The club's own fields to be shown; none where the database was lost before they were known."""
        if not self.is_bound:
            self._ask_own()
        return [self[name] for name in self.own or ()]

    def _ask_own(self) -> None:
        if self.own is not None:
            return
        own = form_fields(fields_in_use(is_asked_at_till=True))
        for name, asked in own.items():
            look = "select" if isinstance(asked, forms.ChoiceField) else "input"
            asked.widget.attrs |= {"id": name, "class": look}
        self.fields |= own
        self.own = list(own)

    def clean_key(self) -> str:
        """A key of visible characters only."""
        key: str = self.cleaned_data["key"]
        if not all("!" <= letter <= "~" for letter in key):
            raise forms.ValidationError(STALE)
        return key

    def clean_ref(self) -> str | None:
        """The number of the shop's own invoice, nothing when left empty."""
        return clean_name(self.cleaned_data["ref"]) or None

    def clean_branch(self) -> str:
        """The branch, one of those that whoever records has; the only one need not be said."""
        branch: str = self.cleaned_data["branch"]
        if self.branches is None or branch in self.branches:
            return branch
        if not self.branches:
            raise forms.ValidationError(_("شعبهٔ شما بسته است؛ با مدیر هماهنگ کنید."))
        if branch:
            raise forms.ValidationError(_("صندوق این شعبه با شما نیست؛ شعبهٔ خود را برگزینید."))
        if len(self.branches) > 1:
            raise forms.ValidationError(_("شعبه را برگزینید."))
        return next(iter(self.branches))

    def clean(self) -> dict[str, Any]:
        """Find who it is about: a chosen member, whom the text means, a newcomer, or nobody by choice."""
        cleaned = super().clean() or {}
        if self.has_error("amount"):
            self._move_code("amount", cleaned)
        self._take_rows(cleaned)
        self._take_codes(cleaned)
        if not cleaned.get("nobody") and not self.has_error("who") and not self._is_chosen(cleaned):
            self._find(cleaned)
        return cleaned

    def _move_code(self, field: str, cleaned: dict[str, Any]) -> None:
        """Put a code that was scanned into another field among the codes, and say so."""
        code = known_code(self.data.get(field, ""))
        if code is None:
            return
        cleaned["code"] = ", ".join([*split_codes(cleaned.get("code") or ""), code.code])
        changed = QueryDict(mutable=True)
        changed.update(self.data)
        changed[field], changed["code"] = "", cleaned["code"]
        self.moved, self.data = field, changed
        self.errors.pop(field, None)
        said = _("«%(code)s» %(kind)s است و در جای کدها نوشته شد.") % {"code": code.code, "kind": code.label}
        needed = _("مبلغ خرید را بنویسید") if field == "amount" else _("عضو را پیدا کنید")
        self.add_error(field, f"{said} {needed}")

    def _take_codes(self, cleaned: dict[str, Any]) -> None:
        typed = split_codes(cleaned.get("code") or "")
        self.known = known_codes(typed)
        cards = {coupon_key(one.code): None for one in self.known.values() if one.kind == "gift_card"}
        cleaned["gift_card"] = next(iter(cards), None)
        if len(cards) > 1:
            self.add_error("code", _("در هر خرید یک کارت هدیه پذیرفته می‌شود."))
        coupons = [code for code in typed if coupon_key(code) not in cards]
        cleaned["coupons"] = (*coupons, *(code.strip() for code in self["coupons"].value() or () if code.strip()))
        if cleaned["coupons"] and cleaned.get("nobody"):
            self.add_error("code", _("کد تخفیف برای اعضا است؛ نخست عضو را پیدا کنید."))

    def _take_rows(self, cleaned: dict[str, Any]) -> None:
        """Goods typed one by one stand in place of the amount."""
        self.rows = typed_rows(self.data)
        cleaned["lines"], faults = order_lines(self.rows)
        if all(row.is_empty for row in self.rows):
            return
        if self.data.get("amount", "").strip():
            self.add_error("amount", _("یا مبلغ را بنویسید یا اقلام را"))
        else:
            self.errors.pop("amount", None)
        if faults:
            lines = cleaned["lines"]
            self.add_error("lines", faults)
            cleaned["lines"] = lines

    def _is_chosen(self, cleaned: dict[str, Any]) -> bool:
        """Whether a member was chosen among those whom the text finds: another text lets the choice before go."""
        member, text = cleaned.get("member"), cleaned.get("who", "").strip()
        if member and text:
            self.found = look_up(text, now=timezone.now())
            if all(hit.id != member for hit in self.found.hits):
                member = cleaned["member"] = None
        return bool(member)

    def _find(self, cleaned: dict[str, Any]) -> None:
        text = cleaned.get("who", "").strip()
        if not text:
            if not self._find_by_code(cleaned):
                self.add_error("who", _("عضو را پیدا کنید، یا «بدون عضویت» را برگزینید"))
            return
        phone = whole_phone(text)
        if phone:  # the same order for the first try and the next, whether or not the first one enrolled
            cleaned["phone"] = phone
            return
        self.found = look_up(text, now=timezone.now())
        if self.found.only:
            cleaned["member"] = self.found.only.id
            return
        if not self.found.hits:
            self._move_code("who", cleaned)
        if self.moved != "who":
            self.add_error("who", hint_of(self.found))
            return
        self._take_codes(cleaned)
        if self._find_by_code(cleaned):
            self.errors.pop("who", None)

    def _find_by_code(self, cleaned: dict[str, Any]) -> bool:
        """Take the member from a code that is one person's own; whether there is one."""
        found = owners(self.known.values())
        if len(found) > 1:
            self.add_error("code", _("این کدها از یک عضو نیست؛ عضو را پیدا کنید."))
        self.by_code = len(found) == 1
        if self.by_code:
            cleaned["member"] = found[0]
        return self.by_code

    @property
    def code_waits(self) -> str:
        """What a typed code is while nobody is found to use it; nothing where it need not wait."""
        data = self.cleaned_data
        if self.by_code or data.get("nobody") or data.get("member") or data.get("phone"):
            return ""
        typed = [code for code in split_codes(data.get("code") or "") if self._is_coupon(code)]
        if not typed or self.has_error("code"):
            return ""
        if typed[0] not in self.known:
            return str(CouponUnknown(coupon=typed[0][:LONGEST]).detail)
        return _("«%(code)s» کد تخفیف اعضا است؛ عضو را پیدا کنید.") % {"code": typed[0]}

    def _is_coupon(self, code: str) -> bool:
        return code not in self.known or self.known[code].kind == "coupon"

    @property
    def first_and_last(self) -> tuple[str, str]:
        """The name typed for a newcomer or a nameless member: the first word, and the others."""
        first, _blank, last = clean_name(self.cleaned_data.get("new_name", "")).partition(" ")
        return first, last

    @property
    def ticked(self) -> frozenset[str]:
        """The codes of the member's own that were ticked."""
        return frozenset(self["coupons"].value() or ())

    @property
    def every_code(self) -> str:
        """Typed and ticked codes together, for a page that has no place to tick any."""
        return ", ".join([*filter(None, [self["code"].value()]), *sorted(self.ticked)])

    def order(self) -> PurchaseOrder:
        """The purchase asked for; only of a valid form."""
        data = self.cleaned_data
        return replace(self.so_far(), branch=data["branch"] or None, external_id=data["ref"])

    def so_far(self) -> PurchaseOrder:
        """The purchase as far as it can be told from what is typed, right or wrong: whom and how as recorded."""
        data = self.cleaned_data
        member_id = None if data.get("nobody") else data.get("member")
        phone = None if data.get("nobody") or member_id else data.get("phone")
        has_value = member_id is not None or phone is not None
        pay_with = PayWith(
            credit="max" if has_value and data.get("use_credit") else None,
            points="max" if has_value and data.get("use_points") else None,
            gift_card=data.get("gift_card"),
        )
        return PurchaseOrder(
            member_id=member_id,
            member_phone=phone,
            enrol=phone is not None,
            first_name=self.first_and_last[0] if phone else "",
            last_name=self.first_and_last[1] if phone else "",
            custom=without_blanks(typed_values(data)) if phone else {},
            referrer=(data.get("referrer") or "").strip() if phone else "",
            amount=None if data.get("lines") else data.get("amount") or 0,
            lines=tuple(data.get("lines") or ()),
            pay_with=pay_with,
            channel="till",
            coupons=data.get("coupons", ()) if has_value else (),
        )

    def refused(self, field: str) -> str:
        """What is wrong with a field, in one line; nothing while it is right."""
        return " ".join(str(text) for text in self.errors.get(field, []))

    @property
    def beyond_bounds(self) -> str:
        """Why so much is refused, said before it is sent; nothing of what is wrong otherwise and may be half typed."""
        found = self.errors.as_data().get("amount", [])
        return " ".join(str(text) for one in found if one.code == "too_large" for text in one.messages)

    def take_error(self, refused: AppError) -> None:
        """Show what the service refused, beside its field where it names one."""
        if isinstance(refused, Conflict) and refused.data.get("field") == "external_id":
            said = _("این شماره پیش‌تر با خرید %(number)s ثبت شده است")
            self.add_error("ref", said % {"number": in_language(refused.data["number"])})
            return
        if not isinstance(refused, ValidationFailed):
            self.add_error(_place_of(refused), refused.detail)
            return
        for path, texts in refused.errors.items():
            field = "lines" if path.startswith("lines") else FIELDS.get(path, path)
            for text in texts:
                self.add_error(field if field in self.fields else None, text)


def _place_of(refused: AppError) -> str | None:
    """The field beside which a refusal that names none is shown."""
    if isinstance(refused, ReferralRefused):
        return "referrer"
    return "code" if isinstance(refused, CouponRefused) else None


def hint_of(found: Found) -> str:
    """Say why nobody is chosen: several fit, or nobody does."""
    if found.refusal:
        return str(found.refusal)
    if found.more:
        return _("بیش از %(count)s نفر پیدا شد؛ بیشتر بنویسید") % {"count": in_language(len(found.hits))}
    if found.hits:
        said = ngettext(
            "%(count)s نفر پیدا شد؛ با ↓ انتخاب کنید یا رقم بیشتری بنویسید",
            "%(count)s نفر پیدا شد؛ با ↓ انتخاب کنید یا رقم بیشتری بنویسید",
            len(found.hits),
        )
        return said % {"count": in_language(len(found.hits))}
    if found.is_other_number:
        return _("این شمارهٔ موبایل نیست؛ موبایل ۱۱ رقم دارد و با ۰۹ آغاز می‌شود")
    return _("پیدا نشد. شمارهٔ کامل را بنویسید تا عضو تازه بسازیم")
