"""The tree of an expression: frozen nodes, walked without recursion, and their value.

A long chain such as ``1 + 1 + 1 + ...`` makes a tree as deep as it is long, so nothing here goes down a tree by
calling itself; and nodes are compared by identity, since equality would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from bpstep.engine.cells import Cell
from bpstep.lazily import dataclass

__all__ = [
    "Call",
    "CellRef",
    "Compare",
    "Index",
    "Indexed",
    "Name",
    "Node",
    "Number",
    "Span",
    "cells_of",
    "evaluate",
    "evaluate_all",
    "first_value",
    "postorder",
]

#: One number, or an array of them.
Numbers = Any


@dataclass(frozen=True, eq=False)
class Node:
    """A part of an expression; ``column`` is where it begins in the text, or where its operator stands."""

    column: int


@dataclass(frozen=True, eq=False)
class Number(Node):
    """A constant."""

    value: float


@dataclass(frozen=True, eq=False)
class Name(Node):
    """A variable in a definition."""

    name: str


@dataclass(frozen=True, eq=False)
class CellRef(Node):
    """A cell."""

    cell: Cell


@dataclass(frozen=True, eq=False, repr=False)
class Call(Node):
    """A row of the function table and its operands: ``a + b`` is a call of ``add``.

    In a definition it may also be a function of arrays (`bpstep.scenario.functions`), with settings such as
    ``axis=2``.
    """

    function: str
    operands: tuple[Node, ...]
    settings: tuple[tuple[str, float], ...] = ()


class Span(NamedTuple):
    """Indices along an axis from ``first`` to ``last``, both from 1 and both in; None where the axis begins or ends."""

    first: int | None
    last: int | None


#: What is taken along an axis: one cell, or a span of them.
Index = int | Span


@dataclass(frozen=True, eq=False, repr=False)
class Indexed(Node):
    """``A[2, 1..3]``: cells of one operand, by an index an axis; axes without one are taken whole."""

    operands: tuple[Node, ...]
    indices: tuple[Index, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Compare(Node):
    """A comparison, or ``and``, ``or``, ``not``, ``finite``: 1 where it holds, else 0."""

    operator: str
    operands: tuple[Node, ...]

    @property
    def joins(self) -> bool:
        """Whether it only joins other conditions."""
        return self.operator in ("and", "or", "not")


def postorder(node: Node) -> Iterator[Node]:
    """Every node, operands before what uses them, without recursion."""
    waiting: list[tuple[Node, bool]] = [(node, False)]
    while waiting:
        at, ready = waiting.pop()
        if ready or not isinstance(at, Call | Compare | Indexed):
            yield at
            continue
        waiting.append((at, True))
        waiting += [(operand, False) for operand in reversed(at.operands)]


def cells_of(node: Node) -> Iterator[Cell]:
    """The cells that an expression reads, in the order of the text."""
    return (at.cell for at in postorder(node) if isinstance(at, CellRef))


def first_value(node: Node) -> Node | None:
    """The first part that is a value where a condition belongs; None where the whole is a condition.

    A comparison is one, and so is what joins conditions by ``and``, ``or``, ``not``.
    """
    waiting = [node]
    while waiting:
        at = waiting.pop()
        if not isinstance(at, Compare):
            return at
        if at.joins:
            waiting += reversed(at.operands)
    return None


def evaluate(node: Node, lookup: Callable[[Cell], float]) -> float:
    """The value of an expression: IEEE arithmetic, so 1/0 is inf and nothing raises but ``lookup``."""
    return float(evaluate_all(node, lookup))


def evaluate_all(node: Node, lookup: Callable[[Cell], Numbers]) -> Numbers:
    """The same for many moments at once: ``lookup`` may give arrays."""
    from bpstep.engine.functions import FUNCTIONS

    stack: list[Numbers] = []
    with np.errstate(all="ignore"):
        for at in postorder(node):
            if isinstance(at, Number):
                stack.append(np.float64(at.value))
            elif isinstance(at, CellRef):
                stack.append(np.asarray(lookup(at.cell), dtype=np.float64))
            elif isinstance(at, Call | Compare):
                operands = [stack.pop() for _ in at.operands][::-1]
                row = FUNCTIONS[at.function].value if isinstance(at, Call) else _COMPARED[at.operator]
                stack.append(np.asarray(row(*operands), dtype=np.float64))
    return stack[-1]


_COMPARED: dict[str, Callable[..., Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "and": lambda a, b: (a != 0) & (b != 0),
    "or": lambda a, b: (a != 0) | (b != 0),
    "not": lambda a: a == 0,
    "finite": np.isfinite,
}
