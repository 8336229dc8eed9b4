"""What the API answers of each thing, with the names and units of the contract."""

from datetime import UTC, datetime
from typing import Any

from api.bodies import PROGRAMME_SCALES
from club.catalogue.models import Branch, Group, Product
from club.catalogue.selectors import group_codes
from club.ledger.selectors import Balances, balances_of
from club.members.models import Member
from club.members.selectors import referrers_codes, segment_codes
from club.programme.rules import Programme
from club.tiers.ladder import Step, next_step
from club.tiers.models import Tier
from club.tiers.selectors import ladders


def outer(inner: int | None, unit: int = 100) -> int | float | None:
    """Basis points as people and programs write them: 750 as 7.5, 15,000 of 10,000 as 1.5."""
    if inner is None:
        return None
    return inner // unit if inner % unit == 0 else inner / unit


def members(rows: list[Member], at: datetime) -> list[dict[str, Any]]:
    """Members as the API answers them, in five queries for any number (a sixth where agents brought some)."""
    ids = [row.pk for row in rows]
    balances, steps = balances_of(ids, at), ladders(ids, at)
    referrers = referrers_codes(rows)
    segments = segment_codes(ids)
    return [
        _member(row, balances.get(row.pk, Balances()), steps[row.pk], referrers.get(row.pk))
        | {"segments": segments.get(row.pk, [])}
        for row in rows
    ]


def member(row: Member, at: datetime) -> dict[str, Any]:
    """One member."""
    return members([row], at)[0]


def _member(row: Member, balances: Balances, steps: list[Step], referrer: str | None) -> dict[str, Any]:
    above = next_step(steps, row.tier_code)
    return {
        "id": row.pk,
        "phone": row.phone,
        "email": row.email,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "birth_date": row.birth_date.isoformat() if row.birth_date else None,
        "status": row.status,
        "tier": row.tier_code or None,
        "tier_floor": row.tier_floor or None,
        "next_tier": {"code": above.code, "missing": max(0, above.threshold - above.reached)} if above else None,
        "points": balances.points,
        "credit": balances.credit,
        "usable": {"points": balances.usable_points, "credit": balances.usable_credit},
        "debt": {"points": balances.points_debt, "credit": balances.credit_debt},
        "lifetime": {
            "visits": row.visits,
            "spent": row.spent_rial,
            "first_purchase_at": moment(row.first_purchase_at),
            "last_purchase_at": moment(row.last_purchase_at),
        },
        "referral_code": row.referral_code,
        "referred_by": referrer,
        "card": row.card,
        "tags": row.tags,
    }


def programme(settings: Programme) -> dict[str, Any]:
    """The settings, percentages as numbers like 7.5."""
    answered = {}
    for name, value in settings.as_json().items():
        outside, unit = PROGRAMME_SCALES.get(name, (name, 0))
        answered[outside] = outer(value, unit) if unit else value
    return answered


def tier(row: Tier) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "rank": row.rank,
        "metric": row.metric,
        "threshold": row.threshold,
        "window_days": row.window_days,
        "points_factor": outer(row.points_factor_bp, 10_000),
        "extra_credit_percent": outer(row.extra_credit_bp),
        "downgrade": row.downgrade,
        "grace_days": row.grace_days,
    }


def products(rows: list[Product]) -> list[dict[str, Any]]:
    """Products with the codes of their groups, in one query more."""
    groups = group_codes(rows)
    return [
        {
            "code": row.code,
            "name": row.name,
            "price": row.price_rial,
            "vat_percent": outer(row.vat_bp),
            "groups": groups[row.pk],
            "earns": row.earns,
        }
        for row in rows
    ]


def group(row: Group) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "earns": row.earns,
        "rial_per_point": row.rial_per_point,
        "credit_percent": outer(row.credit_bp),
        "discountable": row.discountable,
        "payable_by_value": row.payable_by_value,
    }


def branch(row: Branch) -> dict[str, Any]:
    return {"code": row.code, "name": row.name}


def moment(at: datetime | None) -> str | None:
    """ISO 8601 with offset."""
    return at.astimezone(UTC).isoformat() if at else None
