"""The till: find the member, type the amount, save. The server reckons, the browser only formats."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.rights import actor_of, can, staff_required
from club.members.models import Member
from club.members.selectors import get_member, hit_of
from club.members.services import update_member
from club.purchases.awarded import gifts_of
from club.purchases.mission_steps import steps_of
from club.purchases.models import Purchase
from club.purchases.orders import PurchaseOrder
from club.purchases.receipts import Receipt
from club.purchases.selectors import get_purchase, standing_after
from club.purchases.services import record_purchase
from club.rewards.models import Redemption
from club.rewards.nearest import nearest_reward
from core.errors import AppError, ValidationFailed
from core.errors_page import LOST, from_database
from core.idempotency import new_key
from core.language import listed
from core.models import IdempotencyKey
from core.templatetags.club_ui import money_unit, of_metric, signed, signed_money_unit
from core.text import whole_number
from desk.cashier import screen
from desk.cashier.codes import hint_of_code, known_code, owners
from desk.cashier.forms import TillForm, hint_of
from desk.cashier.items import MOST_ROWS
from desk.cashier.lookup import LONGEST, look_up
from desk.cashier.offers import Offers, offers_for, preview_with_codes
from desk.cashier.spending import held_back
from desk.cashier.vouchers import HandOut, hand_outs, hand_over, refusal_of, typed_vouchers, within_reach, without


@never_cache
@staff_required("record_purchase")
@require_http_methods(["GET", "HEAD", "POST"])
def till(request: HttpRequest) -> HttpResponseBase:
    """The page, and the purchase posted from it."""
    if request.method == "POST":
        return ACTS.get(request.POST.get("act", ""), _save)(request)
    now = timezone.now()
    context = screen.till_context(request.user, now)
    branch = request.GET.get("branch", "")
    context["card"] = chosen = screen.chosen(whole_number(request.GET.get("member", "")), now)
    context["offers"] = offers_for(chosen, None, now)
    context["hand_outs"] = _hand_outs(chosen, [], now)
    context["reach"] = within_reach(chosen)
    context["form"] = TillForm(initial={"branch": branch, **screen.typed_for(chosen)})
    saved = whole_number(request.GET.get("saved", ""))
    if saved is not None:
        purchase = get_purchase(saved)
        context |= {"saved": purchase, "standing": standing_after(purchase), "gifts": gifts_of(purchase.awards)}
        context["missions"] = steps_of(purchase.facts.get("missions", []), document=purchase.document)
    return _page(request, context | {"key": new_key()})


@never_cache
@staff_required("record_purchase")
@require_GET
def member_search(request: HttpRequest) -> HttpResponseBase:
    """The options under the member's field: who fits, and whether a whole number may become a new member."""
    text = request.GET.get("q", "")[:LONGEST]
    found = look_up(text, now=timezone.now())
    tiers = screen.tier_names() if found.hits else {}
    code = None if found.hits or found.new_phone or found.refusal else known_code(text)
    if code is not None:
        found = replace(found, hits=tuple(hit_of(get_member(owner)) for owner in owners([code])))
    options = [(hit, tiers[hit.tier_code].name if hit.tier_code in tiers else "") for hit in found.hits]
    is_plain = found.only or found.new_phone or not text.strip()
    hint = hint_of_code(code) if code else "" if is_plain else hint_of(found)
    context = {"options": options, "new_phone": found.new_phone, "more": found.more, "code": code, "hint": hint}
    return render(request, "desk/_options.html", context)


@never_cache
@staff_required("record_purchase")
@require_POST
def preview(request: HttpRequest) -> HttpResponseBase:
    """The member's card and the sums of what is typed so far; nothing is written and nothing is refused."""
    shown = _previewed(TillForm(request.POST), timezone.now())
    return render(request, "desk/_preview.html", shown | {"may_name": can(request.user, "name_members")})


def _previewed(form: TillForm, now: datetime) -> dict[str, Any]:
    """The sums of what is typed so far; saving says what is wrong with it."""
    form.is_valid()
    order, card = form.so_far(), None
    typed = typed_vouchers(form.cleaned_data.get("coupons", ()))
    order = replace(order, coupons=without(order.coupons, typed))
    try:
        if form.cleaned_data.get("nobody") or order.of_member:
            card = screen.order_card(order, now)
        receipt, code_refused = preview_with_codes(order, now=now)
    except AppError as refused:
        refusal = form.refused("lines") or refused.detail
        shown = {"card": card, "amount": order.amount, "refused": refusal, **_codes_told(form, card)}
        shown |= {"offers": offers_for(card, None, now), "ticked": form.ticked}
        return _NOTHING_YET | shown | {"hand_outs": _hand_outs(card, typed, now)}
    return _NOTHING_YET | {
        "card": card,
        "receipt": receipt,
        "amount": order.amount,
        "outlook": screen.outlook(receipt),
        "held_back": held_back(order, receipt, card.balances, now) if card else "",
        "offers": offers_for(card, receipt, now),
        "hand_outs": _hand_outs(card, typed, now),
        "reach": [] if receipt.gross else within_reach(card),
        "ticked": form.ticked,
        "refused": form.refused("lines") or form.beyond_bounds,
        "bill": screen.bill_lines(order, receipt),
        "gift": screen.gift_card_paid(order, receipt, now),
        "missions": steps_of(receipt.missions),
        **_codes_told(form, card, code_refused),
    }


def _codes_told(form: TillForm, card: screen.Card | None, refused: str = "") -> dict[str, Any]:
    """What is wrong with the codes, whom they belong to, and which of them was typed into another field."""
    return {
        "code_refused": refused or form.refused("code") or form.code_waits,
        "taken": screen.typed_for(card) if form.by_code else {},
        "moved": form.moved,
        "moved_said": form.refused(form.moved) if form.moved else "",
        "codes_typed": form["code"].value() or "",
    }


def _hand_outs(card: screen.Card | None, typed: list[Redemption], now: datetime) -> list[HandOut]:
    return hand_outs(card.member if card else None, typed, now)


def _looked_at(request: HttpRequest) -> HttpResponse:
    """Without JavaScript: the same page with the sums reckoned."""
    form, now = TillForm(request.POST), timezone.now()
    context = screen.till_context(request.user, now) | _previewed(form, now)
    for field in set(form.errors) - ({"who"} if request.POST.get("who") else set()):
        del form.errors[field]
    if context["code_refused"]:
        form.add_error("code", context["code_refused"])
    context |= {"form": form, "hits": form.found.several, "key": request.POST.get("key") or new_key()}
    return _page(request, context)


def _named(request: HttpRequest) -> HttpResponse:
    """Give the member of the form the typed name at once; without JavaScript, the same page with all that was typed."""
    if not can(request.user, "name_members"):
        raise PermissionDenied
    form, now = TillForm(request.POST), timezone.now()
    form.is_valid()
    card = screen.order_card(form.so_far(), now)
    if card is None or card.member is None:
        return _refused(request, _only(form, "who", _("نخست عضو را پیدا کنید")), status=422)
    if not form.first_and_last[0]:
        return _refused(request, _only(form, "new_name", _("نام را بنویسید")), status=422)
    try:
        said = _give_name(card.member, form, actor=actor_of(request.user))
    except AppError as error:
        form.errors.clear()
        form.take_error(error)
        return _refused(request, form, status=422)
    if wants_json(request):
        return JsonResponse({"said": said})
    messages.success(request, said)
    return _looked_at(request)


def _only(form: TillForm, field: str, text: str) -> TillForm:
    """The form with this one error: what else is still missing does not matter yet."""
    form.errors.clear()
    form.add_error(field, text)
    return form


def _give_name(member: Member, form: TillForm, *, actor: str) -> str:
    first, last = form.first_and_last
    named = update_member(member.pk, {"first_name": first, "last_name": last}, actor=actor)
    return _("نام نوشته شد: %(name)s") % {"name": named.full_name}


def _save(request: HttpRequest) -> HttpResponse:
    form, now = TillForm(request.POST), timezone.now()
    try:
        form.branches = screen.limit_of(request.user)
        if not form.is_valid():
            return _refused(request, form, status=422)
        actor = actor_of(request.user)
        order, typed = _order_and_vouchers(form, now)
        receipt = record_purchase(order, actor=actor, key=form.cleaned_data["key"], now=now)
        _name_nameless(receipt, form, actor=actor)
        handed = [] if receipt.replayed else hand_over(typed, actor=actor, now=now)
    except LOST as lost:
        form.take_error(error := from_database(lost))
        return _refused(request, form, status=error.http_status)
    except AppError as error:
        form.take_error(error)
        return _refused(request, form, status=422 if error.http_status == 400 else error.http_status, code=error.code)
    return _saved(request, receipt, now, handed)


def _order_and_vouchers(form: TillForm, now: datetime) -> tuple[PurchaseOrder, list[Redemption]]:
    """The purchase without the codes for which a thing is handed over. Raises AppError where one of them is no good."""
    typed = typed_vouchers(form.cleaned_data.get("coupons", ()))
    order = form.order()
    # What is sent again, as no answer came, has handed its vouchers out already.
    is_again = bool(typed) and IdempotencyKey.objects.filter(key=form.cleaned_data["key"]).exists()
    for voucher in [] if is_again else typed:
        if refusal := refusal_of(voucher, now):
            raise ValidationFailed({"coupons": [refusal]})
    return replace(order, coupons=without(order.coupons, typed)), typed


def _name_nameless(receipt: Receipt, form: TillForm, *, actor: str) -> None:
    """A name typed beside the purchase of a member who has none."""
    if not receipt.member or not form.first_and_last[0]:
        return
    member = get_member(receipt.member)
    if not member.full_name:
        _give_name(member, form, actor=actor)


def _saved(request: HttpRequest, receipt: Receipt, now: datetime, handed: list[str]) -> HttpResponse:
    purchase = get_purchase(receipt.id or 0)
    page = reverse("desk:receipt", args=[purchase.pk])
    if not wants_json(request):
        for text in handed:
            messages.info(request, text)
        if request.POST.get("print"):
            return redirect(f"{page}?print=1")
        query = urlencode({"saved": purchase.pk, "branch": request.POST.get("branch", "")})
        return redirect(f"{reverse('desk:till')}?{query}")
    own = screen.refundable_at(request.user)
    recent = render_to_string("desk/_recent.html", {"recent": screen.recent(request.user, now, own)}, request=request)
    return JsonResponse(
        {
            "id": purchase.pk,
            "said": listed([said_of(receipt, purchase), *handed]),
            "receipt": page,
            "undo": reverse("desk:undo", args=[purchase.pk]) if screen.can_undo(purchase, now, own) else "",
            "key": new_key(),
            "recent": recent,
        }
    )


def said_of(receipt: Receipt, purchase: Purchase) -> str:
    """Say in one line what was recorded, and where it left the member on the tiers."""
    if receipt.replayed:
        return _("همین خرید پیش‌تر ثبت شده؛ دوباره ثبت نشد")
    name = str(purchase.member or _("بدون عضویت"))
    parts = [_("ثبت شد: %(name)s") % {"name": name}, money_unit(receipt.payable)]
    if receipt.paid_by_gift_card:
        parts.append(_("%(money)s از کارت هدیه") % {"money": money_unit(receipt.paid_by_gift_card)})
    if receipt.points_earned:
        said = ngettext("%(points)s امتیاز", "%(points)s امتیاز", receipt.points_earned)
        parts.append(said % {"points": signed(receipt.points_earned)})
    if receipt.credit_earned:
        parts.append(_("%(credit)s اعتبار") % {"credit": signed_money_unit(receipt.credit_earned)})
    for gift in gifts_of(receipt.awards):
        parts.append(_("پیشنهاد «%(name)s»") % {"name": gift.name})
        if gift.item:
            parts.append(_("کالای رایگان را بدهید: %(item)s") % {"item": gift.item})
    parts += [step.said for step in steps_of(purchase.facts.get("missions", []), document=purchase.document)]
    standing = standing_after(purchase)
    if standing and standing.is_new:
        parts.append(_("به سطح %(tier)s رسید") % {"tier": standing.tier})
    if standing and standing.above:
        left = of_metric(standing.missing, standing.metric)
        parts.append(_("%(left)s تا %(tier)s") % {"left": left, "tier": standing.above})
    nearest = nearest_reward(receipt.usable_points) if receipt.member else None
    if nearest and receipt.points_earned:
        left = of_metric(nearest.missing, "points")
        parts.append(_("%(left)s تا %(reward)s") % {"left": left, "reward": nearest.name})
    return listed(parts)


def _refused(request: HttpRequest, form: TillForm, *, status: int, code: str = "") -> HttpResponse:
    errors = {field: " ".join(str(text) for text in texts) for field, texts in form.errors.items()}
    general = errors.pop("__all__", "") or errors.pop("key", "")
    if wants_json(request):
        moved = {"field": form.moved, "codes": form["code"].value()} if form.moved else None
        return JsonResponse({"errors": errors, "said": general, "code": code, "moved": moved}, status=status)
    context: dict[str, Any] = {"form": form, "key": request.POST.get("key") or new_key(), "general": general}
    context["summary"] = [(_FIELD_IDS.get(field, field), text) for field, text in errors.items()]
    context["hits"] = form.found.several
    try:
        context |= screen.till_context(request.user, timezone.now())
    except LOST:
        context["recent"] = []
    return _page(request, context, status=status)


def _page(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    try:
        may_see_dashboard, may_name = can(request.user, "view_dashboard"), can(request.user, "name_members")
    except LOST:
        may_see_dashboard = may_name = False
    has_rows = any(not row.is_empty for row in context["form"].rows)
    context = _NOTHING_YET | context | {"may_see_dashboard": may_see_dashboard, "may_name": may_name}
    context |= {"has_rows": has_rows, "most_rows": MOST_ROWS}
    return render(request, "desk/till.html", context, status=status)


_NOTHING_YET: dict[str, Any] = {
    "card": None,
    "receipt": None,
    "amount": 0,
    "outlook": {},
    "refused": "",
    "offers": Offers(),
    "hand_outs": [],
    "reach": [],
    "ticked": frozenset(),
    "code_refused": "",
    "taken": {},
    "moved": "",
}


_FIELD_IDS = {
    "coupons": "code",
    "lines": "line-0-what",
    "use_credit": "use-credit",
    "use_points": "use-points",
    "new_name": "new-name",
}
ACTS = {"preview": _looked_at, "name": _named}


def wants_json(request: HttpRequest) -> bool:
    """Say whether the page's script asks, rather than a form posted without it."""
    return request.headers.get("Accept", "").startswith("application/json")
