"""What the API answers of offers and coupons."""

from dataclasses import fields
from typing import Any

from api.answers import moment, outer
from club.purchases.explaining import failed_condition
from club.purchases.openings import OpenOffer
from offers.models import Coupon, Offer
from offers.rules import Limits
from reports.back_test.steps import Step

LIMITS = tuple(field.name for field in fields(Limits))


def offer(row: Offer) -> dict[str, Any]:
    """An offer as its manager has it now, with every field that it can have."""
    said = row.terms
    limits = said.get("limits") or {}
    return {
        "id": row.pk,
        "name": row.name,
        "summary": said["summary"],
        "goal": said["goal"],
        "trigger": row.trigger,
        "status": row.status,
        "starts_at": moment(row.starts_at),
        "ends_at": moment(row.ends_at),
        "when": said["when"],
        "benefit": said["benefit"],
        "stacking": said["stacking"],
        "priority": said["priority"],
        "code_required": row.code_required,
        "limits": {name: limits.get(name) for name in LIMITS},
        "control_percent": said["control_percent"],
        "message": said["message"],
        "version": row.version,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }


def offers(rows: list[Offer]) -> list[dict[str, Any]]:
    return [offer(row) for row in rows]


def coupons(rows: list[Coupon]) -> list[dict[str, Any]]:
    return [
        {
            "id": row.pk,
            "offer": row.offer_id,
            "code": row.code,
            "uses": row.uses,
            "per_member": row.per_member,
            "member": row.member_id,
            "starts_at": moment(row.starts_at),
            "ends_at": moment(row.ends_at),
            "used": row.used,
            "void": row.void,
            "created_at": moment(row.created_at),
            "updated_at": moment(row.updated_at),
        }
        for row in rows
    ]


def open_offer(one: OpenOffer) -> dict[str, Any]:
    """An offer that a member can have, with what is missing for it."""
    terms = one.offer.terms
    return {
        "offer": one.offer.id,
        "name": terms.name,
        "summary": one.summary,
        "text": one.sentence,
        "kind": terms.benefit.kind,
        "ready": one.ready,
        "missing": [failed_condition(miss) for miss in one.misses],
        "needs": list(one.needs),
        "times_left": one.times_left,
        "ends_at": moment(terms.ends_at),
    }


def back_test(found: Step) -> dict[str, Any]:
    """What an offer would have brought."""
    figures = found.figures
    if figures is None:
        raise ValueError("a back-test that is not done")
    return {
        "from": figures.span.first.isoformat(),
        "to": figures.span.last.isoformat(),
        "members": figures.members,
        "purchases": figures.purchases,
        "cost": figures.cost,
        "cost_share_percent": outer(figures.cost_share_bp),
        "by_week": [
            {"from": week.first.isoformat(), "purchases": week.purchases, "cost": week.cost} for week in figures.weeks
        ],
        "displaced": [
            {"offer": one.offer, "name": one.name, "times": one.times, "cost_saved": one.saved}
            for one in figures.displaced
        ],
        "budget_lasts_days": figures.lasts_days,
        "break_even_lift_percent": outer(figures.lift_bp),
        "samples": [one.receipt for one in found.samples],
    }
