"""The words of schema errors: what pydantic found, said to an author.

pydantic reports a path and a type of error; a union is reported once for each of its members.  Here each key
gets one message, in the form *what is wrong; what is expected*, where the expectation is the description of
the field in `bpstep.scenario.schema`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from bpstep.scenario import schema
from bpstep.scenario.positions import Path
from bpstep.scenario.problems import did_you_mean
from bpstep.visible import visible

__all__ = ["schema_problems"]

_TABLES: dict[tuple[str, ...], type[BaseModel]] = {
    (): schema.ScenarioFile,
    ("expression",): schema.ExpressionTable,
    ("network",): schema.NetworkTable,
    ("network", "layer"): schema.LayerTable,
    ("network", "layer", "init"): schema.InitTable,
    ("sample",): schema.SampleTable,
    ("note",): schema.NoteTable,
    ("training",): schema.TrainingTable,
    ("training", "optimizer"): schema.OptimizerTable,
}
_CHOICES = {"activation", "cost", "scheme", "notation", "reduction", "optimizer", "name"}


def schema_problems(errors: Iterable[Mapping[str, Any]], document: dict[str, Any]) -> list[tuple[Path, str]]:
    """(path, message) for each key that is wrong."""
    found: dict[Path, str] = {}
    for error in errors:
        path = _existing(tuple(error["loc"]), document)
        if error["type"] == "missing" and _is_table(path, document):
            key = str(error["loc"][-1])
            found.setdefault((*path, key), f"is missing; expected {_description((*path, key))}")
        elif error["type"] == "extra_forbidden":
            found.setdefault(path, _unknown(path))
        else:
            found.setdefault(path, _wrong(path, document))
    return list(found.items())


def _existing(loc: tuple[str | int, ...], document: Any) -> Path:
    """The part of a location that stands in the document: the tags of unions do not."""
    path: list[str | int] = []
    at: Any = document
    for part in loc:
        inside = part in at if isinstance(at, dict) else isinstance(at, list) and isinstance(part, int)
        if inside and not (isinstance(part, int) and part >= len(at)):
            at = at[part]
        elif isinstance(part, str):
            continue
        else:
            break
        path.append(part)
    return tuple(path)


def _is_table(path: Path, document: Any) -> bool:
    return isinstance(_value(path, document), dict)


def _value(path: Path, document: Any) -> Any:
    for part in path:
        document = document[part]
    return document


def _names(path: Path) -> tuple[str, ...]:
    return tuple(part for part in path if isinstance(part, str))


def _fields(path: Path) -> dict[str, str]:
    """The keys of the table that a key belongs to, with their descriptions."""
    table = _TABLES.get(_names(path)[:-1])
    if table is None:
        return {}
    return {field.alias or name: field.description or "" for name, field in table.model_fields.items()}


def _description(path: Path) -> str:
    names = _names(path)
    if names[:2] == ("expression", "inputs") and len(names) > 2:
        return "a number"
    return _fields(path).get(names[-1], "") if names else "a table"


def _unknown(path: Path) -> str:
    known = _fields(path)
    near = did_you_mean(str(path[-1]), known)
    return f"unknown key{near}" if near else f"unknown key; known are {', '.join(known)}"


def _wrong(path: Path, document: Any) -> str:
    value = _value(path, document)
    inner = isinstance(path[-1], int) if path else False
    expected = _element(path) if inner else _description(path)
    near = ""
    if isinstance(value, str) and path and path[-1] in _CHOICES:
        choices = _choices(path)
        near = did_you_mean(value, choices)
        expected = f"one of {', '.join(choices)}" if choices else expected
    return f"found {_shown(value)}; expected {expected}{near}"


def _choices(path: Path) -> list[str]:
    """The words that a key may have, from the JSON Schema of its table."""
    table = _TABLES.get(_names(path)[:-1])
    if table is None:
        return []
    field = table.model_json_schema(by_alias=True)["properties"].get(_names(path)[-1], {})
    options = [field, *field.get("anyOf", [])]
    return [word for option in options for word in option.get("enum", [])]


def _element(path: Path) -> str:
    names = _names(path)
    if names[-1] in ("weights", "bias", "input", "target"):
        return (
            "a finite number"
            if not (names[-1] == "weights" and len([p for p in path if isinstance(p, int)]) == 2)
            else "a row of numbers"
        )
    if names[-1] in ("layer", "sample", "note"):
        return "a table"
    if names[-1] == "frozen":
        return '"weights" or "bias"'
    return "text"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = visible(value)
        return f'"{text[:37]}..."' if len(text) > 40 else f'"{text}"'
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return visible(str(value))[:40]
