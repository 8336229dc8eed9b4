"""What a case does: each step through the service that pages and API use."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from club.awards.naming import known_codes
from club.awards.profile import change_member
from club.awards.redeeming import RedeemOrder, redeem
from club.ledger.adjustments import Adjustment, Reversal, adjust_value, reverse_entry
from club.ledger.models import Entry
from club.ledger.selectors import balances
from club.members.models import Member
from club.members.services import set_referrer
from club.purchases.models import Purchase, PurchaseLine
from club.purchases.orders import OrderLine, PayWith, PurchaseOrder
from club.purchases.receipts import Receipt, RefundReceipt
from club.purchases.refunds import RefundOrder, refund_purchase
from club.purchases.services import preview_purchase
from config.schedule import JOBS
from core import events
from core.errors import AppError
from core.jobs import run_in_club
from core.money import share_out
from offers.given_codes import read_codes
from offers.live import current_live_offers
from offers.services import update_offer
from tests.cases.offers import offer, window
from tests.cases.stage import ACTOR, DAY_0, Stage, moment
from tests.cases.words import NotBuilt, UnknownWord, only


@dataclass
class Seen:
    """What a step answered, and what the ledger got by it."""

    at: datetime
    member: Member | None = None
    receipt: Receipt | None = None
    refund: RefundReceipt | None = None
    error: AppError | None = None
    parts: list[int] | None = None
    entries: list[Entry] = field(default_factory=list)
    purchases: int = 0
    tiers_before: dict[int, str] = field(default_factory=dict)
    """The tier of each member before a review of all of them."""


def act(stage: Stage, step: dict[str, Any]) -> Seen:
    """Do one step. Raises NotBuilt for an act that the product has no door for, UnknownWord for one nobody reads."""
    name = step["do"]
    if name in NO_DOOR:
        raise NotBuilt(NO_DOOR[name])
    if name not in DOORS:
        raise UnknownWord(name)
    door, words = DOORS[name]
    only(step, "do", "at", "member", *words)
    seen = Seen(moment(step["at"]) if "at" in step else DAY_0)
    bought = Purchase.objects.count()
    last = Entry.objects.order_by("id").values_list("pk", flat=True).last() or 0
    try:
        door(stage, step, seen)
    except AppError as error:
        seen.error = error
    while stage.codes and events.consume_all():
        pass  # what one reader tells, another reads
    seen.entries = list(Entry.objects.filter(pk__gt=last).select_related("wallet").order_by("pk"))
    seen.purchases = Purchase.objects.count() - bought
    if seen.member is None and len(stage.members) == 1:
        seen.member = stage.member()
    return seen


def _purchase(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    order = _order(stage, step, seen)
    if "claim_reward" in step:
        order = replace(order, coupons=(*order.coupons, _claim(stage, step, seen)))
    seen.receipt = stage.shop.buy(order, key=stage.key(step), now=seen.at)
    if "id" in step:
        stage.receipts[step["id"]] = seen.receipt


def _claim(stage: Stage, step: dict[str, Any], seen: Seen) -> str:
    """The code of the reward that is taken for points, just before the purchase in which it is used."""
    reward = stage.rewards[step["claim_reward"]]
    order = RedeemOrder(stage.member(step).pk, reward.code, occurred_at=seen.at)
    return redeem(order, actor=ACTOR, key=stage.key(), now=seen.at).coupon


def _quote(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    """The preview of a purchase; where the step gives the offer another time, it has had that since long before."""
    if "with_offer_window" in step:
        ((name, made),) = stage.offers.items()
        since = stage.before + timedelta(minutes=made.version)
        _change(stage, name, window(step["with_offer_window"]), at=since)
    seen.receipt = preview_purchase(_order(stage, step, seen), now=seen.at)


def _order(stage: Stage, step: dict[str, Any], seen: Seen) -> PurchaseOrder:
    seen.member = stage.member(step)
    credit = step.get("pay_credit")
    return PurchaseOrder(
        member_id=seen.member.pk,
        lines=tuple(OrderLine(product=sku, quantity=quantity) for sku, quantity in step["lines"]),
        pay_with=PayWith(
            credit=credit if credit == "max" or credit is None else credit * stage.unit,
            points=step.get("redeem_points"),
        ),
        coupons=(*step.get("coupons", ()), *([step["coupon"]] if "coupon" in step else [])),
        occurred_at=seen.at,
    )


def _change_offer(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    """The whole offer is said again: what the case changes may be part of any of its fields."""
    told = stage.told[step["offer"]] = {**stage.told[step["offer"]], **step["set"]}
    _change(stage, step["offer"], offer(told, stage.unit), at=seen.at)


def _change(stage: Stage, name: str, changes: dict[str, Any], *, at: datetime) -> None:
    offer_id = stage.offers[name].pk
    stage.offers[name] = update_offer(offer_id, changes, known=known_codes(), actor=ACTOR, now=at)


def _apply_coupon(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    """A code without a basket: whether this member may use it."""
    seen.member = stage.member(step)
    live = current_live_offers().at(seen.at)
    read_codes((step["coupon"],), member_id=seen.member.pk, live=live, at=seen.at)


def _refund(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    bought = stage.receipts[step["purchase"]].id or 0
    asked = step.get("lines", "all")
    lines = None if asked == "all" else tuple((_line_of(bought, sku), quantity) for sku, quantity in asked)
    order = RefundOrder(bought, lines=lines, occurred_at=seen.at)
    seen.refund = refund_purchase(order, actor=ACTOR, key=stage.key(step), now=seen.at)


def _line_of(purchase_id: int, sku: str) -> int:
    return int(PurchaseLine.objects.get(purchase=purchase_id, product_code=sku).index)


def _spend_points(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    """A purchase of just what the points pay."""
    _pay_purchase(stage, step, seen, amount=step["points"], points=step["points"], credit=0)


def _spend_credit(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    _pay_purchase(stage, step, seen, amount=step["amount"], points=0, credit=step["amount"])


def _pay(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    """A purchase paid by value alone: as many points as there are, the rest by credit."""
    assert step["sources"] == ["points", "credit"]
    points = min(step["amount"], balances(stage.member(step).pk, seen.at).usable_points)
    _pay_purchase(stage, step, seen, amount=step["amount"], points=points, credit=step["amount"] - points)


def _pay_purchase(stage: Stage, step: dict[str, Any], seen: Seen, *, amount: int, points: int, credit: int) -> None:
    seen.member = stage.member(step)
    order = PurchaseOrder(
        member_id=seen.member.pk,
        amount=amount * stage.unit,
        pay_with=PayWith(points=points, credit=credit * stage.unit),
        occurred_at=seen.at,
    )
    seen.receipt = stage.shop.buy(order, key=stage.key(step), now=seen.at)


def _load_credit(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    seen.member = stage.member(step)
    order = Adjustment(seen.member.pk, "credit", step["amount"] * stage.unit, "case", occurred_at=seen.at)
    entry = adjust_value(order, actor=ACTOR, key=stage.key(step), now=seen.at)
    if "id" in step:
        stage.entries[step["id"]] = entry.id


def _reverse(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    seen.member = stage.member(step)
    reversal = Reversal(seen.member.pk, stage.entries[step["entry"]], "case")
    reverse_entry(reversal, actor=ACTOR, key=stage.key(step), now=seen.at)


def _allocate(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    seen.parts = share_out(step["amount"], step["shares"])


def _run_expiry(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    _run(stage, "expire_value", seen)


def _recalculate_tiers(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    seen.tiers_before = {member.pk: Member.objects.get(pk=member.pk).tier_code for member in stage.members.values()}
    _run(stage, "review_tiers", seen)


def _run(stage: Stage, job: str, seen: Seen) -> None:
    """The scheduled job itself, as of then."""
    outcome = run_in_club(JOBS[job], stage.shop.club.pk, due_at=seen.at, now=seen.at)
    assert outcome.ran and not outcome.failed, outcome


def _register(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    """Join by somebody's code, as the API has it: with a code that may not bring them, nobody joins."""
    named = {"phone": step["phone"]} if "phone" in step else {}
    with transaction.atomic():
        joined = stage.shop.member(now=seen.at, **named)
        set_referrer(joined.pk, stage.codes[step["referral_code"]], actor=ACTOR)
    seen.member = stage.members[step["member"]] = joined


def _attach(stage: Stage, step: dict[str, Any], seen: Seen) -> None:
    seen.member = stage.member(step)
    changes = {"referred_by": stage.codes[step["referral_code"]]}
    change_member(seen.member.pk, changes, actor=ACTOR, now=seen.at)


ORDERED = ("pay_credit", "redeem_points", "coupon", "coupons")
Door = Callable[[Stage, dict[str, Any], Seen], None]
DOORS: dict[str, tuple[Door, tuple[str, ...]]] = {
    "purchase": (_purchase, ("lines", "id", "claim_reward", *ORDERED)),
    "quote": (_quote, ("lines", "with_offer_window", *ORDERED)),
    "change_offer": (_change_offer, ("offer", "set")),
    "apply_coupon": (_apply_coupon, ("coupon",)),
    "refund": (_refund, ("purchase", "lines")),
    "cancel": (_refund, ("purchase",)),
    "spend_points": (_spend_points, ("points",)),
    "spend_credit": (_spend_credit, ("amount", "key")),
    "pay": (_pay, ("amount", "sources")),
    "load_credit": (_load_credit, ("amount", "key", "id")),
    "reverse": (_reverse, ("entry",)),
    "allocate": (_allocate, ("amount", "shares")),
    "register": (_register, ("phone", "referral_code")),
    "attach_referral": (_attach, ("referral_code",)),
    "run_expiry": (_run_expiry, ()),
    "recalculate_tiers": (_recalculate_tiers, ()),
}
NO_DOOR = {
    "transfer_points": "transfers",
}
