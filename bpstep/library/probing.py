"""A function of a program and where it is looked at, as a check of gradients needs them: a number of one number.

>>> point = Point.of({"W": [[1.0, 2.0]], "b": [3.0]})
>>> point.size, list(point.arrays)
(3, ['W', 'b'])
>>> along = Function(lambda x: float(x["W"].sum() * x["b"][0]), point, has_both=False).along(1, (0,))
>>> along(3.0), along(4.0)
(9.0, 12.0)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bpstep.engine.specs import Array
from bpstep.library.arrays import array_of, kind_of
from bpstep.visible import visible

__all__ = ["Argument", "Function", "Point", "both"]

#: The argument of a function: an array, or several by name or in a list.
Argument = Any


# --- the argument -------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Point:
    """Where a function is looked at: arrays in doubles, by name; and how a function is handed them."""

    arrays: dict[str, Array]
    pack: Callable[[list[Array]], Argument]
    form: str

    @classmethod
    def of(cls, x: Argument) -> Point:
        if isinstance(x, Mapping):
            keys = list(x)
            arrays = {str(key): array_of(f"x[{key!r}]", x[key]) for key in keys}
            made = cls(arrays, lambda parts: dict(zip(keys, parts, strict=True)), "a dictionary")
        elif isinstance(x, list | tuple) and x and all(isinstance(one, np.ndarray) for one in x):
            arrays = {f"x[{k}]": array_of(f"x[{k}]", one) for k, one in enumerate(x)}
            made = cls(arrays, type(x), f"a {type(x).__name__}")
        else:
            made = cls({"x": array_of("x", x)}, lambda parts: parts[0], "an array")
        if not made.size:
            raise ValueError("x holds no number; expected at least one")
        return made

    @property
    def size(self) -> int:
        return sum(array.size for array in self.arrays.values())

    def fresh(self) -> Argument:
        """The argument, in arrays that whoever gets them may change."""
        return self.pack([array.copy() for array in self.arrays.values()])

    def like(self, gradient: Argument) -> list[Array]:
        """A gradient in the form of the argument: an array for each of its arrays."""
        parts = self._parts(gradient)
        found = []
        for (name, array), part in zip(self.arrays.items(), parts, strict=True):
            mine = array_of(f"the gradient by {name}", part, finite=False)
            if mine.shape != array.shape:
                turned = "; its transpose would fit" if mine.T.shape == array.shape else ""
                raise ValueError(
                    f"the gradient by {name} has the shape {mine.shape}; expected {array.shape}, as {name} has{turned}"
                )
            found.append(mine)
        return found

    def _parts(self, gradient: Argument) -> Sequence[Any]:
        if self.form == "an array":
            return [gradient]
        if self.form == "a dictionary":
            if isinstance(gradient, Mapping) and set(map(str, gradient)) == set(self.arrays):
                by_name = {str(key): value for key, value in gradient.items()}
                return [by_name[name] for name in self.arrays]
            expected = ", ".join(self.arrays)
            found = ", ".join(map(str, gradient)) if isinstance(gradient, Mapping) else kind_of(gradient)
            raise ValueError(
                f"the gradient holds {visible(found)}; expected a dictionary of {visible(expected)}, as x"
            )
        if isinstance(gradient, list | tuple) and len(gradient) == len(self.arrays):
            return gradient
        found = f"{len(gradient)} arrays" if isinstance(gradient, list | tuple) else kind_of(gradient)
        raise ValueError(f"the gradient is {found}; expected {len(self.arrays)} arrays, as x")


# --- the function -------------------------------------------------------------------------------------


def both(answer: Any) -> tuple[Any, Any]:
    """A value and a gradient."""
    if isinstance(answer, tuple) and len(answer) == 2:
        return answer
    expected = "expected (value, gradient), or the gradient as a third argument: check(f, x, gradient)"
    raise ValueError(f"f gives {kind_of(answer)} alone; {expected}")


class Function:
    """A function of the program as one of a single number, all others held."""

    def __init__(self, f: Callable[..., Any], point: Point, *, has_both: bool) -> None:
        self.f, self.point, self.has_both = f, point, has_both

    def __call__(self, x: Argument) -> float:
        answer = self.f(x)
        return self.number(both(answer)[0] if self.has_both else answer)

    def number(self, value: Any) -> float:
        array = array_of("the value of f", value, finite=False)
        if array.size != 1:
            raise ValueError(
                f"f gives an array of the shape {array.shape}; expected one number, such as a loss"
            )
        return float(array.ravel()[0])

    def along(self, number: int, index: tuple[int, ...]) -> Callable[[float], float]:
        """The value as a function of one entry of one array."""

        def value(at: float) -> float:
            parts = [array.copy() for array in self.point.arrays.values()]
            parts[number][index] = at
            return self(self.point.pack(parts))

        return value
