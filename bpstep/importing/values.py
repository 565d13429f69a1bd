"""A value of a learner's own automatic differentiator, as it is: duck-typed, whatever its attributes are called.

After micrograd's first lecture everybody writes a class like this, and everybody a little differently::

    class Value:
        def __init__(self, data, _children=(), _op=""):
            self.data, self.grad = data, 0.0
            self._prev, self._op = set(_children), _op

`values_of` walks from a result to everything that it was made of, and takes down of each value its number, its
derivative, its operands and what is said of its operation.  Where no ``_op`` says it, the name of the method often
does in which the value's ``_backward`` was made: ``Value.__mul__.<locals>._backward``.  Others have no ``_backward``,
and keep the derivatives by the operands instead (``_local_grads``): by them the operation can be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from bpstep.importing.networks import ModelError
from bpstep.lazily import dataclass
from bpstep.visible import shortened

__all__ = ["Value", "values_of"]

_DATA = ("data", "value", "val", "_data", "_value")
_GRAD = ("grad", "_grad", "gradient", "derivative")
_OPERANDS = ("_prev", "_children", "prev", "children", "_parents", "parents", "_inputs", "inputs", "operands",
             "args")  # fmt: skip
_SLOPES = ("_local_grads", "local_grads", "_local_gradients", "local_gradients", "_local_derivatives")
_OP = ("_op", "op", "operation", "_operation")
_LABEL = ("label", "_label", "name")
_BACKWARD = ("_backward", "backward_fn", "_backward_fn", "grad_fn", "backward")
_MADE_IN = re.compile(r"(\w+)\.<locals>")

_EXPECTED = "expected a scalar with data, grad and _prev (or _children, prev), such as a loss of micrograd"


@dataclass(frozen=True, eq=False)
class Value:
    """One value: ``operands`` are the places of values before it, or constants.

    ``op`` is the author's sign for the operation, ``method`` the method that made it, ``constants`` the numbers that
    its backward closes over, ``slopes`` the derivatives by the operands, where they are kept beside them; "" and ()
    where that is not known.
    """

    data: float
    grad: float | None
    operands: tuple[int | float, ...]
    op: str = ""
    label: str = ""
    method: str = ""
    constants: tuple[float, ...] = ()
    slopes: tuple[float, ...] = ()


def values_of(root: object) -> list[Value]:
    """Every value that a result is made of, operands first and the result last.  Raises `ModelError`."""
    names = _Names(root)
    places: dict[int, int] = {}
    found: list[Value] = []
    entered: set[int] = set()
    waiting: list[tuple[Any, bool]] = [(root, False)]
    while waiting:
        value, is_done = waiting.pop()
        if id(value) in places:
            continue
        operands = names.operands(value)
        if is_done:
            places[id(value)] = len(found)
            found.append(names.taken_down(value, operands, places))
            continue
        if id(value) in entered:
            raise ModelError(
                "the graph leads back to itself: a value is among its own operands; expected none does"
            )
        entered.add(id(value))
        waiting.append((value, True))
        waiting += [
            (one, False) for one in reversed(operands) if id(one) not in places and not _is_number(one)
        ]
    return found


class _Names:
    """What the attributes of somebody's class are called: as the result has them."""

    def __init__(self, root: object) -> None:
        self.of_data = _first(root, _DATA)
        self.of_operands = next((n for n in _OPERANDS if _is_group(getattr(root, n, None))), "")
        if not self.of_data or not self.of_operands:
            raise ModelError(f"found {_kind(root)}; {_EXPECTED}")
        self.of_grad, self.of_op = _first(root, _GRAD), _first(root, _OP)
        self.of_label, self.of_slopes = _first(root, _LABEL), _first(root, _SLOPES)
        if not getattr(root, self.of_operands):
            raise ModelError(f"the value {_scalar(root, self.of_data):.6g} is made of nothing: its "
                             f"{self.of_operands} is empty; expected a result of operations")  # fmt: skip

    def operands(self, value: object) -> list[Any]:
        """The operands of a value, always in the same order."""
        if not hasattr(value, self.of_data):
            raise ModelError(f"an operand is {_kind(value)}, and has no {self.of_data}; {_EXPECTED}")
        group = getattr(value, self.of_operands, None)
        if group is None:
            return []
        if not _is_group(group):
            raise ModelError(
                f"{self.of_operands} is {_kind(group)}; expected a set, a list or a tuple of values"
            )
        nodes = [_paired(one)[0] for one in group]
        return nodes if isinstance(group, list | tuple) else sorted(nodes, key=self._key(value))

    def _key(self, value: object) -> Any:
        """An order of the operands in a set: the one whose method it was, then by label and number."""
        known = dict(_closed_over(value))

        def key(one: Any) -> tuple[bool, str, float, float]:
            if _is_number(one):
                return True, "", float(one), 0.0
            grad = _number(getattr(one, self.of_grad, None)) if self.of_grad else None
            return known.get("self") is not one, self._label(one), _scalar(one, self.of_data), grad or 0.0

        return key

    def taken_down(self, value: object, operands: Sequence[Any], places: dict[int, int]) -> Value:
        """A value whose operands have places already."""
        op = getattr(value, self.of_op, "") if self.of_op else ""
        grad = getattr(value, self.of_grad, None) if self.of_grad else None
        return Value(
            data=_scalar(value, self.of_data),
            grad=None if grad is None else _scalar(value, self.of_grad),
            operands=tuple(float(one) if _is_number(one) else places[id(one)] for one in operands),
            op=op if isinstance(op, str) else "",
            label=self._label(value),
            method=_method(value),
            constants=tuple(float(x) for _, x in _closed_over(value) if _is_number(x)),
            slopes=self._slopes(value),
        )

    def _slopes(self, value: object) -> tuple[float, ...]:
        """The derivatives by the operands, of a class that keeps them: beside the operands, or each with its own."""
        group = getattr(value, self.of_operands, None)
        if not isinstance(group, list | tuple):
            return ()
        kept = getattr(value, self.of_slopes, ()) if self.of_slopes else [_paired(one)[1] for one in group]
        numbers = [_number(one) for one in kept] if isinstance(kept, list | tuple) else []
        known = tuple(one for one in numbers if one is not None)
        return known if len(known) == len(group) else ()

    def _label(self, value: object) -> str:
        label = getattr(value, self.of_label, "") if self.of_label else ""
        return label if isinstance(label, str) else ""


def _first(value: object, names: Sequence[str]) -> str:
    """The first of some attributes that there is and that is no method."""
    return next((name for name in names if hasattr(value, name) and not callable(getattr(value, name))), "")


def _is_group(group: object) -> bool:
    return isinstance(group, set | frozenset | list | tuple)


def _paired(one: Any) -> tuple[Any, Any]:
    """An operand, and the derivative by it where they are kept as a pair."""
    return (one[0], one[1]) if isinstance(one, tuple) and len(one) == 2 else (one, None)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _number(value: object) -> float | None:
    """A scalar: a number, or an array of one."""
    if _is_number(value):
        return float(value)  # type: ignore[arg-type]
    if isinstance(value, np.ndarray) and value.size == 1 and value.dtype.kind in "fiu":
        return float(value.item())
    return None


def _scalar(value: object, name: str) -> float:
    held = getattr(value, name)
    number = _number(held)
    if number is None:
        shape = f"an array of the shape {held.shape}" if isinstance(held, np.ndarray) else _kind(held)
        raise ModelError(f"the {name} of a value is {shape}; expected a single number")
    if not np.isfinite(number):
        raise ModelError(f"the {name} of a value is {number}; expected finite numbers: where does it begin?")
    return number


def _kind(value: object) -> str:
    """What something is, in a message."""
    return f"the number {value}" if _is_number(value) else f"a {shortened(type(value).__name__)}"


def _backward(value: object) -> Any:
    """The function that a value keeps for its backward step; not a method of its class."""
    for name in _BACKWARD:
        function = getattr(value, name, None)
        if getattr(function, "__closure__", None) and not hasattr(function, "__self__"):
            return function
    return None


def _method(value: object) -> str:
    """The method within which the backward of a value was made, without its underscores."""
    found = _MADE_IN.findall(getattr(_backward(value), "__qualname__", ""))
    return found[-1].strip("_") if found else ""


def _closed_over(value: object) -> Iterator[tuple[str, Any]]:
    """The variables that the backward of a value closes over."""
    function = _backward(value)
    if function is None:
        return
    for name, cell in zip(function.__code__.co_freevars, function.__closure__, strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # nothing is in it yet
            continue
