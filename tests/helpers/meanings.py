"""What the functions of the table are, for whoever works them out without it: by sympy, by autograd, by Python.

Elementary functions they know themselves.  What a row says of itself in terms of others (`Function.definition`) is
told here by their own arithmetic, so that a row that is added needs no line in a test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpstep.engine.functions import FUNCTIONS, Function

__all__ = ["with_definitions"]

Meaning = Callable[..., Any]


def with_definitions(known: Mapping[str, Meaning]) -> dict[str, Meaning]:
    """Functions by the names that call them: those that are known, and those that the table defines by others."""
    found = dict(known)
    for row in FUNCTIONS.values():
        if row.call and row.definition:
            found.setdefault(row.call, _defined(row, found))
    return found


def _defined(row: Function, names: Mapping[str, Meaning]) -> Meaning:
    text = row.definition.format(a="a").replace("^", "**")
    return lambda a: eval(text, {"__builtins__": {}, **names, "a": a})
