"""What a name in a learner's numbers stands for: numbers, arrays, lists of them, one a layer, and dictionaries.

Whatever is wrong with them is a `NumbersError`, one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from bpstep.engine.specs import Array
from bpstep.lazily import dataclass
from bpstep.visible import quoted, shortened, visible

__all__ = ["Entry", "NumbersError", "entries_of", "entries_of_one", "entry", "unwrapped"]

_MOST_NESTED = 16


class NumbersError(Exception):
    """A file of numbers that cannot be read; the message is one line and safe for a terminal."""

    def __init__(self, shown: str, message: str) -> None:
        super().__init__(visible(f"{shown}: {message}"))


@dataclass(frozen=True, eq=False)
class Entry:
    """A name in a file and what it stands for; ``sample``, from 1, where a table says it."""

    name: str
    numbers: Array
    sample: int | None = None


def entries_of(numbers: Iterable[tuple[str, Any]], shown: str = "numbers") -> list[Entry]:
    """Names and what they stand for, as a program hands them over.  Raises `NumbersError`."""
    return [one for name, value in numbers for one in entries_of_one(shown, str(name), value)]


def entries_of_one(shown: str, name: str, value: Any, sample: int | None = None) -> Iterator[Entry]:
    """The entries of a name: one; of a dictionary, one for each of its names; of a list of arrays that have not all the
    same shape, one for each layer: ``dW[1]``, ``dW[2]``."""
    value = unwrapped(value)
    if isinstance(value, Mapping):
        for inner, part in value.items():
            yield from entries_of_one(shown, f"{name}.{inner}", part, sample)
        return
    parts = _parts_of(value)
    may_be_layers = parts is not None and not any(letter.isdigit() or letter in "[(" for letter in name)
    if parts is not None and may_be_layers and len({_shape(part) for part in parts}) > 1:
        for k, part in enumerate(parts, 1):
            yield entry(shown, f"{name}[{k}]", part, sample)
        return
    stacked = parts and isinstance(parts[0], np.ndarray) and len({_shape(part) for part in parts}) == 1
    yield entry(shown, name, np.stack(parts) if parts and stacked else value, sample)


def unwrapped(value: Any) -> Any:
    """What a tensor that records its derivatives holds; everything else as it is."""
    return value.detach().cpu().numpy() if hasattr(value, "detach") else value


def _parts_of(value: Any) -> list[Any] | None:
    """The arrays in a list of arrays, or of lists in lists; None where it is no such list."""
    if not isinstance(value, list | tuple) or not value:
        return None
    parts = [unwrapped(part) for part in value]
    if all(isinstance(part, np.ndarray) for part in parts):
        return parts
    return parts if all(isinstance(part, list | tuple) and _shape(part) for part in parts) else None


def _shape(part: Any) -> tuple[int, ...]:
    """The shape of an array, or of lists in lists; () where they are ragged, or empty."""
    if isinstance(part, np.ndarray):
        return tuple(part.shape)
    shape: list[int] = []
    level: list[Any] = [part]
    while level and all(isinstance(item, list | tuple) for item in level) and len(shape) < _MOST_NESTED:
        lengths = {len(item) for item in level}
        if len(lengths) > 1:
            return ()
        shape.append(lengths.pop())
        level = [inner for item in level for inner in item]
    return tuple(shape)


def entry(shown: str, name: str, value: Any, sample: int | None = None) -> Entry:
    """An entry whose value is numbers, all of them finite."""
    array = value if isinstance(value, np.ndarray) else _array(shown, name, value)
    if array.dtype.kind not in "fiu":
        kind = {"O": "Python objects", "c": "complex numbers", "b": "truth values"}.get(
            array.dtype.kind, "text"
        )
        raise NumbersError(shown, f"{quoted(name)} holds {kind}; expected numbers")
    if array.ndim > 4:
        raise NumbersError(shown, f"{quoted(name)} has {array.ndim} axes; expected at most 4")
    numbers = array.astype(np.float64)
    bad = np.argwhere(~np.isfinite(numbers))
    if len(bad):
        where = f"[{', '.join(str(k + 1) for k in bad[0])}]" if numbers.ndim else ""
        what = "nan" if np.isnan(numbers[tuple(bad[0])]) else "infinite"
        others = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise NumbersError(
            shown,
            f"{shortened(name)}{where} is {what}{others}; expected finite numbers: where does it begin?",
        )
    return Entry(name, numbers, sample)


def _array(shown: str, name: str, value: Any) -> Array:
    """A number, or lists of numbers that all have the same shape."""
    shape: list[int] = []
    level: Any = [value]
    while level and isinstance(level[0], list | tuple):
        lengths = {len(item) if isinstance(item, list | tuple) else -1 for item in level}
        if len(lengths) > 1 or len(shape) >= _MOST_NESTED:
            raise NumbersError(shown, f"{quoted(name)} is ragged; expected rows of equal length")
        shape.append(lengths.pop())
        level = [part for item in level for part in item]
    if any(isinstance(item, list | tuple) for item in level):
        raise NumbersError(shown, f"{quoted(name)} is ragged; expected rows of equal length")
    return np.array([_number(shown, name, item) for item in level], dtype=np.float64).reshape(shape)


def _number(shown: str, name: str, value: Any) -> float:
    if isinstance(value, str) and value in ("nan", "inf", "-inf"):
        return float(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float):
        what = {bool: "a truth value", str: "text", type(None): "nothing"}.get(type(value), "no number")
        raise NumbersError(shown, f"{quoted(name)} holds {what}; expected numbers")
    try:
        return float(value)
    except OverflowError:
        raise NumbersError(shown, f"{quoted(name)} holds a number that no float can hold") from None
