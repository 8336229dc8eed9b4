"""How an endpoint is described in the OpenAPI document: its body, parameters, answers and refusals."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from api.paging import LIST_QUERY
from api.problems import CONTENT_TYPE
from core.reading import Either, Field, Record

View = TypeVar("View", bound=Callable[..., Any])
JSON = "application/json"
REFUSALS = {
    400: "the request is wrong; `errors` names the fields",
    401: "no key, or one that is unknown here",
    403: "the scope of the key does not allow it",
    404: "no such thing in this club",
    405: "this address does not take the method",
    409: "refused as things stand; `code` says why",
    413: "the body is too large",
    415: "the body is not JSON",
    422: "the idempotency key was used with another request",
    429: "too many requests of this key, or of this address without a good one; `Retry-After` says how long to wait",
    503: "a server behind does not answer; send again later",
}
RETRY_AFTER = OpenApiParameter(
    "Retry-After",
    {"type": "integer", "minimum": 1},
    OpenApiParameter.HEADER,
    response=[429, 503],
    description="seconds",
)


def describe(
    summary: str,
    *,
    body: Record | Either | None = None,
    query: Mapping[str, Field] | None = None,
    answer: str = "",
    page_of: str = "",
    status: int = 200,
    key: Literal["", "optional", "required"] = "",
) -> Callable[[View], View]:
    """Describe a method of a view. `answer` and `page_of` name components of `api.schema`."""
    parameters = [RETRY_AFTER, *(_of_list({**LIST_QUERY, **(query or {})}) if page_of else [])]
    if key:
        parameters.append(_key(required=key == "required"))
    refusals = (
        {400, 401, 403, 404, 405, 429, 503} | ({409, 413, 415} if body else set()) | ({409, 422} if key else set())
    )
    if status == 204:
        refusals.add(409)
    responses: dict[Any, Any] = {
        (code, CONTENT_TYPE): OpenApiResponse(_ref("Problem"), REFUSALS[code]) for code in sorted(refusals)
    }
    responses[(status, JSON)] = _answer(answer, page_of)
    return extend_schema(
        operation_id=re.sub(r"[^a-z]+", "_", summary.lower()),
        summary=summary,
        description=summary,
        request={JSON: body.schema()} if body else None,
        responses=responses,
        parameters=parameters,
    )


def page_schema(component: str) -> dict[str, Any]:
    """A page of a list."""
    return {
        "type": "object",
        "required": ["results", "next"],
        "properties": {
            "results": {"type": "array", "items": _ref(component)},
            "next": {"type": "string", "nullable": True, "description": "the cursor of the next page"},
        },
    }


def _answer(component: str, page_of: str) -> Any:
    if page_of:
        return page_schema(page_of)
    return _ref(component) if component else OpenApiResponse(description="done")


def _ref(component: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{component}"}


def _of_list(fields: Mapping[str, Field]) -> list[OpenApiParameter]:
    return [
        OpenApiParameter(name, field.schema(), OpenApiParameter.QUERY, description=field.about)
        for name, field in fields.items()
    ]


def _key(*, required: bool) -> OpenApiParameter:
    return OpenApiParameter(
        "Idempotency-Key",
        {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]{1,64}$"},
        OpenApiParameter.HEADER,
        required=required,
        description="the same key with the same body answers the first answer again",
    )
