"""The programme's settings as a value: pure, checked when made.

Units: Rial for money, whole points, basis points (1/100 of a percent) for rates, days and hours for times.
None means none: no such earning, limit or end.
"""

from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args

Period = Literal["month", "season", "year"]
Shortfall = Literal["clip", "debt"]
BIGINT_MAX = 2**63 - 1


@dataclass(frozen=True)
class Programme:
    """What is in force at one moment."""

    rial_per_point: int | None = 100_000
    points_per_visit: int | None = None
    points_valid_days: int | None = None
    points_valid_to: Period | None = None
    points_idle_days: int | None = None
    points_usable_after_hours: int = 0
    point_worth: int = 1_000
    points_spendable: bool = True
    credit_bp: int | None = None
    credit_valid_days: int | None = None
    credit_valid_to: Period | None = None
    credit_idle_days: int | None = None
    credit_usable_after_hours: int = 0
    credit_worth_bp: int = 10_000
    max_credit_share_bp: int | None = None
    min_purchase_to_spend: int | None = None
    earn_on_part_paid_by_value: bool = False
    rounding_step: int = 10
    max_discount_bp: int | None = None
    max_points_per_purchase: int | None = None
    max_points_per_day: int | None = None
    max_points_balance: int | None = None
    margin_bp: int | None = None
    refund_shortfall: Shortfall = "clip"
    birthday_leap_rule: Literal["before"] = "before"

    def changed(self, changes: dict[str, Any]) -> "Programme":
        """These settings with the changes; what is missing stays as it is."""
        return replace(self, **changes)

    def as_json(self) -> dict[str, Any]:
        """For the version's row."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Programme":
        """From a version's row; settings that a newer release added have their defaults."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})


# name -> (least, most); each may be None unless listed in REQUIRED
NUMBERS: dict[str, tuple[int, int]] = {
    "rial_per_point": (1, BIGINT_MAX),
    "points_per_visit": (0, 1_000_000_000),
    "points_valid_days": (1, 36_500),
    "points_idle_days": (1, 36_500),
    "points_usable_after_hours": (0, 87_600),
    "point_worth": (0, 1_000_000_000_000),
    "credit_bp": (0, 10_000),
    "credit_valid_days": (1, 36_500),
    "credit_idle_days": (1, 36_500),
    "credit_usable_after_hours": (0, 87_600),
    "credit_worth_bp": (0, 10_000),
    "max_credit_share_bp": (0, 10_000),
    "min_purchase_to_spend": (0, BIGINT_MAX),
    "rounding_step": (1, 1_000_000),
    "max_discount_bp": (0, 10_000),
    "max_points_per_purchase": (0, BIGINT_MAX),
    "max_points_per_day": (0, BIGINT_MAX),
    "max_points_balance": (0, BIGINT_MAX),
    "margin_bp": (0, 10_000),
}
CHOICES: dict[str, tuple[object, ...]] = {
    "points_valid_to": (None, *get_args(Period)),
    "credit_valid_to": (None, *get_args(Period)),
    "refund_shortfall": get_args(Shortfall),
    "birthday_leap_rule": ("before",),
    "points_spendable": (True, False),
    "earn_on_part_paid_by_value": (True, False),
}
REQUIRED = {"points_usable_after_hours", "credit_usable_after_hours", "point_worth", "credit_worth_bp", "rounding_step"}


def faults(changes: dict[str, Any]) -> dict[str, str]:
    """What is wrong with the changes, by setting: a short code of the fault; empty when nothing is."""
    wrong = {}
    for name, value in changes.items():
        if name in NUMBERS:
            least, most = NUMBERS[name]
            if value is None and name not in REQUIRED:
                continue
            if isinstance(value, bool) or not isinstance(value, int):
                wrong[name] = "not_a_number"
            elif not least <= value <= most:
                wrong[name] = "out_of_range"
        elif name in CHOICES:
            if not any(value is choice or (isinstance(value, str) and value == choice) for choice in CHOICES[name]):
                wrong[name] = "not_a_choice"
        else:
            wrong[name] = "unknown"
    return wrong
