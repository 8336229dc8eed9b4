"""The cases of `tests/data/cases.json` that this table runs, and what is known of each: no case is in it by silence.

A case is played and must pass, or it stands in WAITING with the reason and must fail for exactly that reason: the day
it passes, the row has to go.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Case = dict[str, Any]
KINDS = ("points", "ledger", "refund", "expiry", "tier", "offer", "coupon", "referral")
FILE = Path(__file__).parent.parent / "data" / "cases.json"


@dataclass(frozen=True)
class Waits:
    """What the case asks for (`lacks`, in the words of `stage.py` and `acts.py`) and where that comes from."""

    lacks: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """How a case whose answer depends on a choice is read: the programme's own settings, and which answer is then due.

    `alternative` is the place in the case's list of other answers; None is its `then`. `birthday_comes_round_in`: the
    year in which a Gregorian birthday is to be the Jalali one.
    `on_net`: points that the case grants on the gross are granted on the net.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    alternative: int | None = None
    birthday_comes_round_in: int | None = None
    on_net: bool = False


LEFT_OUT = "the API contract leaves it out"
WAITING = {
    "LE-016": Waits("transfers", f"{LEFT_OUT}: members do not send each other points"),
}
READINGS = {
    # What earns is net (the API contract, "Programme"): the case's points of the gross are its other answer's.
    "PT-028": Reading(alternative=0, on_net=True),
    # What is paid by credit earns: the programme's own setting.
    "PT-025": Reading({"earn_on_part_paid_by_value": True}),
    # No choice of the programme: the factor is always that of the tier held before the purchase (the API contract).
    "TI-020": Reading(),
    # No choice either: a refund looks at the tier again (the API contract: down by the nightly review or a refund).
    "TI-023": Reading(),
    # A discount is taken of what earlier ones left (the API contract, "On what"): three of 10 % multiply.
    "OF-010": Reading(),
    # The best of the `best` is one for the whole basket, not one for each line ("Which apply").
    "OF-046": Reading(alternative=0),
    # No choice: `is_first_purchase` counts refunded ones as well (facts about the member).
    "OF-066": Reading(),
    # Money half up to `rounding_step`, once an award ("Programme").
    "OF-083": Reading(alternative=0),
    # A cap on the referrer's offer caps the referrer's reward; the friend's is an offer of its own.
    "RF-010": Reading(),
}
OTHERWISE = {
    # Said to hold everywhere, but birthdays come round by the Jalali calendar here ("Months, seasons and years are
    # Jalali everywhere"): 10 Dey, the 31 December of 1990, is the 30th in 2024. Whose Jalali birthday falls on the
    # case's day has just the window of the case, over the end of the Gregorian year.
    "OF-069": Reading(birthday_comes_round_in=2024),
}


def cases() -> list[Case]:
    """Every case of the kinds that are run here, in the order of the file."""
    return [case for case in json.loads(FILE.read_text("utf-8"))["cases"] if case["kind"] in KINDS]


def played() -> list[Case]:
    """The cases that must pass."""
    return [case for case in cases() if case["id"] not in WAITING]


def reading(case: Case) -> Reading:
    """How the case is read; one that depends on a choice has to say which."""
    if case["policy"] == "universal" or case["id"] in WAITING:
        return OTHERWISE.get(case["id"], Reading())
    return READINGS[case["id"]]


def answers(case: Case) -> list[dict[str, Any]]:
    """What must hold after its steps."""
    place = reading(case).alternative
    found: list[dict[str, Any]] = case["then"] if place is None else case["alternatives"][place]["then"]
    return found
