"""Whatever a program sends in any field of any body is taken or refused by the field's name, and never breaks anything.

Fields are those of the OpenAPI document: a new one is under test the day it is made.
"""

import copy
import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest

from api.schema import document
from tests.api.conftest import api_of, fresh_key
from tests.api.test_access import BODIES, MATRIX, ids, stocked  # noqa: F401 - fixtures
from tests.hostile import AMOUNTS, SCRIPTS
from tests.test_every_field import taken_back

DOCUMENT = document()
WRONG_KINDS = (None, True, [], {}, [[]], 1.5, -1, 0, 2**63, -(2**63) - 1, 10**40, 1e300)
HOSTILE = (*SCRIPTS, *AMOUNTS, *WRONG_KINDS)
EACH = len(HOSTILE) if "LONG" in os.environ else 4
Path = tuple[str | int, ...]
# What a field is weighed against may be the one that is named: without an amount lines are wanted, and a tier at
# another place in the ladder has a threshold that does not fit there.
WEIGHED_AGAINST = {"amount": "lines", "rank": "threshold"}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def fields(schema: dict[str, Any], before: Path = ()) -> Iterator[Path]:
    """Where in a body of this schema something may stand."""
    schema = resolved(schema)
    for part in (*schema.get("allOf", ()), *schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from fields(part, before)
    for name, inner in schema.get("properties", {}).items():
        yield (*before, name)
        yield from fields(inner, (*before, name))
    if "items" in schema:
        yield (*before, 0)
        yield from fields(schema["items"], (*before, 0))


def bodies() -> Iterator[tuple[str, str, str | None, dict[str, Any]]]:
    """Method, path, body's name and schema of each operation that takes a body."""
    for method, path, body, *_more in MATRIX:
        documented = {
            known: operations
            for known, operations in DOCUMENT["paths"].items()
            if same(known.removeprefix("/api/v1"), path)
        }
        (operations,) = documented.values()
        asked = operations[method.lower()].get("requestBody")
        if asked:
            yield method, path, body, asked["content"]["application/json"]["schema"]


def same(documented: str, path: str) -> bool:
    """Whether the path is an example of the documented one."""
    parts, others = documented.split("/"), path.split("/")
    return len(parts) == len(others) and all(
        one == other or (one.startswith("{") and (other.startswith("{") or len(other) == 1))
        for one, other in zip(parts, others, strict=True)
    )


def with_value(body: dict[str, Any], path: Path, value: object) -> dict[str, Any]:
    """The body with the value at that place; what leads there is made."""
    body = copy.deepcopy(body)
    if path[0] == "lines":
        body.pop("amount", None)
    place: Any = body
    for step, following in itertools.pairwise(path):
        empty: Any = [{}] if following == 0 else {}
        if isinstance(step, str):
            place[step] = place[step] if isinstance(place.get(step), type(empty)) else empty
        place = place[step]
    place[path[-1]] = value
    return body


OPERATIONS = list(bodies())


def test_every_body_is_tried() -> None:
    taking = [one for path in DOCUMENT["paths"].values() for one in path.values() if "requestBody" in one]

    assert len(OPERATIONS) == len(taking) > 10


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path", "body", "schema"), OPERATIONS, ids=lambda value: str(value)[:40])
def test_a_hostile_value_in_any_field_is_taken_or_refused_by_name(stocked, ids, method, path, body, schema) -> None:  # noqa: F811
    api = api_of(stocked.club)
    places, wrong, turn = sorted({*fields(schema)}, key=str), [], len(path)
    assert places

    for place in places:
        for _each in range(EACH):
            value, turn = HOSTILE[turn % len(HOSTILE)], turn + 7
            sent = with_value(BODIES[body], place, value)
            with taken_back():
                answer = api.send(method, path.format(**ids), sent, key=fresh_key())
            fault = fault_of(answer, place)
            if fault:
                wrong.append(f"{place} = {str(value)[:50]!r}: {fault}")

    assert not wrong, "\n".join(wrong)


def fault_of(answer: Any, place: Path) -> str:
    if answer.status_code >= 500:
        return f"answers {answer.status_code}"
    if answer.status_code < 400:
        return (
            "" if answer["Content-Type"].startswith("application/json") or answer.status_code == 204 else "is no JSON"
        )
    problem = answer.json()
    if answer["Content-Type"] != "application/problem+json" or not problem["detail"]:
        return f"is refused without a problem: {problem}"
    named = (str(place[0]), WEIGHED_AGAINST.get(str(place[0]), str(place[0])))
    if problem["code"] == "validation_error" and not any(name.startswith(named) for name in problem["errors"]):
        return f"is refused, but of {list(problem['errors'])}"
    return ""
