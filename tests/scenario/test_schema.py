"""The JSON Schema says what is accepted: on files that are broken in any way, it and the reader agree."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from bpstep.scenario.catalogue import builtin_names, builtin_path
from bpstep.scenario.problems import Report
from bpstep.scenario.schema import json_schema, read_scenario
from tests.helpers.json_schema import ODD, is_valid
from tests.helpers.mangle import (
    EVERY_EXPRESSION_KEY,
    EVERY_NETWORK_KEY,
    EVERY_PROGRAM_KEY,
    mangled,
    paths_of,
    replaced,
)

SCHEMA = json_schema()


def is_accepted(document: dict[str, Any]) -> bool:
    report = Report("f.toml", "")
    read_scenario(document, report)
    return not report.problems


@pytest.mark.parametrize("name", builtin_names())
def test_what_is_shipped_is_valid(name: str) -> None:
    document = tomllib.loads(builtin_path(name).read_text(encoding="utf-8"))
    assert is_valid(document, SCHEMA)
    assert is_accepted(document)


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


def test_a_schema_names_itself_and_no_key_may_be_null() -> None:
    assert SCHEMA["$id"] == "urn:bpstep:schema:scenario:1"
    assert "null" not in str(SCHEMA)
