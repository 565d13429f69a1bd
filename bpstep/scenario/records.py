"""Tables of a file as records: a dataclass whose fields are the keys, each with its kind.

    >>> from bpstep.scenario.kinds import Number
    >>> @dataclass(frozen=True, kw_only=True)
    ... class Point:
    ...     "A point."
    ...     x: float | None = key(Number("a number"), None, needed=True)
    >>> report = Report("f.toml", "y = 1")
    >>> Table("a point", Point).read({"y": 1}, (), report)
    Point(x=None)
    >>> [str(problem) for problem in report.problems]
    ['f.toml:1:1: y: unknown key; known are x', 'f.toml:1:1: x: is missing; expected a number']

A key that is not there, and one whose value is refused, has its default: whoever reads a record finds nothing in it
that is not of the type that the record states.  Where the two have to be told apart, `Report.has` knows.
"""

from __future__ import annotations

from dataclasses import field, fields
from functools import cache
from typing import Any, TypeVar

from bpstep.lazily import dataclass
from bpstep.scenario.kinds import Kind
from bpstep.scenario.positions import Path
from bpstep.scenario.problems import Report

__all__ = ["Table", "key"]

D = TypeVar("D")
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class _Key:
    """A key of a table: what it may be, the field that takes it, and whether it may be left out."""

    kind: Kind[Any]
    field: str
    needed: bool


def key(kind: Kind[T], default: D, *, needed: bool = False, name: str = "") -> T | D:
    """A field of a record; ``name`` is that of the key, where it can not be the field's (``from``)."""
    made: T | D = field(default=default, metadata={"kind": kind, "needed": needed, "name": name})
    return made


@cache
def _keys(record: type[Any]) -> dict[str, _Key]:
    """The keys of a record, by name."""
    return {
        f.metadata["name"] or f.name: _Key(f.metadata["kind"], f.name, f.metadata["needed"])
        for f in fields(record)
    }


class Table(Kind[R]):
    """A table whose keys are the fields of a record."""

    def __init__(self, says: str, record: type[R]) -> None:
        super().__init__(says)
        self.record = record

    def takes(self, value: object) -> bool:
        return isinstance(value, dict)

    def read(self, value: object, at: Path, report: Report) -> R | None:
        if not isinstance(value, dict):
            report.refuse(at, value, self.says)
            return None
        keys = _keys(self.record)  # type: ignore[arg-type]  # a class is hashable
        for name in value:
            if name not in keys:
                report.unknown_key((*at, name), keys)
        found: dict[str, Any] = {}
        for name, known in keys.items():
            here = (*at, name)
            if name in value:
                element = known.kind.read(value[name], here, report)
                if element is not None:
                    found[known.field] = element
            elif known.needed and not report.has(here):
                report.add(here, f"is missing; expected {known.kind.says}")
        return self.record(**found)

    def types(self) -> dict[str, Any]:
        keys = _keys(self.record)  # type: ignore[arg-type]
        return {
            "type": "object",
            "properties": {name: known.kind.schema() for name, known in keys.items()},
            "required": [name for name, known in keys.items() if known.needed],
            "additionalProperties": False,
        }
