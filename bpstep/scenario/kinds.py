"""What the value of a key may be: a text, a number, a list of them, a table; each kind reads it and describes it.

A schema is made of kinds (`bpstep.scenario.schema`).  Reading gives the value, or None where it is refused, and then
a `Report` knows what was found and what was expected; so nobody behind this module has to ask of what type a value
is.  From the same kinds comes the JSON Schema, and it can not say anything else than what is accepted.

    >>> Whole("a seed, from 0 on", least=0).schema()
    {'description': 'a seed, from 0 on', 'type': 'integer', 'minimum': 0, 'maximum': 9223372036854775807}
"""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, Generic, TypeVar

from bpstep.scenario.positions import Path
from bpstep.scenario.problems import Report, did_you_mean

__all__ = [
    "Choice", "Either", "Flag", "Kind", "ListOf", "Matching", "Named", "Nested", "Number", "Numbers", "Text", "Whole",
]  # fmt: skip

T = TypeVar("T")

#: TOML's whole numbers have 64 bits; what is larger is a slip of the hand.
MOST = 2**63 - 1
_LARGEST = sys.float_info.max


class Kind(ABC, Generic[T]):
    """What a value may be; ``says`` tells a reader of an error message, or of the JSON Schema, what that is."""

    def __init__(self, says: str) -> None:
        self.says = says

    @abstractmethod
    def takes(self, value: object) -> bool:
        """Whether the value is of this kind's type, so that, of several kinds, this one is to read it."""

    @abstractmethod
    def read(self, value: object, at: Path, report: Report) -> T | None:
        """The value at a path of the file; None where it is refused, which is then in the report."""

    @abstractmethod
    def types(self) -> dict[str, Any]:
        """The kind in the words of JSON Schema."""

    def schema(self) -> dict[str, Any]:
        """The kind in the words of JSON Schema, with its description."""
        return {"description": self.says, **self.types()}


class _Plain(Kind[T]):
    """A kind whose values are read one by one: what it takes is right, or out of bounds."""

    def read(self, value: object, at: Path, report: Report) -> T | None:
        if self.takes(value) and self.holds(value):
            return value  # type: ignore[return-value]  # of type T, which is what `takes` says
        report.refuse(at, value, self.expected(value))
        return None

    def holds(self, value: Any) -> bool:
        """Whether a value of the right type is within bounds."""
        return True

    def expected(self, value: object) -> str:
        """What was expected instead of a value."""
        return self.says


class Text(_Plain[str]):
    """A string."""

    def takes(self, value: object) -> bool:
        return isinstance(value, str)

    def types(self) -> dict[str, Any]:
        return {"type": "string"}


class Matching(Text):
    """A string of a certain form: all of it matches a pattern, which is the same in Python and in JSON Schema."""

    def __init__(self, says: str, pattern: str) -> None:
        super().__init__(says)
        self.pattern = pattern

    def holds(self, value: str) -> bool:
        return re.fullmatch(self.pattern, value, re.ASCII) is not None

    def types(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}


class Flag(_Plain[bool]):
    """True or false."""

    def takes(self, value: object) -> bool:
        return isinstance(value, bool)

    def types(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Whole(_Plain[int]):
    """A whole number from ``least`` to ``most``."""

    def __init__(self, says: str, *, least: int, most: int = MOST) -> None:
        super().__init__(says)
        self.least, self.most = least, most

    def takes(self, value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool)

    def holds(self, value: int) -> bool:
        return self.least <= value <= self.most

    def expected(self, value: object) -> str:
        too_large = isinstance(value, int) and value > self.most > self.least
        return f"{self.says}, and at most {self.most:,}" if too_large else self.says

    def types(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Number(_Plain[float]):
    """A finite number, written with or without a point; from ``least`` on, if there is such a bound."""

    def __init__(self, says: str, *, least: float | None = None) -> None:
        super().__init__(says)
        self.least = least

    def takes(self, value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool)

    def holds(self, value: float) -> bool:
        return _is_finite(value) and (self.least is None or value >= self.least)

    def types(self) -> dict[str, Any]:
        return {"type": "number"} if self.least is None else {"type": "number", "minimum": self.least}


class Choice(_Plain[str]):
    """One of some words; of the rows of a table, whichever there are when it is asked."""

    def __init__(self, says: str, words: Collection[str]) -> None:
        super().__init__(says)
        self.words = words

    def takes(self, value: object) -> bool:
        return isinstance(value, str)

    def holds(self, value: str) -> bool:
        return value in self.words

    def expected(self, value: object) -> str:
        if not isinstance(value, str) or len(self.words) == 1:
            return self.says
        return f"one of {', '.join(self.words)}{did_you_mean(value, self.words)}"

    def types(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


class ListOf(Kind[list[T]]):
    """A list, every element of one kind; refused as a whole where an element is."""

    def __init__(self, says: str, of: Kind[T], *, least: int = 0, most: int | None = None) -> None:
        super().__init__(says)
        self.of, self.least, self.most = of, least, most

    def takes(self, value: object) -> bool:
        return isinstance(value, list)

    def read(self, value: object, at: Path, report: Report) -> list[T] | None:
        if not isinstance(value, list):
            report.refuse(at, value, self.says)
            return None
        if len(value) < self.least:
            report.add(at, f"the list is empty; expected {self.says}")
            return None
        if self.most is not None and len(value) > self.most:
            report.add(at, f"the list has {len(value):,} elements; expected at most {self.most:,}")
            return None
        found = [self.of.read(element, (*at, place), report) for place, element in enumerate(value)]
        good = [element for element in found if element is not None]
        return good if len(good) == len(value) else None

    def types(self) -> dict[str, Any]:
        least = {"minItems": self.least} if self.least else {}
        most = {} if self.most is None else {"maxItems": self.most}
        return {"type": "array", "items": self.of.types(), **least, **most}


class Numbers(Kind[list[float]]):
    """A list of finite numbers.  There may be millions of them, so they are looked at without ceremony."""

    def __init__(self, says: str, *, least: int = 0) -> None:
        super().__init__(says)
        self.least = least

    def takes(self, value: object) -> bool:
        return isinstance(value, list)

    def read(self, value: object, at: Path, report: Report) -> list[float] | None:
        if not isinstance(value, list):
            report.refuse(at, value, self.says)
            return None
        if len(value) < self.least:
            report.add(at, f"the list is empty; expected {self.says}")
            return None
        if all(map(_is_number, value)):
            return value
        for place, element in enumerate(value):
            if not _is_number(element):
                report.refuse((*at, place), element, "a finite number")
        return None

    def types(self) -> dict[str, Any]:
        least = {"minItems": self.least} if self.least else {}
        return {"type": "array", "items": {"type": "number"}, **least}


class Nested(Kind[list[Any]]):
    """Numbers in a list, or in lists of lists of one depth, of at most so many axes.

    Where numbers and lists are mixed, what most elements are was meant.
    """

    def __init__(self, says: str, *, axes: int) -> None:
        super().__init__(says)
        self.by_depth: list[Kind[Any]] = [Numbers("a row of finite numbers", least=1)]
        for _ in range(1, axes):
            self.by_depth.append(ListOf("a list of rows", self.by_depth[-1], least=1))

    def takes(self, value: object) -> bool:
        return isinstance(value, list)

    def read(self, value: object, at: Path, report: Report) -> list[Any] | None:
        if not isinstance(value, list):
            report.refuse(at, value, self.says)
            return None
        depth, inner = 1, value
        while 2 * len(lists := [element for element in inner if isinstance(element, list)]) > len(inner):
            depth, inner = depth + 1, lists[0]
        if depth > len(self.by_depth):
            report.add(at, f"lists of lists {depth} deep; expected at most {len(self.by_depth)} axes")
            return None
        found: list[Any] | None = self.by_depth[depth - 1].read(value, at, report)
        return found

    def types(self) -> dict[str, Any]:
        return {"anyOf": [kind.types() for kind in self.by_depth]}


class Named(Kind[dict[str, T | None]]):
    """A table of names, each with a value; None in the place of one that is refused, since its name is known."""

    def __init__(self, says: str, of: Kind[T]) -> None:
        super().__init__(says)
        self.of = of

    def takes(self, value: object) -> bool:
        return isinstance(value, dict)

    def read(self, value: object, at: Path, report: Report) -> dict[str, T | None] | None:
        if not isinstance(value, dict):
            report.refuse(at, value, self.says)
            return None
        return {name: self.of.read(element, (*at, name), report) for name, element in value.items()}

    def types(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.of.types()}


class Either(Kind[T]):
    """One of several kinds, each of another type."""

    def __init__(self, says: str, *kinds: Kind[Any]) -> None:
        super().__init__(says)
        self.kinds: Sequence[Kind[Any]] = kinds

    def takes(self, value: object) -> bool:
        return any(kind.takes(value) for kind in self.kinds)

    def read(self, value: object, at: Path, report: Report) -> T | None:
        for kind in self.kinds:
            if kind.takes(value):
                found: T | None = kind.read(value, at, report)
                return found
        report.refuse(at, value, self.says)
        return None

    def types(self) -> dict[str, Any]:
        return {"anyOf": [kind.types() for kind in self.kinds]}


def _is_finite(value: float) -> bool:
    """Neither nan nor infinite, nor a whole number that no float can hold."""
    return -_LARGEST <= value <= _LARGEST


def _is_number(value: object) -> bool:
    return type(value) in (float, int) and _is_finite(value)  # type: ignore[arg-type]
