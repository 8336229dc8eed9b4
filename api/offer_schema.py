"""The shapes of what is answered of offers and coupons."""

from api.offer_answers import LIMITS
from api.offer_bodies import STATUSES
from api.shapes import (
    ANY_VALUE,
    ANYTHING,
    FLAG,
    MAYBE_MOMENT,
    MOMENT,
    NUMBER,
    Schema,
    array,
    record,
    text,
    whole,
)
from club.purchases.explaining import OUTCOMES
from offers.findings import SEVERITIES
from offers.vocabulary import BENEFITS, GOALS, STACKINGS

AWARD = record(
    {
        "offer": whole(),
        "name": text(),
        "kind": text(one_of=tuple(BENEFITS)),
        "amount": whole(),
        "points": whole(),
        "item": record({"product": text(), "quantity": whole()}),
        "coupon": text(),
        "ends_at": {**MOMENT, "description": "of a coupon that was given outside a purchase"},
        "worth": whole(),
        "lines": array(whole()),
    },
    optional=("amount", "points", "item", "coupon", "ends_at"),
)
_FAILED = record(
    {"fact": text(), "op": text(), "value": ANY_VALUE, "actual": ANY_VALUE, "missing": whole()}, optional=("missing",)
)
CONSIDERED = record(
    {
        "offer": whole(),
        "name": text(),
        "outcome": text(one_of=("not_matched", *OUTCOMES)),
        "worth": whole(),
        "lost_to": whole(),
        "by": whole(),
        "failed": array(_FAILED),
        "text": text(),
    },
    optional=("lost_to", "by", "failed"),
)
_OFFER = record(
    {
        "id": whole(),
        "name": text(),
        "summary": text(),
        "goal": text(one_of=GOALS),
        "trigger": text(),
        "status": text(one_of=STATUSES),
        "starts_at": MAYBE_MOMENT,
        "ends_at": MAYBE_MOMENT,
        "when": ANYTHING,
        "benefit": ANYTHING,
        "stacking": text(one_of=STACKINGS),
        "priority": whole(),
        "code_required": FLAG,
        "limits": record({name: whole(nullable=True) for name in LIMITS}),
        "control_percent": NUMBER,
        "message": {**ANYTHING, "nullable": True},
        "version": {**whole(), "description": "of what is or was live; 0 before it was published"},
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }
)
_COUPON = record(
    {
        "id": whole(),
        "offer": whole(),
        "code": text(),
        "uses": whole(nullable=True),
        "per_member": whole(nullable=True),
        "member": whole(nullable=True),
        "starts_at": MAYBE_MOMENT,
        "ends_at": MAYBE_MOMENT,
        "used": whole(),
        "void": {**FLAG, "description": "taken back"},
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }
)
_OPEN_OFFER = record(
    {
        "offer": whole(),
        "name": text(),
        "summary": text(),
        "text": {**text(), "description": "all of it in one sentence"},
        "kind": text(one_of=tuple(BENEFITS)),
        "ready": {**FLAG, "description": "whether buying the right thing now is enough"},
        "missing": array(_FAILED),
        "needs": {**array(text()), "description": "what is missing, in words"},
        "times_left": whole(nullable=True),
        "ends_at": MAYBE_MOMENT,
    }
)
_NO_NEXT = text(nullable=True)
_FINDING = record(
    {
        "code": text(),
        "severity": text(one_of=SEVERITIES),
        "path": {**text(), "description": "of the field, as in a refusal"},
        "text": text(),
    }
)

_WEEK = record({"from": text(), "purchases": whole(), "cost": whole()})
_DISPLACED = record({"offer": whole(), "name": text(), "times": whole(), "cost_saved": whole()})
_BACK_TEST = record(
    {
        "from": text(),
        "to": text(),
        "members": whole(),
        "purchases": whole(),
        "cost": {**whole(), "description": "the worth of what it gives, in Rial"},
        "cost_share_percent": {**NUMBER, "description": "of all sales to members in these days"},
        "by_week": {**array(_WEEK), "description": "from Saturday on"},
        "displaced": {**array(_DISPLACED), "description": "what was given then and would have given way"},
        "budget_lasts_days": {**whole(nullable=True), "description": "null: no budget, or it lasts"},
        "break_even_lift_percent": {**NUMBER, "nullable": True, "description": "null: the club has set no margin"},
        "samples": {**array(ANYTHING), "description": "receipts as they would have been; `offer` null is this one"},
    }
)
_GROUP_EFFECT = record(
    {
        "members": whole(),
        "buyers": whole(),
        "visits": whole(),
        "spent": {**whole(), "description": "net, refunds taken off"},
        "spent_each": {**whole(nullable=True), "description": "a member's mean"},
    }
)
_WEEK_OF_GROUP = record({"spent": whole(), "visits": whole(), "spent_each": whole()})
_RANGE = {"low": whole(), "high": whole()}
_OFFER_EFFECT = record(
    {
        "offer": whole(),
        "status": text(one_of=STATUSES),
        "from": MOMENT,
        "to": MOMENT,
        "open": {**FLAG, "description": "whether it still is, so that every figure is of so far"},
        "control_percent": {**NUMBER, "description": "held out all along; 0: nobody, so nothing is compared"},
        "treated": {**_GROUP_EFFECT, "description": "who could have it; everybody where nobody was held out"},
        "control": {**_GROUP_EFFECT, "nullable": True},
        "days": {**whole(), "description": "with data while it was open"},
        "gaps": {**whole(), "description": "days without any entry, left out"},
        "narrowed_by": array(text()),
        "not_enough": record(
            {
                "members": {**whole(), "description": "so many the smaller group lacks"},
                "days": {**whole(nullable=True), "description": "so many more at this pace; null: unknown"},
            },
            nullable=True,
        ),
        "difference": record({"each": whole(), **_RANGE, "p": NUMBER, "clear": FLAG}, nullable=True),
        "cost": record({"times": whole(), "members": whole(), "worth": whole()}),
        "forecast": record(
            {
                "most": {**whole(nullable=True), "description": "by its limits; null: nothing bounds it"},
                "expected": {**whole(nullable=True), "description": "in as many days, by the purchases before"},
                "made_at": MOMENT,
            },
            nullable=True,
        ),
        "margin_percent": {**NUMBER, "nullable": True},
        "net": record({"amount": whole(), **_RANGE}, nullable=True),
        "by_week": array(
            record(
                {
                    "from": text(),
                    "period": text(one_of=("before", "during", "after")),
                    "days": whole(),
                    "treated": _WEEK_OF_GROUP,
                    "control": {**_WEEK_OF_GROUP, "nullable": True},
                }
            )
        ),
    }
)

OFFER_COMPONENTS: dict[str, Schema] = {
    "Offer": _OFFER,
    "OfferEffect": _OFFER_EFFECT,
    "OfferCheck": record({"text": text(), "findings": array(_FINDING)}),
    "OfferBackTest": _BACK_TEST,
    "MemberOffers": record({"results": array(_OPEN_OFFER), "next": _NO_NEXT}),
    "Coupon": _COUPON,
    "Coupons": record({"results": array(_COUPON), "next": _NO_NEXT}),
    "CouponCheck": record({"valid": FLAG, "offer": whole(nullable=True), "reason": text()}, optional=("reason",)),
}
