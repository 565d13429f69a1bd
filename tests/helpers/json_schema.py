"""Whether a value is what a JSON Schema says, as far as bpstep's own schemas go; and values that most keys refuse."""

from __future__ import annotations

import math
import re
from typing import Any

__all__ = ["ODD", "is_valid"]

#: Values of every type, some of which any key refuses.
ODD = (
    True,
    0,
    1,
    -1,
    10**5 + 1,
    10**9 + 1,
    2**63,
    10**400,
    0.5,
    -0.5,
    "",
    "x",
    "full",
    [],
    {},
    [1],
    ["x"],
    [[1]],
)


def is_valid(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value is what a JSON Schema says; of its words, those that `json_schema` uses."""
    words = (
        "$schema $id title description type enum anyOf properties required items pattern additionalProperties"
    )
    bounds = "minimum maximum minItems maxItems exclusiveMinimum exclusiveMaximum"
    assert schema.keys() <= {*words.split(), *bounds.split()}
    if "anyOf" in schema:
        return any(is_valid(value, option) for option in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    return _OF_TYPE[schema["type"]](value, schema)


def _is_object(value: Any, schema: dict[str, Any]) -> bool:
    properties, other = schema.get("properties", {}), schema["additionalProperties"]
    return (
        isinstance(value, dict)
        and value.keys() >= set(schema.get("required", ()))
        and all(
            is_valid(x, properties[name]) if name in properties else other and is_valid(x, other)
            for name, x in value.items()
        )
    )


def _is_array(value: Any, schema: dict[str, Any]) -> bool:
    least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
    return (
        isinstance(value, list)
        and least <= len(value) <= most
        and all(is_valid(x, schema["items"]) for x in value)
    )


def _is_number(value: Any, schema: dict[str, Any]) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if schema["type"] == "integer" else int | float):
        return False
    least, most = (
        schema.get("minimum", -1.7976931348623157e308),
        schema.get("maximum", 1.7976931348623157e308),
    )
    above, under = schema.get("exclusiveMinimum", -math.inf), schema.get("exclusiveMaximum", math.inf)
    return bool(least <= value <= most and above < value < under)


_OF_TYPE = {
    "object": _is_object,
    "array": _is_array,
    "integer": _is_number,
    "number": _is_number,
    "string": lambda value, schema: (
        isinstance(value, str) and re.search(schema.get("pattern", ""), value, re.ASCII) is not None
    ),
    "boolean": lambda value, schema: isinstance(value, bool),
}
