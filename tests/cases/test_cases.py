"""The language-neutral cases, played against the services and the database: one test a case, by its id."""

from typing import Any

import pytest

from tests.cases.acts import act
from tests.cases.checks import check
from tests.cases.stage import build
from tests.cases.table import WAITING, Case, answers, cases
from tests.cases.words import NotBuilt
from tests.shop import Shop


def play(case: Case, shop: Shop) -> None:
    """Build what is given, do each step, and assert what is due after it; the ledger's proof holds at the end."""
    stage = build(case, shop)
    due = {
        place: [entry for entry in answers(case) if entry.get("step") == place] for place in range(len(case["when"]))
    }
    assert sum(map(len, due.values())) == len(answers(case)), "an expectation names no step of the case"
    for place, step in enumerate(case["when"]):
        seen = act(stage, step)
        if seen.error is not None and not due[place]:
            raise seen.error
        for expected in due[place]:
            check(stage, seen, expected)
    assert shop.proven()


def as_parameter(case: Case) -> Any:
    """The case under its id; one that waits must fail, for its reason."""
    waits = WAITING.get(case["id"])
    marks = [pytest.mark.xfail(raises=NotBuilt, strict=True, reason=waits.reason)] if waits else []
    return pytest.param(case, id=case["id"], marks=marks)


@pytest.mark.parametrize("case", [as_parameter(case) for case in cases()])
def test_case(case: Case, shop: Shop) -> None:
    play(case, shop)
