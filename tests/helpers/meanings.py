"""What the functions of the table are, for whoever works them out without it: by sympy, by autograd, by Python.

Elementary functions they know themselves.  What a row says of itself in terms of others (`Function.definition`) is
told here by their own arithmetic, so that a row that is added needs no line in a test.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bpstep.engine.costs import COSTS
from bpstep.engine.functions import FUNCTIONS, Function
from bpstep.engine.specs import Array

__all__ = ["slope_of_cost", "with_definitions"]

Meaning = Callable[..., Any]


def with_definitions(known: Mapping[str, Meaning]) -> dict[str, Meaning]:
    """Functions by the names that call them: those that are known, and those that the table defines by others."""
    found = dict(known)
    for row in FUNCTIONS.values():
        if row.call and row.definition:
            found.setdefault(row.call, _defined(row, found))
    return found


#: What elementary functions are to NumPy.
_NUMPY: dict[str, Meaning] = {
    "exp": np.exp, "ln": np.log, "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh,
    "tanh": np.tanh, "sqrt": np.sqrt, "abs": np.abs, "max": np.maximum, "min": np.minimum,
}  # fmt: skip


def slope_of_cost(name: str) -> Callable[[Array, Array], Array]:
    """The derivative of a cost by its outputs, (samples, outputs), as its own text says it."""

    def of_one(y: float, t: float, outputs: int) -> float:
        text = COSTS[name].texts(t)[1].format(y="y", t="t", K=outputs).replace("^", "**")
        text = re.sub(r"\[([^\[\]]+)\]", r"(1.0 * (\1))", text)
        return float(eval(text, {"__builtins__": {}, **with_definitions(_NUMPY), "y": y, "t": t}))

    def slope(y: Array, t: Array) -> Array:
        found: Array = np.vectorize(of_one)(y, t, y.shape[1])
        return found

    return slope


def _defined(row: Function, names: Mapping[str, Meaning]) -> Meaning:
    text = row.definition.format(a="a").replace("^", "**")
    return lambda a: eval(text, {"__builtins__": {}, **names, "a": a})
