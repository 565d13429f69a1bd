"""What a program hands over, as arrays: lists, NumPy's arrays, tensors on the CPU.

>>> array_of("x", [[1, 2], [3, 4]]).shape
(2, 2)
>>> array_of("x", [1.0, float("nan")])
Traceback (most recent call last):
    ...
ValueError: x[1] is nan; expected finite numbers
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bpstep.comparison.entries import unwrapped
from bpstep.engine.specs import Array
from bpstep.visible import shortened, visible

__all__ = ["array_of", "kind_of", "plain"]

_KINDS = {"O": "Python objects", "c": "complex numbers", "b": "truth values", "m": "times", "M": "dates"}


def array_of(name: str, value: Any, *, finite: bool = True) -> Array:
    """An array of doubles, a copy.  `ValueError` where it is none, or not ``finite``, calls it by its name."""
    try:
        array = np.asarray(unwrapped(value))
    except Exception as error:  # ragged lists, tensors elsewhere than on the CPU: each library raises its own
        raise ValueError(f"{visible(name)} is no array of numbers: {shortened(str(error), 80)}") from None
    if array.dtype.kind not in "fiu":
        kind = _KINDS.get(array.dtype.kind, "text")
        raise ValueError(f"{visible(name)} holds {kind}; expected numbers")
    if finite and not np.isfinite(array).all():
        at = np.argwhere(~np.isfinite(array))[0].tolist()
        raise ValueError(f"{visible(name)}{at or ''} is {array[tuple(at)]}; expected finite numbers")
    return array.astype(np.float64)


def plain(value: Any) -> Any:
    """A number of NumPy's as Python's own; everything else as it is."""
    return value.item() if isinstance(value, np.generic) else value


def kind_of(value: object) -> str:
    """What something is, for a message: a number or a short text is quoted, else its type is named."""
    if isinstance(value, int | float | str):
        return shortened(repr(value), 60)
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
