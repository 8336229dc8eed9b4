"""The words in which answers are described for the OpenAPI document."""

from typing import Any

Schema = dict[str, Any]


def whole(*, nullable: bool = False) -> Schema:
    return {"type": "integer", "format": "int64", **({"nullable": True} if nullable else {})}


def text(*, nullable: bool = False, one_of: tuple[str, ...] = (), kind: str = "") -> Schema:
    schema: Schema = {"type": "string"}
    if kind:
        schema["format"] = kind
    if nullable:
        schema["nullable"] = True
    if one_of:
        schema["enum"] = [*one_of, *([None] if nullable else [])]
    return schema


def record(fields: dict[str, Schema], *, nullable: bool = False, optional: tuple[str, ...] = ()) -> Schema:
    """An object that has all of these fields but the optional ones, and no others."""
    return {
        "type": "object",
        "properties": fields,
        "required": [name for name in fields if name not in optional],
        "additionalProperties": False,
        **({"nullable": True} if nullable else {}),
    }


def array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
ANY_VALUE: Schema = {"description": "of the kind that the fact has", "nullable": True}
ANYTHING: Schema = {"type": "object", "additionalProperties": True}
MOMENT = text(kind="date-time")
MAYBE_MOMENT = text(nullable=True, kind="date-time")
