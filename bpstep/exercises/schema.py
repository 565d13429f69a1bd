"""The schema of exercise files: which keys there are, and what each of them may be.

As of scenario files (`bpstep.scenario.schema`): a key that was left out or refused has its default, and the JSON Schema
comes from the same kinds, so that it says what is accepted.  What hangs on several keys, or on the scenario, is looked
at by `bpstep.exercises.loading`.
"""

from __future__ import annotations

from typing import Any

from bpstep.exercises.kinds import KINDS
from bpstep.lazily import dataclass
from bpstep.scenario.kinds import Choice, Either, Kind, ListOf, Matching, Named, Number, Text, Whole
from bpstep.scenario.positions import Path
from bpstep.scenario.problems import Report
from bpstep.scenario.records import Table, key
from bpstep.scenario.requirements import REQUIREMENT

__all__ = ["MOST_UPDATES", "ExerciseFile", "ItemTable", "RangeTable", "json_schema", "read_tables"]

#: An exercise asks for no more than this: what is proved of it, and drawn for it, has to end.
_MOST_ITEMS, _MOST_ASKED, _MOST_TEXTS = 50, 12, 12
MOST_UPDATES = 2_000

#: More points, or tries, are a slip of the hand.
_MOST_POINTS, _MOST_TRIES = 1_000.0, 100

_NUMBER = Number("a finite number")
_TEXT = Text("a text")
_FILLED = Matching("a text", r"[\s\S]*\S[\s\S]*")
_HINT = Matching("a hint that is not empty", _FILLED.pattern)
_CELL = "a cell, or a list of cells"


@dataclass(frozen=True, kw_only=True)
class RangeTable:
    """What a varied number may be."""

    low: float | None = key(_NUMBER, None, needed=True)
    high: float | None = key(_NUMBER, None, needed=True)
    step: float | None = key(Number("a step above 0"), None, needed=True)


class _Points(Number):
    """A number of points."""

    def holds(self, value: float) -> bool:
        return super().holds(value) and value <= _MOST_POINTS

    def types(self) -> dict[str, Any]:
        return {**super().types(), "maximum": _MOST_POINTS}


class _Tolerance(Kind[tuple[float, float | None]]):
    """How far off an answer may be: a share of the right value, or a number; (share, None) or (0, number)."""

    def takes(self, value: object) -> bool:
        return isinstance(value, dict)

    def read(self, value: object, at: Path, report: Report) -> tuple[float, float | None] | None:
        value = value if isinstance(value, dict) else {}
        number: Any = next(iter(value.values())) if len(value) == 1 else None
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if not is_number or not 0.0 < number < 1.0 or not value.keys() <= {"rel", "abs"}:
            report.add(at, f"expected {self.says}")
            return None
        return (float(number), None) if "rel" in value else (0.0, float(number))

    def types(self) -> dict[str, Any]:
        share = {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
        return {
            "anyOf": [
                {
                    "type": "object",
                    "properties": {name: share},
                    "required": [name],
                    "additionalProperties": False,
                }
                for name in ("rel", "abs")
            ]
        }


@dataclass(frozen=True, kw_only=True)
class ItemTable:
    """One question."""

    kind: str | None = key(Choice("the kind of a question", KINDS), None, needed=True)
    ask: list[str] | str | None = key(
        Either[list[str] | str](_CELL, ListOf("cells", _TEXT, most=_MOST_ASKED), Text(_CELL)), None
    )
    prompt: str = key(_TEXT, "")
    after: str = key(_TEXT, "")
    wrong: list[str] | None = key(ListOf("a list of wrong rules", Text("the name of a wrong rule")), None)
    hints: list[str] | None = key(ListOf("a list of hints", _HINT, most=_MOST_TEXTS), None)
    tolerance: tuple[float, float | None] | None = key(
        _Tolerance("{ rel = 0.01 } or { abs = … }, above 0 and under 1"), None
    )
    at: str = key(Text('a cell, a phase, "start" or "end"'), "")
    max_multiplications: int | None = key(Whole("a whole number from 0 on", least=0), None)
    loss_below: float | None = key(Number("a number above 0"), None)
    updates: int | None = key(
        Whole(f"a whole number from 1 to {MOST_UPDATES}", least=1, most=MOST_UPDATES), None
    )
    points: float = key(_Points(f"a number of points, from 0 to {_MOST_POINTS:g}", least=0.0), 1.0)
    max_tries: int | None = key(
        Whole(f"a number of tries, from 1 to {_MOST_TRIES}", least=1, most=_MOST_TRIES), None
    )


@dataclass(frozen=True, kw_only=True)
class ExerciseFile:
    """An exercise file of bpstep, format 1."""

    format: int | None = key(Whole("format = 1", least=1, most=1), None, needed=True)
    id: str = key(
        Matching("small letters, digits and hyphens, such as hidden-delta", "[a-z0-9]+(-[a-z0-9]+)*"),
        "",
        needed=True,
    )
    title: str = key(_FILLED, "", needed=True)
    scenario: str = key(
        Matching("a built-in scenario, or a path relative to this file", _FILLED.pattern), "", needed=True
    )
    requires: str = key(Matching('the versions of bpstep that know it, such as ">=0.2"', REQUIREMENT), "")
    skills: list[str] | None = key(ListOf("a list of texts", _TEXT, most=_MOST_TEXTS), None)
    about: str = key(_TEXT, "")
    vary: dict[str, RangeTable | None] | None = key(
        Named(
            "a table of cells, each with low, high and step",
            Table("{ low = …, high = …, step = … }", RangeTable),
        ),
        None,
    )
    forward: str = key(Text("an input or a parameter, which tangents are taken by"), "")
    retired: str = key(Text("the id of the exercise that took its place"), "")
    item: list[ItemTable] | None = key(
        ListOf("at least one [[item]]", Table("a table", ItemTable), least=1, most=_MOST_ITEMS),
        None,
        needed=True,
    )


_FILE = Table("an exercise file of bpstep, format 1", ExerciseFile)


def read_tables(document: dict[str, Any], report: Report) -> ExerciseFile:
    """A file's tables as records; what the schema refuses is reported and left out."""
    return _FILE.read(document, (), report) or ExerciseFile()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of exercise files, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:bpstep:schema:exercise:1",
        "title": "ExerciseFile",
        **_FILE.schema(),
    }
