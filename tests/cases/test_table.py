"""The table of cases itself: complete, and unable to pass by saying nothing."""

from copy import deepcopy
from typing import Any

import pytest

from core.tenancy.scope import club_scope
from tests.cases.checks import MOST
from tests.cases.table import OTHERWISE, READINGS, WAITING, Case, answers, cases, played
from tests.cases.test_cases import play
from tests.cases.words import NotBuilt, UnknownWord
from tests.conftest import fresh_club
from tests.shop import Shop

BY_ID = {case["id"]: case for case in cases()}


def case_of(**changes: Any) -> Case:
    return {**deepcopy(BY_ID["RE-010"]), **changes}


def test_every_row_is_of_a_case_and_every_choice_is_made_once() -> None:
    assert len(BY_ID) == 56
    assert set(WAITING) <= set(BY_ID)
    chosen = {case["id"] for case in played() if case["policy"] != "universal"}
    assert chosen == set(READINGS)
    assert set(OTHERWISE) <= {case["id"] for case in played()} - chosen


@pytest.mark.parametrize("case_id", sorted(WAITING))
def test_a_case_that_waits_lacks_just_what_its_row_says(case_id: str, shop: Shop) -> None:
    with pytest.raises(NotBuilt) as lacked:
        play(BY_ID[case_id], shop)

    assert lacked.value.what == WAITING[case_id].lacks


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in played()])
def test_a_case_fails_when_any_of_its_answers_is_another(case: Case, db: None) -> None:
    """No word of `then` is read without being asserted."""
    for place, entry in enumerate(answers(case)):
        for word, value in entry.items():
            if word != "step":
                wrong = deepcopy(case)
                answers(wrong)[place][word] = other_than(word, value)
                club = fresh_club()
                with club_scope(club), pytest.raises((AssertionError, KeyError)):
                    play(wrong, Shop(club))


def other_than(word: str, value: Any) -> Any:
    """A value of the same kind that the case does not expect."""
    if isinstance(value, dict):
        return {name: part + 1 for name, part in value.items()}
    if isinstance(value, list):
        return [*value, 1]
    if word.endswith(MOST):
        return value - 1
    return value + 1 if isinstance(value, int) else f"{value}?"


@pytest.mark.parametrize(
    "changes",
    [
        {"given": {**BY_ID["RE-010"]["given"], "weather": "fine"}},
        {"given": {**BY_ID["RE-010"]["given"], "programme": {"point_value": 1, "luck": 2}}},
        {"given": {**BY_ID["RE-010"]["given"], "members": [{"id": "m1", "points": 300, "shoes": 42}]}},
        {"when": [{**BY_ID["RE-010"]["when"][0], "gift": 1}], "then": [{"step": 0, "due": 700}]},
        {"when": [{"do": "dance"}], "then": [{"step": 0, "due": 700}]},
        {"then": [{"step": 0, "due": 700, "joy": 1}]},
        {"then": [{"step": 0}]},
    ],
)
def test_a_word_that_nobody_reads_is_refused(changes: dict[str, Any], shop: Shop) -> None:
    with pytest.raises(UnknownWord):
        play(case_of(**changes), shop)


def test_an_expectation_of_no_step_and_a_refusal_that_nobody_expects_fail(shop: Shop) -> None:
    with pytest.raises(AssertionError, match="names no step"):
        play(case_of(then=[{"step": 7, "due": 700}]), shop)


def test_a_refusal_that_no_answer_expects_is_raised(shop: Shop) -> None:
    from club.ledger.services import InsufficientPoints

    given = {**BY_ID["RE-010"]["given"], "members": [{"id": "m1", "points": 299}]}
    with pytest.raises(InsufficientPoints):
        play(case_of(given=given), shop)
