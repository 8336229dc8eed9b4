"""What the API answers of an offer's effect."""

from typing import Any

from api.answers import moment
from reports.effect.reading import Group
from reports.effect.selectors import Effect
from reports.effect.weeks import Stretch


def effect(found: Effect) -> dict[str, Any]:
    """An offer's effect; what cannot be told is null, and `not_enough` says what is missing."""
    course, forecast = found.course, found.forecast
    return {
        "offer": found.offer.pk,
        "status": found.offer.status,
        "from": moment(course.start),
        "to": moment(course.end),
        "open": course.is_open,
        "control_percent": course.held_bp / 100,
        "treated": _group(found.treated),
        "control": _group(found.control) if found.control else None,
        "days": found.days,
        "gaps": found.gaps,
        "narrowed_by": list(found.narrowed),
        "not_enough": vars(found.lack) if found.lack else None,
        "difference": _difference(found),
        "cost": {"times": found.cost.times, "members": found.cost.members, "worth": found.cost.worth},
        "forecast": {"most": forecast.most, "expected": found.expected, "made_at": moment(forecast.made_at)}
        if forecast
        else None,
        "margin_percent": None if found.margin_bp is None else found.margin_bp / 100,
        "net": vars(found.net) if found.net else None,
        "by_week": [_week(week) for week in found.weeks],
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "members": group.members,
        "buyers": group.buyers,
        "visits": group.visits,
        "spent": group.spent,
        "spent_each": round(group.sums.mean) if group.members else None,
    }


def _difference(found: Effect) -> dict[str, Any] | None:
    one = found.difference
    if one is None:
        return None
    rial = {"each": round(one.each), "low": round(one.low), "high": round(one.high)}
    return {**rial, "p": round(one.p, 6), "clear": one.is_clear}


def _week(week: Stretch) -> dict[str, Any]:
    control = week.control
    return {
        "from": week.first.isoformat(),
        "period": week.period,
        "days": week.days,
        "treated": {"spent": week.treated.spent, "visits": week.treated.visits, "spent_each": week.treated.each},
        "control": {"spent": control.spent, "visits": control.visits, "spent_each": control.each} if control else None,
    }
