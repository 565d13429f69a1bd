"""The JSON Schema says what is accepted: on files that are broken in any way, it and the reader agree."""

from __future__ import annotations

import math
import re
import tomllib
from typing import Any

import pytest

from bpstep.scenario.catalogue import builtin_names, builtin_path
from bpstep.scenario.problems import Report
from bpstep.scenario.schema import json_schema, read_scenario
from tests.helpers.mangle import (
    EVERY_EXPRESSION_KEY,
    EVERY_NETWORK_KEY,
    EVERY_PROGRAM_KEY,
    mangled,
    paths_of,
    replaced,
)

SCHEMA = json_schema()


def is_valid(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value is what a JSON Schema says; of its words, those that `json_schema` uses."""
    known = {
        "$schema",
        "$id",
        "pattern",
        "title",
        "description",
        "type",
        "enum",
        "anyOf",
        "properties",
        "required",
        "items",
    }
    assert schema.keys() <= known | {"additionalProperties", "minimum", "maximum", "minItems", "maxItems"}
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
    return bool(least <= value <= most)


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


def is_accepted(document: dict[str, Any]) -> bool:
    report = Report("f.toml", "")
    read_scenario(document, report)
    return not report.problems


@pytest.mark.parametrize("name", builtin_names())
def test_what_is_shipped_is_valid(name: str) -> None:
    document = tomllib.loads(builtin_path(name).read_text(encoding="utf-8"))
    assert is_valid(document, SCHEMA)
    assert is_accepted(document)


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


@pytest.mark.parametrize("text", [EVERY_NETWORK_KEY, EVERY_EXPRESSION_KEY, EVERY_PROGRAM_KEY])
def test_schema_and_reader_agree_on_every_value_of_every_key(text: str) -> None:
    document = tomllib.loads(text)
    for path in paths_of(document):
        for value in ODD:
            changed = replaced(document, path, value)
            assert is_valid(changed, SCHEMA) == is_accepted(changed), (path, value)


def test_schema_and_reader_agree_on_broken_files() -> None:
    verdicts = set()
    for seed in range(400):
        try:
            document = tomllib.loads(mangled(seed))
        except ValueError:  # not TOML
            continue
        verdict = is_accepted(document)
        assert is_valid(document, SCHEMA) == verdict, seed
        verdicts.add(verdict)
    assert verdicts == {True, False}
