"""What the translation of a case's words does where no case of the file looks."""

from copy import deepcopy
from typing import Any

import pytest

from tests.cases.offers import offer, rates
from tests.cases.table import cases
from tests.cases.test_cases import play
from tests.cases.words import NotBuilt, UnknownWord
from tests.shop import Shop

BY_ID = {case["id"]: case for case in cases()}


@pytest.mark.parametrize(
    ("case_id", "rule", "least", "points"),
    [
        ("PT-013", 0, 152, 4 * 152),
        ("PT-013", 0, 153, 0),
        ("PT-016", 1, 152, 2 * 152),  # it fires, and the rule after it does not
        ("PT-016", 1, 153, 3 * 152),
    ],
)
def test_a_rule_fires_from_its_amount_on_and_a_final_one_ends_the_rest(
    case_id: str, rule: int, least: int, points: int, shop: Shop
) -> None:
    case = deepcopy(BY_ID[case_id])
    case["given"]["programme"]["rules"][rule]["min_amount"] = least
    case["then"] = [{"step": 0, "points_earned": points}]

    play(case, shop)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"kind": "next_coupon"}, UnknownWord),
        ({"scope": "shelf:A"}, UnknownWord),
        ({"joy": 1}, UnknownWord),
        ({"conditions": {"weather": "fine"}}, UnknownWord),
        ({"conditions": {"visit": "last"}}, UnknownWord),
        ({"max_items": 2}, NotBuilt),
    ],
)
def test_an_offer_that_nobody_can_say_is_refused(changes: dict[str, Any], refusal: type[Exception]) -> None:
    told = {"id": "o", "kind": "percent", "value": 10, "scope": "order", **changes}

    with pytest.raises(refusal):
        offer(told, 1)


def test_points_on_the_gross_are_no_rate_of_ours() -> None:
    with pytest.raises(NotBuilt):
        rates([{"type": "per_unit", "rate": 1, "on": "gross"}])
